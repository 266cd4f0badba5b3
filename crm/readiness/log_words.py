"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "suggestion": N_("建议"),
        "criterion": N_("人工确认"),
    },
    actions={
        "suggestion.taken": N_("采纳建议"),
        "suggestion.postponed": N_("推迟建议"),
        "suggestion.dismissed": N_("忽略建议"),
        "suggestion.decided_many": N_("批量处理建议"),
        "criterion.ticked": N_("人工确认条件"),
    },
    fields={
        "criterion": N_("条件"),
        "is_met": N_("满足"),
    },
)
