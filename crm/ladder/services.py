"""What we do about the ladder: record proofs, revoke them, take operating reports and verify them."""

import hashlib
import json
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record
from crm.companies.models import Company
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import Conflict, DomainError, NotAllowed
from crm.core.words import N_
from crm.ladder.models import OperatingReport, Qualification, QualificationKind, ReportState
from crm.ladder.qualifications import RULES, Board, period
from crm.reference.size_classes import size_class

CHUNK = 5000
EARLIEST = date(1990, 1, 1)
MOST_STAFF = 10_000_000


class AlreadyRecorded(Conflict):
    """The firm has this number of this kind, or a report for this period, already."""


class SamePerson(NotAllowed):
    """A figure is verified by somebody other than who entered it."""


@dataclass(frozen=True)
class QualificationDetails:
    """One proof as it stands on its certificate. The last three are for imports and demo data."""

    kind: QualificationKind
    number: str
    issued_on: date
    name_on_it: str = ""
    authority: str = ""
    batch: str = ""
    valid_to: date | None = None
    is_renewal: bool = False
    is_moved_in: bool = False
    source: str = ""
    revoked_on: date | None = None
    reason: str = ""
    recorded_at: datetime | None = None


@dataclass(frozen=True)
class OperatingDetails:
    """Cumulative figures of a year through a month, in yuan. The rest is for imports and demo data."""

    year: int
    through_month: int
    revenue: Decimal | None = None
    assets: Decimal | None = None
    staff: int | None = None
    state: ReportState = ReportState.PENDING
    reported_by_id: int | None = None
    verified_by_id: int | None = None
    recorded_at: datetime | None = None

    @property
    def period_end_on(self) -> date:
        return date(self.year, self.through_month, monthrange(self.year, self.through_month)[1])


def award(company: Company, details: QualificationDetails, *, by: Actor) -> Qualification:
    """Record a proof. Raises AlreadyRecorded for the same number twice, DomainError for dates that cannot be."""
    qualification = Qualification(**_qualification_row(company.id, details))
    changes = changes_of(qualification)
    try:
        with session.begin_nested():
            session.add(qualification)
    except IntegrityError:
        message = N_("这家企业已登记过相同编号的%(kind)s。")
        raise AlreadyRecorded(message, field="number", kind=details.kind) from None
    record("qualification.awarded", qualification, by=by, changes=changes, name=company.name)
    return qualification


def award_many(rows: Sequence[tuple[int, QualificationDetails]], *, by: Actor) -> int:
    """Record many proofs, each with its firm's id: all or none, one entry in the log. Returns how many."""
    found = [_qualification_row(company_id, details) for company_id, details in rows]
    try:
        with session.begin_nested():
            for start in range(0, len(found), CHUNK):
                chunk = found[start : start + CHUNK]
                session.execute(insert(Qualification), chunk, execution_options=BULK)
    except IntegrityError:
        raise AlreadyRecorded(N_("有企业的同类证明编号重复，未写入任何一条。")) from None
    _record_bulk("qualification.awarded_many", rows, by=by)
    return len(found)


def _qualification_row(company_id: int, details: QualificationDetails) -> dict[str, Any]:
    _check_qualification(details)
    row = {field.name: getattr(details, field.name) for field in fields(details)}
    row["company_id"] = company_id
    row["number"] = details.number or details.issued_on.isoformat()  # some registers give no number
    row["recorded_at"] = details.recorded_at or clock.now()
    row["counts_from"], row["counts_to"] = period(
        details.kind, details.issued_on, details.valid_to, details.revoked_on
    )
    return row


def _check_qualification(details: QualificationDetails) -> None:
    rule = RULES[details.kind]
    if rule.is_number_required and not details.number:
        raise DomainError(N_("请填写编号。"), field="number")
    if details.issued_on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="issued_on")
    if details.issued_on < EARLIEST:
        raise DomainError(N_("日期早于1990年，请核对。"), field="issued_on")
    if details.valid_to and not rule.has_valid_to:
        raise DomainError(N_("这类证明不另填有效期。"), field="valid_to")
    if details.valid_to and details.valid_to < details.issued_on:
        raise DomainError(N_("有效期止不能早于发证日期。"), field="valid_to")
    if rule.boards:
        _check_board(details, rule.boards)
    if details.revoked_on:
        _check_revocation(details.issued_on, details.revoked_on)


def _check_board(details: QualificationDetails, boards: Sequence[Board]) -> None:
    board = next((board for board in boards if board == details.authority), None)
    if board is None:
        raise DomainError(N_("请选择市场板块。"), field="authority")
    if board.opened_on and details.issued_on < board.opened_on:
        message = N_("%(board)s于%(opened)s开市，日期不能更早。")
        opened = board.opened_on.isoformat()
        raise DomainError(message, field="issued_on", board=board, opened=opened)


