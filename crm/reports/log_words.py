"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "report": N_("报告"),
    },
    actions={
        "report.issued": N_("发布报告"),
        "report.exported": N_("导出报告"),
    },
    fields={
        "reports.at_once": N_("直接生成报告的最多项目数"),
    },
)
