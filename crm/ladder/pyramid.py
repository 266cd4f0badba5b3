"""The ladder in one picture: how many firms hold each rung, and for how many it is the highest.

The SQL twin of rungs.standing(); a test holds the two together.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select

from crm.audit.verification import VerificationState
from crm.companies.models import Company, CompanyKind
from crm.companies.queries import counted_carrier
from crm.core.db import session
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.queries import Rows, counts_on, licensed_on
from crm.ladder.rungs import PROVES, SMALL, TOO_LARGE, Rung
from crm.operating.models import OperatingReport
from crm.people.models import Unit
from crm.people.scope import Scope

_LONG_AGO = date(1, 1, 1)
_PROVABLE = tuple(Rung)[1:]  # all but 初创, which says that nothing else is proved


@dataclass(frozen=True)
class Step:
    """One rung: the firms that hold it (持有数), and those that hold nothing higher (最高层级数)."""

    rung: Rung
    holding: int
    highest: int


def pyramid(scope: Scope, on: date) -> list[Step]:
    """The six rungs on that day, highest first, in one query."""
    firms = _firms(scope, on)
    sums = [func.sum(firms.c[rung.value]).label(rung.value) for rung in _PROVABLE]
    query = select(firms.c.top, func.count().label("firms"), *sums).group_by(firms.c.top)
    rows = [row._mapping for row in session.execute(query)]
    highest = {row["top"]: row["firms"] for row in rows}
    holding = {rung: sum(row[rung.value] for row in rows) for rung in _PROVABLE}
    holding[Rung.STARTUP] = highest.get(Rung.STARTUP.order, 0)
    return [Step(rung, holding[rung], highest.get(rung.order, 0)) for rung in reversed(Rung)]


def _firms(scope: Scope, on: date) -> Subquery:
    """Each resident firm with 1 or 0 for each rung that it holds, and its `top` (0: none)."""
    home, at_home = counted_carrier(Company.id, on)
    certified, small = _certificates(on), _small(on).subquery()
    held: dict[Rung, ColumnElement[int]] = {
        rung: func.coalesce(certified.c[rung.value], 0) for rung in _PROVABLE
    }
    is_small = and_(small.c.company_id.is_not(None), _is_enterprise())
    held[Rung.MICRO_SMALL] = case((is_small, 1), else_=held[Rung.MICRO_SMALL])
    steps = [(held[rung] == 1, rung.order) for rung in reversed(_PROVABLE)]
    top = case(*steps, (_is_licensed(on), Rung.STARTUP.order), else_=0)
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
    marks = [
        func.max(case((Qualification.kind.in_(_kinds(rung)), 1), else_=0)).label(rung.value)
        for rung in _PROVABLE
    ]
    return (
        select(Qualification.company_id, *marks)
        .where(counts_on(Qualification, on))
        .group_by(Qualification.company_id)
        .subquery()
    )


def _kinds(rung: Rung) -> list[QualificationKind]:
    return [kind for kind, proved in PROVES.items() if proved == rung]


def _small(on: date) -> Select[int]:
    """小微 by figures, as rungs._small_report says it: the last small report comes after the last large one."""
    report = OperatingReport
    is_small = and_(report.size_class.in_(SMALL), report.revenue > Decimal(0))
    last_small = func.max(case((is_small, report.period_end_on)))
    last_large = func.max(case((report.size_class.in_(TOO_LARGE), report.period_end_on)))
    return (
        select(report.company_id)
        .where(report.state == VerificationState.VERIFIED, report.period_end_on <= on)
        .group_by(report.company_id)
        .having(last_small > func.coalesce(last_large, _LONG_AGO))
    )


def _is_enterprise() -> ColumnElement[bool]:
    return Company.kind == CompanyKind.ENTERPRISE


def _is_licensed(on: date) -> ColumnElement[bool]:
    return and_(_is_enterprise(), licensed_on(on))


def firms_on(rung: Rung, scope: Scope, on: date, *, is_highest: bool = False) -> Rows:
    """The firms behind one figure of the pyramid: id, name, carrier (its name)."""
    home, at_home = counted_carrier(Company.id, on)
    query = (
        select(Company.id, Company.name, Unit.name.label("carrier"))
        .join(home, at_home)
        .join(Unit, Unit.id == home.carrier_id)
        .where(Company.archived_at.is_(None), scope.includes(home.carrier_id), _holds(rung, on))
    )
    if is_highest or rung == Rung.STARTUP:
        for higher in _PROVABLE:
            if higher.order > rung.order:
                query = query.where(~_holds(higher, on))
    return query


def _holds(rung: Rung, on: date) -> ColumnElement[bool]:
    if rung == Rung.STARTUP:
        return _is_licensed(on)
    is_certified = Company.id.in_(
        select(Qualification.company_id).where(
            Qualification.kind.in_(_kinds(rung)), counts_on(Qualification, on)
        )
    )
    if rung == Rung.MICRO_SMALL:
        return or_(is_certified, and_(_is_enterprise(), Company.id.in_(_small(on))))
    return is_certified
