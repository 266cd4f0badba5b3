"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "list": N_("列表"),
        "view": N_("视图"),
    },
    actions={
        "list.exported": N_("导出列表"),
        "view.saved": N_("保存视图"),
        "view.changed": N_("修改视图"),
        "view.archived": N_("删除视图"),
    },
    fields={
        "lists.at_once": N_("直接导出的最多行数"),
        "lists.asks_purpose": N_("导出列表时必须填写用途"),
        "purpose": N_("用途"),
        "list": N_("列表"),
        "filter": N_("筛选条件"),
        "columns": N_("列"),
        "is_selection": N_("仅所选记录"),
        "is_shared": N_("共享"),
        "is_default": N_("默认视图"),
    },
)
