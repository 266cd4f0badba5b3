"""立项: orders with their numbers, one, many of a meeting, many with their histories; and what is amended before 交办."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from crm.audit.services import Actor, changes_of, record, record_many
from crm.companies.names import search_text
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.followup.models import Instruction
from crm.followup.queries import visible_instructions
from crm.people.models import User
from crm.reference import settings
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
)
from crm.supervision.models import (
    JointUnit,
    Source,
    State,
    StepKind,
    SupervisionEvent,
    SupervisionOrder,
    order_number,
)
from crm.supervision.numbering import next_numbers
from crm.supervision.services import called, event_columns


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


def amend(order: SupervisionOrder, details: OrderDetails, *, version: int | None, by: User) -> None:
    """Say otherwise what is to be done and by whom, while nobody has been told; the limit is set with 交办.

    Raises StaleRecord, Conflict for what is issued, DomainError.
    """
    order.expect_version(version)
    if order.state is not State.DOCKETED:
        raise Conflict(N_("已交办的督办单不能修改；需要改的请撤销后重新立项。"))
    details = _checked(replace(details, due_on=None), by)
    joint = {one.unit_id: one.unit.name for one in order.joint_units}
    order.source, order.title, order.requirement = (
        details.source,
        details.title,
        details.requirement,
    )
    order.basis, order.basis_on, order.unit_id = details.basis, details.basis_on, details.unit_id
    order.search_text = _searched(details.title, (order.year, order.number))
    changes = changes_of(order)
    changes.pop("search_text", None)
    if set(joint) != set(details.joint_unit_ids):
        session.execute(delete(JointUnit).where(JointUnit.order_id == order.id))
        _join([order.id], [details])
        session.expire(order, ["joint_units"])
        now = "、".join(one.unit.name for one in order.joint_units)
        changes["joint_units"] = ("、".join(joint.values()), now)
    record("supervision.amended", order, by=by, name=called(order), changes=changes)


def docket_many(rows: Sequence[OrderRow], *, by: Actor) -> int:
    """Many with their histories, each of them walked through the loop. How many; raises DomainError."""
    _insert(rows)
    if rows:
        record_many("supervision.docketed_many", [(0, row.details) for row in rows], by=by)
    return len(rows)


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
    numbers = next_numbers([row.docketed_on.year for row in rows])
    columns = [
        _columns(row, events[-1][1], number)
        for row, events, number in zip(rows, walked, numbers, strict=True)
    ]
    statement = insert(SupervisionOrder).returning(
        SupervisionOrder.id, sort_by_parameter_order=True
    )
    ids = session.scalars(statement, columns).all()
    _join(ids, [row.details for row in rows])
    steps = [
        {"order_id": number, **columns}
        for number, events in zip(ids, walked, strict=True)
        for columns, _course in events
    ]
    session.execute(insert(SupervisionEvent), steps, execution_options=BULK)
    return ids


def _join(ids: Sequence[int], details: Sequence[OrderDetails]) -> None:
    joint = [
        {"order_id": number, "unit_id": unit_id}
        for number, one in zip(ids, details, strict=True)
        for unit_id in one.joint_unit_ids
    ]
    if joint:
        session.execute(insert(JointUnit), joint)


def _walk(row: OrderRow) -> list[tuple[dict[str, Any], Course]]:
    """Each event as columns, with how the order stood after it. Raises DomainError where the history breaks a rule."""
    day = row.docketed_on
    course = docketed(day, row.details.due_on or usual_limit(row.details.source, day))
    first = Act(StepKind.DOCKETED, day, new_on=course.due_on)
    found = [(event_columns(first, None, course.state, row.by_id, row.recorded_at), course)]
    authors: set[int | None] = set()
    for one in row.acts:
        if STEPS[one.act.kind].who is Who.SECOND:
            expect_second(one.by_id, authors)
        if one.act.kind in AUTHORS:
            authors.add(one.by_id)
        act, before = as_taken(course, one.act), course
        course = after(before, act)
        event = event_columns(act, before.state, course.state, one.by_id, one.recorded_at)
        found.append((event, course))
    return found


def _columns(row: OrderRow, course: Course, number: tuple[int, int]) -> dict[str, Any]:
    details = asdict(row.details)
    del details["joint_unit_ids"], details["due_on"]
    return {
        **details,
        **asdict(course),
        "year": number[0],
        "number": number[1],
        "search_text": _searched(row.details.title, number),
        "recorded_at": row.recorded_at or clock.now(),
        "version": 1,
    }


def _searched(title: str, number: tuple[int, int]) -> str:
    return f"{search_text(title, None)}\n{order_number(*number)}"
