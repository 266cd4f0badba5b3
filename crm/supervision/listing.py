"""The ledger (督办台账) as a list."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, select, true

from crm.core import clock
from crm.core.db import session
from crm.core.words import N_
from crm.lists.asking import unit_names
from crm.lists.fields import Field, Kind, Listing, Operator, members
from crm.people.models import Unit
from crm.people.roles import Action
from crm.supervision import queries
from crm.supervision.loop import RUNNING, UNANSWERED
from crm.supervision.models import JointUnit, Source, State, SupervisionOrder
from crm.web.guards import me
from crm.web.locale import label

O = SupervisionOrder  # noqa: E741 - as short as the other lists' models
ONE_OF = (Operator.IS, Operator.NOT)


def _titled(operator: Operator, values: Sequence[str]) -> ColumnElement[bool]:
    if operator == Operator.IS:
        return O.title == values[0]
    found = queries.search(select(O), values[0]).whereclause
    return true() if found is None else found


def _overdue(_operator: Operator, values: Sequence[bool]) -> ColumnElement[bool]:
    found = queries.is_overdue(clock.today())
    return found if values[0] else not_(found)


def _running(_operator: Operator, values: Sequence[bool]) -> ColumnElement[bool]:
    found = O.state.in_(RUNNING)
    return found if values[0] else not_(found)


def _mine(_operator: Operator, values: Sequence[bool]) -> ColumnElement[bool]:
    """What waits for whoever looks."""
    found = O.id.in_(queries.waiting_for(me()).with_only_columns(O.id).order_by(None))
    return found if values[0] else not_(found)


def _is_open_extension(_operator: Operator, values: Sequence[bool]) -> ColumnElement[bool]:
    return O.extension_to.is_not(None) if values[0] else O.extension_to.is_(None)


def _days_overdue(ids: Sequence[int], day: date) -> Mapping[int, int]:
    rows = session.execute(
        select(O.id, O.due_on).where(and_(O.id.in_(ids), O.state.in_(UNANSWERED), O.due_on < day))
    )
    return {row.id: (day - row.due_on).days for row in rows}


def _joint(ids: Sequence[int], _day: date) -> Mapping[int, str]:
    rows = session.execute(
        select(JointUnit.order_id, Unit.name)
        .join(Unit, Unit.id == JointUnit.unit_id)
        .where(JointUnit.order_id.in_(ids))
        .order_by(Unit.position, Unit.id)
    )
    found: dict[int, str] = {}
    for order_id, name in rows:
        found[order_id] = f"{found[order_id]}、{name}" if order_id in found else name
    return found


def _numbers(ids: Sequence[int], _day: date) -> Mapping[int, str]:
    rows = session.scalars(select(O).where(O.id.in_(ids)))
    return {order.id: order.name for order in rows}


TITLE = Field(
    "title", N_("督办事项"), Kind.TEXT, O.title, condition=_titled, width=40, is_sortable=False,
    operators=(Operator.HAS, Operator.IS),
)  # fmt: skip
FIELDS = (
    Field("number", N_("编号"), Kind.TEXT, look_up=_numbers, is_filterable=False, is_default=True,
          width=16),
    Field("state", N_("状态"), Kind.CHOICE, O.state, members(State), operators=ONE_OF, is_default=True,
          is_sortable=False, width=14),
    Field("unit", N_("牵头单位"), Kind.UNIT, O.unit_id, unit_names, is_default=True, is_sortable=False,
          width=22),
    Field("due_on", N_("时限"), Kind.DATE, O.due_on, is_default=True, width=12),
    Field("days_overdue", N_("逾期天数"), Kind.NUMBER, look_up=_days_overdue, is_filterable=False,
          is_default=True, width=10),
    Field("source", N_("来源"), Kind.CHOICE, O.source, members(Source), operators=ONE_OF,
          is_default=True, is_sortable=False, width=14),
    Field("joint", N_("协办单位"), Kind.TEXT, look_up=_joint, is_filterable=False, width=30),
    Field("basis", N_("依据"), Kind.TEXT, O.basis, is_sortable=False, width=30),
    Field("requirement", N_("办理要求"), Kind.TEXT, O.requirement, is_filterable=False,
          is_sortable=False, width=40),
    Field("first_due_on", N_("首次时限"), Kind.DATE, O.first_due_on, is_sortable=False, width=12),
    Field("issued_on", N_("交办日期"), Kind.DATE, O.issued_on, width=12),
    Field("answered_on", N_("反馈日期"), Kind.DATE, O.answered_on, is_sortable=False, width=12),
    Field("closed_on", N_("销号日期"), Kind.DATE, O.closed_on, is_sortable=False, width=12),
    Field("returns", N_("退办次数"), Kind.NUMBER, O.returns, is_sortable=False, width=10),
    Field("extensions", N_("延期次数"), Kind.NUMBER, O.extensions, is_sortable=False, width=10),
    Field("overdue", N_("逾期"), Kind.BOOL, condition=_overdue),
    Field("running", N_("在办"), Kind.BOOL, condition=_running),
    Field("mine", N_("待我办理"), Kind.BOOL, condition=_mine),
    Field("extension", N_("待批延期"), Kind.BOOL, condition=_is_open_extension),
)  # fmt: skip


def _badge(order_state: Any) -> str:
    return str(label(order_state)) if order_state is State.RETURNED else ""


ORDERS = Listing(
    key="supervision",
    label=N_("督办台账"),
    address="/supervision",
    model=SupervisionOrder,
    title=TITLE,
    fields=FIELDS,
    visible=queries.visible_to,
    search=queries.search,
    action=Action.SUPERVISION_READ,
    badge=(O.state, _badge),
)
