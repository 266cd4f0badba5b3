"""The ladder in one picture: how many firms hold each rung, and for how many it is the highest.

The SQL twin of rungs.standing(); a test holds the two together.
"""

from datetime import date
from decimal import Decimal

from sqlalchemy import Subquery, case, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from crm.companies.models import Company, CompanyKind
from crm.companies.queries import counted_carrier
from crm.ladder.models import OperatingReport, Qualification, ReportState
from crm.ladder.queries import Rows, counts_on, licensed_on
from crm.ladder.rungs import PROVES, SMALL, TOO_LARGE, Rung
from crm.people.models import Unit
from crm.people.scope import Scope


def pyramid(scope: Scope, on: date) -> Rows:
    """By rung order: `holding` (firms that hold it), `highest` (firms that hold nothing higher)."""
    levels = _levels(scope, on)
    is_highest = case((levels.c.level == levels.c.top, 1), else_=0)
    return select(
        levels.c.level, func.count().label("holding"), func.sum(is_highest).label("highest")
    ).group_by(levels.c.level)


def firms_on(rung: Rung, scope: Scope, on: date, *, is_highest: bool = False) -> Rows:
    """The firms that hold a rung on that day, newest first: id, name, carrier (name)."""
    levels = _levels(scope, on)
    query = (
        select(Company.id, Company.name, Unit.name.label("carrier"))
        .join(levels, levels.c.company_id == Company.id)
        .join(Unit, Unit.id == levels.c.carrier_id)
        .where(levels.c.level == rung.order)
        .order_by(Company.id.desc())
    )
    return query.where(levels.c.top == levels.c.level) if is_highest else query


def _levels(scope: Scope, on: date) -> Subquery:
    """company_id, carrier_id, level, top: each rung that each resident firm holds.

    初创 only where nothing is higher: it says that nothing else is proved.
    """
    home, at_home = counted_carrier(Company.id, on)
    residents = (
        select(Company.id, home.carrier_id)
        .join(home, at_home)
        .where(Company.archived_at.is_(None), scope.includes(home.carrier_id))
        .subquery("residents")
    )
    proved = union_all(_certified(on), _small(on), _licensed(on)).subquery("proved")
    held = (
        select(residents.c.id.label("company_id"), residents.c.carrier_id, proved.c.level)
        .join_from(residents, proved, proved.c.company_id == residents.c.id)
        .distinct()
        .subquery("held")
    )
    top = func.max(held.c.level).over(partition_by=held.c.company_id)
    ranked = select(held, top.label("top")).subquery("ranked")
    is_shown = or_(ranked.c.level > Rung.STARTUP.order, ranked.c.top == ranked.c.level)
    return select(ranked).where(is_shown).subquery("levels")


def _certified(on: date) -> Rows:
    level = case({kind: rung.order for kind, rung in PROVES.items()}, value=Qualification.kind)
    return select(Qualification.company_id, level.label("level")).where(
        Qualification.kind.in_(PROVES), counts_on(Qualification, on)
    )


def _small(on: date) -> Rows:
    """小微 by figures, as rungs._small_report says it."""
    report, later = aliased(OperatingReport), aliased(OperatingReport)
    outgrown = (
        select(later.id)
        .where(
            later.company_id == report.company_id,
            later.state == ReportState.VERIFIED,
            later.size_class.in_(TOO_LARGE),
            later.period_end_on > report.period_end_on,
            later.period_end_on <= on,
        )
        .exists()
    )
    return (
        select(report.company_id, literal(Rung.MICRO_SMALL.order).label("level"))
        .join(Company, Company.id == report.company_id)
        .where(
            Company.kind == CompanyKind.ENTERPRISE,
            report.state == ReportState.VERIFIED,
            report.revenue > Decimal(0),
            report.size_class.in_(SMALL),
            report.period_end_on <= on,
            ~outgrown,
        )
    )


def _licensed(on: date) -> Rows:
    return select(Company.id.label("company_id"), literal(Rung.STARTUP.order).label("level")).where(
        Company.kind == CompanyKind.ENTERPRISE, licensed_on(on)
    )
