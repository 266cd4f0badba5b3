"""Figures that records prove. Each metric is one Select of dated rows with their contributions.

The figure is the sum over that Select, the drill-down its rows, the curve the same rows by month:
one thing, so that they cannot disagree. A row belongs to the unit that it lay with on its own date.
The definitions are in catalogue.py.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    extract,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from crm.audit.remembered import remembered
from crm.core.attributes import Attribute
from crm.core.db import session
from crm.metrics.options import CARRIERS, NATIONAL_INCUBATORS, checked
from crm.people.models import Unit
from crm.people.scope import Scope

Rows: TypeAlias = Select[*tuple[Any, ...]]
Filters: TypeAlias = Mapping[str, str]
Facts: TypeAlias = Callable[[date, date, Filters], Rows]

Columns: TypeAlias = tuple[str, ...]
COUNTED: Columns = ("record_id", "happened_on", "contribution", "unit_id")
COLUMNS: Columns = (*COUNTED, "label")
ONE = Decimal(1)
MOST_DOUBTFUL = 100


@dataclass(frozen=True, eq=False)
class Metric:
    """One definition. `facts(from, until, filters)` yields record_id, label, happened_on, contribution, unit_id.

    A stock asks only `until`. `scale`: contributions that make one of `unit`. `page`: where a row opens. `options`: what it can
    be narrowed by. `shared`: the same records in further units, with the column own_unit_id; each counts once in every scope.
    `once`: the column by which several rows are one thing (a person under two programmes).
    Beside the figure, never in it: `doubtful` rows, of which something is not known (待核); `unverified`, the same figure of what
    nobody has verified yet; `undated` rows, which lack the day or the amount by which they would count.
    """

    key: str
    label: str
    sentence: str  # 口径, as a msgid
    unit: str
    page: str
    facts: Facts
    is_stock: bool = False
    scale: Decimal = ONE
    options: tuple[Attribute, ...] = ()
    shared: Facts | None = None
    once: str = ""
    doubtful: Facts | None = None
    undated: Facts | None = None
    unverified: "Metric | None" = None

    @property
    def is_distinct(self) -> bool:
        """Whether several rows may be one thing, which counts once."""
        return bool(self.once) or self.shared is not None

    def checked(self, filters: Filters) -> dict[str, str]:
        """The filters as a target keeps them. Raises DomainError for what cannot be asked."""
        return checked(self.options, filters, of=self.label)

    def rows(
        self, as_of: date, year: int, scope: Scope, filters: Filters, columns: Columns = COLUMNS
    ) -> Rows:
        """The rows that make up the year's figure as of a day, seen from a scope."""
        asked = (as_of, year, scope, filters)
        if self.once:
            return _once_each(
                self.seen(self.facts, *asked, (*columns, self.once)), self.once, columns
            )
        own = self.seen(self.facts, *asked, columns)
        if self.shared is None:
            return own
        others = self.shared(*_period(as_of, year, filters), filters).subquery()
        is_new = or_(
            others.c.own_unit_id.is_(None), not_(_sees(others.c.own_unit_id, scope, filters))
        )
        more = _named_columns(others, columns).where(
            is_new, _sees(others.c.unit_id, scope, filters)
        )
        return select(union_all(own, _once_each(more, "record_id", columns)).subquery())

    def rows_by_unit(self, as_of: date, year: int, scope: Scope, filters: Filters) -> Rows:
        """A row for each unit in which a record counts, with `thing`: of rows with the same one, one is counted in a unit."""
        asked = (as_of, year, scope, filters)
        columns = (*COLUMNS, self.once) if self.once else COLUMNS
        found = self.seen(self.facts, *asked, columns)
        if self.shared is not None:
            found = select(union_all(found, self.seen(self.shared, *asked)).subquery())
        facts = found.subquery().c
        named = [facts[name] for name in COLUMNS]
        return select(*named, facts[self.once or "record_id"].label("thing"))

    def seen(
        self, asked: Facts, as_of: date, year: int, scope: Scope, filters: Filters, columns: Columns = COLUMNS
    ) -> Rows:  # fmt: skip
        """Facts of the year until a day, within a scope and the carriers that the filters name."""
        facts = asked(*_period(as_of, year, filters), filters).subquery()
        return _named_columns(facts, columns).where(_sees(facts.c.unit_id, scope, filters))


