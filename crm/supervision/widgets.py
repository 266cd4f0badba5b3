"""What supervision puts on each role's first page and into 待办; nothing where there is nothing for that person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func

from crm.core import clock
from crm.core.db import session
from crm.core.registry import TODOS_OF_A_SOURCE, Todo
from crm.core.words import N_
from crm.people.models import User
from crm.people.roles import Action, Role
from crm.people.scope import scope_of
from crm.supervision import escalation, queries
from crm.supervision.loop import RUNNING
from crm.supervision.models import State, SupervisionOrder

SHOWN = 6
LOOKED_AT_WITHIN = timedelta(days=3)
_WORDS = {
    State.DOCKETED: N_("交办%(number)s"),
    State.ISSUED: N_("签收%(number)s"),
    State.HANDLING: N_("反馈%(number)s"),
    State.RETURNED: N_("重新办理%(number)s"),
    State.ANSWERED: N_("签发%(number)s的反馈"),
    State.SIGNED: N_("审核%(number)s的反馈"),
}
_STEPS = (Action.SUPERVISION_ANSWER, Action.SUPERVISION_SIGN, Action.SUPERVISION_MANAGE)
_EXTENSION = N_("审批%(number)s的延期")


@dataclass(frozen=True)
class AtHome:
    """What waits for one person, and how many orders of theirs are in work and overdue."""

    waiting: Sequence[SupervisionOrder]
    running: int
    overdue: int


def at_home(reader: User) -> AtHome | None:
    """For units and 督查. Leaders are told of what is long overdue (`escalated`)."""
    is_concerned = any(
        reader.may(action)
        for action in (
            Action.SUPERVISION_MANAGE,
            Action.SUPERVISION_ANSWER,
            Action.SUPERVISION_SIGN,
        )
    )
    if not is_concerned:
        return None
    order = SupervisionOrder
    query = queries.visible_to(scope_of(reader)).where(order.state.in_(RUNNING))
    counts = query.with_only_columns(
        func.count().label("running"),
        func.count().filter(queries.is_overdue(clock.today())).label("overdue"),
    )
    row = session.execute(counts).one()
    waiting = session.scalars(queries.waiting_for(reader).limit(SHOWN)).all()
    if not row.running and not waiting:
        return None
    return AtHome(waiting, row.running, row.overdue)


def in_work(reader: User) -> Sequence[SupervisionOrder]:
    """The orders that one's unit leads or joins and that are not closed, those due first on top."""
    query = queries.visible_to(scope_of(reader)).where(SupervisionOrder.state.in_(RUNNING))
    ordered = query.order_by(SupervisionOrder.due_on, SupervisionOrder.id)
    return session.scalars(queries.with_names(ordered).limit(200)).all()


def escalated(reader: User) -> Sequence[SupervisionOrder] | None:
    """The leader's first page: what is overdue for longer than a unit's head and 督查 could bear."""
    if Role.LEADER not in reader.roles:
        return None
    return escalation.before_the_leader(reader) or None


def todos(reader: User) -> Iterator[Todo]:
    """One line for each order whose next step is the reader's."""
    if not any(map(reader.may, _STEPS)):
        return
    for order in session.scalars(queries.waiting_for(reader).limit(TODOS_OF_A_SOURCE)):
        is_judged = order.state is State.SIGNED or order.extension_to is not None
        is_judging = is_judged and reader.may(Action.SUPERVISION_MANAGE)
        text = _WORDS[order.state]
        if is_judging and order.state is not State.SIGNED:
            text = _EXTENSION
        yield Todo(
            order.state_on + LOOKED_AT_WITHIN if is_judging else order.due_on,
            "clipboard-check",
            text,
            order.title,
            f"/supervision/{order.id}",
            (("number", order.name),),
        )
