"""企业诉求: receive, take up, answer, ask the firm whether it is content, close."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from crm.audit.services import Actor, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.registry import SubjectRef
from crm.core.words import N_
from crm.followup import tasks
from crm.followup.answers import add_answer, insert_answers, judge, title
from crm.followup.handlers import expect_handler, expect_may_handle
from crm.followup.limits import answer_by
from crm.followup.models import (
    ActivityKind,
    Request,
    RequestCategory,
    RequestState,
    Task,
    TaskOrigin,
    TaskState,
)
from crm.followup.services import ActivityDetails, record_activity
from crm.people.models import User
from crm.people.scope import scope_of

REVISIT, REVISIT_WITHIN = N_("回访企业对答复是否满意"), timedelta(days=7)


@dataclass(frozen=True)
class RequestDetails:
    """What a firm asked for; without `due_on` the category's time limit holds."""

    received_on: date
    category: RequestCategory
    text: str
    owner_id: int
    from_whom: str = ""
    is_urgent: bool = False
    due_on: date | None = None


@dataclass(frozen=True)
class RequestRow:
    """A request that was kept elsewhere before, with its answer and what the firm said of it."""

    subject_type: str
    subject_id: int
    unit_id: int
    details: RequestDetails
    owner_unit_id: int
    recorded_at: datetime | None = None
    is_taken_up: bool = False
    answer: str = ""
    answered_on: date | None = None
    closed_on: date | None = None


def receive(kind: str, ref: SubjectRef, details: RequestDetails, *, by: User) -> Request:
    """Write down a request and give it to who handles it. Raises DomainError."""
    if details.received_on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="received_on")
    if details.due_on and details.due_on < details.received_on:
        raise DomainError(N_("时限不能早于收到日期。"), field="due_on")
    owner = expect_handler(details.owner_id, (kind, ref.id), scope_of(by), is_open_to_all=True)
    row = RequestRow(kind, ref.id, ref.unit_id, details, owner.unit_id)
    request = session.get_one(Request, _insert([row], given_by_id=by.id)[0])
    record("request.received", request, by=by, name=ref.name, category=details.category)
    return request


def receive_many(rows: Sequence[RequestRow], *, by: Actor) -> int:
    """Many at once, with what became of them; how many. One audit entry."""
    _insert(rows, given_by_id=by.id)
    if rows:
        record("requests.received", None, by=by, count=len(rows))
    return len(rows)


def take_up(request: Request, *, version: int | None, by: User) -> None:
    """收到 → 办理中. Raises NotAllowed, DomainError, StaleRecord."""
    expect_may_handle(request.task, by)
    _step(request, version, RequestState.RECEIVED)
    request.state = RequestState.HANDLING
    record("request.taken_up", request, by=by, name=title(request.text))


def transfer(
    request: Request, owner_id: int, reason: str, *, version: int | None, by: User
) -> None:
    """Somebody else handles it, of any office. Raises DomainError, StaleRecord."""
    _step(request, version, RequestState.RECEIVED, RequestState.HANDLING, RequestState.ANSWERED)
    tasks.hand_over(request.task, owner_id, reason, version=None, by=by)


def answer(request: Request, text: str, *, version: int | None, by: User) -> None:
    """Answer it: the task is done, and another asks whoever handled it to call the firm again."""
    _step(request, version, RequestState.RECEIVED, RequestState.HANDLING)
    today = clock.today()
    tasks.close(request.task, TaskState.DONE, text, version=None, by=by)
    add_answer(request, text, today, by.id)
    request.state = RequestState.ANSWERED
    request.task = _next_task(request, REVISIT, today + REVISIT_WITHIN, None)
    record("request.answered", request, by=by, name=title(request.text), note=text)


