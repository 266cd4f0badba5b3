"""Many records changed at once, and put back as they were: what an import does to what is there already."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row as Found
from sqlalchemy import delete, insert, select, update

from crm.audit.services import Actor, record, record_many
from crm.audit.verification import VerificationState
from crm.core import clock
from crm.core.columns import Choice
from crm.core.db import session
from crm.core.errors import DomainError, StaleRecord
from crm.core.words import N_
from crm.evidence import services
from crm.evidence.counting import recount_records
from crm.evidence.kind import Kind
from crm.evidence.models import CoHolder
from crm.evidence.services import Row

CHUNK = 5000
NAMED = 5
_BESIDE_FACTS = (
    "company_id", "unit_id", "natural_key", "state", "reported_by_id", "verified_by_id", "review_note",
)  # fmt: skip
_WAITING = ("state", "reported_by_id", "verified_by_id", "review_note")
_CO_HOLDERS = "co_holder_ids"

Before = Mapping[str, Any]
"""A record's columns as JSON values."""


@dataclass(frozen=True)
class Amendment:
    """A record as it is to be; `is_counted` where figures rest on what changes."""

    record_id: int
    version: int
    row: Row
    is_counted: bool


def amend_many(kind: Kind, amendments: Sequence[Amendment], *, by: Actor) -> Mapping[int, Before]:
    """Change many records, all or none; what each was before. Raises StaleRecord, AlreadyRecorded, DomainError."""
    before = _held(kind, [one.record_id for one in amendments])
    if any(before[one.record_id]["version"] != one.version for one in amendments):
        raise StaleRecord
    ready = services.columns_of(kind, [one.row for one in amendments], by)
    waiting, others = list[dict[str, Any]](), list[dict[str, Any]]()
    for one, columns in zip(amendments, ready, strict=True):
        del columns["recorded_at"]
        row = {**columns, "id": one.record_id, "version": one.version + 1}
        is_returned = before[one.record_id]["state"] == VerificationState.RETURNED.value
        if one.is_counted or is_returned:
            waiting.append({**row, "reported_by_id": by.id, "review_note": ""})
        else:
            others.append({name: value for name, value in row.items() if name not in _WAITING})
    _write(kind, waiting)
    _write(kind, others)
    _share(kind, {one.record_id: one.row.co_holder_ids for one in amendments})
    told = [(one.row.company_id or 0, one.row) for one in amendments]
    record_many("evidence.corrected_many", told, by=by, register=kind.key)
    return before


def revert(kind: Kind, landed: Sequence[Any], by: Actor) -> None:
    """Take back what an import landed: new records are archived, changed ones get what they said.

    Raises DomainError naming what was changed since.
    """
    now = _held(kind, [one.record_id for one in landed])
    later = [
        now[one.record_id]["title"]
        for one in landed
        if now[one.record_id]["version"] != one.version or now[one.record_id]["is_archived"]
    ]
    if later:
        names = "、".join(later[:NAMED])
        message = N_("导入之后又有 %(n)s 条记录被修改（%(names)s），不能撤销。")
        raise DomainError(message, n=len(later), names=names)
    new = [one.record_id for one in landed if one.before is None]
    for ids in _chunks(new):
        session.execute(
            update(kind.model)
            .where(kind.model.id.in_(ids))
            .values(archived_at=clock.now(), version=kind.model.version + 1)
        )
    changed = [one for one in landed if one.before is not None]
    _write(kind, [_read_back(kind, one.record_id, one.before, one.version + 1) for one in changed])
    _share(kind, {one.record_id: tuple(one.before[_CO_HOLDERS]) for one in changed})
    record(
        "evidence.import_undone",
        None,
        by=by,
        register=kind.key,
        created=len(new),
        changed=len(changed),
    )


def _held(kind: Kind, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Records, held until the commit, as JSON values."""
    model: Any = kind.model
    names = [one.name for one in kind.stored] + list(_BESIDE_FACTS)
    query = select(
        model.id, model.version, model.archived_at, *(getattr(model, name) for name in names)
    )
    found: dict[int, dict[str, Any]] = {}
    for some in _chunks(ids):
        rows = session.execute(query.where(model.id.in_(some)).order_by(model.id).with_for_update())
        found |= {row.id: _as_json(row, names) for row in rows}
        for held in session.execute(
            select(CoHolder.record_id, CoHolder.company_id).where(
                CoHolder.kind == kind.key, CoHolder.record_id.in_(some)
            )
        ):
            found[held.record_id][_CO_HOLDERS].append(held.company_id)
    return found


def _as_json(row: Found[Any], names: Sequence[str]) -> dict[str, Any]:
    plain = {name: _plain(getattr(row, name)) for name in names}
    about = {"version": row.version, "is_archived": row.archived_at is not None, _CO_HOLDERS: []}
    return {**plain, **about}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | Decimal) else getattr(value, "value", value)


def _read_back(kind: Kind, record_id: int, before: Before, version: int) -> dict[str, Any]:
    names = [one.name for one in kind.stored] + list(_BESIDE_FACTS)
    types = {name: kind.model.__table__.c[name].type for name in names}
    row = {name: _value(types[name], before[name]) for name in names}
    return {**row, "id": record_id, "version": version}


def _value(kind: Any, plain: Any) -> Any:
    """As the column takes it."""
    if plain is None or isinstance(kind, Choice):
        return plain and kind.kind(plain)
    if kind.python_type is date:
        return date.fromisoformat(plain)
    return Decimal(plain) if isinstance(plain, str) and kind.python_type is not str else plain


def _write(kind: Kind, rows: Sequence[dict[str, Any]]) -> None:
    with services.once(kind):
        for start in range(0, len(rows), CHUNK):
            session.execute(update(kind.model), rows[start : start + CHUNK])


def _share(kind: Kind, holders: Mapping[int, Sequence[int]]) -> None:
    """The further firms of records anew, and where all count."""
    for ids in _chunks(holders) if kind.is_shared else ():
        session.execute(
            delete(CoHolder).where(CoHolder.kind == kind.key, CoHolder.record_id.in_(ids))
        )
    rows = [
        {"kind": kind.key, "record_id": record_id, "company_id": company_id}
        for record_id, company_ids in holders.items()
        for company_id in company_ids
    ]
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(CoHolder), rows[start : start + CHUNK])
    recount_records(kind, list(holders))


def _chunks(ids: Collection[int]) -> Iterator[list[int]]:
    listed = list(ids)
    return (listed[at : at + CHUNK] for at in range(0, len(listed), CHUNK))
