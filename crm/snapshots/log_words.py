"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "snapshot": N_("指标快照"),
    },
    actions={
        "snapshot.taken": N_("生成指标快照"),
        "snapshot.filled_in": N_("填写快照的上报数和权威数"),
        "snapshot.submitted": N_("报审指标快照"),
        "snapshot.returned": N_("退回指标快照"),
        "snapshot.approved": N_("审定指标快照"),
        "snapshot.abandoned": N_("放弃指标快照"),
    },
)