def revisit(
    request: Request,
    ref: SubjectRef,
    *,
    is_satisfied: bool,
    remark: str,
    due_on: date | None = None,
    version: int | None,
    by: User,
) -> None:
    """Whether the firm is content: 办结, or 办理中 again with a new time limit. An activity of the firm says so too."""
    if not is_satisfied and not remark:
        raise DomainError(N_("请填写企业不满意的原因。"), field="remark")
    if not is_satisfied:
        if due_on is None:
            raise DomainError(N_("请填写重新办理的时限。"), field="due_on")
        tasks.expect_future(due_on)
    _step(request, version, RequestState.ANSWERED)
    judge(TaskOrigin.REQUEST, request.id, is_accepted=is_satisfied, remark=remark, by=by)
    words = N_("满意") if is_satisfied else N_("不满意")
    tasks.close(request.task, TaskState.DONE, remark or words, version=None, by=by)
    said = ActivityDetails(
        ActivityKind.REVISIT, clock.today(), f"{words}。{remark}" if remark else words
    )
    record_activity(request.subject_type, ref, said, by=by)
    if is_satisfied:
        request.state, request.closed_on = RequestState.CLOSED, clock.today()
        record("request.closed", request, by=by, name=title(request.text), note=remark)
        return
    request.state = RequestState.HANDLING
    due = due_on or clock.today()
    request.task = _next_task(request, title(request.text), due, by.id)
    record("request.not_satisfied", request, by=by, name=title(request.text), note=remark)


def _insert(rows: Sequence[RequestRow], *, given_by_id: int | None) -> list[int]:
    """The requests with their tasks and answers; their ids in order."""
    if not rows:
        return []
    task_ids = tasks.insert_tasks([_task_of(row, given_by_id) for row in rows])
    statement = insert(Request).returning(Request.id, sort_by_parameter_order=True)
    columns = [_columns(row, task_id) for row, task_id in zip(rows, task_ids, strict=True)]
    ids = list(session.scalars(statement, columns))
    tasks.set_origins(dict(zip(task_ids, ids, strict=True)))
    insert_answers([_answer(row, id_) for row, id_ in zip(rows, ids, strict=True) if row.answer])
    return ids


def _task_of(row: RequestRow, given_by_id: int | None) -> tasks.TaskRow:
    details = row.details
    what = title(details.text)
    due_on = details.due_on or answer_by(details.category, details.received_on)
    if row.answered_on:
        what, due_on = REVISIT, row.answered_on + REVISIT_WITHIN
    about = (row.subject_type, row.subject_id)
    task = tasks.TaskDetails(what, due_on, details.owner_id, about, TaskOrigin.REQUEST)
    return tasks.TaskRow(task, row.owner_unit_id, given_by_id, row.recorded_at, row.closed_on)


def _columns(row: RequestRow, task_id: int) -> dict[str, Any]:
    details = row.details
    return {
        "subject_type": row.subject_type,
        "subject_id": row.subject_id,
        "unit_id": row.unit_id,
        "received_on": details.received_on,
        "from_whom": details.from_whom,
        "category": details.category,
        "text": details.text,
        "is_urgent": details.is_urgent,
        "state": _state_of(row),
        "task_id": task_id,
        "closed_on": row.closed_on,
        "recorded_at": row.recorded_at or clock.now(),
    }


def _state_of(row: RequestRow) -> RequestState:
    if row.closed_on:
        return RequestState.CLOSED
    if row.answered_on:
        return RequestState.ANSWERED
    return RequestState.HANDLING if row.is_taken_up else RequestState.RECEIVED


def _answer(row: RequestRow, request_id: int) -> dict[str, Any]:
    owner_id = row.details.owner_id
    return {
        "origin": TaskOrigin.REQUEST,
        "origin_id": request_id,
        "text": row.answer,
        "answered_on": row.answered_on,
        "by_id": owner_id,
        "is_accepted": True if row.closed_on else None,
        "remark": "",
        "judged_on": row.closed_on,
        "judged_by_id": owner_id if row.closed_on else None,
        "recorded_at": row.recorded_at or clock.now(),
    }


def _next_task(request: Request, what: str, due_on: date, given_by_id: int | None) -> Task:
    """The next thing to do for a request, by who did the last."""
    owner, about = request.task.owner, (request.subject_type, request.subject_id)
    details = tasks.TaskDetails(what, due_on, owner.id, about, TaskOrigin.REQUEST)
    row = tasks.TaskRow(details, owner.unit_id, given_by_id, origin_id=request.id)
    return session.get_one(Task, tasks.insert_tasks([row])[0])


def _step(request: Request, version: int | None, *states: RequestState) -> None:
    request.expect_version(version)
    if request.state not in states:
        raise DomainError(N_("诉求已是“%(state)s”，不能再做这一步。"), state=request.state)
