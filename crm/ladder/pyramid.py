"""The ladder in one picture: how many firms hold each rung, and for how many it is the highest.

The SQL twin of rungs.standing(); a test holds the two together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, false, func, not_, or_, select

from crm.audit.remembered import remembered
from crm.companies.models import Company
from crm.companies.queries import counted_carrier
from crm.core.db import session
from crm.ladder.models import Qualification
from crm.ladder.queries import Rows, counts_on, licensed_on
from crm.ladder.rungs import PROVES, Rung, kinds_of
from crm.ladder.small import is_enterprise, is_small, small_on
from crm.people.models import Unit
from crm.people.scope import Scope

_PROVABLE = tuple(Rung)[1:]  # all but 初创, which says that nothing else is proved


@dataclass(frozen=True)
class Step:
    """One rung: the firms that hold it (持有数), and those that hold nothing higher (最高层级数)."""

    rung: Rung
    holding: int
    highest: int


def pyramid(scope: Scope, on: date) -> tuple[Step, ...]:
    """The six rungs on that day, highest first, in one query."""
    return _steps(scope.of_units, on)


@remembered
def _steps(scope: Scope, on: date) -> tuple[Step, ...]:
    firms = _firms(scope, on)
    sums = [func.sum(firms.c[rung.value]).label(rung.value) for rung in _PROVABLE]
    query = select(firms.c.top, func.count().label("firms"), *sums).group_by(firms.c.top)
    rows = [row._mapping for row in session.execute(query)]
    highest = {row["top"]: row["firms"] for row in rows}
    holding = {rung: sum(row[rung.value] for row in rows) for rung in _PROVABLE}
    holding[Rung.STARTUP] = highest.get(Rung.STARTUP.order, 0)
    return tuple(Step(rung, holding[rung], highest.get(rung.order, 0)) for rung in reversed(Rung))


def _firms(scope: Scope, on: date) -> Subquery:
    """Each resident firm with 1 or 0 for each rung that it holds, and its `top` (0: none)."""
    home, at_home = counted_carrier(Company.id, on)
    certified, small = _certificates(on), small_on(on).subquery()
    held: dict[Rung, ColumnElement[int]] = {
        rung: func.coalesce(certified.c[rung.value], 0) for rung in _PROVABLE
    }
    by_figures = and_(is_enterprise(), small.c.company_id.is_not(None))
    held[Rung.MICRO_SMALL] = case((by_figures, 1), else_=held[Rung.MICRO_SMALL])
    steps = [(held[rung] == 1, rung.order) for rung in reversed(_PROVABLE)]
    top = case(*steps, (is_startup(on), Rung.STARTUP.order), else_=0)
    return (
        select(top.label("top"), *(held[rung].label(rung.value) for rung in _PROVABLE))
        .select_from(Company)
        .join(home, at_home)
        .outerjoin(certified, certified.c.company_id == Company.id)
        .outerjoin(small, small.c.company_id == Company.id)
        .where(Company.archived_at.is_(None), scope.includes(home.carrier_id))
        .subquery()
    )


def _certificates(on: date) -> Subquery:
    q = Qualification
    marks = [
        func.max(case((q.kind.in_(kinds_of(rung)), 1), else_=0)).label(rung.value)
        for rung in _PROVABLE
    ]
    query = select(q.company_id, *marks).where(q.kind.in_(PROVES), counts_on(q, on))
    return query.group_by(q.company_id).subquery()


def firms_on(rung: Rung, scope: Scope, on: date, *, is_highest: bool = False) -> Rows:
    """The firms behind one figure of the pyramid: id, name, carrier (its name)."""
    home, at_home = counted_carrier(Company.id, on)
    return (
        select(Company.id, Company.name, Unit.name.label("carrier"))
        .join(home, at_home)
        .join(Unit, Unit.id == home.carrier_id)
        .where(
            Company.archived_at.is_(None),
            scope.includes(home.carrier_id),
            _is_highest(rung, on) if is_highest or rung == Rung.STARTUP else _holds(rung, on),
        )
    )


def stands_on(rungs: Sequence[Rung], on: date) -> ColumnElement[bool]:
    """The condition that one of these is the highest rung of a firm that day."""
    return and_(resides(on), or_(false(), *(_is_highest(rung, on) for rung in rungs)))


def resides(on: date) -> ColumnElement[bool]:
    home, at_home = counted_carrier(Company.id, on)
    return exists(select(home.id).where(at_home))


def _is_highest(rung: Rung, on: date) -> ColumnElement[bool]:
    higher = (_holds(other, on) for other in _PROVABLE if other.order > rung.order)
    return and_(_holds(rung, on), *(not_(holds) for holds in higher))


def _holds(rung: Rung, on: date) -> ColumnElement[bool]:
    if rung == Rung.STARTUP:
        return is_startup(on)
    q = Qualification
    is_certified = Company.id.in_(
        select(q.company_id).where(q.kind.in_(kinds_of(rung)), counts_on(q, on))
    )
    return or_(is_certified, is_small(on)) if rung == Rung.MICRO_SMALL else is_certified


def is_startup(on: date) -> ColumnElement[bool]:
    """A licensed enterprise: 初创 where nothing higher is proved."""
    return and_(is_enterprise(), licensed_on(on))
