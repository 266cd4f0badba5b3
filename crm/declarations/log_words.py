"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "declaration": N_("组织申报"),
    },
    actions={
        "declaration.batch_opened": N_("新建申报批次"),
        "declaration.batch_changed": N_("修改申报批次"),
        "declaration.added": N_("添加申报"),
        "declaration.moved": N_("办理申报"),
    },
    fields={
        "ids": N_("编号"),
        "opens_on": N_("开始日期"),
    },
)
