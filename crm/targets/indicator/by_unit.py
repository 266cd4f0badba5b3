"""A figure by unit: the parts one level below a unit, each openable down to its own.

A record of several units counts once in each of them and once in the whole, so the parts may come to more than the whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import case, func, select

from crm.audit.remembered import remembered
from crm.core.db import session
from crm.metrics.figures import Question
from crm.people.models import Unit
from crm.people.scope import Scope


@dataclass(frozen=True)
class Part:
    """What one unit with all below it contributes; `is_own`: the unit that was opened, without those below."""

    unit: Unit
    value: Decimal
    count: int
    is_own: bool
    has_below: bool


@dataclass(frozen=True)
class ByUnit:
    unit: Unit
    parts: tuple[Part, ...]
    above: Unit | None  # where the way up leads, if the reader may go there

    @property
    def total(self) -> Decimal:
        return sum((part.value for part in self.parts), Decimal(0))


def by_unit(question: Question, scope: Scope, opened: Unit | None) -> ByUnit | None:
    """The parts of a figure below `opened`, else below the top of the scope, largest first. Those of nothing are left out."""
    units = session.scalars(select(Unit).where(scope.includes(Unit.id))).all()
    by_id = {unit.id: unit for unit in units}
    top = opened or min(units, key=lambda unit: (len(unit.path), unit.id), default=None)
    if top is None:
        return None
    places = {u.id: _place(u, top) for u in units if u.path.startswith(top.path)}
    sums = _sums(question, tuple(sorted(places.items())))
    parents = {unit.parent_id for unit in units}
    parts = [
        Part(
            unit=by_id[number],
            value=value / question.metric.scale,
            count=count,
            is_own=number == top.id,
            has_below=number != top.id and number in parents,
        )
        for number, (value, count) in sums.items()
    ]
    parts.sort(key=lambda part: (-part.value, part.unit.path))
    above = by_id.get(top.parent_id or 0) if opened else None
    return ByUnit(top, tuple(parts), above)


def _place(unit: Unit, top: Unit) -> int:
    """The unit one level below `top` that this one lies in, or `top` itself: paths are ids, "/1/4/9/"."""
    below = unit.path.removeprefix(top.path).strip("/")
    return int(below.split("/")[0]) if below else top.id


@remembered
def _sums(
    question: Question, places: tuple[tuple[int, int], ...]
) -> Mapping[int, tuple[Decimal, int]]:
    """By place the sum and the number of records, each record once in a place."""
    metric = question.metric
    asked = (question.as_of, question.year, question.scope, dict(question.filters))
    rows = metric.rows_by_unit(*asked).subquery().c
    place = case(dict(places), value=rows.unit_id).label("place")
    inside = rows.unit_id.in_([unit_id for unit_id, _ in places])
    facts = select(place, rows.thing, rows.contribution).where(inside)
    if metric.is_distinct:
        found = facts.subquery().c
        first = func.min(found.contribution).label("contribution")
        facts = select(found.place, found.thing, first).group_by(found.place, found.thing)
    table = facts.subquery().c
    sums = select(table.place, func.sum(table.contribution), func.count()).group_by(table.place)
    return {number: (Decimal(total), count) for number, total, count in session.execute(sums)}
