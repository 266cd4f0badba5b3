"""亿元企业: firms whose own revenue, never consolidated, comes to 100 million yuan in a year, from verified reports.

A report is the year so far (本年累计), so the last one tells the year as of a day, and only the one through December
tells a whole year.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import aliased

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.companies.queries import counted_carrier
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.queries import Rows, counts_on
from crm.operating.models import OperatingReport

LARGE_REVENUE = Decimal(100_000_000)


def new_large_earners(start: date, until: date) -> Rows:
    """新增亿元企业 of a year: 规上, in the park, at least 100 million this year and less in the whole of last year.

    Dated by the first period end that shows it. Columns as of ladder.queries.holders().
    """
    return _large_earners(start, until).where(_last_year(start.year - 1, is_less=True))


def doubtful_large_earners(start: date, until: date) -> Rows:
    """待核: the same firms of which nobody knows last year's revenue; they are not counted."""
    known = aliased(OperatingReport)
    is_large_before = _last_year(start.year - 1, is_less=False)
    is_known = exists().where(
        known.company_id == Company.id, *_of_year(known, start.year - 1), known.through_month == 12
    )
    return _large_earners(start, until).where(~is_known, ~is_large_before)


def _large_earners(start: date, until: date) -> Rows:
    report, later = aliased(OperatingReport), aliased(OperatingReport)
    is_followed = exists().where(
        later.company_id == report.company_id,
        *_of_year(later, start.year),
        later.period_end_on > report.period_end_on,
        later.period_end_on <= until,
    )
    last_is_large = exists().where(
        report.company_id == Company.id,
        *_of_year(report, start.year),
        report.period_end_on <= until,
        report.revenue >= LARGE_REVENUE,
        ~is_followed,
    )
    shown = aliased(OperatingReport)
    reached_on = (
        select(func.min(shown.period_end_on))
        .where(
            shown.company_id == Company.id,
            *_of_year(shown, start.year),
            shown.period_end_on.between(start, until),
            shown.revenue >= LARGE_REVENUE,
        )
        .scalar_subquery()
    )
    home, at_home = counted_carrier(Company.id, reached_on)
    q = Qualification
    above_scale = select(q.company_id).where(
        q.kind == QualificationKind.ABOVE_SCALE, counts_on(q, until)
    )
    return (
        select(
            Company.id.label("record_id"),
            Company.id.label("company_id"),
            Company.name.label("label"),
            reached_on.label("happened_on"),
            home.carrier_id.label("unit_id"),
        )
        .join(home, at_home)
        .where(Company.archived_at.is_(None), Company.id.in_(above_scale), last_is_large)
    )


def _last_year(year: int, *, is_less: bool) -> ColumnElement[bool]:
    """Whether its report of the whole year was less, or any report of that year was not."""
    report = aliased(OperatingReport)
    said = (
        and_(report.through_month == 12, report.revenue < LARGE_REVENUE)
        if is_less
        else report.revenue >= LARGE_REVENUE
    )
    return exists().where(report.company_id == Company.id, *_of_year(report, year), said)


def _of_year(report: Any, year: int) -> tuple[ColumnElement[bool], ...]:
    return (
        report.year == year,
        report.state == VerificationState.VERIFIED,
        report.revenue.is_not(None),
    )
