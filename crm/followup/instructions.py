"""批示: a leader's word on a firm, a project or a target becomes somebody's task; who answered does not close it alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert

from crm.audit.services import Actor, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import DomainError, NotAllowed
from crm.core.registry import SubjectRef
from crm.core.words import N_
from crm.followup import tasks
from crm.followup.answers import add_answer, insert_answers, judge, title
from crm.followup.handlers import ANYBODY, expect_handler, leaders
from crm.followup.models import Instruction, InstructionState, TaskOrigin, TaskState
from crm.people.models import User
from crm.people.roles import Role
from crm.people.scope import scope_of


@dataclass(frozen=True)
class InstructionDetails:
    """Whose words, of which day, to whom, by when; `scan` says where the signed paper is."""

    leader_id: int
    given_on: date
    text: str
    owner_id: int
    due_on: date
    scan: str = ""


@dataclass(frozen=True)
class InstructionRow:
    """An instruction that was kept elsewhere before, with its answer."""

    subject_type: str
    subject_id: int
    unit_id: int
    details: InstructionDetails
    owner_unit_id: int
    entered_by_id: int | None
    recorded_at: datetime | None = None
    answer: str = ""
    answered_on: date | None = None
    closed_on: date | None = None


def give(kind: str, ref: SubjectRef, details: InstructionDetails, *, by: User) -> Instruction:
    """A leader's own instruction, or one that is entered on his behalf (代录). Raises DomainError."""
    if details.given_on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="given_on")
    tasks.expect_future(details.due_on)
    if details.leader_id != by.id:
        _expect_on_behalf(details)
    elif Role.LEADER not in by.roles:
        raise DomainError(N_("请选择批示领导。"), field="leader")
    owner = expect_handler(
        details.owner_id, (kind, ref.id), scope_of(by), is_open_to_all=kind in ANYBODY
    )
    row = InstructionRow(kind, ref.id, ref.unit_id, details, owner.unit_id, by.id)
    instruction = session.get_one(Instruction, _insert([row])[0])
    record(
        "instruction.given", instruction, by=by, name=ref.name, text=details.text, owner=owner.name
    )
    return instruction


def give_many(rows: Sequence[InstructionRow], *, by: Actor) -> int:
    """Many at once; how many. One audit entry."""
    _insert(rows)
    if rows:
        record("instructions.given", None, by=by, count=len(rows))
    return len(rows)


def answer(instruction: Instruction, text: str, *, version: int | None, by: User) -> None:
    """Say what was done. Raises DomainError, StaleRecord."""
    _step(instruction, version, InstructionState.OPEN)
    tasks.close(instruction.task, TaskState.DONE, text, version=None, by=by)
    add_answer(instruction, text, clock.today(), by.id)
    instruction.state = InstructionState.ANSWERED
    record("instruction.answered", instruction, by=by, name=title(instruction.text), note=text)


def transfer(
    instruction: Instruction, owner_id: int, reason: str, *, version: int | None, by: User
) -> None:
    """Somebody else is to answer it. Raises DomainError, StaleRecord."""
    _step(instruction, version, InstructionState.OPEN)
    tasks.hand_over(instruction.task, owner_id, reason, version=None, by=by)


def close(instruction: Instruction, remark: str, *, version: int | None, by: User) -> None:
    """The answer is enough: 办结, by the leader or 督查 and never by who answered. Raises NotAllowed, DomainError."""
    _expect_judge(instruction, by)
    _step(instruction, version, InstructionState.ANSWERED)
    judge(TaskOrigin.INSTRUCTION, instruction.id, is_accepted=True, remark=remark, by=by)
    instruction.state = InstructionState.CLOSED
    instruction.closed_on, instruction.closed_by_id = clock.today(), by.id
    record("instruction.closed", instruction, by=by, name=title(instruction.text), note=remark)


