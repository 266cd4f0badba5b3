"""What we ask about activities, tasks, requests and instructions.

A row is seen by who sees the unit stored on it, a task also by its owner, and what belongs to a task by who sees the
task. Pages check the subject as well (pages.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select
from sqlalchemy.orm import joinedload

from crm.core import registry
from crm.core.db import session
from crm.followup.models import (
    Activity,
    ActivityKind,
    Answer,
    Instruction,
    InstructionState,
    Request,
    RequestState,
    Task,
    TaskOrigin,
    TaskState,
)
from crm.people.models import Unit, User
from crm.people.roles import Role
from crm.people.scope import Scope, scope_of

DUE_COUNTED = 100
OF_SUBJECT = 200


def visible_to(scope: Scope) -> Select[Activity]:
    """The activities whose unit of that time lies in the scope."""
    return select(Activity).where(
        Activity.archived_at.is_(None), scope.includes(Activity.unit_id), _is_open(Activity, scope)
    )


def visible_tasks(reader: User) -> Select[Task]:
    return select(Task).where(_is_seen(reader))


def visible_requests(reader: User) -> Select[Request]:
    scope = scope_of(reader)
    in_scope = and_(scope.includes(Request.unit_id), _is_open(Request, scope))
    seen = or_(in_scope, _is_seen(reader))
    return select(Request).join(Task, Task.id == Request.task_id).where(seen)


def visible_instructions(reader: User) -> Select[Instruction]:
    scope = scope_of(reader)
    seen = or_(
        and_(scope.includes(Instruction.unit_id), _is_open(Instruction, scope)),
        _is_seen(reader),
        Instruction.leader_id == reader.id,
    )
    return select(Instruction).join(Task, Task.id == Instruction.task_id).where(seen)


def _is_seen(reader: User) -> ColumnElement[bool]:
    scope = scope_of(reader)
    return or_(
        Task.owner_id == reader.id, and_(scope.includes(Task.unit_id), _is_open(Task, scope))
    )


def _is_open(model: Any, scope: Scope) -> ColumnElement[bool]:
    """The condition that a row is not about a record that is kept from the reader (保密)."""
    kept = [
        and_(model.subject_type == kind, model.subject_id.in_(subject.sealed_from(scope)))
        for kind, subject in registry.subjects.items()
        if subject.sealed_from is not None
    ]
    return not_(func.coalesce(or_(false(), *kept), false()))


@dataclass(frozen=True)
class Filters:
    """What narrows the list of activities."""

    kind: ActivityKind | None = None
    by_id: int | None = None
    from_on: date | None = None
    to_on: date | None = None
    subject: tuple[str, int] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.kind:
            found.append(Activity.kind == self.kind)
        if self.by_id:
            found.append(Activity.by_id == self.by_id)
        if self.from_on:
            found.append(Activity.happened_on >= self.from_on)
        if self.to_on:
            found.append(Activity.happened_on <= self.to_on)
        if self.subject:
            found += about(Activity, *self.subject)
        return found


def listed(query: Select[Activity]) -> Select[*tuple[Any, ...]]:
    """What a list shows of the activities in `query`, as plain rows."""
    return (
        query.join(Unit, Unit.id == Activity.unit_id)
        .outerjoin(User, User.id == Activity.by_id)
        .with_only_columns(
            Activity.id,
            Activity.kind,
            Activity.happened_on,
            Activity.summary,
            Activity.people_met,
            Activity.companions,
            Activity.subject_type,
            Activity.subject_id,
            User.name.label("by"),
            Unit.name.label("unit"),
        )
    )


def about(model: Any, kind: str, record_id: int) -> list[ColumnElement[bool]]:
    """The conditions that a row is about one record."""
    return [model.subject_type == kind, model.subject_id == record_id]


def activities_about(kind: str, record_id: int) -> Select[Activity]:
    """A record's activities, newest first: the whole history, whoever kept the record meanwhile."""
    return (
        select(Activity)
        .where(Activity.archived_at.is_(None), *about(Activity, kind, record_id))
        .options(joinedload(Activity.by))
        .order_by(Activity.happened_on.desc(), Activity.id.desc())
        .limit(OF_SUBJECT)
    )


def tasks_about(kind: str, record_id: int) -> Select[Task]:
    """What is still to be done about a record, soonest first; requests and instructions have lists of their own."""
    open_ones = select(Task).where(
        Task.state == TaskState.OPEN,
        Task.origin.in_((TaskOrigin.FOLLOW_UP, TaskOrigin.SUGGESTION)),
        *about(Task, kind, record_id),
    )
    return open_ones.order_by(Task.due_on, Task.id).limit(OF_SUBJECT)


def requests_about(kind: str, record_id: int) -> Select[Request]:
    found = select(Request).where(*about(Request, kind, record_id))
    return found.order_by(Request.received_on.desc(), Request.id.desc()).limit(OF_SUBJECT)


def instructions_about(kind: str, record_id: int) -> Select[Instruction]:
    found = select(Instruction).where(*about(Instruction, kind, record_id))
    return (
        found.options(joinedload(Instruction.leader))
        .order_by(Instruction.given_on.desc(), Instruction.id.desc())
        .limit(OF_SUBJECT)
    )


def answers_to(origin: TaskOrigin, origin_ids: Iterable[int]) -> Select[Answer]:
    """Every answer that was given, oldest first."""
    return (
        select(Answer)
        .where(Answer.origin == origin, Answer.origin_id.in_(origin_ids))
        .options(joinedload(Answer.by), joinedload(Answer.judged_by))
        .order_by(Answer.id)
    )


def queue(reader: User) -> Select[Task]:
    """What the reader has to do, soonest first."""
    mine = select(Task).where(Task.owner_id == reader.id, Task.state == TaskState.OPEN)
    return mine.order_by(Task.due_on, Task.id)


def queue_of_units(scope: Scope) -> Select[Task]:
    """What the people of these units have to do, soonest first."""
    theirs = select(Task).where(
        Task.state == TaskState.OPEN, scope.includes(Task.unit_id), _is_open(Task, scope)
    )
    return theirs.order_by(Task.due_on, Task.id)


def due_count(reader: User, day: date) -> int:
    """How much of the reader's own is due by a day, counted no further than DUE_COUNTED."""
    due = select(Task.id).where(
        Task.owner_id == reader.id, Task.state == TaskState.OPEN, Task.due_on <= day
    )
    some = due.limit(DUE_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def instructions_to_close(reader: User) -> Select[Instruction]:
    """Answered instructions that wait for the reader: a leader's own, a supervisor's all; never one's own answer."""
    waiting = visible_instructions(reader).where(
        Instruction.state == InstructionState.ANSWERED, Task.closed_by_id != reader.id
    )
    if Role.SUPERVISOR not in reader.roles:
        waiting = waiting.where(Instruction.leader_id == reader.id)
    return waiting.options(joinedload(Instruction.leader)).order_by(Instruction.given_on)


def requests_by_category(reader: User, day: date) -> Select[*tuple[Any, ...]]:
    """For each category how many requests there are, are not closed, are overdue."""
    is_open = Request.state != RequestState.CLOSED
    return (
        visible_requests(reader)
        .with_only_columns(
            Request.category,
            func.count().label("total"),
            func.count().filter(is_open).label("open"),
            func.count().filter(is_late(day)).label("late"),
        )
        .group_by(Request.category)
    )


def is_late(day: date) -> ColumnElement[bool]:
    """The condition that a task is not done and was due before a day."""
    return and_(Task.state == TaskState.OPEN, Task.due_on < day)
