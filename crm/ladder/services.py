"""What we do about proofs: record, correct, note a renewal. Verification is in verification.py, the end in revocations.py."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, Changes, changes_of, record, record_many
from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.core import clock
from crm.core.bulk import next_ids, write_many
from crm.core.db import BULK, session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.ladder import counting_day
from crm.ladder.models import (
    Level,
    Qualification,
    QualificationKind,
    QualificationLabel,
    Specialty,
)
from crm.ladder.qualifications import RULES, Board, period
from crm.reference.models import AboveScaleRule

CHUNK = 5000
EARLIEST = date(1990, 1, 1)
BESIDE_THE_COUNT = (
    "name_on_it", "level", "batch", "announced_on", "received_on", "reports_from_on", "specialty", "source",
)  # fmt: skip
"""What may change on a verified proof without another verification: 更名 keeps number and validity."""


class AlreadyRecorded(Conflict):
    """The firm has this number of this kind already."""


@dataclass(frozen=True)
class QualificationDetails:
    """One proof as it stands on its certificate. What follows `specialty` is for imports and demo data."""

    kind: QualificationKind
    number: str
    issued_on: date
    label_id: int | None = None
    name_on_it: str = ""
    authority: str = ""
    level: Level | None = None
    batch: str = ""
    announced_on: date | None = None
    received_on: date | None = None
    valid_to: date | None = None
    is_renewal: bool = False
    is_moved_in: bool = False
    source: str = ""
    reports_from_on: date | None = None
    specialty: Specialty | None = None
    renewal_filed_on: date | None = None
    revoked_on: date | None = None
    reason: str = ""
    recorded_at: datetime | None = None
    state: VerificationState = VerificationState.PENDING
    reported_by_id: int | None = None
    verified_by_id: int | None = None


_NAMES = [field.name for field in fields(QualificationDetails)]
TYPED = _NAMES[: _NAMES.index("specialty") + 1]  # what a person gives


def award(company: Company, details: QualificationDetails, *, by: Actor) -> Qualification:
    """Record a proof. Raises AlreadyRecorded for the same number twice, DomainError for dates that cannot be."""
    terms = terms_of([details])
    qualification = Qualification(**qualification_row(company.id, details, terms, by=by))
    changes = changes_of(qualification)
    with _once(details.kind):
        session.add(qualification)
    record("qualification.awarded", qualification, by=by, changes=changes, name=company.name)
    return qualification


def award_many(rows: Sequence[tuple[int, QualificationDetails]], *, by: Actor) -> list[int]:
    """Record many proofs, each with its firm's id: all or none, one entry in the log. Their own ids in order."""
    terms = terms_of([details for _, details in rows])
    ids = next_ids(Qualification, len(rows))
    found = [
        {"id": id_, **qualification_row(company_id, details, terms, by=by)}
        for id_, (company_id, details) in zip(ids, rows, strict=True)
    ]
    try:
        with session.begin_nested():
            for start in range(0, len(found), CHUNK):
                chunk = found[start : start + CHUNK]
                session.execute(insert(Qualification), chunk, execution_options=BULK)
    except IntegrityError:
        raise AlreadyRecorded(N_("有企业的同类证明编号重复，未写入任何一条。")) from None
    record_many("qualification.awarded_many", rows, by=by)
    return ids


def correct(
    qualification: Qualification, details: QualificationDetails, *, by: Actor, version: int | None
) -> bool:
    """Put right what stands on it; the log keeps what stood there. Returns whether it waits for verification.

    Anything that decides whether it counts asks a second person anew; a new name on the same certificate (更名) does not.
    Raises StaleRecord, AlreadyRecorded, DomainError.
    """
    qualification.hold(version)
    with _once(details.kind):
        correct_many([(qualification, details)], by=by)
    return qualification.state == VerificationState.PENDING


def correct_many(
    corrections: Sequence[tuple[Qualification, QualificationDetails]], *, by: Actor
) -> list[Changes]:
    """The same for many that the caller holds, with their firms; what changed of each. Raises IntegrityError, DomainError."""
    terms = terms_of([details for _, details in corrections])
    with session.no_autoflush:
        changed = [_put_right(one, details, terms, by=by) for one, details in corrections]
    write_many([one for one, _ in corrections])
    return changed


def details_of(qualification: Qualification) -> QualificationDetails:
    """What stands on it now, in the words of `TYPED`."""
    return QualificationDetails(**{name: getattr(qualification, name) for name in TYPED})


def file_renewal(
    qualification: Qualification, *, on: date | None, by: Actor, version: int | None
) -> None:
    """Note the day on which its renewal was applied for (None: it was not). Raises StaleRecord, DomainError."""
    qualification.expect_version(version)
    _note_renewal(qualification, on, by)


def file_renewals(held: Iterable[Qualification], *, on: date, by: Actor) -> None:
    """The same for many, which the caller holds (FOR UPDATE) with their firms."""
    for qualification in held:
        qualification.version += 1
        _note_renewal(qualification, on, by)


def _note_renewal(qualification: Qualification, on: date | None, by: Actor) -> None:
    last = qualification.last_day
    if qualification.kind != QualificationKind.HIGH_TECH or last is None:
        raise DomainError(N_("只有高新技术企业证书登记重新认定申报。"), field="on")
    if on and on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="on")
    if on and on.year != last.year:
        raise DomainError(
            N_("重新认定在证书到期当年（%(year)s年）申报。"), field="on", year=last.year
        )
    qualification.renewal_filed_on = on
    changes, name = changes_of(qualification), qualification.company.name
    record("qualification.renewal_filed", qualification, by=by, changes=changes, name=name)


