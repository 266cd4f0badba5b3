"""What we do about evidence: record, correct, archive. Verification is in verification.py, imports in importing.py."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record, record_many
from crm.audit.verification import VerificationState
from crm.companies.models import Company, CompanyKind
from crm.companies.residence import scope_for
from crm.core import clock
from crm.core.bulk import next_ids
from crm.core.db import BULK, session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.evidence.counting import recount_records
from crm.evidence.kind import Kind, Values
from crm.evidence.masking import told
from crm.evidence.models import CoHolder, Evidence
from crm.people.models import Unit, User
from crm.people.scope import Scope

CHUNK = 5000
DERIVED = ("natural_key", "unit_id", "counted_unit_id", "granted_unit_id")


class AlreadyRecorded(Conflict):
    """The register has this record already, here or in another unit."""


@dataclass(frozen=True)
class Row:
    """A record as it is to be written: its facts by name, and whose it is.

    `co_holder_ids` are further park firms of a kind that is shared; `unit_id` keeps a record without a firm (the writer's own
    unit where it is not said). The rest is for demo data.
    """

    values: Values
    company_id: int | None = None
    co_holder_ids: tuple[int, ...] = ()
    unit_id: int | None = None
    state: VerificationState = VerificationState.PENDING
    reported_by_id: int | None = None
    verified_by_id: int | None = None
    recorded_at: datetime | None = None


def save(kind: Kind, row: Row, *, by: Actor) -> int:
    """Record one. Raises AlreadyRecorded, DomainError with the attribute to mend."""
    (record_id,) = _insert(kind, [row], by)
    found = session.get_one(kind.model, record_id)
    said = {name: (None, value) for name, value in facts_of(kind, found).items() if value}
    record("evidence.saved", found, by=by, name=found.title, changes=told(kind, said))
    return record_id


def save_many(kind: Kind, rows: Sequence[Row], *, by: Actor) -> list[int]:
    """Record many of one kind, all or none, one entry in the log; their ids in order."""
    ids = _insert(kind, rows, by)
    pairs = [(row.company_id or 0, row) for row in rows]
    record_many("evidence.saved_many", pairs, by=by, register=kind.key)
    return ids


def save_new(kind: Kind, rows: Sequence[Row], *, by: Actor) -> list[int]:
    """As `save_many`, without those that the register has already."""
    keys = [columns["natural_key"] for columns in columns_of(kind, rows, by)]
    model: Any = kind.model
    query = select(model.natural_key).where(
        model.archived_at.is_(None), model.natural_key.in_(keys)
    )
    there = set(session.scalars(query))
    new = {key: row for key, row in zip(keys, rows, strict=True) if key not in there}
    return save_many(kind, list(new.values()), by=by) if new else []


def correct(kind: Kind, found: Evidence, row: Row, *, by: Actor, version: int | None) -> bool:
    """Put right what a record says; the log keeps what it said. Returns whether it waits for verification.

    Anything on which a figure rests asks a second person anew. Raises StaleRecord, AlreadyRecorded, DomainError.
    """
    columns = columns_of(kind, [row], by)[0]
    before = {held.company_id for held in session.scalars(_co_holders_of(kind, found.id))}
    found.expect_version(version)
    for name in (*(one.name for one in kind.stored), "company_id", "unit_id", "natural_key"):
        setattr(found, name, columns[name])
    is_other = before != set(row.co_holder_ids)
    changes = {name: pair for name, pair in changes_of(found).items() if name not in DERIVED}
    if (
        is_other
        or any(not kind.is_beside(name) for name in changes)
        or found.state == VerificationState.RETURNED
    ):
        _wait_anew(found, by)
    with once(kind):
        session.flush()
    if is_other:
        session.execute(
            delete(CoHolder).where(CoHolder.kind == kind.key, CoHolder.record_id == found.id)
        )
        _insert_co_holders(kind, [(found.id, row)])
    recount_records(kind, [found.id])
    session.expire(found, ["unit_id", "counted_unit_id"])
    record("evidence.corrected", found, by=by, name=found.title, changes=told(kind, changes))
    return found.state == VerificationState.PENDING


def archive(found: Evidence, *, by: Actor, version: int | None) -> None:
    """Out of its register and all figures, kept to be restored. Raises StaleRecord, Conflict."""
    found.expect_version(version)
    if found.archived_at:
        raise Conflict(N_("这条记录已经归档。"))
    found.archived_at = clock.now()
    record("evidence.archived", found, by=by, name=found.title)


def restore(kind: Kind, found: Evidence, *, by: Actor) -> None:
    """Back into its register. Raises Conflict where it is not archived, AlreadyRecorded where it was recorded anew."""
    found.expect_version(None)
    if found.archived_at is None:
        raise Conflict(N_("这条记录没有归档，无需恢复。"))
    found.archived_at = None
    with once(kind):
        session.flush()
    recount_records(kind, [found.id])
    record("evidence.restored", found, by=by, name=found.title)


def facts_of(kind: Kind, found: Evidence) -> dict[str, Any]:
    """A record's facts by the names of their attributes."""
    return {one.name: getattr(found, one.name) for one in kind.stored}


