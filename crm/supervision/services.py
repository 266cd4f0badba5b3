"""What we do with an order: take it on step by step. Each step is an event; the table of loop.py decides."""

from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from crm.audit.services import Actor, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import NotAllowed
from crm.core.words import N_
from crm.people.models import Unit, User
from crm.people.roles import Action
from crm.supervision import queries
from crm.supervision.loop import (
    STEPS,
    Act,
    Course,
    Who,
    after,
    as_taken,
    expect_second,
    refusal,
)
from crm.supervision.models import (
    State,
    StepKind,
    SupervisionEvent,
    SupervisionOrder,
)

_LONGEST_NAME = 60


def called(order: SupervisionOrder) -> str:
    """What the log calls an order."""
    return f"{order.name} {order.title}"[:_LONGEST_NAME]


def course_of(order: SupervisionOrder) -> Course:
    return Course(**{field.name: getattr(order, field.name) for field in fields(Course)})


def take(
    order: SupervisionOrder,
    act: Act,
    *,
    version: int | None,
    by: User,
    corrects: SupervisionEvent | None = None,
) -> SupervisionEvent:
    """Take one step. Raises NotAllowed for who may not, StepRefused, DomainError, StaleRecord."""
    order.expect_version(version)
    expect_allowed(order, act.kind, by, corrects)
    event = _append(order, course_of(order), act, by, corrects)
    record("supervision.step", order, by=by, name=called(order), step=act.kind, note=act.text)
    return event


def _append(
    order: SupervisionOrder,
    course: Course,
    act: Act,
    by: Actor,
    corrects: SupervisionEvent | None = None,
) -> SupervisionEvent:
    act = as_taken(course, act)
    then = after(course, act)
    event = SupervisionEvent(
        order_id=order.id,
        corrects_id=corrects.id if corrects else None,
        **event_columns(act, course.state, then.state, by.id, None),
    )
    session.add(event)
    for name, value in asdict(then).items():
        setattr(order, name, value)
    return event


def event_columns(
    act: Act, before: State | None, to: State, by_id: int | None, at: datetime | None
) -> dict[str, Any]:
    return {
        **asdict(act),
        "from_state": before,
        "to_state": to,
        "by_id": by_id,
        "recorded_at": at or clock.now(),
    }


def expect_allowed(
    order: SupervisionOrder, kind: StepKind, by: User, corrects: SupervisionEvent | None = None
) -> None:
    """Raise NotAllowed unless this person may take such a step of the order."""
    who = STEPS[kind].who
    if who is Who.ANYBODY:
        is_own = corrects is not None and corrects.by_id == by.id
        if corrects is None or not (is_own or by.may(Action.SUPERVISION_MANAGE)):
            raise NotAllowed(N_("只能由填写人或督查更正。"))
        return
    if who in (Who.SUPERVISOR, Who.SECOND) and by.may(Action.SUPERVISION_MANAGE):
        if who is Who.SECOND:
            expect_second(by.id, queries.authors_of(order.id))
        return
    if who is Who.HEAD:
        _expect_head(order, by)
        return
    if not by.may(Action.SUPERVISION_ANSWER) or not _is_of(order, who, by):
        raise NotAllowed(N_("这一步不由您办理。"))


def _expect_head(order: SupervisionOrder, by: User) -> None:
    """The head of the lead unit; what one wrote oneself is signed by another."""
    if not by.may(Action.SUPERVISION_SIGN) or not _acts_for(order.unit, by):
        raise NotAllowed(N_("反馈由牵头单位负责人签发。"))
    answer = (
        select(SupervisionEvent.by_id)
        .where(SupervisionEvent.order_id == order.id, SupervisionEvent.kind == StepKind.ANSWERED)
        .order_by(SupervisionEvent.id.desc())
    )
    if session.scalar(answer.limit(1)) == by.id:
        raise NotAllowed(N_("自己写的反馈须由另一位负责人签发。"))


def _is_of(order: SupervisionOrder, who: Who, by: User) -> bool:
    if who is Who.LEAD:
        return _acts_for(order.unit, by)
    return who is Who.JOINT and any(_acts_for(joint.unit, by) for joint in order.joint_units)


def _acts_for(unit: Unit, by: User) -> bool:
    """One's own unit and those below it, also for who reads the whole park by another role."""
    return unit.path.startswith(by.unit.path)


def open_steps(order: SupervisionOrder, by: User) -> list[StepKind]:
    """What this person may do with the order as it stands, in the order of the table."""
    found = []
    course, today = course_of(order), clock.today()
    for kind in STEPS:
        if STEPS[kind].who in (Who.ANYBODY, Who.NOBODY) or not _may_begin(course, kind, today):
            continue
        try:
            expect_allowed(order, kind, by)
        except NotAllowed:
            continue
        found.append(kind)
    return found


def _may_begin(course: Course, kind: StepKind, today: date) -> bool:
    """Whether the step is possible once its words are there."""
    new_on = course.due_on + timedelta(1) if kind is StepKind.EXTENSION_ASKED else None
    if kind is StepKind.ISSUED:
        new_on = max(course.due_on, today)
    return refusal(course, Act(kind, today, text="…", new_on=new_on)) is None


# By the system


def escalate(order: SupervisionOrder, day: date, *, by: Actor) -> None:
    """Note that the order is overdue by another step's days."""
    _append(order, course_of(order), Act(StepKind.ESCALATED, day), by)
    record("supervision.step", order, by=by, name=called(order), step=StepKind.ESCALATED)