@dataclass(frozen=True)
class Question:
    """A metric asked for one day: what `figures` answers many of at once."""

    metric: Metric
    as_of: date
    year: int
    scope: Scope
    filters: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> Rows:
        return _rows_of(self)

    @property
    def unverified(self) -> "Question | None":
        """The same of what waits for verification; None where the metric's records need none."""
        metric = self.metric.unverified
        return replace(self, metric=metric) if metric else None

    @property
    def opening(self) -> "Question":
        """The same as of 31 December of the year before."""
        eve = date(self.year - 1, 12, 31)
        return Question(self.metric, eve, self.year - 1, self.scope, self.filters)


@dataclass(frozen=True)
class DrillRow:
    """One record behind a figure; `contribution` in the metric's unit."""

    record_id: int
    label: str
    happened_on: date
    contribution: Decimal
    unit: str


@dataclass(frozen=True)
class CurvePoint:
    on: date
    value: Decimal


def figures(questions: Sequence[Question]) -> list[Decimal]:
    """The answers, in one statement however many are asked."""
    return list(_answers(tuple(questions))) if questions else []


@remembered
def _answers(questions: tuple[Question, ...]) -> tuple[Decimal, ...]:
    sums = session.execute(_sums_of(questions)).one()
    return tuple(
        Decimal(found) / question.metric.scale
        for question, found in zip(questions, sums, strict=True)
    )


def figure(question: Question) -> Decimal:
    return figures([question])[0]


def count(question: Question) -> int:
    """How many rows make up the figure."""
    return session.scalar(select(func.count()).select_from(question.rows.subquery())) or 0


def doubtful(question: Question) -> list[tuple[int, str]]:
    """The records that may belong to the figure and are not counted (待核), by name."""
    return _named(question, question.metric.doubtful)


def undated(question: Question) -> list[tuple[int, str]]:
    """The records that lack the day or the amount by which they would count (待补), by name."""
    return _named(question, question.metric.undated)


def _named(question: Question, facts_of: Facts | None) -> list[tuple[int, str]]:
    if facts_of is None:
        return []
    asked = (question.as_of, question.year, question.scope, dict(question.filters))
    facts = question.metric.seen(facts_of, *asked).subquery()
    query = select(facts.c.record_id, facts.c.label).order_by(facts.c.label).limit(MOST_DOUBTFUL)
    return [(record_id, label) for record_id, label in session.execute(query)]


def drill_down(
    question: Question, *, offset: int = 0, limit: int | None = None, oldest_first: bool = False
) -> list[DrillRow]:
    """The rows behind the figure, newest first unless asked otherwise."""
    facts = question.rows.subquery()
    order = (facts.c.happened_on, facts.c.record_id)
    query = (
        select(
            facts.c.record_id, facts.c.label, facts.c.happened_on, facts.c.contribution, Unit.name
        )
        .join(Unit, Unit.id == facts.c.unit_id)
        .order_by(*(order if oldest_first else (column.desc() for column in order)))
        .offset(offset)
        .limit(limit)
    )
    return [
        DrillRow(record_id, label, happened_on, Decimal(part) / question.metric.scale, unit)
        for record_id, label, happened_on, part, unit in session.execute(query)
    ]