@contextmanager
def _once(kind: QualificationKind) -> Iterator[None]:
    """The unique index judges whether the firm has this number already."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError:
        message = N_("这家企业已登记过相同编号的%(kind)s。")
        raise AlreadyRecorded(message, field="number", kind=kind) from None


@dataclass(frozen=True)
class Terms:
    """What decides the period of some proofs beside their own days: their labels, and the rule of 规上."""

    labels: Mapping[int, QualificationLabel]
    rules: Sequence[AboveScaleRule]

    def label_of(self, details: QualificationDetails) -> QualificationLabel | None:
        return self.labels.get(details.label_id or 0)

    def period_of(
        self, details: QualificationDetails, revoked_on: date | None
    ) -> tuple[date, date | None]:
        is_above_scale = details.kind == QualificationKind.ABOVE_SCALE
        return period(
            details.kind,
            details.issued_on,
            details.valid_to,
            revoked_on,
            self.label_of(details),
            counting_day.first_day(details, self.rules) if is_above_scale else None,
        )


def terms_of(found: Collection[QualificationDetails]) -> Terms:
    ids = {details.label_id for details in found} - {None}
    query = select(QualificationLabel).where(QualificationLabel.id.in_(ids))
    labels = {label.id: label for label in session.scalars(query)} if ids else {}
    is_asked = any(details.kind == QualificationKind.ABOVE_SCALE for details in found)
    return Terms(labels, session.scalars(counting_day.versions()).all() if is_asked else ())


def _put_right(
    qualification: Qualification, details: QualificationDetails, terms: Terms, *, by: Actor
) -> Changes:
    row = qualification_row(qualification.company_id, details, terms, by=by)
    if qualification.revoked_on:
        check_revocation(details.issued_on, qualification.revoked_on)
    for name in TYPED:
        setattr(qualification, name, row[name])
    qualification.counts_from, qualification.counts_to = terms.period_of(
        details, qualification.revoked_on
    )
    is_other = changes_of(qualification).keys() - set(BESIDE_THE_COUNT)
    if is_other or qualification.state == VerificationState.RETURNED:
        qualification.state = VerificationState.PENDING
        qualification.reported_by_id, qualification.verified_by_id = by.id, None
        qualification.review_note = ""
    changes = changes_of(qualification)
    qualification.version += 1
    name = qualification.company.name
    record("qualification.corrected", qualification, by=by, changes=changes, name=name)
    return changes


def qualification_row(
    company_id: int,
    details: QualificationDetails,
    terms: Terms,
    *,
    by: Actor,
) -> dict[str, Any]:
    label = terms.label_of(details)
    _check_qualification(details, label)
    row = {field.name: getattr(details, field.name) for field in fields(details)}
    row["company_id"] = company_id
    row["number"] = details.number or details.issued_on.isoformat()  # some registers give no number
    row["recorded_at"] = details.recorded_at or clock.now()
    row["reported_by_id"] = details.reported_by_id or by.id
    if label:
        row["authority"] = details.authority or label.authority
        row["level"] = details.level or label.level
    row["counts_from"], row["counts_to"] = terms.period_of(details, details.revoked_on)
    return row


def _check_qualification(details: QualificationDetails, label: QualificationLabel | None) -> None:
    rule = RULES[details.kind]
    if (details.kind == QualificationKind.LABEL) != (label is not None):
        raise DomainError(N_("请选择资质种类。"), field="label_id")
    if rule.is_number_required and not details.number:
        raise DomainError(N_("请填写编号。"), field="number")
    if details.issued_on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="issued_on")
    if details.issued_on < EARLIEST:
        raise DomainError(N_("日期早于1990年，请核对。"), field="issued_on")
    if details.received_on and details.received_on < details.issued_on:
        message = N_("%(received)s不能早于%(issued)s。")
        words = {"received": rule.received_label, "issued": rule.issued_label}
        raise DomainError(message, field="received_on", **words)
    if details.reports_from_on and details.reports_from_on.day != 1:
        raise DomainError(N_("起报月填当月1日。"), field="reports_from_on")
    if details.valid_to and not rule.has_valid_to:
        raise DomainError(N_("这类证明不另填有效期。"), field="valid_to")
    if details.valid_to and details.valid_to < details.issued_on:
        raise DomainError(N_("有效期止不能早于发证日期。"), field="valid_to")
    if rule.boards:
        _check_board(details, rule.boards)
    if details.revoked_on:
        check_revocation(details.issued_on, details.revoked_on)


def _check_board(details: QualificationDetails, boards: Sequence[Board]) -> None:
    board = next((board for board in boards if board == details.authority), None)
    if board is None:
        raise DomainError(N_("请选择市场板块。"), field="authority")
    if board.opened_on and details.issued_on < board.opened_on:
        message = N_("%(board)s于%(opened)s开市，日期不能更早。")
        opened = board.opened_on.isoformat()
        raise DomainError(message, field="issued_on", board=board, opened=opened)


def check_revocation(issued_on: date, on: date) -> None:
    """A proof ends neither before it began nor after today. Raises DomainError."""
    if on < issued_on:
        raise DomainError(N_("终止日期不能早于取得日期。"), field="on")
    if on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="on")
