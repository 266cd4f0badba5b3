"""小微 by figures, for many firms at once: the SQL twin of rungs._small_report.

A verified report of a small class with revenue proves it, until one says medium or large. Those that say neither count
for nothing. Few firms ever report that they are large, so "once small, and not outgrown it" reads little.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from crm.audit.verification import VerificationState
from crm.companies.models import Company, CompanyKind
from crm.ladder.rungs import SMALL, TOO_LARGE
from crm.operating.models import OperatingReport


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


def is_among_small(company_id: Any, on: date) -> ColumnElement[bool]:
    """The same of any firm by its number, whatever its kind; for queries that look at all firms."""
    small = aliased(OperatingReport)
    ever = select(small.company_id).where(says_small(small), small.period_end_on <= on)
    return and_(company_id.in_(ever), company_id.not_in(_outgrown(on)))


def _outgrown(on: date) -> Select[int]:
    """The firms with a large report so far that no small one follows."""
    large, later = aliased(OperatingReport), aliased(OperatingReport)
    shrinks = exists().where(
        says_small(later),
        later.company_id == large.company_id,
        later.period_end_on > large.period_end_on,
        later.period_end_on <= on,
    )
    return select(large.company_id).where(says_large(large), large.period_end_on <= on, ~shrinks)


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