def _wait_anew(found: Evidence, by: Actor) -> None:
    found.state = VerificationState.PENDING
    found.reported_by_id, found.verified_by_id, found.review_note = by.id, None, ""


def _insert(kind: Kind, rows: Sequence[Row], by: Actor) -> list[int]:
    ready = columns_of(kind, rows, by)
    ids = next_ids(kind.model, len(ready))
    for record_id, columns in zip(ids, ready, strict=True):
        columns["id"] = record_id
    with once(kind):
        for start in range(0, len(ready), CHUNK):
            chunk = ready[start : start + CHUNK]
            session.execute(insert(kind.model), chunk, execution_options=BULK)
    _insert_co_holders(kind, list(zip(ids, rows, strict=True)))
    recount_records(kind, ids)
    return ids


def _insert_co_holders(kind: Kind, rows: Sequence[tuple[int, Row]]) -> None:
    found = [
        {"kind": kind.key, "record_id": record_id, "company_id": company_id}
        for record_id, row in rows
        for company_id in row.co_holder_ids
    ]
    for start in range(0, len(found), CHUNK):
        session.execute(insert(CoHolder), found[start : start + CHUNK])


def _co_holders_of(kind: Kind, record_id: int) -> Any:
    return select(CoHolder).where(CoHolder.kind == kind.key, CoHolder.record_id == record_id)


@contextmanager
def once(kind: Kind) -> Iterator[None]:
    """The unique index judges whether the register has it already."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError:
        message = N_("“%(kind)s”中已有相同的记录（%(key)s一致）。")
        words = {"kind": kind.label, "key": kind.natural_key}
        raise AlreadyRecorded(message, field=kind.keys[0][0], **words) from None


def columns_of(kind: Kind, rows: Sequence[Row], by: Actor) -> list[dict[str, Any]]:
    """The columns of each, checked by the kind's rules and with what is derived."""
    scope = scope_for(by)
    firms = _firms(rows, scope)
    home = by.unit_id if isinstance(by, User) else None
    _expect_units({row.unit_id or home for row in rows if not row.company_id}, scope)
    return [_columns(kind, replace(row, unit_id=row.unit_id or home), firms, by) for row in rows]


def _columns(
    kind: Kind, row: Row, firms: Mapping[int, tuple[CompanyKind, int]], by: Actor
) -> dict[str, Any]:
    if row.company_id and row.company_id not in firms:
        raise DomainError(N_("这家企业不在您的数据范围内。"), field="holder")
    if kind.needs_firm and not row.company_id:
        raise DomainError(N_("没有找到这家企业，请按企业名录中的名称填写。"), field="holder")
    firm_kind, unit_id = firms.get(row.company_id or 0, (None, row.unit_id))
    values = completed(kind, row.values, firm_kind)
    for error in kind.faults(values):
        raise error
    table = kind.model.__table__
    columns = {
        one.name: values[one.name]
        if values[one.name] is not None or table.c[one.name].nullable
        else _NOTHING[table.c[one.name].type.python_type]
        for one in kind.stored
    }
    return {
        **columns,
        "company_id": row.company_id,
        "unit_id": unit_id,
        "natural_key": kind.key_of(values, row.company_id),
        "state": row.state,
        "reported_by_id": row.reported_by_id or by.id,
        "verified_by_id": row.verified_by_id,
        "recorded_at": row.recorded_at or clock.now(),
    }


_NOTHING: Mapping[type, Any] = {str: "", bool: False}


def completed(kind: Kind, values: Values, firm: CompanyKind | None) -> dict[str, Any]:
    """All facts of a record, those that were not given as None, with what the kind derives from the rest."""
    found = {one.name: values.get(one.name) for one in kind.attributes}
    kind.derive(found, firm)
    return found


def _firms(rows: Sequence[Row], scope: Scope) -> dict[int, tuple[CompanyKind, int]]:
    """The firms of the rows that lie in the writer's scope: what sort of body each is, and who keeps it."""
    ids = sorted({row.company_id for row in rows if row.company_id})
    found: dict[int, tuple[CompanyKind, int]] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(Company.id, Company.kind, Company.unit_id).where(
            Company.id.in_(ids[start : start + CHUNK]), scope.includes(Company.unit_id)
        )
        found |= {id_: (kind, unit_id) for id_, kind, unit_id in session.execute(query)}
    return found


def _expect_units(unit_ids: set[int | None], scope: Scope) -> None:
    inside = select(Unit.id).where(Unit.id.in_(unit_ids - {None}), scope.includes(Unit.id))
    if unit_ids - set(session.scalars(inside)):
        raise DomainError(N_("该单位不在您的数据范围内。"), field="unit")
