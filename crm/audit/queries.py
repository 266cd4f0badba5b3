"""What we ask of the log."""

import json
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from crm.audit.chain import GENESIS, HASHED, chain_hash
from crm.audit.models import AuditEntry
from crm.core.db import Base, session


def entries(
    *, actor_id: int | None = None, action: str | None = None, before: int | None = None
) -> Select[AuditEntry]:
    """The log, newest first; `before` continues a page from an entry's number."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    if actor_id is not None:
        query = query.where(AuditEntry.actor_id == actor_id)
    if action:
        query = query.where(AuditEntry.action.startswith(action, autoescape=True))
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return query


def history_of(subject: Base) -> Select[AuditEntry]:
    """What was done to one record, newest first."""
    return (
        select(AuditEntry)
        .where(
            AuditEntry.subject_type == subject.__tablename__,
            AuditEntry.subject_id == subject.id,  # type: ignore[attr-defined]
        )
        .order_by(AuditEntry.id.desc())
    )


def details_of(entry: AuditEntry) -> dict[str, Any]:
    return dict(json.loads(entry.details))


@dataclass(frozen=True)
class Verdict:
    """What checking the chain found: how many entries hold, the last hash, and the number of the first bad entry."""

    checked: int
    last_hash: str
    first_bad: int | None


def verify() -> Verdict:
    """Walk the whole chain. A changed entry breaks its own hash, a removed or reordered one the numbering or the link."""
    with closing(_walk()) as rows:
        return _check(rows)


def _check(rows: Iterable[dict[str, Any]]) -> Verdict:
    previous, number = GENESIS, 0
    for row in rows:
        number += 1
        if (
            row["id"] != number
            or row["previous_hash"] != previous
            or chain_hash(row) != row["hash"]
        ):
            return Verdict(number - 1, previous, row["id"])
        previous = row["hash"]
    return Verdict(number, previous, None)


def _walk() -> Generator[dict[str, Any]]:
    columns = [getattr(AuditEntry, name) for name in (*HASHED, "hash")]
    result = session.execute(
        select(*columns).order_by(AuditEntry.id).execution_options(yield_per=2000)
    )
    with closing(result):
        for row in result:
            yield dict(row._mapping)
