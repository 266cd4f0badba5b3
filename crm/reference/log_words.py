"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "setting": N_("设置"),
        "rule": N_("口径"),
        "calendar": N_("工作日历"),
    },
    actions={
        "setting.changed": N_("修改设置"),
        "rule.changed": N_("修改口径"),
        "calendar.changed": N_("修改工作日历"),
        "calendar.seeded": N_("录入放假安排"),
    },
    fields={
        "counts_by": N_("起计依据"),
        "kinds": N_("计入的类别"),
        "needs_licence": N_("须已取得执照"),
        "needs_agreement": N_("须已签入驻协议"),
        "counts_returns": N_("返回的企业计入"),
        "is_working": N_("上班"),
    },
)
