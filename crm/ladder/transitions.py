"""五转 and what stands beside them, of all firms at once: the SQL twin of history.movements().

A rung is held in the park while one of its proofs and a counted residence cover the day. Proofs that touch are one
spell, and so are residences: a renewal and a move between carriers change nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import (
    CTE,
    ColumnElement,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import aliased

from crm.audit.remembered import remembered
from crm.carriers.figures import Place, pairs_of
from crm.carriers.periods import Period
from crm.companies.models import Company, Residence
from crm.companies.queries import counted_carrier
from crm.core.db import session
from crm.ladder.history import COUNTED, Change
from crm.ladder.models import Qualification
from crm.ladder.queries import Rows, proves
from crm.ladder.rungs import Rung, kinds_of
from crm.ladder.small import says_large, says_small, small_on
from crm.ladder.spells import covers_the_eve, held_in_the_park, spells_of
from crm.operating.models import OperatingReport
from crm.people.models import Unit
from crm.people.scope import Scope


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
    return _counted(scope.of_units, tuple(unit.id for unit in units), period)


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
    spells = spells_of(touched)
    held = held_in_the_park(spells, touched)
    below = spells.alias()
    gained = held.c.from_on
    was_below = and_(
        below.c.company_id == held.c.company_id,
        below.c.level == held.c.level - 1,
        covers_the_eve(below.c, gained),
    )
    here, at_home = counted_carrier(held.c.company_id, gained)
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
            here.carrier_id,
            case((skips, 1), else_=0).label("is_jump"),
        )
        .join(here, at_home)
        .outerjoin(below, was_below)
        .where(gained.between(period.start, period.until))
    )
    lost = held.c.to_on
    left = aliased(Residence)
    was_home = and_(
        left.company_id == held.c.company_id, left.is_counted, covers_the_eve(left, lost)
    )
    losses = (
        select(
            held.c.company_id,
            held.c.level,
            literal(Change.LOST.value),
            lost,
            left.carrier_id,
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
        says_small(o), o.period_end_on.between(*days), o.company_id.not_in(small_on(eve))
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
