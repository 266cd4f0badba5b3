"""核验: what was recorded waits for a second person, who confirms a whole source document at once, exceptions returned."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, update

from crm.audit.services import changes_of, record
from crm.audit.verification import VerificationState, review
from crm.companies.models import Company
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.ladder.models import Qualification, QualificationLabel
from crm.ladder.queries import Rows, visible_qualifications
from crm.lists.seen import digest
from crm.people.models import User
from crm.people.scope import Scope

MOST_AT_ONCE = 2000  # proofs of one source that are looked at, and verified, together
MOST_WAITING = 20_000
CHUNK = 5000


@dataclass(frozen=True)
class Batch:
    """The proofs of one source document that wait. `own` of them the reader entered; `seen` is what was looked at."""

    source: str
    titles: tuple[str, ...]
    newest: datetime
    number: int
    own: int
    seen: str


def waiting(scope: Scope) -> Select[Qualification]:
    return visible_qualifications(scope).where(Qualification.state == VerificationState.PENDING)


def waiting_for(scope: Scope, reader: User) -> tuple[int, datetime | None]:
    """How many wait for this person, and since when the oldest of them does."""
    query = _not_by(waiting(scope), reader).with_only_columns(
        func.count(Qualification.id), func.min(Qualification.recorded_at)
    )
    number, since = session.execute(query).one()
    return number, since


def batches(scope: Scope, reader: User) -> list[Batch]:
    """What waits, by source document, the newest first; one query."""
    by_source: dict[str, list[Row[Any]]] = {}
    for row in session.execute(_rows(waiting(scope)).limit(MOST_WAITING)):
        by_source.setdefault(row.source, []).append(row)
    found = [_batch(source, rows, reader) for source, rows in by_source.items()]
    return sorted(found, key=lambda batch: batch.newest, reverse=True)


def batch(scope: Scope, source: str, reader: User) -> tuple[Batch | None, Sequence[Row[Any]]]:
    """One source document with the proofs of it that are looked at together."""
    rows = session.execute(_rows(waiting(scope).where(Qualification.source == source))).all()
    return (_batch(source, rows, reader) if rows else None), rows[:MOST_AT_ONCE]


def _rows(query: Select[Any]) -> Rows:
    return (
        query.join(Company, Company.id == Qualification.company_id)
        .outerjoin(QualificationLabel, QualificationLabel.id == Qualification.label_id)
        .outerjoin(User, User.id == Qualification.reported_by_id)
        .with_only_columns(
            Qualification.id, Qualification.version, Qualification.source, Qualification.kind,
            QualificationLabel.name.label("label"), Qualification.number, Qualification.issued_on,
            Qualification.name_on_it, Qualification.recorded_at, Qualification.reported_by_id,
            Company.id.label("company_id"), Company.name.label("company"), User.name.label("reporter"),
        )
        .order_by(Qualification.id)
    )  # fmt: skip


def _batch(source: str, rows: Sequence[Row[Any]], reader: User) -> Batch:
    return Batch(
        source,
        tuple(dict.fromkeys(row.label or row.kind.label for row in rows)),
        max(row.recorded_at for row in rows),
        len(rows),
        sum(row.reported_by_id == reader.id for row in rows),
        _digest(rows[:MOST_AT_ONCE]),
    )


def _digest(rows: Sequence[Row[Any]]) -> str:
    return digest((row.id, row.version) for row in rows)


def verify_batch(
    scope: Scope,
    source: str,
    *,
    seen: str,
    by: User,
    exceptions: Collection[int] = (),
    reason: str = "",
) -> tuple[int, int]:
    """Confirm all that was seen of a source document; `exceptions` go back, with the reason. How many of each.

    What the verifier entered goes on waiting for somebody else. Raises Conflict where something was added or changed since.
    """
    query = waiting(scope).where(Qualification.source == source).with_for_update(of=Qualification)
    session.scalars(query.with_only_columns(Qualification.id).order_by(Qualification.id)).all()
    rows = session.execute(_rows(waiting(scope).where(Qualification.source == source))).all()
    if not rows:
        raise Conflict(N_("这一批已没有待核的证明。"))
    if _digest(rows[:MOST_AT_ONCE]) != seen:
        raise Conflict(N_("这一批在您打开之后有增减或更正，请重新核对。"))
    mine = [row for row in rows[:MOST_AT_ONCE] if row.reported_by_id != by.id]
    returned = [row.id for row in mine if row.id in exceptions]
    verified = [row.id for row in mine if row.id not in exceptions]
    if returned and not reason:
        raise DomainError(N_("请填写退回的原因。"), field="reason")
    _settle(verified, VerificationState.VERIFIED, by)
    _settle(returned, VerificationState.RETURNED, by, reason)
    about: dict[str, Any] = {"by": by, "source": source, "sha256": seen}
    if verified:
        record("qualification.verified_many", None, count=len(verified), **about)
    if returned:
        record("qualification.returned_many", None, count=len(returned), reason=reason, **about)
    return len(verified), len(returned)


def _settle(ids: Sequence[int], state: VerificationState, by: User, note: str = "") -> None:
    for start in range(0, len(ids), CHUNK):
        session.execute(
            update(Qualification)
            .where(Qualification.id.in_(ids[start : start + CHUNK]))
            .values(
                state=state,
                verified_by_id=by.id,
                review_note=note,
                version=Qualification.version + 1,
            )
        )


def verify(qualification: Qualification, *, by: User, version: int | None) -> None:
    """Confirm one proof as it was seen. Raises SamePerson, Conflict, StaleRecord."""
    review(qualification, VerificationState.VERIFIED, by=by, version=version)
    qualification.review_note = ""
    changes, name = changes_of(qualification), qualification.company.name
    record("qualification.verified", qualification, by=by, changes=changes, name=name)


def send_back(qualification: Qualification, *, reason: str, by: User, version: int | None) -> None:
    """Return one proof, with the reason; it can be corrected and waits anew. Raises as `verify` does."""
    if not reason:
        raise DomainError(N_("请填写原因。"), field="reason")
    review(qualification, VerificationState.RETURNED, by=by, version=version)
    qualification.review_note = reason
    changes, name = changes_of(qualification), qualification.company.name
    record("qualification.returned", qualification, by=by, changes=changes, name=name)


def _not_by(query: Select[Any], reader: User) -> Select[Any]:
    return query.where(Qualification.reported_by_id.is_distinct_from(reader.id))
