"""What we ask of the log."""

import json
from collections.abc import Collection, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select

from crm.audit.chain import GENESIS, HASHED, chain_hash
from crm.audit.models import AuditEntry
from crm.core.db import Base, session


def entries(
    *, actor_id: int | None = None, kinds: Collection[str] = (), before: int | None = None
) -> Select[AuditEntry]:
    """The log, newest first; `before` continues a page from an entry's number."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    if actor_id is not None:
        query = query.where(AuditEntry.actor_id == actor_id)
    if kinds:
        action = AuditEntry.action + "."  # "logout" is all of its kind
        query = query.where(or_(*(action.startswith(f"{one}.", autoescape=True) for one in kinds)))
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


@dataclass(frozen=True)
class Head:
    """An end of the chain that was found good: up to which entry, and its hash."""

    number: int
    hash: str


START = Head(0, GENESIS)


def verify(since: Head = START) -> Verdict:
    """Walk the chain, the whole of it or on from an earlier end, which must still stand as it was.

    A changed entry breaks its own hash, a removed or reordered one the numbering or the link.
    """
    here = select(AuditEntry.hash).where(AuditEntry.id == since.number)
    if since != START and session.scalar(here) != since.hash:
        return Verdict(0, GENESIS, since.number)
    with closing(_walk(since.number)) as rows:
        return _check(rows, since)


def _check(rows: Iterable[dict[str, Any]], since: Head) -> Verdict:
    previous, number = since.hash, since.number
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


def _walk(after: int) -> Generator[dict[str, Any]]:
    columns = [getattr(AuditEntry, name) for name in (*HASHED, "hash")]
    query = select(*columns).where(AuditEntry.id > after).order_by(AuditEntry.id)
    result = session.execute(query.execution_options(yield_per=2000))
    with closing(result):
        for row in result:
            yield dict(row._mapping)
