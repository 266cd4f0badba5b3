"""What we do with tasks: give, do, postpone, hand over, drop, take up again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, update

from crm.audit.services import Actor, record
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import DomainError, NotAllowed
from crm.core.words import N_
from crm.followup.handlers import expect_handler, expect_may_handle
from crm.followup.models import Task, TaskOrigin, TaskState
from crm.followup.subjects import Key, key_of
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of

ANSWERED = (TaskOrigin.REQUEST, TaskOrigin.INSTRUCTION)


@dataclass(frozen=True)
class TaskDetails:
    """What has to be done, by whom, by when, about what."""

    what: str
    due_on: date
    owner_id: int
    subject: Key | None = None
    origin: TaskOrigin = TaskOrigin.FOLLOW_UP


@dataclass(frozen=True)
class TaskRow:
    """A task that was kept elsewhere before, with what became of it."""

    details: TaskDetails
    unit_id: int
    given_by_id: int | None = None
    recorded_at: datetime | None = None
    done_on: date | None = None
    result: str = ""
    postponed: int = 0
    origin_id: int | None = None


def add_task(details: TaskDetails, *, by: User) -> Task:
    """Give a task to oneself or to somebody of one's scope. Raises DomainError."""
    expect_future(details.due_on)
    owner = expect_handler(details.owner_id, details.subject, scope_of(by))
    task = session.get_one(Task, insert_tasks([TaskRow(details, owner.unit_id, by.id)])[0])
    record("task.added", task, by=by, name=task.what, due_on=task.due_on, owner=owner.name)
    return task


def add_many(rows: Sequence[TaskRow], *, by: Actor) -> int:
    """Many tasks at once; how many. One audit entry."""
    if rows:
        session.execute(insert(Task), [_columns(row) for row in rows], execution_options=BULK)
        record("tasks.added", None, by=by, count=len(rows))
    return len(rows)


def insert_tasks(rows: Sequence[TaskRow]) -> list[int]:
    """The rows alone, without an entry in the log; their ids in order."""
    statement = insert(Task).returning(Task.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, [_columns(row) for row in rows]))


def set_origins(ids: Mapping[int, int]) -> None:
    """Which request or instruction each task belongs to, once that has its own number."""
    session.execute(update(Task), [{"id": id_, "origin_id": ids[id_]} for id_ in ids])


def _columns(row: TaskRow) -> dict[str, Any]:
    details = row.details
    kind, number = details.subject or (None, None)
    return {
        "what": details.what,
        "subject_type": kind,
        "subject_id": number,
        "unit_id": row.unit_id,
        "owner_id": details.owner_id,
        "given_by_id": row.given_by_id,
        "due_on": details.due_on,
        "origin": details.origin,
        "origin_id": row.origin_id,
        "postponed": row.postponed,
        "state": TaskState.DONE if row.done_on else TaskState.OPEN,
        "closed_on": row.done_on,
        "closed_by_id": details.owner_id if row.done_on else None,
        "result": row.result,
        "recorded_at": row.recorded_at or clock.now(),
    }


def complete(task: Task, *, result: str = "", version: int | None, by: User) -> None:
    """It is done. What came as a request or an instruction is done by its answer. Raises DomainError, StaleRecord."""
    if task.origin in ANSWERED:
        raise DomainError(N_("企业诉求和批示须填写答复，请打开后办理。"))
    close(task, TaskState.DONE, result, version=version, by=by)
    record("task.done", task, by=by, name=task.what, result=result)


def close(task: Task, state: TaskState, result: str, *, version: int | None, by: User) -> None:
    """End a task one way or the other, without its entry in the log. Raises NotAllowed, DomainError, StaleRecord."""
    expect_may_handle(task, by)
    task.expect_version(version)
    _expect_open(task)
    task.state, task.closed_on, task.closed_by_id = state, clock.today(), by.id
    task.result = result


def cancel(task: Task, reason: str, *, version: int | None, by: User) -> None:
    """It need not be done any more. Raises DomainError, StaleRecord."""
    if task.origin in ANSWERED:
        raise DomainError(N_("企业诉求和批示须填写答复，请打开后办理。"))
    _expect_reason(reason)
    close(task, TaskState.CANCELLED, reason, version=version, by=by)
    record("task.cancelled", task, by=by, name=task.what, reason=reason)


def reopen(task: Task, *, version: int | None, by: User) -> None:
    """Take up again what was done or dropped, as it was. Raises DomainError, StaleRecord."""
    if task.origin in ANSWERED:
        raise DomainError(N_("企业诉求和批示已有答复，请打开后办理。"))
    expect_may_handle(task, by)
    task.expect_version(version)
    if task.state == TaskState.OPEN:
        raise DomainError(N_("这项待办还没有完成。"))
    open_again(task)
    record("task.reopened", task, by=by, name=task.what)


def open_again(task: Task, due_on: date | None = None) -> None:
    task.state, task.closed_on, task.closed_by_id, task.result = TaskState.OPEN, None, None, ""
    task.due_on = due_on or task.due_on


def postpone(task: Task, due_on: date, reason: str, *, version: int | None, by: User) -> None:
    """Another day, with the reason; how often it was done is shown. Raises DomainError, StaleRecord, NotAllowed."""
    if not by.may(Action.INSTRUCTIONS_GIVE):
        expect_may_handle(task, by)
    if task.origin == TaskOrigin.INSTRUCTION and not by.may(Action.INSTRUCTIONS_GIVE):
        raise NotAllowed(N_("批示的时限由批示领导或督查调整。"))
    _expect_reason(reason)
    expect_future(due_on)
    task.expect_version(version)
    _expect_open(task)
    if due_on <= task.due_on:
        raise DomainError(
            N_("新的时限须晚于原来的 %(day)s。"), field="due_on", day=task.due_on.isoformat()
        )
    before, task.due_on = task.due_on, due_on
    task.postponed += 1
    changes = {"due_on": (before, due_on)}
    record("task.postponed", task, by=by, name=task.what, reason=reason, changes=changes)


def hand_over(task: Task, owner_id: int, reason: str, *, version: int | None, by: User) -> None:
    """To another person, in whose queue it appears. Raises DomainError, StaleRecord."""
    key = key_of(task)
    is_open_to_all = task.origin in ANSWERED and key is not None and key[0] == "company"
    owner = expect_handler(owner_id, key, scope_of(by), is_open_to_all=is_open_to_all)
    task.expect_version(version)
    _expect_open(task)
    if owner.id == task.owner_id:
        raise DomainError(N_("已经由%(name)s办理。"), field="owner", name=owner.name)
    before = task.owner.name
    task.owner_id, task.unit_id, task.given_by_id = owner.id, owner.unit_id, by.id
    session.flush()
    session.refresh(task, ["owner"])
    changes = {"owner_id": (before, owner.name)}
    record("task.handed_over", task, by=by, name=task.what, reason=reason, changes=changes)


def expect_future(due_on: date) -> None:
    if due_on < clock.today():
        raise DomainError(N_("时限不能早于今天。"), field="due_on")


def _expect_open(task: Task) -> None:
    if task.state != TaskState.OPEN:
        raise DomainError(N_("这项待办已经办结。"))


def _expect_reason(reason: str) -> None:
    if not reason:
        raise DomainError(N_("请填写原因。"), field="reason")
