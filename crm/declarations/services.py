"""What we do with declarations: open a batch, put firms into it, take them on step by step, all or none."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record, record_many
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.core.words import N_
from crm.declarations.models import (
    Category,
    Declaration,
    DeclarationBatch,
    DeclarationStep,
    State,
)
from crm.declarations.renewals import note_filing
from crm.declarations.steps import allowed, needs_reason
from crm.ladder.models import QualificationKind, QualificationLabel

CHUNK = 2000
DECLARABLE = (
    QualificationKind.HIGH_TECH,
    QualificationKind.TECH_SME,
    QualificationKind.ABOVE_SCALE,
    QualificationKind.LABEL,  # 专精特新 …: which one says `label_id`
)
"""What is applied for in rounds; 股改, 挂牌 and 上市 are not."""


@dataclass(frozen=True)
class BatchDetails:
    """What people write about a batch; of a firm's one `programme` follows from the kind or label."""

    category: Category
    year: int
    due_on: date
    kind: QualificationKind | None = None
    label_id: int | None = None
    programme: str = ""
    number: str = ""
    opens_on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class StepRow:
    """One step of a history that comes with its declaration."""

    to_state: State
    effective_on: date
    note: str = ""
    by_id: int | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True)
class DeclarationRow:
    """A declaration with its steps so far, the first of them into the batch."""

    batch_id: int
    unit_id: int
    steps: tuple[StepRow, ...]
    company_id: int | None = None
    applicant: str = ""
    qualification_id: int | None = None


@dataclass(frozen=True)
class Fault:
    """Why one declaration of a selection cannot go on."""

    name: str
    error: DomainError


