"""核验 of evidence: by source document, whatever the register; one record at a time on its page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all

from crm.audit import verification
from crm.audit.batches import Batch, Queue
from crm.audit.services import Actor
from crm.audit.verification import VerificationState
from crm.core.db import session
from crm.evidence.kind import Kind
from crm.evidence.kinds import KINDS
from crm.evidence.models import Evidence
from crm.evidence.queries import visible_to
from crm.people.models import User
from crm.people.scope import Scope

ACTION = "evidence"


def waiting(kind: Kind, scope: Scope) -> Select[Any]:
    model: Any = kind.model
    return visible_to(kind, scope).where(model.state == VerificationState.PENDING)


def waiting_for(scope: Scope, reader: Actor) -> tuple[int, datetime | None]:
    """How many of all registers wait for this person, and since when the oldest of them does; one statement."""
    parts = []
    for kind in KINDS.values():
        model: Any = kind.model
        others = waiting(kind, scope).where(model.reported_by_id.is_distinct_from(reader.id))
        parts.append(
            others.with_only_columns(
                func.count(model.id).label("number"), func.min(model.recorded_at).label("since")
            )
        )
    together = union_all(*parts).subquery().c
    number, since = session.execute(
        select(func.sum(together.number), func.min(together.since))
    ).one()
    return int(number or 0), since


def batches(scope: Scope, reader: Actor) -> list[tuple[Kind, Batch]]:
    """What waits, by register and source document, the newest first."""
    found = [
        (kind, batch)
        for kind in KINDS.values()
        for batch in QUEUES[kind.key].batches(waiting(kind, scope), reader)
    ]
    return sorted(found, key=lambda pair: pair[1].newest, reverse=True)


def verify(found: Evidence, *, by: Actor, version: int | None) -> None:
    """Confirm one record as it was seen. Raises SamePerson, Conflict, StaleRecord."""
    verification.confirm(found, ACTION, name=found.title, by=by, version=version)


def send_back(found: Evidence, *, reason: str, by: Actor, version: int | None) -> None:
    """Return one record, with the reason. Raises as `verify` does."""
    verification.give_back(found, ACTION, name=found.title, reason=reason, by=by, version=version)


def _queue(kind: Kind) -> Queue:
    model: Any = kind.model

    def rows(query: Select[Any]) -> Select[*tuple[Any, ...]]:
        return (
            query.outerjoin(User, User.id == model.reported_by_id)
            .with_only_columns(
                model.id, model.version, model.source, model.recorded_at, model.reported_by_id,
                model.title, model.holder, model.happened_on, model.company_id,
                model.counted_unit_id, User.name.label("reporter"), literal(kind.label).label("register"),
            )
            .order_by(model.id)
        )  # fmt: skip

    return Queue(model, ACTION, rows, ("register",))


QUEUES: Mapping[str, Queue] = {key: _queue(kind) for key, kind in KINDS.items()}
