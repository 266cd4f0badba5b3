"""小微 by figures, for many firms at once: the SQL twin of rungs._small_report.

A verified report of a small class with revenue proves it, until one says medium or large. Those that say neither count
for nothing.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from crm.audit.verification import VerificationState
from crm.companies.models import Company, CompanyKind
from crm.ladder.rungs import SMALL, TOO_LARGE
from crm.operating.models import OperatingReport

_LONG_AGO = date(1, 1, 1)


def is_small(on: date) -> ColumnElement[bool]:
    """Whether the firm of the query is small that day; for queries that look at some firms only."""
    small, later = aliased(OperatingReport), aliased(OperatingReport)
    outgrows = exists().where(
        says_large(later),
        later.company_id == small.company_id,
        later.period_end_on > small.period_end_on,
        later.period_end_on <= on,
    )
    found = exists().where(
        says_small(small), small.company_id == Company.id, small.period_end_on <= on, ~outgrows
    )
    return and_(is_enterprise(), found)


def small_on(on: date) -> Select[int]:
    """The same of all firms, whatever their kind: those whose last small report comes after the last large one."""
    o = OperatingReport
    last_small = func.max(case((says_small(o), o.period_end_on)))
    last_large = func.max(case((says_large(o), o.period_end_on)))
    return (
        select(o.company_id)
        .where(o.state == VerificationState.VERIFIED, o.period_end_on <= on)
        .group_by(o.company_id)
        .having(last_small > func.coalesce(last_large, _LONG_AGO))
    )


def says_small(report: Any) -> ColumnElement[bool]:
    is_verified = report.state == VerificationState.VERIFIED
    return and_(is_verified, report.size_class.in_(SMALL), report.revenue > Decimal(0))


def says_large(report: Any) -> ColumnElement[bool]:
    is_verified = report.state == VerificationState.VERIFIED
    return and_(is_verified, report.size_class.in_(TOO_LARGE))


def says_either(report: Any) -> ColumnElement[bool]:
    return or_(says_small(report), says_large(report))


def is_enterprise() -> ColumnElement[bool]:
    return Company.kind == CompanyKind.ENTERPRISE
