"""What we do with orders: docket them, take them on step by step. Each step is an event; the table of loop.py decides."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select

from crm.audit.services import Actor, record, record_many
from crm.companies.names import search_text
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import DomainError, NotAllowed
from crm.core.words import N_
from crm.followup.models import Instruction
from crm.followup.queries import visible_instructions
from crm.people.models import Unit, User
from crm.people.roles import Action
from crm.reference import settings
from crm.supervision import queries
from crm.supervision.loop import (
    AUTHORS,
    STEPS,
    Act,
    Course,
    Who,
    after,
    as_taken,
    docketed,
    expect_second,
    refusal,
)
from crm.supervision.models import (
    Bulletin,
    JointUnit,
    Source,
    State,
    StepKind,
    SupervisionEvent,
    SupervisionOrder,
    order_number,
)

_NUMBERS_LOCK = 7_041_934  # any constant: the key of PostgreSQL's advisory lock around numbers
_LONGEST_NAME = 60


@dataclass(frozen=True)
class OrderDetails:
    """What is to be done, who leads, who helps, by when (none: the source's usual limit), and what it came from."""

    source: Source
    title: str
    unit_id: int
    requirement: str = ""
    joint_unit_ids: tuple[int, ...] = ()
    due_on: date | None = None
    basis: str = ""
    basis_on: date | None = None
    indicator_id: int | None = None
    plan_task_id: int | None = None
    project_id: int | None = None
    instruction_id: int | None = None


@dataclass(frozen=True)
class ActRow:
    """A step that was taken before, and by whom."""

    act: Act
    by_id: int | None
    recorded_at: datetime | None = None


@dataclass(frozen=True)
class OrderRow:
    """An order with its history."""

    details: OrderDetails
    docketed_on: date
    by_id: int | None
    acts: tuple[ActRow, ...] = ()
    recorded_at: datetime | None = None


def usual_limit(source: Source, on: date) -> date:
    """The day by which an order of that source is to be answered where nobody says another."""
    return on + timedelta(settings.get("supervision.limit_days")[source.value])


def docket(details: OrderDetails, *, by: User) -> SupervisionOrder:
    """立项: the order gets its number. Raises DomainError."""
    (order_id,) = _insert([OrderRow(_checked(details, by), clock.today(), by.id)])
    order = session.get_one(SupervisionOrder, order_id)
    record("supervision.docketed", order, by=by, name=called(order), source=order.source)
    return order


def docket_meeting(matters: Sequence[OrderDetails], *, by: User) -> list[SupervisionOrder]:
    """One meeting, many orders: all or none. Raises DomainError."""
    today = clock.today()
    ids = _insert([OrderRow(_checked(matter, by), today, by.id) for matter in matters])
    orders = list(
        session.scalars(
            select(SupervisionOrder)
            .where(SupervisionOrder.id.in_(ids))
            .order_by(SupervisionOrder.number)
        )
    )
    for order in orders:
        record("supervision.docketed", order, by=by, name=called(order), source=order.source)
    return orders


def docket_many(rows: Sequence[OrderRow], *, by: Actor) -> int:
    """Many with their histories, each of them walked through the loop. How many; raises DomainError."""
    _insert(rows)
    if rows:
        record_many("supervision.docketed_many", [(0, row.details) for row in rows], by=by)
    return len(rows)


def called(order: SupervisionOrder) -> str:
    """What the log calls an order."""
    return f"{order.name} {order.title}"[:_LONGEST_NAME]


def _checked(details: OrderDetails, by: User) -> OrderDetails:
    if details.due_on and details.due_on < clock.today():
        raise DomainError(N_("时限不能早于今天。"), field="due_on")
    if details.unit_id in details.joint_unit_ids:
        raise DomainError(N_("牵头单位不能同时是协办单位。"), field="joint_units")
    if details.instruction_id and details.project_id is None:
        given = session.scalar(
            visible_instructions(by).where(Instruction.id == details.instruction_id)
        )
        if given is not None and given.subject_type == "project":
            return replace(details, project_id=given.subject_id)  # sealed with its project
    return details


def _insert(rows: Sequence[OrderRow]) -> Sequence[int]:
    """The orders with their joint units and events, numbered year by year without a gap."""
    if not rows:
        return []
    walked = [_walk(row) for row in rows]
    numbers = _numbers([row.docketed_on.year for row in rows])
    columns = [
        _columns(row, events[-1][1], number)
        for row, events, number in zip(rows, walked, numbers, strict=True)
    ]
    statement = insert(SupervisionOrder).returning(
        SupervisionOrder.id, sort_by_parameter_order=True
    )
    ids = session.scalars(statement, columns).all()
    joint = [
        {"order_id": number, "unit_id": unit_id}
        for number, row in zip(ids, rows, strict=True)
        for unit_id in row.details.joint_unit_ids
    ]
    if joint:
        session.execute(insert(JointUnit), joint)
    steps = [
        {"order_id": number, **columns}
        for number, events in zip(ids, walked, strict=True)
        for columns, _course in events
    ]
    session.execute(insert(SupervisionEvent), steps, execution_options=BULK)
    return ids


def _walk(row: OrderRow) -> list[tuple[dict[str, Any], Course]]:
    """Each event as columns, with how the order stood after it. Raises DomainError where the history breaks a rule."""
    day = row.docketed_on
    course = docketed(day, row.details.due_on or usual_limit(row.details.source, day))
    first = Act(StepKind.DOCKETED, day, new_on=course.due_on)
    found = [(_event_columns(first, None, course.state, row.by_id, row.recorded_at), course)]
    authors: set[int | None] = set()
    for one in row.acts:
        if STEPS[one.act.kind].who is Who.SECOND:
            expect_second(one.by_id, authors)
        if one.act.kind in AUTHORS:
            authors.add(one.by_id)
        act, before = as_taken(course, one.act), course
        course = after(before, act)
        event = _event_columns(act, before.state, course.state, one.by_id, one.recorded_at)
        found.append((event, course))
    return found


def _numbers(years: Sequence[int]) -> list[tuple[int, int]]:
    """The next number of each year, held until the commit: SQLite's writers wait for each other anyway."""
    _hold_numbers()
    last = {year: queries.last_number(SupervisionOrder, year) for year in set(years)}
    found = []
    for year in years:
        last[year] += 1
        found.append((year, last[year]))
    return found


def _hold_numbers() -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_NUMBERS_LOCK)))


def _columns(row: OrderRow, course: Course, number: tuple[int, int]) -> dict[str, Any]:
    details = asdict(row.details)
    del details["joint_unit_ids"], details["due_on"]
    return {
        **details,
        **asdict(course),
        "year": number[0],
        "number": number[1],
        "search_text": f"{search_text(row.details.title, None)}\n{order_number(*number)}",
        "recorded_at": row.recorded_at or clock.now(),
        "version": 1,
    }


def _event_columns(
    act: Act, before: State | None, to: State, by_id: int | None, at: datetime | None
) -> dict[str, Any]:
    return {
        **asdict(act),
        "from_state": before,
        "to_state": to,
        "by_id": by_id,
        "recorded_at": at or clock.now(),
    }


# One step


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
        **_event_columns(act, course.state, then.state, by.id, None),
    )
    session.add(event)
    for name, value in asdict(then).items():
        setattr(order, name, value)
    return event


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


def next_bulletin_number(year: int) -> int:
    _hold_numbers()
    return queries.last_number(Bulletin, year) + 1
