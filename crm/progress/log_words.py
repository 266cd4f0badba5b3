"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "progress": N_("进展"),
    },
    actions={
        "progress.noted": N_("填报进展"),
        "progress.noted_many": N_("批量填报进展"),
        "progress.changed": N_("修改进展"),
        "progress.corrected": N_("更正进展"),
        "progress.frozen": N_("冻结进展"),
    },
    fields={
        "progress": N_("进展"),
        "problems": N_("存在问题"),
        "next_steps": N_("下步计划"),
        "coordination": N_("需协调事项"),
        "noted_on": N_("填报日期"),
    },
)
