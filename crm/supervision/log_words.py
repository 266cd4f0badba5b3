"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "supervision": N_("督办"),
    },
    actions={
        "supervision.docketed": N_("督办立项"),
        "supervision.docketed_many": N_("批量督办立项"),
        "supervision.amended": N_("修改督办单"),
        "supervision.step": N_("办理督办"),
        "supervision.bulletin_issued": N_("印发督查通报"),
    },
    fields={
        "step": N_("步骤"),
        "requirement": N_("办理要求"),
        "basis": N_("依据"),
        "basis_on": N_("依据日期"),
    },
)