def send_back(
    instruction: Instruction, reason: str, due_on: date, *, version: int | None, by: User
) -> None:
    """The answer is not enough: open again with the reason and a new day. Raises NotAllowed, DomainError."""
    _expect_judge(instruction, by)
    if not reason:
        raise DomainError(N_("请填写退回原因。"), field="reason")
    tasks.expect_future(due_on)
    _step(instruction, version, InstructionState.ANSWERED)
    judge(TaskOrigin.INSTRUCTION, instruction.id, is_accepted=False, remark=reason, by=by)
    instruction.task.expect_version(None)
    tasks.open_again(instruction.task, due_on)
    instruction.state = InstructionState.OPEN
    record("instruction.returned", instruction, by=by, name=title(instruction.text), reason=reason)


def may_judge(instruction: Instruction, by: User) -> bool:
    """The leader himself or 督查, unless they gave the answer."""
    is_judge = by.id == instruction.leader_id or Role.SUPERVISOR in by.roles
    return is_judge and instruction.task.closed_by_id != by.id


def _expect_judge(instruction: Instruction, by: User) -> None:
    if not may_judge(instruction, by):
        raise NotAllowed(N_("批示由批示领导或督查销号，答复人本人不能销号。"))


def _expect_on_behalf(details: InstructionDetails) -> None:
    if details.leader_id not in {person.id for person in leaders()}:
        raise DomainError(N_("请选择批示领导。"), field="leader")
    if not details.scan:
        raise DomainError(N_("代录的批示须写明原件在哪里。"), field="scan")


def _insert(rows: Sequence[InstructionRow]) -> list[int]:
    """The instructions with their tasks and answers; their ids in order."""
    if not rows:
        return []
    task_ids = tasks.insert_tasks([_task_of(row) for row in rows])
    statement = insert(Instruction).returning(Instruction.id, sort_by_parameter_order=True)
    columns = [_columns(row, task_id) for row, task_id in zip(rows, task_ids, strict=True)]
    ids = list(session.scalars(statement, columns))
    tasks.set_origins(dict(zip(task_ids, ids, strict=True)))
    insert_answers([_answer(row, id_) for row, id_ in zip(rows, ids, strict=True) if row.answer])
    return ids


def _task_of(row: InstructionRow) -> tasks.TaskRow:
    details, about = row.details, (row.subject_type, row.subject_id)
    what = title(details.text)
    task = tasks.TaskDetails(what, details.due_on, details.owner_id, about, TaskOrigin.INSTRUCTION)
    return tasks.TaskRow(
        task, row.owner_unit_id, details.leader_id, row.recorded_at, row.answered_on, row.answer
    )


def _columns(row: InstructionRow, task_id: int) -> dict[str, Any]:
    details = row.details
    if row.closed_on:
        state = InstructionState.CLOSED
    else:
        state = InstructionState.ANSWERED if row.answered_on else InstructionState.OPEN
    return {
        "subject_type": row.subject_type,
        "subject_id": row.subject_id,
        "unit_id": row.unit_id,
        "leader_id": details.leader_id,
        "entered_by_id": row.entered_by_id,
        "given_on": details.given_on,
        "text": details.text,
        "scan": details.scan,
        "state": state,
        "task_id": task_id,
        "closed_on": row.closed_on,
        "closed_by_id": details.leader_id if row.closed_on else None,
        "recorded_at": row.recorded_at or clock.now(),
    }


def _answer(row: InstructionRow, instruction_id: int) -> dict[str, Any]:
    return {
        "origin": TaskOrigin.INSTRUCTION,
        "origin_id": instruction_id,
        "text": row.answer,
        "answered_on": row.answered_on,
        "by_id": row.details.owner_id,
        "is_accepted": True if row.closed_on else None,
        "remark": "",
        "judged_on": row.closed_on,
        "judged_by_id": row.details.leader_id if row.closed_on else None,
        "recorded_at": row.recorded_at or clock.now(),
    }


def _step(instruction: Instruction, version: int | None, state: InstructionState) -> None:
    instruction.expect_version(version)
    if instruction.state != state:
        raise DomainError(N_("批示已是“%(state)s”，不能再做这一步。"), state=instruction.state)