def revoke(qualification: Qualification, *, on: date, reason: str, by: Actor) -> None:
    """End a proof before its time (取消, 退库, 摘牌, 退市): from that day on it no longer counts."""
    if qualification.revoked_on:
        day = qualification.revoked_on.isoformat()
        raise Conflict(N_("这项证明已于%(day)s终止。"), field="on", day=day)
    if qualification.counts_to and on >= qualification.counts_to:
        day = qualification.counts_to.isoformat()
        raise DomainError(N_("这项证明自%(day)s起已失效，无须终止。"), field="on", day=day)
    if not reason:
        raise DomainError(N_("请填写原因。"), field="reason")
    _check_revocation(qualification.issued_on, on)
    qualification.revoked_on = on
    qualification.reason = reason
    qualification.counts_to = on
    qualification.version += 1
    changes, name = changes_of(qualification), qualification.company.name
    record("qualification.revoked", qualification, by=by, changes=changes, name=name)


def _check_revocation(issued_on: date, on: date) -> None:
    if on < issued_on:
        raise DomainError(N_("终止日期不能早于取得日期。"), field="on")
    if on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="on")


def report_operation(
    company: Company, details: OperatingDetails, *, by: Actor, version: int | None = None
) -> OperatingReport:
    """Enter a firm's cumulative figures, or correct those of the same period that nobody has verified yet.

    A correction carries the `version` that was seen; AlreadyRecorded without it, or once the figures are verified.
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
    if version is None or found.state == ReportState.VERIFIED:
        raise AlreadyRecorded(
            N_("该期经营数据已填报，请在列表中查看或更正。"), field="through_month"
        )
    found.expect_version(version)
    found.revenue, found.assets, found.staff = details.revenue, details.assets, details.staff
    found.size_class = row["size_class"]
    found.state, found.reported_by_id = ReportState.PENDING, by.id
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
        raise AlreadyRecorded(message, field="through_month") from None
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
        raise AlreadyRecorded(N_("有企业的同期经营数据重复，未写入任何一条。")) from None
    _record_bulk("operating_report.entered_many", rows, by=by)
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
    if not EARLIEST.year <= details.year <= clock.today().year:
        raise DomainError(N_("年份有误，请核对。"), field="year")
    if not 1 <= details.through_month <= 12:
        raise DomainError(N_("月份应为1至12。"), field="through_month")
    if details.period_end_on > clock.today():
        raise DomainError(N_("这一期尚未结束，不能填报。"), field="through_month")
    figures = {"revenue": details.revenue, "assets": details.assets, "staff": details.staff}
    if all(figure is None for figure in figures.values()):
        raise DomainError(N_("请至少填写一项数据。"), field="revenue")
    for name, figure in figures.items():
        if figure is not None and figure < 0:
            raise DomainError(N_("不能为负数。"), field=name)
    if details.staff is not None and details.staff > MOST_STAFF:
        raise DomainError(N_("人数过大，请核对。"), field="staff")


def verify(report: OperatingReport, *, by: Actor, version: int | None = None) -> None:
    """Confirm the figures; not by who entered them, and not others than those that were seen (`version`)."""
    _review(report, ReportState.VERIFIED, by=by, version=version)
    changes, name = changes_of(report), report.company.name
    record("operating_report.verified", report, by=by, changes=changes, name=name)


def send_back(
    report: OperatingReport, *, reason: str, by: Actor, version: int | None = None
) -> None:
    """Return the figures to who entered them, with the reason; they can be corrected and entered again."""
    if not reason:
        raise DomainError(N_("请填写原因。"), field="reason")
    _review(report, ReportState.RETURNED, by=by, version=version)
    changes, name = changes_of(report), report.company.name
    record("operating_report.returned", report, by=by, changes=changes, name=name, reason=reason)


def _review(report: OperatingReport, state: ReportState, *, by: Actor, version: int | None) -> None:
    if report.reported_by_id is not None and report.reported_by_id == by.id:
        raise SamePerson(N_("填报人不能核验自己填报的数据，请由他人核验。"))
    if report.state != ReportState.PENDING:
        raise Conflict(N_("这期数据已%(state)s，无须再次核验。"), state=report.state)
    report.expect_version(version)
    report.state = state
    report.verified_by_id = by.id


def _record_bulk(action: str, rows: Sequence[tuple[int, Any]], *, by: Actor) -> None:
    digest = hashlib.sha256()
    for company_id, details in rows:
        line = json.dumps([company_id, vars(details)], default=str, ensure_ascii=False)
        digest.update(line.encode())
    record(action, None, by=by, count=len(rows), sha256=digest.hexdigest())
