"""The residences of two firms as those of one: each day has at most one 统计归属, and no day is lost or counted twice.

- At one carrier, of one kind, with days in common: one residence from the first day to the last. The agreement goes with
  the first day; what is empty is filled in from the other. The row that was joined stays with the merged record.
- 统计归属 at one carrier in two kinds, the one within the other: the inner one no longer counts.
- 统计归属 at two carriers on one day: a person must say which it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crm.companies.models import Residence

_COLUMNS = (
    "carrier_id", "kind", "from_on", "to_on", "is_counted", "agreement_number", "agreement_on", "rooms", "reason",
    "begun_with_id", "ended_with_id",
)  # fmt: skip
_AGREEMENT = ("agreement_number", "agreement_on", "rooms")


@dataclass
class Stay:
    """A residence while the two firms' are put together."""

    id: int
    values: dict[str, Any]

    @property
    def from_on(self) -> date:
        return self.values["from_on"]  # type: ignore[no-any-return]

    @property
    def until(self) -> date:
        return self.values["to_on"] or date.max

    @property
    def is_counted(self) -> bool:
        return bool(self.values["is_counted"])

    @property
    def place(self) -> tuple[int, str]:
        return self.values["carrier_id"], self.values["kind"]

    def overlaps(self, other: "Stay") -> bool:
        return self.from_on < other.until and other.from_on < self.until

    def lies_in(self, other: "Stay") -> bool:
        return other.from_on <= self.from_on and self.until <= other.until

    def join(self, other: "Stay") -> None:
        """Go from the first day of both to the last."""
        mine, theirs = self.values, other.values
        first, second = (theirs, mine) if other.from_on < self.from_on else (mine, theirs)
        last = theirs if other.until > self.until else mine
        agreement = {name: first[name] or second[name] for name in _AGREEMENT}
        began = {name: first[name] for name in ("from_on", "begun_with_id")}
        ended = {name: last[name] for name in ("to_on", "reason", "ended_with_id")}
        is_counted = self.is_counted or other.is_counted
        self.values = {**mine, **agreement, **began, **ended, "is_counted": is_counted}


@dataclass
class Together:
    """`stays`: all that the one firm then has; `written`: what changes, by residence; `joined`: rows that stay behind."""

    stays: list[Stay]
    written: dict[int, dict[str, Any]] = field(default_factory=dict)
    joined: set[int] = field(default_factory=set)
    refused: list[tuple[Stay, Stay]] = field(default_factory=list)


def together(winner: Iterable[Residence], loser: Iterable[Residence]) -> Together:
    """Put the second firm's residences to the first one's."""
    mine, theirs = _stays(winner), _stays(loser)
    before = {stay.id: stay.values for stay in (*mine, *theirs)}
    found = Together(mine)
    for stay in theirs:
        twins = [each for each in found.stays if each.place == stay.place and each.overlaps(stay)]
        others = [each for each in found.stays if _count_twice(stay, each) and each not in twins]
        around = [each for each in others if each.place[0] == stay.place[0] and stay.lies_in(each)]
        if len(twins) == 1 and not others:
            twins[0].join(stay)
            found.joined.add(stay.id)
        elif others and (twins or not around):
            found.refused.append((stay, others[0]))
        elif twins:
            found.refused.append((stay, twins[1]))
        else:
            if around:
                stay.values = {**stay.values, "is_counted": False}
            found.stays.append(stay)
    if not found.refused:
        found.refused = list(_counted_twice(found.stays))
    found.written = {
        stay.id: changed for stay in found.stays if (changed := _changes(before, stay))
    }
    return found


def _stays(residences: Iterable[Residence]) -> list[Stay]:
    return [
        Stay(each.id, {name: getattr(each, name) for name in _COLUMNS})
        for each in sorted(residences, key=lambda r: (r.from_on, r.id))
    ]


def _count_twice(one: Stay, other: Stay) -> bool:
    return one.is_counted and other.is_counted and one.overlaps(other)


def _counted_twice(stays: Sequence[Stay]) -> Iterable[tuple[Stay, Stay]]:
    return (
        (one, other)
        for at, one in enumerate(stays)
        for other in stays[at + 1 :]
        if _count_twice(one, other)
    )


def _changes(before: Mapping[int, Mapping[str, Any]], stay: Stay) -> dict[str, Any]:
    was = before[stay.id]
    return {name: value for name, value in stay.values.items() if value != was[name]}
