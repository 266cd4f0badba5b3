"""Two days of one figure: which records came in, went out or count otherwise. Before + in − out ± changed is after.

Both days are asked of the records as they are now; what was recorded or corrected late shows on both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, case, func, literal, select, union_all

from crm.audit.remembered import remembered
from crm.core.db import session
from crm.core.words import N_, LabelledEnum
from crm.metrics.figures import Question
from crm.people.models import Unit


class Change(LabelledEnum):
    """What a record did between the two days."""

    IN = "in", N_("新计入")
    OUT = "out", N_("不再计入")
    CHANGED = "changed", N_("计入数变动")


@dataclass(frozen=True)
class Sum:
    """The records of one kind of change: how many, and what they counted before and after."""

    count: int = 0
    before: Decimal = Decimal(0)
    after: Decimal = Decimal(0)

    @property
    def difference(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True)
class Moved:
    record_id: int
    label: str
    happened_on: date
    unit: str
    change: Change
    before: Decimal | None  # None: did not count
    after: Decimal | None


@remembered
def sums(before: Question, after: Question) -> Mapping[Change, Sum]:
    """Every kind of change with its sum."""
    found = _moved(before, after).subquery().c
    query = select(
        found.change, func.count(), func.sum(found.before), func.sum(found.after)
    ).group_by(found.change)
    scale = after.metric.scale
    got = {
        Change(change): Sum(count, Decimal(was) / scale, Decimal(now) / scale)
        for change, count, was, now in session.execute(query)
    }
    return {change: got.get(change, Sum()) for change in Change}


def moved(before: Question, after: Question, *, offset: int, limit: int) -> list[Moved]:
    """The records that changed: those that came in first, each kind newest first."""
    found = _moved(before, after).subquery().c
    place = case({change.value: n for n, change in enumerate(Change)}, value=found.change)
    query = (
        select(
            found.record_id, found.label, found.happened_on, Unit.name, found.change,
            found.before, found.after,
        )
        .join(Unit, Unit.id == found.unit_id)
        .order_by(place, found.happened_on.desc(), found.record_id)
        .offset(offset)
        .limit(limit)
    )  # fmt: skip
    return [_row(*row, scale=after.metric.scale) for row in session.execute(query)]


def _row(
    record_id: int,
    label: str,
    happened_on: date,
    unit: str,
    change: str,
    before: Any,
    after: Any,
    *,
    scale: Decimal,
) -> Moved:
    kind = Change(change)
    return Moved(
        record_id,
        label,
        happened_on,
        unit,
        kind,
        None if kind == Change.IN else Decimal(before) / scale,
        None if kind == Change.OUT else Decimal(after) / scale,
    )


def _moved(before: Question, after: Question) -> Select[Any]:
    both = union_all(_side(before, is_after=0), _side(after, is_after=1)).subquery().c
    was = func.max(1 - both.is_after)
    now = func.max(both.is_after)
    counted_before = func.sum(case((both.is_after == 0, both.contribution), else_=0))
    counted_after = func.sum(case((both.is_after == 1, both.contribution), else_=0))
    change = case(
        (was == 0, Change.IN.value), (now == 0, Change.OUT.value), else_=Change.CHANGED.value
    )
    return (
        select(
            both.record_id,
            func.max(both.label).label("label"),
            func.max(both.happened_on).label("happened_on"),
            func.max(both.unit_id).label("unit_id"),
            change.label("change"),
            counted_before.label("before"),
            counted_after.label("after"),
        )
        .group_by(both.record_id)
        .having((counted_before != counted_after) | (was != now))
    )


def _side(question: Question, *, is_after: int) -> Select[Any]:
    facts = question.rows.subquery().c
    return select(
        facts.record_id,
        facts.label,
        facts.happened_on,
        facts.unit_id,
        facts.contribution,
        literal(is_after).label("is_after"),
    )