def curve(question: Question) -> list[CurvePoint]:
    """The figure at each month's end of the year up to the day asked for, and on that day."""
    days = _days_of_curve(question.as_of, question.year)
    if question.metric.is_stock:
        asked = [
            Question(question.metric, day, question.year, question.scope, question.filters)
            for day in days
        ]
        return [CurvePoint(day, value) for day, value in zip(days, figures(asked), strict=True)]
    facts = question.rows.subquery()
    month = extract("month", facts.c.happened_on)
    sums = session.execute(select(month, func.sum(facts.c.contribution)).group_by(month))
    by_month: dict[int, Any] = {row[0]: row[1] for row in sums}
    points, total = [], Decimal(0)
    for day in days:
        total += Decimal(by_month.get(day.month) or 0)
        points.append(CurvePoint(day, total / question.metric.scale))
    return points


def reached_on(question: Question, value: Decimal) -> date | None:
    """The day on which a flow came to `value`; None while it has not."""
    facts = question.rows.subquery()
    days = select(facts.c.happened_on, func.sum(facts.c.contribution)).group_by(facts.c.happened_on)
    total = Decimal(0)
    for day, part in session.execute(days.order_by(facts.c.happened_on)):
        total += Decimal(part) / question.metric.scale
        if total >= value:
            return day  # type: ignore[no-any-return]
    return None


# Building these statements costs more than running them; they are the same for everybody who asks the same.
@lru_cache(maxsize=512)
def _rows_of(question: Question, columns: Columns = COLUMNS) -> Rows:
    metric, filters = question.metric, dict(question.filters)
    return metric.rows(question.as_of, question.year, question.scope, filters, columns)


@lru_cache(maxsize=128)
def _sums_of(questions: tuple[Question, ...]) -> Rows:
    """One row: each question's sum, in order; without the labels, which no index covers."""
    tables = [_rows_of(question, COUNTED).subquery() for question in questions]
    sums = [func.coalesce(func.sum(table.c.contribution), 0) for table in tables]
    columns = [select(total).scalar_subquery().label(f"q{n}") for n, total in enumerate(sums)]
    return select(*columns)


def _once_each(rows: Rows, by: str, columns: Columns) -> Rows:
    """Of the rows of one thing the earliest."""
    found = rows.subquery()
    order = (found.c.happened_on, found.c.record_id, found.c.unit_id)
    number = func.row_number().over(partition_by=found.c[by], order_by=order).label("number")
    numbered = _named_columns(found, columns).add_columns(number).subquery()
    return _named_columns(numbered, columns).where(numbered.c.number == 1)


def _named_columns(table: Subquery, columns: Columns) -> Rows:
    return select(*(table.c[name] for name in columns))


def _period(as_of: date, year: int, filters: Filters) -> tuple[date, date]:
    start = date.fromisoformat(filters.get("from", f"{year}-01-01"))
    end = date.fromisoformat(filters.get("to", f"{year}-12-31"))
    return start, min(as_of, end)


def _days_of_curve(as_of: date, year: int) -> list[date]:
    ends = [date(year, month + 1, 1) - timedelta(days=1) for month in range(1, 12)]
    ends.append(date(year, 12, 31))
    last = min(as_of, ends[-1])
    if last.year < year:
        return []
    return [*(day for day in ends if day < last), last]


def _sees(unit_id: Any, scope: Scope, filters: Filters) -> ColumnElement[bool]:
    """Whether a unit lies in the scope, and in the carriers that the filters name."""
    is_seen = scope.includes(unit_id)
    if carriers := filters.get(CARRIERS.name):
        is_seen = and_(is_seen, unit_id.in_(_within(carriers.split(","))))
    return is_seen


def _within(carriers: Sequence[str]) -> Rows:
    """The named carriers and the units below them."""
    carrier = aliased(Unit)
    any_incubator = NATIONAL_INCUBATORS in carriers
    is_named = or_(
        carrier.code.in_(carriers), and_(carrier.is_national_incubator, literal(any_incubator))
    )
    return select(Unit.id).join(carrier, Unit.path.startswith(carrier.path)).where(is_named)
