"""What we ask about supervision orders. A unit sees those that it leads or joins; 督查, leaders and auditors see all.

What is about a project that is sealed from the reader is not there for that reader either.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, not_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from crm.companies.names import plain_text
from crm.core.db import session
from crm.followup.models import Instruction, InstructionState
from crm.followup.queries import visible_instructions
from crm.people.models import User
from crm.people.roles import Action, Role
from crm.people.scope import Scope, scope_of
from crm.projects.queries import sealed_from
from crm.supervision.loop import AUTHORS, UNANSWERED
from crm.supervision.models import (
    Bulletin,
    JointUnit,
    State,
    SupervisionEvent,
    SupervisionOrder,
)
from crm.targets.models import AnnualPlan, Chapter, IndicatorMention, PlanTask

SEES_ALL = frozenset({Role.SUPERVISOR, Role.LEADER, Role.AUDITOR})


def visible_to(scope: Scope) -> Select[SupervisionOrder]:
    """The orders that are there for a reader. Every page, count, search and change starts here."""
    scope = own_scope(scope)
    joins = exists().where(
        JointUnit.order_id == SupervisionOrder.id, scope.includes(JointUnit.unit_id)
    )
    mine = or_(scope.includes(SupervisionOrder.unit_id), joins)
    return select(SupervisionOrder).where(mine, is_open_to(scope))


def own_scope(scope: Scope) -> Scope:
    """Investors see the whole park's projects, but of orders those of their own unit."""
    reader = session.get(User, scope.reader_id) if scope.reader_id else None
    if reader is None or not scope.is_whole_park or reader.roles & SEES_ALL:
        return scope
    return replace(scope, prefixes=(reader.unit.path,))


def is_open_to(scope: Scope) -> ColumnElement[bool]:
    project_id = SupervisionOrder.project_id
    return or_(project_id.is_(None), project_id.not_in(sealed_from(scope)))


def search(query: Select[Any], text: str) -> Select[Any]:
    """Of these orders those that have every word in the title, the number or the title's initials."""
    words = plain_text(text).split()
    column = SupervisionOrder.search_text
    return query.where(*(column.contains(word, autoescape=True) for word in words))


def is_overdue(day: date) -> ColumnElement[bool]:
    """The condition that no signed answer has come and the day that counts is past."""
    return and_(SupervisionOrder.state.in_(UNANSWERED), SupervisionOrder.due_on < day)


def with_names(query: Select[SupervisionOrder]) -> Select[SupervisionOrder]:
    return query.options(selectinload(SupervisionOrder.joint_units))


def events_of(order_ids: Iterable[int]) -> Select[SupervisionEvent]:
    """Every step of some orders, in the order in which they were taken."""
    return (
        select(SupervisionEvent)
        .where(SupervisionEvent.order_id.in_(order_ids))
        .options(joinedload(SupervisionEvent.by))
        .order_by(SupervisionEvent.id)
    )


def authors_of(order_id: int) -> set[int | None]:
    """Who ever answered or signed it, or gave a part of the answer."""
    query = select(SupervisionEvent.by_id).where(
        SupervisionEvent.order_id == order_id, SupervisionEvent.kind.in_(AUTHORS)
    )
    return set(session.scalars(query))


def about(scope: Scope, column: Any, record_id: int) -> Select[SupervisionOrder]:
    """The orders about one record (`column` names which kind), newest first."""
    return with_names(
        visible_to(scope).where(column == record_id).order_by(SupervisionOrder.id.desc())
    )


def ran_between(scope: Scope, from_on: date, until_on: date) -> Select[SupervisionOrder]:
    """The orders that were in work at some time of a period, by unit and number."""
    order = SupervisionOrder
    return (
        visible_to(scope)
        .where(
            order.issued_on <= until_on,
            or_(order.closed_on.is_(None), order.closed_on >= from_on),
        )
        .order_by(order.year, order.number)
    )


def waiting_for(reader: User) -> Select[SupervisionOrder]:
    """The orders whose next step is this person's to take, those due first on top."""
    order = SupervisionOrder
    is_own = order.unit_id == reader.unit_id
    mine: list[ColumnElement[bool]] = [false()]
    if reader.may(Action.SUPERVISION_ANSWER):
        at_work = (State.ISSUED, State.HANDLING, State.RETURNED)
        mine.append(and_(is_own, order.state.in_(at_work)))
    if reader.may(Action.SUPERVISION_SIGN):
        mine.append(and_(is_own, order.state == State.ANSWERED))
    if reader.may(Action.SUPERVISION_MANAGE):
        wrote = exists().where(
            SupervisionEvent.order_id == order.id,
            SupervisionEvent.by_id == reader.id,
            SupervisionEvent.kind.in_(AUTHORS),
        )
        mine += [
            order.state == State.DOCKETED,
            order.extension_to.is_not(None),
            and_(order.state == State.SIGNED, not_(wrote)),
        ]
    query = visible_to(scope_of(reader)).where(or_(*mine))
    return with_names(query.order_by(order.due_on, order.id))


def overdue_since(scope: Scope, day: date) -> Select[SupervisionOrder]:
    """The orders that have been overdue since before a day, the longest first."""
    query = visible_to(scope).where(is_overdue(day))
    return with_names(query.order_by(SupervisionOrder.due_on, SupervisionOrder.id))


def bulletins() -> Select[Bulletin]:
    """What went out, newest first. A bulletin is for everybody; what is sealed is taken out as it is read."""
    return (
        select(Bulletin)
        .options(joinedload(Bulletin.issued_by))
        .order_by(Bulletin.year.desc(), Bulletin.number.desc())
    )


def kept_from(scope: Scope, order_ids: Collection[int]) -> set[int]:
    """Those of some orders that are about a project sealed from the reader."""
    query = select(SupervisionOrder.id).where(
        SupervisionOrder.id.in_(order_ids), not_(is_open_to(scope))
    )
    return set(session.scalars(query))


def promises(plan: AnnualPlan) -> Select[PlanTask]:
    """The plan's tasks that no target measures: promises without a number."""
    measured = exists().where(IndicatorMention.task_id == PlanTask.id)
    return (
        select(PlanTask)
        .join(Chapter)
        .where(Chapter.plan_id == plan.id, not_(measured))
        .options(joinedload(PlanTask.unit))
        .order_by(Chapter.position, PlanTask.number)
    )


def open_instructions(reader: User) -> Select[Instruction]:
    """批示 that are not closed and of which no order was made yet, the oldest first."""
    has_order = exists().where(SupervisionOrder.instruction_id == Instruction.id)
    return (
        visible_instructions(reader)
        .where(Instruction.state != InstructionState.CLOSED, not_(has_order))
        .options(joinedload(Instruction.leader))
        .order_by(Instruction.given_on, Instruction.id)
    )


def ordered(column: Any, ids: Collection[int]) -> set[int]:
    """Those records of which there is an order that was not withdrawn."""
    query = select(column).where(column.in_(ids), SupervisionOrder.state != State.WITHDRAWN)
    return set(session.scalars(query))


def last_number(model: type[SupervisionOrder] | type[Bulletin], year: int) -> int:
    return session.scalar(select(func.max(model.number)).where(model.year == year)) or 0
