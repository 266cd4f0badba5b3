"""Writing the log: `record()` only collects; the rows are numbered, chained and inserted just before the commit."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol

from sqlalchemy import event, insert, inspect, select, text
from sqlalchemy.orm import Session, SessionTransaction

from crm.audit.chain import GENESIS, chain_hash
from crm.audit.models import AuditEntry
from crm.core import clock
from crm.core.db import Base, session
from crm.core.words import N_

_PENDING = "audit.pending"
_SAVEPOINTS = "audit.savepoints"  # how many entries were pending when each open savepoint began
_CHAIN_LOCK = (
    7_041_900  # any constant: the key of PostgreSQL's advisory lock around the chain's end
)

origin: ContextVar[str] = ContextVar("audit_origin", default="command line")

Changes = Mapping[str, tuple[Any, Any]]


class Actor(Protocol):
    """Who acts: a user, or the system."""

    @property
    def id(self) -> int | None: ...
    @property
    def name(self) -> str: ...


class _System:
    id: int | None = None
    name = N_("系统")

    def may(self, _action: str) -> bool:
        """Who sits at the machine itself is not held up by rights."""
        return True


SYSTEM = _System()


def record(
    action: str,
    subject: Base | None,
    *,
    by: Actor,
    changes: Changes | None = None,
    name: str | None = None,
    **details: Any,
) -> None:
    """Note that `by` did `action` to `subject`; written with the surrounding transaction or not at all.

    `changes` maps a field to (before, after); further details are kept as they are. `name` overrides the subject's own.
    """
    session.connection()  # the transaction begins here at the latest, so that its rollback forgets the entry
    pending = session.info.setdefault(_PENDING, [])
    pending.append((action, subject, by, dict(changes or {}), name, details))


def record_many(action: str, rows: Sequence[tuple[int, Any]], *, by: Actor, **about: Any) -> None:
    """One entry for many rows of one kind, each with its firm's id: their count and a digest of what they say."""
    digest = hashlib.sha256()
    for company_id, details in rows:
        line = json.dumps([company_id, vars(details)], default=str, ensure_ascii=False)
        digest.update(line.encode())
    record(action, None, by=by, count=len(rows), sha256=digest.hexdigest(), **about)


def changes_of(subject: Base) -> dict[str, tuple[Any, Any]]:
    """The unsaved changes of a record, field → (before, after); to be called before the flush."""
    state = inspect(subject)
    found = {}
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if history.has_changes() and attribute.key != "version":
            before = history.deleted[0] if history.deleted else None
            after = history.added[0] if history.added else None
            if before != after:
                found[attribute.key] = (before, after)
    return found


def _as_json(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case date() | datetime():
            return value.isoformat()
        case Decimal():
            return str(value)
        case frozenset() | set():
            return sorted(str(item) for item in value)
        case _:
            return str(value)


def _write_pending(orm_session: Session) -> None:
    if orm_session.in_nested_transaction():
        return  # only a savepoint is released: the chain waits for the commit itself
    pending = orm_session.info.pop(_PENDING, None)
    if not pending:
        return
    orm_session.flush()  # new subjects get their ids
    if orm_session.get_bind().dialect.name == "postgresql":
        orm_session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    last = orm_session.execute(
        select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    ).first()
    number, previous = (last.id, last.hash) if last else (0, GENESIS)
    rows = []
    for action, subject, by, changes, name, details in pending:
        number += 1
        details = {**details, **({"changes": changes} if changes else {})}
        row = {
            "id": number,
            "at": clock.now().isoformat(timespec="microseconds"),
            "actor_id": by.id,
            "actor": by.name,
            "origin": origin.get(),
            "action": action,
            "subject_type": subject.__tablename__ if subject is not None else "",
            "subject_id": getattr(subject, "id", None),
            "subject": name or str(getattr(subject, "name", "") or ""),
            "details": json.dumps(details, ensure_ascii=False, default=_as_json, sort_keys=True),
            "previous_hash": previous,
        }
        row["hash"] = previous = chain_hash(row)
        rows.append(row)
    orm_session.connection().execute(insert(AuditEntry), rows)


def _forget_pending(orm_session: Session) -> None:
    """What was rolled back was not done: all of it, or what came after the savepoint."""
    kept = orm_session.info[_SAVEPOINTS][-1] if orm_session.in_nested_transaction() else 0
    del orm_session.info.get(_PENDING, [])[kept:]


def _enter_savepoint(orm_session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        pending = orm_session.info.get(_PENDING, [])
        orm_session.info.setdefault(_SAVEPOINTS, []).append(len(pending))


def _leave_savepoint(orm_session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        orm_session.info[_SAVEPOINTS].pop()


event.listen(Session, "before_commit", _write_pending)
event.listen(Session, "after_rollback", _forget_pending)
event.listen(Session, "after_transaction_create", _enter_savepoint)
event.listen(Session, "after_transaction_end", _leave_savepoint)
