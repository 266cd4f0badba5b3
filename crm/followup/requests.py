"""企业诉求: receive, take up, answer, ask the firm whether it is content, close."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm.audit.services import Actor, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.registry import SubjectRef
from crm.core.words import N_
from crm.followup import tasks
from crm.followup.answers import add_answer, judge, title
from crm.followup.handlers import expect_handler
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

REVISIT_WITHIN = timedelta(days=7)


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
    request = _add_all([row], given_by_id=by.id)[0]
    record("request.received", request, by=by, name=ref.name, category=details.category)
    return request


def receive_many(rows: Sequence[RequestRow], *, by: Actor) -> int:
    """Many at once, with what became of them; how many. One audit entry."""
    _add_all(rows, given_by_id=by.id)
    if rows:
        record("requests.received", None, by=by, count=len(rows))
    return len(rows)


def take_up(request: Request, *, version: int | None, by: Actor) -> None:
    """收到 → 办理中. Raises DomainError, StaleRecord."""
    _step(request, version, RequestState.RECEIVED)
    request.state = RequestState.HANDLING
    record("request.taken_up", request, by=by, name=title(request.text))


def transfer(
    request: Request, owner_id: int, reason: str, *, version: int | None, by: User
) -> None:
    """Somebody else handles it, of any office. Raises DomainError, StaleRecord."""
    _step(request, version, RequestState.RECEIVED, RequestState.HANDLING, RequestState.ANSWERED)
    tasks.hand_over(request.task, owner_id, reason, version=None, by=by)


def answer(request: Request, text: str, *, version: int | None, by: Actor) -> None:
    """Answer it: the task is done, and another asks whoever handled it to call the firm again."""
    _step(request, version, RequestState.RECEIVED, RequestState.HANDLING)
    today = clock.today()
    tasks.close(request.task, TaskState.DONE, text, version=None, by=by)
    add_answer(request, text, today, by.id)
    request.state = RequestState.ANSWERED
    request.task = _revisit(request, today)
    session.flush()
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
    owner = request.task.owner
    again = tasks.TaskDetails(
        title(request.text), due_on or clock.today(), owner.id, (request.subject_type, request.subject_id),
        TaskOrigin.REQUEST,
    )  # fmt: skip
    request.task = tasks.new_task(tasks.TaskRow(again, owner.unit_id, by.id))
    request.task.origin_id = request.id
    session.flush()
    record("request.not_satisfied", request, by=by, name=title(request.text), note=remark)


def _add_all(rows: Sequence[RequestRow], *, given_by_id: int | None) -> list[Request]:
    """The requests with their tasks and answers; three statements for any number."""
    made = [_request(row, given_by_id) for row in rows]
    session.add_all(made)
    session.flush()
    for request, row in zip(made, rows, strict=True):
        request.task.origin_id = request.id
        if row.answered_on:
            said = add_answer(request, row.answer, row.answered_on, row.details.owner_id)
            said.recorded_at = row.recorded_at or clock.now()
            if row.closed_on:
                said.is_accepted, said.judged_on = True, row.closed_on
                said.judged_by_id = row.details.owner_id
    session.flush()
    return made


def _request(row: RequestRow, given_by_id: int | None) -> Request:
    details, today = row.details, clock.today()
    limit = details.due_on or answer_by(details.category, details.received_on)
    what, due_on = title(details.text), limit
    if row.answered_on and not row.closed_on:
        what, due_on = N_("回访企业对答复是否满意"), row.answered_on + REVISIT_WITHIN
    about = (row.subject_type, row.subject_id)
    task = tasks.TaskDetails(what, due_on, details.owner_id, about, TaskOrigin.REQUEST)
    if row.closed_on:
        state = RequestState.CLOSED
    elif row.answered_on:
        state = RequestState.ANSWERED
    else:
        state = RequestState.HANDLING if row.is_taken_up else RequestState.RECEIVED
    recorded_at = row.recorded_at or clock.now()
    return Request(
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        unit_id=row.unit_id,
        received_on=min(details.received_on, today),
        from_whom=details.from_whom,
        category=details.category,
        text=details.text,
        is_urgent=details.is_urgent,
        state=state,
        closed_on=row.closed_on,
        recorded_at=recorded_at,
        task=tasks.new_task(
            tasks.TaskRow(task, row.owner_unit_id, given_by_id, recorded_at, row.closed_on)
        ),
    )


def _revisit(request: Request, today: date) -> Task:
    owner = request.task.owner
    details = tasks.TaskDetails(
        N_("回访企业对答复是否满意"), today + REVISIT_WITHIN, owner.id,
        (request.subject_type, request.subject_id), TaskOrigin.REQUEST,
    )  # fmt: skip
    task = tasks.new_task(tasks.TaskRow(details, owner.unit_id))
    task.origin_id = request.id
    return task


def _step(request: Request, version: int | None, *states: RequestState) -> None:
    request.expect_version(version)
    if request.state not in states:
        raise DomainError(N_("诉求已是“%(state)s”，不能再做这一步。"), state=request.state)
