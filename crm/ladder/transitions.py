"""五转 and what stands beside them, of all firms at once: the SQL twin of history.movements().

A rung is held in the park while one of its proofs and a counted residence cover the day. Proofs that touch are one
spell, and so are residences: a renewal and a move between carriers change nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    union,
    union_all,
)

from crm.audit.remembered import remembered
from crm.carriers.figures import Place, pairs_of
from crm.carriers.periods import Period
from crm.companies.models import Company, Residence
from crm.core.db import session
from crm.ladder.history import COUNTED, Change
from crm.ladder.models import Qualification
from crm.ladder.queries import Rows, proves
from crm.ladder.rungs import PROVES, Rung, kinds_of
from crm.ladder.small import is_among_small, is_enterprise, says_either, says_large, says_small
from crm.operating.models import OperatingReport
from crm.people.models import Unit
from crm.people.scope import Scope

_OPEN = literal(date(9999, 12, 31), Date())  # instead of no end, to be compared


@dataclass(frozen=True)
class Table:
    """How many firms, by (rung, change, unit id or TOTAL); `jumps` of the arrivals by (rung, unit id or TOTAL)."""

    firms: Mapping[tuple[Rung, Change, int], int]
    jumps: Mapping[tuple[Rung, int], int]

    def value(self, rung: Rung, change: Change, row: int) -> int:
        return self.firms.get((rung, change, row), 0)

    def jumped(self, rung: Rung, row: int) -> int:
        return self.jumps.get((rung, row), 0)


def table(scope: Scope, units: Sequence[Unit], period: Period) -> Table:
    """Every figure for each of the units and for the whole scope, in one statement; a firm once in each."""
    return _counted(scope, tuple(unit.id for unit in units), period)


@remembered
def _counted(scope: Scope, unit_ids: tuple[int, ...], period: Period) -> Table:
    moves = movements(period).subquery()
    pairs = pairs_of(scope, unit_ids)
    jumped = func.count(case((moves.c.is_jump == 1, moves.c.company_id)).distinct())
    query = (
        select(
            moves.c.level,
            moves.c.change,
            pairs.c.row,
            func.count(moves.c.company_id.distinct()).label("firms"),
            jumped.label("jumps"),
        )
        .join(pairs, pairs.c.unit_id == moves.c.carrier_id)
        .group_by(moves.c.level, moves.c.change, pairs.c.row)
    )
    firms, jumps = {}, {}
    for level, change, row, number, jumping in session.execute(query):
        rung = tuple(Rung)[level - 1]
        firms[rung, Change(change), row] = number
        if change == Change.ARRIVED:
            jumps[rung, row] = jumping
    return Table(firms, jumps)


def firms_behind(
    place: Place, period: Period, rung: Rung, change: Change, *, is_jump: bool = False
) -> Rows:
    """The distinct firms behind one figure, as firms_that_moved() has them."""
    moves = movements(period).subquery()
    query = _distinct(moves, place).where(
        moves.c.level == rung.order, moves.c.change == change.value
    )
    return query.where(moves.c.is_jump == 1) if is_jump else query


def firms_that_moved(place: Place, period: Period) -> Rows:
    """The firms behind all the figures: id, name, level, change, the last such day, carriers, is_jump, is_mine."""
    moves = movements(period).subquery()
    return _distinct(moves, place).order_by(moves.c.level, moves.c.change, Company.id)


def _distinct(moves: Subquery, place: Place) -> Rows:
    by = (Company.id, Company.name, Company.unit_id, moves.c.level, moves.c.change)
    return (
        select(
            Company.id,
            Company.name,
            moves.c.level,
            moves.c.change,
            func.max(moves.c.happened_on).label("happened_on"),
            func.aggregate_strings(Unit.name, "、").label("carriers"),
            func.max(moves.c.is_jump).label("is_jump"),
            place.scope.includes(Company.unit_id).label("is_mine"),
        )
        .join(moves, moves.c.company_id == Company.id)
        .join(Unit, Unit.id == moves.c.carrier_id)
        .where(moves.c.carrier_id.in_(place.units))
        .group_by(*by)
    )


def movements(period: Period) -> Rows:
    """What firms gained and lost in the period: company_id, level, change, happened_on, carrier_id, is_jump."""
    touched = select(_touched(period).c.company_id)
    spells = _spells(touched)
    held = _held_in_the_park(spells, touched)
    below = spells.alias()
    gained = held.c.from_on
    was_below = and_(
        below.c.company_id == held.c.company_id,
        below.c.level == held.c.level - 1,
        _covers_the_eve(below.c, gained),
    )
    here, left = Residence.__table__.alias(), Residence.__table__.alias()
    at_home = and_(
        here.c.company_id == held.c.company_id, here.c.is_counted, _covers(here.c, gained)
    )
    change = _gain(held, gained)
    skips = and_(
        change == Change.ARRIVED.value, held.c.level > COUNTED[0].order, below.c.level.is_(None)
    )
    gains = (
        select(
            held.c.company_id,
            held.c.level,
            change.label("change"),
            gained.label("happened_on"),
            here.c.carrier_id,
            case((skips, 1), else_=0).label("is_jump"),
        )
        .join(here, at_home)
        .outerjoin(below, was_below)
        .where(gained.between(period.start, period.until))
    )
    lost = held.c.to_on
    was_home = and_(
        left.c.company_id == held.c.company_id, left.c.is_counted, _covers_the_eve(left.c, lost)
    )
    losses = (
        select(
            held.c.company_id,
            held.c.level,
            literal(Change.LOST.value),
            lost,
            left.c.carrier_id,
            literal(0),
        )
        .join(left, was_home)
        .where(lost.between(period.start, period.until))
    )
    found = union_all(gains, losses).subquery()
    return select(found)


def _touched(period: Period) -> CTE:
    """The firms of which something began or ended in the period: only these can have gained or lost anything."""
    q, r, o = Qualification, Residence, OperatingReport
    days, eve = (period.start, period.until), period.start - timedelta(1)
    certified = select(q.company_id).where(
        or_(q.counts_from.between(*days), q.counts_to.between(*days))
    )
    moved = select(r.company_id).where(or_(r.from_on.between(*days), r.to_on.between(*days)))
    grown = select(o.company_id).where(says_large(o), o.period_end_on.between(*days))
    small = select(o.company_id).where(
        says_small(o), o.period_end_on.between(*days), not_(is_among_small(o.company_id, eve))
    )
    return union(certified, moved, grown, small).cte("touched")


def _gain(held: CTE, day: ColumnElement[date]) -> ColumnElement[str]:
    """As history._gain says it."""
    q = Qualification
    is_higher = or_(
        *(and_(held.c.level < rung.order, q.kind.in_(kinds_of(rung))) for rung in COUNTED[1:])
    )
    has_higher = exists().where(
        q.company_id == held.c.company_id, proves(q), is_higher, q.counts_from <= day,
        or_(q.counts_to.is_(None), q.counts_to >= day),
        or_(q.counts_to.is_(None), q.counts_to > q.counts_from),
    )  # fmt: skip
    return case(
        (
            held.c.proved_from < day,
            case((held.c.number == 1, Change.BROUGHT.value), else_=Change.REGAINED.value),
        ),
        (held.c.spell > 1, Change.REGAINED.value),
        (held.c.is_moved_in == 1, Change.BROUGHT.value),
        (has_higher, Change.LATER.value),
        else_=Change.ARRIVED.value,
    )


def _held_in_the_park(spells: CTE, touched: Rows) -> CTE:
    """Each stretch of days on which a firm held a rung in the park; `number` counts those of one rung."""
    homes = _homes(touched)
    from_on = case((spells.c.from_on < homes.c.from_on, homes.c.from_on), else_=spells.c.from_on)
    to_on = case((spells.c.to_on < homes.c.to_on, spells.c.to_on), else_=homes.c.to_on)
    number = func.row_number().over(
        partition_by=(spells.c.company_id, spells.c.level), order_by=from_on
    )
    return (
        select(
            spells.c.company_id,
            spells.c.level,
            spells.c.spell,
            spells.c.is_moved_in,
            spells.c.from_on.label("proved_from"),
            from_on.label("from_on"),
            func.nullif(to_on, _OPEN).label("to_on"),
            number.label("number"),
        )
        .join(homes, homes.c.company_id == spells.c.company_id)
        .where(spells.c.from_on < homes.c.to_on, homes.c.from_on < spells.c.to_on)
        .cte("held")
    )


def _homes(touched: Rows) -> CTE:
    """Counted residences, those that follow upon each other as one."""
    r = Residence
    last_to_on = func.lag(r.to_on).over(partition_by=r.company_id, order_by=r.from_on)
    marked = (
        select(
            r.company_id,
            r.from_on,
            _end(r.to_on).label("to_on"),
            case((last_to_on == r.from_on, 0), else_=1).label("begins"),
        )
        .join(Company, Company.id == r.company_id)
        .where(r.is_counted, Company.archived_at.is_(None), r.company_id.in_(touched))
        .subquery()
    )
    return _runs(marked, [marked.c.company_id], [marked.c.from_on]).cte("homes")


def _spells(touched: Rows) -> CTE:
    """The proofs of each rung wherever the firm was, those that touch as one; `spell` counts them from 1.

    `is_moved_in`: nothing but certificates that were brought along began it.
    """
    proofs = union_all(_certified(touched), _small(touched)).subquery()
    of = [proofs.c.company_id, proofs.c.level]
    order = [proofs.c.from_on, proofs.c.is_moved_in, proofs.c.id]
    reach = func.max(proofs.c.to_on).over(partition_by=of, order_by=order, rows=(None, -1))
    reached = select(proofs, reach.label("reach")).subquery()
    begins = case((reached.c.reach >= reached.c.from_on, 0), else_=1)
    marked = select(reached, begins.label("begins")).subquery()
    of = [marked.c.company_id, marked.c.level]
    order = [marked.c.from_on, marked.c.is_moved_in, marked.c.id]
    return _runs(marked, of, order, marked.c.is_moved_in).cte("spells")


def _runs(marked: Subquery, of: list[Any], order: list[Any], *first: Any) -> Rows:
    """Stretches of days as runs: one begins with each stretch whose `begins` is 1; `first` is told of that one only."""
    number = func.sum(marked.c.begins).over(partition_by=of, order_by=order, rows=(None, 0))
    numbered = select(marked, number.label("spell")).subquery()
    of = [numbered.c[column.name] for column in of]
    told = (func.max(numbered.c[c.name] * numbered.c.begins).label(c.name) for c in first)
    return select(
        *of,
        numbered.c.spell,
        func.min(numbered.c.from_on).label("from_on"),
        func.max(numbered.c.to_on).label("to_on"),
        *told,
    ).group_by(*of, numbered.c.spell)


def _certified(touched: Rows) -> Rows:
    q = Qualification
    level = case(*((q.kind.in_(kinds_of(rung)), rung.order) for rung in COUNTED))
    return select(
        q.id,
        q.company_id,
        level.label("level"),
        q.counts_from.label("from_on"),
        _end(q.counts_to).label("to_on"),
        case((q.is_moved_in, 1), else_=0).label("is_moved_in"),
    ).where(
        q.company_id.in_(touched),
        q.kind.in_(PROVES),
        proves(q),
        or_(q.counts_to.is_(None), q.counts_to > q.counts_from),
    )


def _small(touched: Rows) -> Rows:
    """小微 by figures: from a small report with revenue until one that says medium or large."""
    o = OperatingReport
    said = case((says_small(o), 1), else_=0)
    order: dict[str, Any] = {"partition_by": o.company_id, "order_by": o.period_end_on}
    before = func.coalesce(func.lag(said).over(**order), 0)
    reports = (
        select(o.company_id, o.period_end_on, said.label("said"), before.label("before"))
        .join(Company, Company.id == o.company_id)
        .where(is_enterprise(), says_either(o), o.company_id.in_(touched))
        .subquery()
    )
    turns = select(
        reports.c.company_id,
        reports.c.period_end_on,
        reports.c.said,
        func.lead(reports.c.period_end_on)
        .over(partition_by=reports.c.company_id, order_by=reports.c.period_end_on)
        .label("next_on"),
    ).where(reports.c.said != reports.c.before)
    turned = turns.subquery()
    return select(
        literal(0),
        turned.c.company_id,
        literal(Rung.MICRO_SMALL.order),
        turned.c.period_end_on,
        _end(turned.c.next_on),
        literal(0),
    ).where(turned.c.said == 1)


def _end(to_on: Any) -> ColumnElement[date]:
    return func.coalesce(to_on, _OPEN)


def _covers(stretch: Any, day: Any) -> ColumnElement[bool]:
    return and_(stretch.from_on <= day, _end(stretch.to_on) > day)


def _covers_the_eve(stretch: Any, day: Any) -> ColumnElement[bool]:
    """Whether it includes the day before."""
    return and_(stretch.from_on < day, _end(stretch.to_on) >= day)
