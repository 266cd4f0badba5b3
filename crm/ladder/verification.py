"""核验 of proofs: what was recorded waits for a second person, who confirms a whole source document at once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select

from crm.audit import verification
from crm.audit.batches import Batch, Queue
from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.ladder.models import Qualification, QualificationLabel
from crm.ladder.queries import Rows, visible_qualifications
from crm.people.models import User
from crm.people.scope import Scope


def waiting(scope: Scope) -> Select[Qualification]:
    return visible_qualifications(scope).where(Qualification.state == VerificationState.PENDING)


def waiting_for(scope: Scope, reader: User) -> tuple[int, datetime | None]:
    """How many wait for this person, and since when the oldest of them does."""
    return QUEUE.waiting_for(waiting(scope), reader)


def batches(scope: Scope, reader: User) -> list[Batch]:
    """What waits, by source document, the newest first."""
    return QUEUE.batches(waiting(scope), reader)


def batch(scope: Scope, source: str, reader: User) -> tuple[Batch | None, Sequence[Row[Any]]]:
    """One source document with the first of its proofs."""
    return QUEUE.batch(waiting(scope), source, reader)


def verify_batch(
    scope: Scope,
    source: str,
    *,
    seen: str,
    by: User,
    exceptions: Collection[int] = (),
    reason: str = "",
) -> tuple[int, int]:
    """Confirm all that was seen of a source document but for the exceptions. Raises as Queue.verify does."""
    asked = waiting(scope)
    return QUEUE.verify(asked, source, seen=seen, by=by, exceptions=exceptions, reason=reason)


def verify(qualification: Qualification, *, by: User, version: int | None) -> None:
    """Confirm one proof as it was seen. Raises SamePerson, Conflict, StaleRecord."""
    name = qualification.company.name
    verification.confirm(qualification, QUEUE.action, name=name, by=by, version=version)


def send_back(qualification: Qualification, *, reason: str, by: User, version: int | None) -> None:
    """Return one proof, with the reason; it can be corrected and waits anew. Raises as `verify` does."""
    name = qualification.company.name
    verification.give_back(
        qualification, QUEUE.action, name=name, reason=reason, by=by, version=version
    )


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


QUEUE = Queue(Qualification, "qualification", _rows, ("label", "kind"))
