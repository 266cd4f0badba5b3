"""The end of a proof before its time: one person reports it, a second one verifies it, and only then it counts no longer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager, joinedload

from crm.audit.services import Actor, changes_of, record, record_many
from crm.audit.verification import SamePerson, VerificationState, review
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.core.words import N_
from crm.ladder.models import Qualification, Revocation
from crm.ladder.queries import visible_qualifications
from crm.ladder.services import check_revocation
from crm.people.models import User
from crm.people.scope import Scope

MOST_AT_ONCE = 200
PENDING, VERIFIED = VerificationState.PENDING, VerificationState.VERIFIED


@dataclass(frozen=True)
class RevocationRow:
    """One end as demo data gives it."""

    qualification_id: int
    revoked_on: date
    reason: str
    source: str
    reported_by_id: int | None


# What we ask


def visible_revocations(scope: Scope) -> Select[Revocation]:
    proofs = visible_qualifications(scope).with_only_columns(Qualification.id)
    return select(Revocation).where(Revocation.qualification_id.in_(proofs))


def revocations_of(qualification_id: int) -> Select[Revocation]:
    """What was reported of one proof, the newest first."""
    return (
        select(Revocation)
        .options(joinedload(Revocation.reported_by), joinedload(Revocation.verified_by))
        .where(Revocation.qualification_id == qualification_id)
        .order_by(Revocation.id.desc())
    )


def waiting_of(qualification_ids: Collection[int]) -> Mapping[int, Revocation]:
    """Of these proofs the ends that wait for a second person."""
    found = select(Revocation).where(
        Revocation.qualification_id.in_(qualification_ids), Revocation.state == PENDING
    )
    return {one.qualification_id: one for one in session.scalars(found)}


def waiting(scope: Scope) -> Select[Revocation]:
    return visible_revocations(scope).where(Revocation.state == PENDING)


def queue(scope: Scope) -> Sequence[Revocation]:
    """The first of what waits, with their proofs and firms, those of one notice together."""
    query = _with_proofs(waiting(scope)).options(joinedload(Revocation.reported_by))
    return session.scalars(query.limit(MOST_AT_ONCE)).all()


def _with_proofs(query: Select[Revocation]) -> Select[Revocation]:
    proof = contains_eager(Revocation.qualification)
    firm, label = joinedload(Qualification.company), joinedload(Qualification.label)
    return (
        query.join(Revocation.qualification)
        .options(proof.options(firm, label))
        .order_by(Revocation.source, Revocation.id)
    )


def waiting_for(scope: Scope, reader: User) -> tuple[int, datetime | None]:
    """How many wait for this person, and since when the oldest of them does."""
    query = waiting(scope).where(Revocation.reported_by_id.is_distinct_from(reader.id))
    columns = func.count(Revocation.id), func.min(Revocation.recorded_at)
    number, since = session.execute(query.with_only_columns(*columns)).one()
    return number, since


# What we do


def report(
    proof: Qualification, *, on: date, reason: str, source: str = "", by: Actor
) -> Revocation:
    """Report the end of a proof. Raises Conflict where it ended or an end of it waits, DomainError for a day that cannot be."""
    if proof.revoked_on:
        message = N_("这项证明已于%(day)s终止。")
        raise Conflict(message, field="on", day=proof.revoked_on.isoformat())
    if proof.counts_to and on >= proof.counts_to:
        message = N_("这项证明自%(day)s起已失效，无须终止。")
        raise DomainError(message, field="on", day=proof.counts_to.isoformat())
    if not reason:
        raise DomainError(N_("请填写原因。"), field="reason")
    check_revocation(proof.issued_on, on)
    found = Revocation(
        qualification=proof, revoked_on=on, reason=reason, source=source, reported_by_id=by.id
    )
    try:
        with session.begin_nested():
            session.add(found)
    except IntegrityError:
        raise Conflict(N_("这项证明的终止已登记，正待他人核验。"), field="on") from None
    action, name = "qualification.revocation_reported", proof.company.name
    record(action, proof, by=by, name=name, on=on, reason=reason, source=source)
    return found


def report_many(rows: Sequence[RevocationRow], *, by: Actor) -> None:
    """Report many ends, one entry in the log."""
    if rows:
        values = [vars(row) | {"recorded_at": clock.now()} for row in rows]
        session.execute(insert(Revocation), values, execution_options=BULK)
    record_many(
        "qualification.revocations_reported", [(r.qualification_id, r) for r in rows], by=by
    )


def verify(scope: Scope, seen: Mapping[int, int], *, by: User) -> int:
    """Confirm those ends (number → version as it was seen): each proof counts until its day. Returns how many.

    What the verifier reported goes on waiting for somebody else. Raises StaleRecord where one is not as it was seen,
    SamePerson where nothing of it may be confirmed.
    """
    found = session.scalars(
        _with_proofs(waiting(scope).where(Revocation.id.in_(seen)))
        .with_for_update(of=(Revocation, Qualification))
        .execution_options(populate_existing=True)
    ).all()
    if {one.id: one.version for one in found} != seen:
        raise StaleRecord
    mine = [one for one in found if one.reported_by_id != by.id]
    if not mine:
        raise SamePerson(N_("登记人不能核验自己登记的终止，请由他人核验。"))
    for one in mine:
        one.state, one.verified_by_id, one.version = VERIFIED, by.id, one.version + 1
        _end(one.qualification, one, by)
    return len(mine)


def send_back(found: Revocation, *, reason: str, by: User, version: int | None) -> None:
    """Return one end, with the reason: the proof goes on counting. Raises SamePerson, Conflict, StaleRecord."""
    if not reason:
        raise DomainError(N_("请填写原因。"), field="reason")
    review(found, VerificationState.RETURNED, by=by, version=version)
    found.review_note = reason
    proof = found.qualification
    record(
        "qualification.revocation_returned", proof, by=by, name=proof.company.name, reason=reason
    )


def _end(proof: Qualification, found: Revocation, by: Actor) -> None:
    """From its day on the proof counts no longer; one that ended before it counted never does."""
    day = max(proof.counts_from, found.revoked_on)
    proof.revoked_on, proof.reason = found.revoked_on, found.reason
    proof.counts_to = min(proof.counts_to, day) if proof.counts_to else day
    proof.version += 1
    changes, name = changes_of(proof), proof.company.name
    record("qualification.revoked", proof, by=by, changes=changes, name=name)
