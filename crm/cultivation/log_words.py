"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "cultivation": N_("培育库"),
    },
    actions={
        "cultivation.taken_in": N_("培育入库"),
        "cultivation.taken_in_many": N_("批量培育入库"),
        "cultivation.changed": N_("修改培育计划"),
        "cultivation.let_out": N_("培育出库"),
    },
    fields={
        "target_rung": N_("目标层级"),
        "target_year": N_("目标年份"),
        "officer_id": N_("服务专员"),
        "measures": N_("培育措施"),
        "entered_on": N_("入库日期"),
    },
)