class StepsRefused(DomainError):
    """Some of a selection cannot take the step: nobody does."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(N_("有%(n)s项不能办理，全部未改动。"), n=len(faults))


def open_batch(details: BatchDetails, *, by: Actor) -> DeclarationBatch:
    """A new batch. Raises Conflict where the year has it already, DomainError."""
    batch = DeclarationBatch(**_batch_columns(details))
    _save(batch)
    record("declaration.batch_opened", batch, by=by, name=title(batch), changes=_said(details))
    return batch


def change_batch(
    batch: DeclarationBatch, details: BatchDetails, *, version: int | None, by: Actor
) -> None:
    """Correct a batch; what it is for stays once somebody is in it. Raises StaleRecord, Conflict, DomainError."""
    batch.expect_version(version)
    columns = _batch_columns(details)
    is_other = (columns["category"], columns["programme"]) != (batch.category, batch.programme)
    if is_other and session.scalar(_members_of(batch).limit(1)):
        raise DomainError(N_("批次中已有申报，不能改为其他种类。"), field="category")
    for name, value in columns.items():
        setattr(batch, name, value)
    changes = changes_of(batch)
    _save(batch)
    record("declaration.batch_changed", batch, by=by, name=title(batch), changes=changes)


def _batch_columns(details: BatchDetails) -> dict[str, Any]:
    is_firms = details.category is Category.ENTERPRISE
    if is_firms and details.kind not in DECLARABLE:
        raise DomainError(N_("请选择申报的资质。"), field="qualification")
    if not is_firms and not details.programme:
        raise DomainError(N_("请填写计划或项目名称。"), field="programme")
    if details.opens_on and details.opens_on > details.due_on:
        raise DomainError(N_("截止日期不能早于开始日期。"), field="due_on")
    columns = asdict(details)
    if is_firms:
        label = session.get(QualificationLabel, details.label_id) if details.label_id else None
        if (details.kind is QualificationKind.LABEL) != (label is not None):
            raise DomainError(N_("请选择申报的资质。"), field="qualification")
        columns["programme"] = label.name if label else details.kind
    else:
        columns["kind"] = columns["label_id"] = None
    return columns


def _said(details: BatchDetails) -> dict[str, Any]:
    return {name: (None, value) for name, value in asdict(details).items() if value}


def _save(batch: DeclarationBatch) -> None:
    try:
        with session.begin_nested():
            session.add(batch)
    except IntegrityError:
        raise Conflict(N_("这一年已有同名的批次。"), field="number") from None


def _members_of(batch: DeclarationBatch) -> Any:
    return select(Declaration.id).where(Declaration.batch_id == batch.id)


def title(batch: DeclarationBatch) -> str:
    """What the log calls a batch: 2020年高新技术企业第一批."""
    return f"{batch.year}年{getattr(batch.what, 'label', batch.what)}{batch.number}"


def declare_many(rows: Sequence[DeclarationRow], *, by: Actor) -> int:
    """Put firms, persons, teams into batches, with what was done before if anything. How many; raises Conflict."""
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        statement = insert(Declaration).returning(Declaration.id, sort_by_parameter_order=True)
        try:
            with session.begin_nested():
                ids = session.scalars(statement, [_declaration_columns(row) for row in chunk]).all()
        except IntegrityError:
            raise Conflict(N_("所选企业已在这个批次中。")) from None
        steps = [
            columns
            for number, row in zip(ids, chunk, strict=True)
            for columns in _step_columns(number, row, by)
        ]
        session.execute(insert(DeclarationStep), steps, execution_options=BULK)
    if rows:
        record_many("declaration.added", [(row.company_id or 0, row) for row in rows], by=by)
    return len(rows)


def _declaration_columns(row: DeclarationRow) -> dict[str, Any]:
    last = row.steps[-1]
    return {
        "batch_id": row.batch_id,
        "company_id": row.company_id,
        "applicant": row.applicant,
        "unit_id": row.unit_id,
        "state": last.to_state,
        "state_on": last.effective_on,
        "qualification_id": row.qualification_id,
        "recorded_at": row.steps[0].recorded_at or clock.now(),
        "version": 1,
    }


def _step_columns(number: int, row: DeclarationRow, by: Actor) -> list[dict[str, Any]]:
    before = (None, *(step.to_state for step in row.steps))
    return [
        {
            "declaration_id": number,
            "from_state": from_state,
            "to_state": step.to_state,
            "effective_on": step.effective_on,
            "by_id": step.by_id or by.id,
            "note": step.note,
            "recorded_at": step.recorded_at or clock.now(),
        }
        for from_state, step in zip(before, row.steps, strict=False)
    ]


def step_many(
    declarations: Sequence[Declaration],
    to_state: State,
    *,
    on: date,
    note: str = "",
    versions: Mapping[int, int],
    by: Actor,
) -> None:
    """Take a selection to a state, all or none. The caller holds the rows (FOR UPDATE).

    Raises StepsRefused with every fault at once. 认定 asks for what it gives: recognition.recognise_many.
    """
    if to_state is State.RECOGNISED:
        raise DomainError(N_("认定须填写编号和日期。"), field="to_state")
    faults = faults_of(declarations, to_state, on=on, note=note, versions=versions)
    if faults:
        raise StepsRefused(faults)
    take_step(declarations, to_state, on=on, note=note, by=by)


def faults_of(
    declarations: Sequence[Declaration],
    to_state: State,
    *,
    on: date,
    note: str = "",
    versions: Mapping[int, int],
) -> list[Fault]:
    """Everything that keeps each of them from the step."""
    found = []
    for declaration in declarations:
        try:
            if versions.get(declaration.id) != declaration.version:
                raise StaleRecord
            _check_step(declaration, to_state, on, note)
        except DomainError as error:
            found.append(Fault(declaration.name, error))
    return found


def _check_step(declaration: Declaration, to_state: State, on: date, note: str) -> None:
    if to_state not in allowed(declaration.state):
        message = N_("已在“%(before)s”，不能改为“%(after)s”。")
        raise Conflict(message, before=declaration.state, after=to_state)
    if on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"))
    if on < declaration.state_on:
        day = declaration.state_on.isoformat()
        raise DomainError(N_("日期不能早于上一步（%(day)s）。"), day=day)
    if not note and needs_reason(declaration.state, to_state):
        raise DomainError(N_("未通过和退回须填写原因。"))


def take_step(
    declarations: Sequence[Declaration], to_state: State, *, on: date, note: str, by: Actor
) -> None:
    """The step itself, once nothing speaks against it: one event each, one entry in the log."""
    steps = [
        {
            "declaration_id": declaration.id,
            "from_state": declaration.state,
            "to_state": to_state,
            "effective_on": on,
            "by_id": by.id,
            "note": note,
            "recorded_at": clock.now(),
        }
        for declaration in declarations
    ]
    session.execute(insert(DeclarationStep), steps, execution_options=BULK)
    for declaration in declarations:
        declaration.state, declaration.state_on = to_state, on
        declaration.version += 1
    batch = declarations[0].batch
    if to_state is State.FILED and batch.kind is QualificationKind.HIGH_TECH:
        firms = [declaration.company_id for declaration in declarations if declaration.company_id]
        note_filing(firms, on=on, by=by)
    names = "、".join(declaration.name for declaration in declarations[:20])
    record(
        "declaration.moved",
        batch,
        by=by,
        name=names,
        count=len(declarations),
        state=to_state,
        on=on,
        reason=note,
        ids=[declaration.id for declaration in declarations],
    )
