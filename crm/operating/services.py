"""What we do with operating figures: take many at once, verify them, send them back. Entering by hand is entering.py."""

from collections.abc import Mapping, Sequence
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
from crm.core.bulk import next_ids
from crm.core.db import BULK, session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.operating.figures import FIGURES, MOST_STAFF, value_of
from crm.operating.models import OperatingReport
from crm.operating.periods import Period
from crm.reference.size_classes import size_class

CHUNK = 5000
EARLIEST_YEAR = 1990


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
    source: str = ""
    confirmed: str = ""
    state: VerificationState = VerificationState.PENDING
    reported_by_id: int | None = None
    verified_by_id: int | None = None
    recorded_at: datetime | None = None

    @property
    def period(self) -> Period:
        return Period(self.year, self.through_month)

    @property
    def period_end_on(self) -> date:
        return self.period.end_on


def report_many(rows: Sequence[tuple[int, OperatingDetails]], *, by: Actor) -> list[int]:
    """Enter many reports, each with its firm's id: all or none, one entry in the log. Their own ids in order."""
    ids = next_ids(OperatingReport, len(rows))
    try:
        with session.begin_nested():
            for start in range(0, len(rows), CHUNK):
                chunk = rows[start : start + CHUNK]
                industries = _industries({company_id for company_id, _ in chunk})
                found = [
                    {"id": id_, **report_row(of, industries[of], details, by=by)}
                    for id_, (of, details) in zip(ids[start:], chunk, strict=False)
                ]
                session.execute(insert(OperatingReport), found, execution_options=BULK)
    except IntegrityError:
        raise AlreadyReported(N_("有企业的同期经营数据重复，未写入任何一条。")) from None
    record_many("operating_report.entered_many", rows, by=by)
    return ids


def _industries(company_ids: set[int]) -> dict[int, str]:
    query = select(Company.id, Company.industry_code).where(Company.id.in_(company_ids))
    return {row.id: row.industry_code for row in session.execute(query)}


def report_row(
    company_id: int, industry_code: str, details: OperatingDetails, *, by: Actor
) -> dict[str, Any]:
    """A report as it is stored. Raises DomainError for figures that cannot be."""
    check(details)
    row = {field.name: getattr(details, field.name) for field in fields(details)}
    row["company_id"] = company_id
    row["period_end_on"] = details.period_end_on
    row["size_class"] = size_class(industry_code, details.staff, details.revenue, details.assets)
    row["reported_by_id"] = details.reported_by_id or by.id
    row["recorded_at"] = details.recorded_at or clock.now()
    return row


def check(details: OperatingDetails) -> None:
    """Raise DomainError for figures that cannot be; those that are merely odd are asked about (plausibility.py)."""
    if not EARLIEST_YEAR <= details.year <= clock.today().year:
        raise DomainError(N_("年份有误，请核对。"), field="year")
    if not 1 <= details.through_month <= 12:
        raise DomainError(N_("月份应为1至12。"), field="through_month")
    if details.period_end_on > clock.today():
        raise DomainError(N_("这一期尚未结束，不能填报。"), field="through_month")
    values = {figure: value_of(details, figure.name) for figure in FIGURES}
    if all(value is None for value in values.values()):
        raise DomainError(N_("请至少填写一项数据。"), field="revenue")
    for figure, value in values.items():
        if value is not None and value < 0 and not figure.may_be_negative:
            raise DomainError(N_("不能为负数。"), field=figure.name)
        if value is not None and not figure.is_money and value > MOST_STAFF:
            raise DomainError(N_("人数过大，请核对。"), field=figure.name)


def verify(report: OperatingReport, *, by: Actor, version: int | None = None) -> None:
    """Confirm the figures; not by who entered them, and not others than those that were seen (`version`)."""
    review(report, VerificationState.VERIFIED, by=by, version=version)
    changes, name = changes_of(report), report.company.name
    record("operating_report.verified", report, by=by, changes=changes, name=name)


@dataclass(frozen=True)
class Verified:
    """What a verification of many did: how many, and which of them stay as they are because they are one's own."""

    count: int
    own: int
    changed: int


def verify_many(
    reports: Sequence[OperatingReport], versions: Mapping[int, int], *, by: Actor
) -> Verified:
    """Confirm all that wait and are as they were seen; one's own are left to others. The reports come locked."""
    own = changed = 0
    waiting = []
    for report in reports:
        if report.state != VerificationState.PENDING or report.version != versions[report.id]:
            changed += 1
        elif report.reported_by_id is not None and report.reported_by_id == by.id:
            own += 1
        else:
            waiting.append(report)
    for report in waiting:
        report.state, report.verified_by_id = VerificationState.VERIFIED, by.id
        report.version += 1
        changes, name = changes_of(report), report.company.name
        record("operating_report.verified", report, by=by, changes=changes, name=name)
    return Verified(len(waiting), own, changed)


def send_back(
    report: OperatingReport, *, reason: str, by: Actor, version: int | None = None
) -> None:
    """Return the figures to who entered them, with the reason; they can be corrected and entered again."""
    if not reason:
        raise DomainError(N_("请填写原因。"), field="reason")
    review(report, VerificationState.RETURNED, by=by, version=version)
    changes, name = changes_of(report), report.company.name
    record("operating_report.returned", report, by=by, changes=changes, name=name, reason=reason)
