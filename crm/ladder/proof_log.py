"""What was corrected on a proof, from the log: the old number, the old name, who changed it and when."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from crm.audit.corrections import corrections
from crm.audit.words import field_word
from crm.core.registry import TimelineItem
from crm.core.words import N_
from crm.ladder.models import Level, Qualification, Specialty
from crm.ladder.services import TYPED

_SHOWN = (*TYPED, "renewal_filed_on")
_WORDS = {member.value: member for kind in (Level, Specialty) for member in kind}


def of_proof(proof: Qualification) -> Iterator[TimelineItem]:
    words = {name: field_word(name) for name in _SHOWN}
    for action in ("qualification.corrected", "qualification.renewal_filed"):
        for item in corrections(proof, action, words, _readable):
            if dict(item.values)["field"] in words.values():
                yield item


def _readable(_field: str, value: Any) -> Any:
    if value in (None, ""):
        return N_("（空）")
    if isinstance(value, bool):
        return N_("是") if value else N_("否")
    return value.isoformat() if isinstance(value, date) else _WORDS.get(value, value)
