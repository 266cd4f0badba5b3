"""What we do with operating figures: take them, correct them, verify them, send them back."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record, record_many
from crm.audit.verification import VerificationState, review
from crm.companies.models import Company
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.operating.models import OperatingReport
from crm.reference.size_classes import size_class

CHUNK = 5000
EARLIEST_YEAR = 1990
MOST_STAFF = 10_000_000
PEOPLE = ("staff", "tech_staff")
MONEY = ("revenue", "assets", "tax", "profit", "r_and_d", "high_tech_income")
FIGURES = (*MONEY, *PEOPLE)
_MAY_BE_NEGATIVE = ("tax", "profit")  # refunds and losses


class AlreadyReported(Conflict):
    """The firm has a report for this period already."""


@dataclass(frozen=True)
class OperatingDetails:
    """Cumulative figures of a year through a month, in yuan. The rest is for imports and demo data."""

    year: int
    through_month: int
    revenue: Decimal | None = None
    assets: Decimal | None = None
    staff: int | None = None
    tech_staff: int | None = None
    tax: Decimal | None = None
    profit: Decimal | None = None
    r_and_d: Decimal | None = None
    high_tech_income: Decimal | None = None
    state: VerificationState = VerificationState.PENDING
    reported_by_id: int | None = None
    verified_by_id: int | None = None
    recorded_at: datetime | None = None

    @property
    def period_end_on(self) -> date:
        return date(self.year, self.through_month, monthrange(self.year, self.through_month)[1])


def report_operation(
    company: Company, details: OperatingDetails, *, by: Actor, version: int | None = None
) -> OperatingReport:
    """Enter a firm's cumulative figures, or correct those of the same period that nobody has verified yet.

    A correction carries the `version` that was seen; AlreadyReported without it, or once the figures are verified.
    """
    row = _report_row(company.id, company.industry_code, details, by=by)
    found = session.scalar(
        select(OperatingReport)
        .where(
            OperatingReport.company_id == company.id,
            OperatingReport.year == details.year,
            OperatingReport.through_month == details.through_month,
        )
        .with_for_update()
    )
    if found is None:
        return _enter(company, OperatingReport(**row), by=by)
    if version is None or found.state == VerificationState.VERIFIED:
        raise AlreadyReported(
            N_("该期经营数据已填报，请在列表中查看或更正。"), field="through_month"
        )
    found.expect_version(version)
    for name in FIGURES:
        setattr(found, name, row[name])
    found.size_class = row["size_class"]
    found.state, found.reported_by_id = VerificationState.PENDING, by.id
    changes = changes_of(found)
    record("operating_report.corrected", found, by=by, changes=changes, name=company.name)
    return found


def _enter(company: Company, report: OperatingReport, *, by: Actor) -> OperatingReport:
    changes = changes_of(report)
    try:
        with session.begin_nested():
            session.add(report)
    except IntegrityError:
        message = N_("该期经营数据已填报，请在列表中查看或更正。")
        raise AlreadyReported(message, field="through_month") from None
    record("operating_report.entered", report, by=by, changes=changes, name=company.name)
    return report


def report_many(rows: Sequence[tuple[int, OperatingDetails]], *, by: Actor) -> int:
    """Enter many reports, each with its firm's id: all or none, one entry in the log. Returns how many."""
    try:
        with session.begin_nested():
            for start in range(0, len(rows), CHUNK):
                chunk = rows[start : start + CHUNK]
                industries = _industries({company_id for company_id, _ in chunk})
                found = [_report_row(i, industries[i], details, by=by) for i, details in chunk]
                session.execute(insert(OperatingReport), found, execution_options=BULK)
    except IntegrityError:
        raise AlreadyReported(N_("有企业的同期经营数据重复，未写入任何一条。")) from None
    record_many("operating_report.entered_many", rows, by=by)
    return len(rows)


def _industries(company_ids: set[int]) -> dict[int, str]:
    query = select(Company.id, Company.industry_code).where(Company.id.in_(company_ids))
    return {row.id: row.industry_code for row in session.execute(query)}


def _report_row(
    company_id: int, industry_code: str, details: OperatingDetails, *, by: Actor
) -> dict[str, Any]:
    _check_report(details)
    row = {field.name: getattr(details, field.name) for field in fields(details)}
    row["company_id"] = company_id
    row["period_end_on"] = details.period_end_on
    row["size_class"] = size_class(industry_code, details.staff, details.revenue, details.assets)
    row["reported_by_id"] = details.reported_by_id or by.id
    row["recorded_at"] = details.recorded_at or clock.now()
    return row


def _check_report(details: OperatingDetails) -> None:
    if not EARLIEST_YEAR <= details.year <= clock.today().year:
        raise DomainError(N_("年份有误，请核对。"), field="year")
    if not 1 <= details.through_month <= 12:
        raise DomainError(N_("月份应为1至12。"), field="through_month")
    if details.period_end_on > clock.today():
        raise DomainError(N_("这一期尚未结束，不能填报。"), field="through_month")
    figures = {name: getattr(details, name) for name in FIGURES}
    if all(figure is None for figure in figures.values()):
        raise DomainError(N_("请至少填写一项数据。"), field="revenue")
    for name, figure in figures.items():
        if figure is not None and figure < 0 and name not in _MAY_BE_NEGATIVE:
            raise DomainError(N_("不能为负数。"), field=name)
    for name in PEOPLE:
        if (figures[name] or 0) > MOST_STAFF:
            raise DomainError(N_("人数过大，请核对。"), field=name)


def verify(report: OperatingReport, *, by: Actor, version: int | None = None) -> None:
    """Confirm the figures; not by who entered them, and not others than those that were seen (`version`)."""
    review(report, VerificationState.VERIFIED, by=by, version=version)
    changes, name = changes_of(report), report.company.name
    record("operating_report.verified", report, by=by, changes=changes, name=name)


def send_back(
    report: OperatingReport, *, reason: str, by: Actor, version: int | None = None
) -> None:
    """Return the figures to who entered them, with the reason; they can be corrected and entered again."""
    if not reason:
        raise DomainError(N_("请填写原因。"), field="reason")
    review(report, VerificationState.RETURNED, by=by, version=version)
    changes, name = changes_of(report), report.company.name
    record("operating_report.returned", report, by=by, changes=changes, name=name, reason=reason)
