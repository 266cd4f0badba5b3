"""What we ask about operating figures."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from crm.audit.verification import VerificationState
from crm.companies.models import Company, CompanyKind, Residence
from crm.companies.queries import counted_carrier, covers, visible_to
from crm.operating.figures import NAMES
from crm.operating.models import OperatingReport
from crm.operating.periods import Period
from crm.people.scope import WHOLE_PARK_SCOPE, Scope


def visible_reports(scope: Scope) -> Select[OperatingReport]:
    ids = visible_to(scope).with_only_columns(Company.id).order_by(None)
    return select(OperatingReport).where(OperatingReport.company_id.in_(ids))


def reports_of(company_id: int) -> Select[OperatingReport]:
    """A firm's operating reports, newest period first, with who entered and who verified them."""
    return (
        select(OperatingReport)
        .where(OperatingReport.company_id == company_id)
        .options(joinedload(OperatingReport.reported_by), joinedload(OperatingReport.verified_by))
        .order_by(OperatingReport.period_end_on.desc())
    )


def last_before(company_ids: Sequence[int], period: Period) -> Select[OperatingReport]:
    """Each firm's last figures before a period; those that were sent back are not relied on."""
    earlier = aliased(OperatingReport)
    last = (
        select(earlier.company_id, func.max(earlier.period_end_on).label("end_on"))
        .where(
            earlier.company_id.in_(company_ids),
            or_(
                earlier.year < period.year,
                and_(earlier.year == period.year, earlier.through_month < period.through_month),
            ),
            earlier.state != VerificationState.RETURNED,
        )
        .group_by(earlier.company_id)
        .subquery()
    )
    return select(OperatingReport).join(
        last,
        and_(
            OperatingReport.company_id == last.c.company_id,
            OperatingReport.period_end_on == last.c.end_on,
        ),
    )


def owing(scope: Scope, on: date) -> Select[Company]:
    """应报: the enterprises in residence on a period's last day. `Residence` is joined: where each was."""
    return (
        visible_to(scope)
        .join(Residence, Residence.company_id == Company.id)
        .where(Company.kind == CompanyKind.ENTERPRISE, Residence.is_counted, covers(Residence, on))
    )


def reporting(company_id: ColumnElement[int] | Any, period: Period) -> Select[*tuple[Any, ...]]:
    """The reports by which a firm has reported a period (已报): through its last month, or a later one of the year.

    What was sent back does not count until it is entered again.
    """
    report = aliased(OperatingReport)
    return select(report.id).where(
        report.company_id == company_id,
        report.year == period.year,
        report.through_month >= period.through_month,
        report.state != VerificationState.RETURNED,
    )


def is_reported(company_id: ColumnElement[int] | Any, period: Period) -> ColumnElement[bool]:
    return reporting(company_id, period).exists()


def latest_of_year(year: int, as_of: date) -> Select[*tuple[Any, ...]]:
    """Each firm's figure of a year as of a date: the latest 本年累计, and only that. Months and quarters never add up.

    The firm, how far its figures go, the last day of that period, the figures; none that were sent back.
    """
    last = (
        select(OperatingReport.company_id, func.max(OperatingReport.through_month).label("month"))
        .where(
            OperatingReport.year == year,
            OperatingReport.period_end_on <= as_of,
            OperatingReport.state != VerificationState.RETURNED,
        )
        .group_by(OperatingReport.company_id)
        .subquery()
    )
    figures = [getattr(OperatingReport, name) for name in NAMES]
    return (
        select(
            OperatingReport.company_id,
            OperatingReport.through_month,
            OperatingReport.period_end_on,
            *figures,
        )
        .join(
            last,
            and_(
                OperatingReport.company_id == last.c.company_id,
                OperatingReport.through_month == last.c.month,
            ),
        )
        .where(OperatingReport.year == year)
    )


def sums(scope: Scope, year: int, as_of: date) -> Select[*tuple[Any, ...]]:
    """By carrier: the sums of the firms' latest figures, how many gave each, how many firms reported.

    A firm counts where it was on its figures' last day, whoever keeps its record now. `present` are the enterprises
    still there on `as_of`, `through` those of them whose figures go through its month.
    """
    latest = latest_of_year(year, as_of).subquery()
    then, was_there = counted_carrier(latest.c.company_id, latest.c.period_end_on)
    now, is_there = counted_carrier(latest.c.company_id, as_of)
    is_here = now.carrier_id == then.carrier_id
    through = and_(is_here, latest.c.through_month >= as_of.month)
    return (
        visible_to(WHOLE_PARK_SCOPE)
        .join(latest, latest.c.company_id == Company.id)
        .join(then, was_there)
        .outerjoin(now, is_there)
        .where(Company.kind == CompanyKind.ENTERPRISE, scope.includes(then.carrier_id))
        .group_by(then.carrier_id)
        .with_only_columns(
            then.carrier_id,
            func.count().label("reported"),
            func.count().filter(is_here).label("present"),
            func.count().filter(through).label("through"),
            *(func.sum(latest.c[name]).label(name) for name in NAMES),
            *(func.count(latest.c[name]).label(f"{name}_firms") for name in NAMES),
        )
    )


def owing_by_carrier(scope: Scope, on: date) -> Select[*tuple[Any, ...]]:
    """应报 m by carrier."""
    return (
        owing(WHOLE_PARK_SCOPE, on)
        .where(scope.includes(Residence.carrier_id))
        .group_by(Residence.carrier_id)
        .with_only_columns(Residence.carrier_id, func.count().label("owing"))
    )
