"""What we do about the ladder: record proofs and revoke them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record, record_many
from crm.companies.models import Company
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.qualifications import RULES, Board, period

CHUNK = 5000
EARLIEST = date(1990, 1, 1)


class AlreadyRecorded(Conflict):
    """The firm has this number of this kind already."""


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
    record_many("qualification.awarded_many", rows, by=by)
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
