"""The table of carriers: every figure of every carrier and of the park in one statement, and the rows behind each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, CompoundSelect, Row, Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from crm.audit.remembered import remembered
from crm.carriers import movements
from crm.carriers.movements import Rows
from crm.carriers.periods import Period
from crm.companies.models import Company, EndReason
from crm.core.db import session
from crm.core.words import N_
from crm.people.models import Unit, UnitKind
from crm.people.scope import Scope

TOTAL = 0  # the row of the whole scope
MOVEMENTS = ("new", "returned", "in", "left", "out", "graduated")


@dataclass(frozen=True)
class Figure:
    """One definition: `facts(start, until)` yields its rows. `sentence`: 口径 as a msgid (新增's is written from its rule).

    `is_once`: a firm has one row at most, so the firms of several units are the sum of each one's.
    """

    key: str
    label: str
    sentence: str
    facts: Callable[[date, date], Rows]
    is_stock: bool = False
    is_once: bool = False


FIGURES: Mapping[str, Figure] = {
    figure.key: figure
    for figure in (
        Figure("new", N_("新增入驻"), "", movements.new_entrants),
        Figure(
            "left",
            N_("迁出注销"),
            N_(
                "期间内注册在园因迁出、注销、吊销、清退或合并而结束的企业，按离园当日（不再在园的第一天）计；类别与新增入驻相同；载体间迁移和毕业不计。"
            ),
            movements.left,
        ),
        Figure(
            "in",
            N_("转入"),
            N_("期间内统计归属由园区其他载体转来的企业，按转入当日计；两端都在统计范围内的不计，因此全园区为0。"),
            movements.transferred_in,
        ),
        Figure(
            "out",
            N_("转出"),
            N_("期间内统计归属转往园区其他载体的企业，按转出当日计；两端都在统计范围内的不计，因此全园区为0。"),
            movements.transferred_out,
        ),
        Figure(
            "returned",
            N_("再入驻"),
            N_("期间内再次入驻的企业：此前已离园，又重新有了统计归属；除口径另有规定外不计入新增。"),
            movements.returned,
        ),
        Figure(
            "ever",
            N_("累计入驻"),
            N_("截至当日曾以该载体为统计归属的企业，含已离园的；同一企业在每个载体各计一次，在合计中只计一次。"),
            movements.ever_resident,
            is_stock=True,
        ),
        Figure(
            "resident",
            N_("现有在园"),
            N_("当日以该载体为统计归属的企业；离园当日起不计。"),
            movements.resident,
            is_stock=True,
            is_once=True,
        ),
        Figure(
            "in_business",
            N_("正常经营"),
            N_("现有在园企业中有统一社会信用代码、且本次入驻以来没有吊销或注销记录的；停产停业、安全停工尚无登记，未剔除。"),
            movements.in_business,
            is_stock=True,
            is_once=True,
        ),
        Figure(
            "incubated",
            N_("在孵"),
            N_("当日有在孵记录的企业和团队，按孵化载体计；毕业当日起不计，毕业后仍在园。"),
            movements.incubated,
            is_stock=True,
        ),
        Figure(
            "graduated",
            N_("毕业"),
            N_("期间内在孵以毕业结束的企业和团队，按毕业当日计；企业仍在园。"),
            movements.graduated,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A carrier with the units below it, seen from a scope; without a carrier the whole scope.

    The park itself is a place too, for the firms that reside directly with it: then without the units below.
    """

    scope: Scope
    unit: Unit | None = None

    @property
    def units(self) -> Select[*tuple[Any, ...]]:
        query = select(Unit.id)
        if self.unit is None:
            return query.where(self.scope.includes(Unit.id))
        if self.unit.kind == UnitKind.PARK:
            return query.where(self.scope.includes(Unit.id), Unit.id == self.unit.id)
        return query.where(self.scope.within(self.unit).includes(Unit.id))

    @property
    def row(self) -> int:
        return self.unit.id if self.unit else TOTAL


Numbers = Mapping[tuple[str, int], int]


@dataclass(frozen=True)
class Table:
    """Figures by (key, unit id or TOTAL), now and in the same months of the year before."""

    now: Numbers
    before: Numbers

    def value(self, key: str, row: int) -> int:
        return _value(self.now, key, row)

    def value_before(self, key: str, row: int) -> int:
        return _value(self.before, key, row)


def table(scope: Scope, units: Sequence[Unit], period: Period) -> Table:
    """Every figure for each of the units and for the whole scope: two statements whatever their number."""
    scope, ids = scope.of_units, tuple(unit.id for unit in units)
    return Table(_numbers(scope, ids, period), _numbers(scope, ids, period.year_before))


def rows(figure: Figure, place: Place, period: Period, *, reason: EndReason | None = None) -> Rows:
    """The distinct firms behind one figure, each with its last day and its carriers; `is_mine`: its record is in scope."""
    facts = figure.facts(period.start, period.until).subquery()
    query = (
        select(
            Company.id,
            Company.name.label("label"),
            func.max(facts.c.happened_on).label("happened_on"),
            func.aggregate_strings(Unit.name, "、").label("carriers"),
            func.max(facts.c.note).label("note"),
            place.scope.includes(Company.unit_id).label("is_mine"),
        )
        .join(Unit, Unit.id == facts.c.unit_id)
        .join(Company, Company.id == facts.c.record_id)
        .where(
            facts.c.unit_id.in_(place.units),
            or_(facts.c.other_unit_id.is_(None), facts.c.other_unit_id.not_in(place.units)),
        )
        .group_by(Company.id, Company.name, Company.unit_id)
    )
    return query if reason is None else query.where(facts.c.note == reason.value)


def by_reason(place: Place, period: Period) -> list[tuple[EndReason, int]]:
    """How many firms left for each reason."""
    facts = movements.left(period.start, period.until).subquery()
    counted = (
        select(facts.c.note, func.count(facts.c.record_id.distinct()).label("number"))
        .where(facts.c.unit_id.in_(place.units))
        .group_by(facts.c.note)
    )
    found = {row.note: row.number for row in session.execute(counted)}
    return [(reason, found[reason.value]) for reason in EndReason if reason.value in found]


def recent(place: Place, period: Period, limit: int) -> Sequence[Row[Any]]:
    """Who came and went last: the figure's key, the firm, the day, why it ended."""
    moves = []
    for key in MOVEMENTS:
        facts = FIGURES[key].facts(period.start, period.until).subquery()
        columns = (literal(key).label("key"), facts.c.record_id, facts.c.label, facts.c.happened_on)
        query = select(*columns, facts.c.note, facts.c.unit_id)
        moves.append(query.where(facts.c.unit_id.in_(place.units)))
    found = union_all(*moves).subquery()
    return session.execute(
        select(found, place.scope.includes(Company.unit_id).label("is_mine"))
        .join(Company, Company.id == found.c.record_id)
        .order_by(found.c.happened_on.desc(), found.c.record_id.desc())
        .limit(limit)
    ).all()


@remembered
def _numbers(scope: Scope, unit_ids: tuple[int, ...], period: Period) -> Numbers:
    found = session.execute(_counts(scope, unit_ids, period))
    return {(key, row): int(number) for key, row, number in found}


# Building this statement costs ten times what running it does; it is the same for everybody who asks the same.
@lru_cache(maxsize=64)
def _counts(scope: Scope, unit_ids: tuple[int, ...], period: Period) -> CompoundSelect[Any]:
    pairs = pairs_of(scope, unit_ids)
    return union_all(*(_count(figure, pairs, period) for figure in FIGURES.values()))


def pairs_of(scope: Scope, unit_ids: tuple[int, ...]) -> CTE:
    """Which units belong to which row of the table, as Place has it: each to the whole, to its own row and those above."""
    above = aliased(Unit)
    is_below = and_(above.kind != UnitKind.PARK, Unit.path.startswith(above.path))
    whole = select(literal(TOTAL).label("row"), Unit.id.label("unit_id"))
    members = select(above.id, Unit.id).join(above, or_(Unit.id == above.id, is_below))
    return union_all(
        whole.where(scope.includes(Unit.id)),
        members.where(above.id.in_(unit_ids), scope.includes(Unit.id)),
    ).cte("pairs")


def _count(figure: Figure, pairs: CTE, period: Period) -> Rows:
    """The distinct firms of each row; a move counts only where its other end lies outside the row."""
    if figure.is_once:
        return _sum(figure, pairs, period)
    facts = figure.facts(period.start, period.until).subquery()
    query = (
        select(
            literal(figure.key).label("key"),
            pairs.c.row.label("row"),
            func.count(facts.c.record_id.distinct()).label("number"),
        )
        .join(pairs, pairs.c.unit_id == facts.c.unit_id)
        .group_by(pairs.c.row)
    )
    if figure.is_stock:
        return query
    other = pairs.alias()
    is_inside = and_(other.c.row == pairs.c.row, other.c.unit_id == facts.c.other_unit_id)
    return query.outerjoin(other, is_inside).where(other.c.row.is_(None))


def _sum(figure: Figure, pairs: CTE, period: Period) -> Rows:
    """The same where no firm has two rows: each unit's are counted once, and not sorted to find equal ones."""
    facts = figure.facts(period.start, period.until).subquery()
    units = select(facts.c.unit_id, func.count().label("number")).group_by(facts.c.unit_id)
    counted = units.subquery()
    return (
        select(
            literal(figure.key).label("key"),
            pairs.c.row.label("row"),
            func.sum(counted.c.number).label("number"),
        )
        .join(pairs, pairs.c.unit_id == counted.c.unit_id)
        .group_by(pairs.c.row)
    )


def _value(numbers: Numbers, key: str, row: int) -> int:
    if key == "net":
        return numbers.get(("new", row), 0) - numbers.get(("left", row), 0)
    return numbers.get((key, row), 0)
