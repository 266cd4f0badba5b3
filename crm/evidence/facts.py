"""A record put into words: where it counts and why not, what was corrected on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.audit.corrections import corrections
from crm.core.db import session
from crm.core.registry import TimelineItem
from crm.core.words import N_
from crm.evidence.kind import Kind
from crm.evidence.listing import LISTINGS
from crm.evidence.models import Evidence
from crm.lists import wording
from crm.lists.cells import as_text
from crm.people.models import Unit


@dataclass(frozen=True)
class Counted:
    """One date of a record: the unit in which it counts on it, or why it counts nowhere (msgids)."""

    label: str
    on: date
    unit: Unit | None
    reason: str


def counted(kind: Kind, found: Any) -> list[Counted]:
    return [
        Counted(kind.by_name[day].label, on, unit, "" if unit else _reason(found))
        for day, column in found.days()
        if (on := getattr(found, day))
        for unit in (_unit(getattr(found, column)),)
    ]


def shown(kind: Kind, found: Evidence, *, is_masked: bool) -> Iterator[tuple[str, Any]]:
    """The facts that are known, each under its head, as its list writes them."""
    listing = LISTINGS[kind.key]
    for one in kind.stored:
        value, field = getattr(found, one.name), listing.field(one.name)
        if value in (None, "") or field is None:
            continue
        is_plain = one.is_personal and not is_masked
        yield wording.head(field), value if is_plain else as_text(field)(value)


def corrections_of(kind: Kind, found: Evidence) -> Iterator[TimelineItem]:
    shown = {one.name: one.label for one in kind.stored}
    words = {member.value: member for one in kind.stored if one.choices for member in one.choices}

    def readable(_field: str, value: Any) -> Any:
        if value in (None, ""):
            return N_("（空）")
        if isinstance(value, bool):
            return N_("是") if value else N_("否")
        return words.get(value, value)

    yield from corrections(found, "evidence.corrected", shown, readable)


def _unit(unit_id: int | None) -> Unit | None:
    return session.get(Unit, unit_id) if unit_id else None


def _reason(found: Evidence) -> str:
    if found.company_id is None:
        return N_("没有对应的园区企业，不计入任何单位")
    return N_("当日企业不在园，不计入任何单位")
