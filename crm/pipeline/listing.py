"""The list of projects: what it shows, filters and sorts by. The board and the flow take the same filters."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, not_, select, true

from crm.companies.models import FutureIndustry
from crm.core import clock
from crm.core.db import session
from crm.core.money import Currency
from crm.core.words import N_
from crm.lists.asking import unit_names
from crm.lists.fields import Field, Kind, Listing, Operator, members
from crm.milestones.queries import has_marks
from crm.people.models import User
from crm.people.roles import Action
from crm.projects import queries
from crm.projects.models import (
    EconomyType,
    Origin,
    Project,
    ProjectKind,
    Purpose,
    Stage,
)
from crm.reference import settings
from crm.web.guards import me
from crm.web.locale import label

P = Project
LARGEST_STAY = 40_000  # days: a century, within what a date can be moved by


def _named(operator: Operator, values: Sequence[str]) -> ColumnElement[bool]:
    """As the search reads it: every word, in the name, the investor or the initials."""
    if operator == Operator.IS:
        return P.name == values[0]
    found = queries.search(select(P), values[0]).whereclause
    return true() if found is None else found


def _people() -> Mapping[str, str]:
    """Everybody by number: who was responsible for a project keeps the name when the account is closed."""
    return {str(row.id): row.name for row in session.execute(select(User.id, User.name))}


def _owned(operator: Operator, values: Sequence[str]) -> ColumnElement[bool]:
    if operator == Operator.EMPTY:
        return P.owner_id.is_(None)
    return P.owner_id.in_([int(value) for value in values])


def _mine(_operator: Operator, values: Sequence[bool]) -> ColumnElement[bool]:
    """Of whoever looks: a shared view of one's own projects shows each reader theirs."""
    is_mine: ColumnElement[bool] = and_(P.owner_id.is_not(None), P.owner_id == me().id)
    return is_mine if values[0] else not_(is_mine)


def _planned(_operator: Operator, values: Sequence[bool]) -> ColumnElement[bool]:
    return has_marks() if values[0] else not_(has_marks())


def _stalled(_operator: Operator, values: Sequence[bool]) -> ColumnElement[bool]:
    found = queries.stalled(clock.today(), settings.get("projects.stalled_days"))
    return found if values[0] else not_(found)


def _stays(operator: Operator, values: Sequence[int]) -> ColumnElement[bool]:
    """So many days in the stage: the longer, the earlier it was entered."""
    days = [timedelta(days=max(-1, min(value, LARGEST_STAY))) for value in values]
    first = P.stage_entered_on <= clock.today() - days[0]
    last = P.stage_entered_on >= clock.today() - days[-1]
    if operator == Operator.BETWEEN:
        return and_(first, last)
    return first if operator == Operator.FROM else last


def _days_in_stage(ids: Collection[int], day: date) -> Mapping[int, int]:
    rows = session.execute(select(P.id, P.stage_entered_on).where(P.id.in_(ids)))
    return {number: (day - entered_on).days for number, entered_on in rows}


def _amount(key: str, words: str, column: Any, currency: Currency, **more: Any) -> Field:
    """A figure in one currency: amounts of another stand in a column of their own."""
    return Field(
        key, words, Kind.MONEY, case((P.currency == currency, column)), currency=currency, width=16,
        operators=(Operator.FROM, Operator.TO, Operator.BETWEEN, Operator.EMPTY, Operator.FILLED), **more,
    )  # fmt: skip


NAME = Field(
    "name", N_("项目"), Kind.TEXT, P.name, condition=_named, width=34,
    operators=(Operator.HAS, Operator.IS),
)  # fmt: skip
FIELDS = (
    Field("stage", N_("阶段"), Kind.CHOICE, P.stage, members(Stage), is_default=True,
          is_sortable=False, width=12),
    Field("kind", N_("类别"), Kind.CHOICE, P.kind, members(ProjectKind), width=10),
    Field("investor", N_("投资方"), Kind.TEXT, P.investor, is_default=True, width=26),
    _amount("expected", N_("预计投资"), P.expected_investment, Currency.CNY, is_default=True),
    _amount("agreed", N_("协议投资"), P.agreed_investment, Currency.CNY, is_default=True),
    _amount("expected_usd", N_("预计投资"), P.expected_investment, Currency.USD),
    _amount("agreed_usd", N_("协议投资"), P.agreed_investment, Currency.USD),
    Field("currency", N_("币种"), Kind.CHOICE, P.currency, members(Currency), is_sortable=False, width=10),
    Field("entered_on", N_("进入本阶段"), Kind.DATE, P.stage_entered_on, width=12),
    Field("days", N_("停留天数"), Kind.NUMBER, look_up=_days_in_stage, condition=_stays, is_default=True,
          operators=(Operator.FROM, Operator.TO, Operator.BETWEEN), width=10),
    Field("stalled", N_("停滞"), Kind.BOOL, condition=_stalled),
    Field("milestones", N_("设有节点"), Kind.BOOL, condition=_planned),
    Field("unit", N_("责任单位"), Kind.UNIT, P.unit_id, unit_names, is_default=True,
          is_sortable=False, width=22),
    Field("owner", N_("责任人"), Kind.CHOICE, P.owner_id, _people, condition=_owned, is_default=True,
          is_sortable=False, operators=(Operator.IS, Operator.EMPTY), width=12),
    Field("mine", N_("我负责的"), Kind.BOOL, condition=_mine),
    Field("next_action", N_("下一步"), Kind.TEXT, P.next_action, is_sortable=False, width=30,
          operators=(Operator.EMPTY, Operator.FILLED)),
    Field("next_action_on", N_("下一步期限"), Kind.DATE, P.next_action_on, width=12),
    Field("industry", N_("未来产业"), Kind.CHOICE, P.future_industry, members(FutureIndustry), width=16),
    Field("origin", N_("投资来源"), Kind.CHOICE, P.origin, members(Origin), width=12),
    Field("economy", N_("四类经济"), Kind.CHOICE, P.economy_type, members(EconomyType), width=12),
    Field("purpose", N_("用途"), Kind.CHOICE, P.purpose, members(Purpose), width=12),
    Field("floor_area", N_("建筑面积（㎡）"), Kind.NUMBER, P.floor_area, width=14),
    Field("first_reported_on", N_("首报日期"), Kind.DATE, P.first_reported_on, width=12),
    Field("sealed", N_("保密"), Kind.BOOL, P.is_sealed, is_sortable=False, width=8),
)  # fmt: skip


def _badge(is_sealed: bool) -> str:
    return str(label(N_("保密"))) if is_sealed else ""


PROJECTS = Listing(
    key="projects",
    label=N_("项目列表"),
    address="/projects",
    model=Project,
    title=NAME,
    fields=FIELDS,
    visible=queries.visible_to,
    search=queries.search,
    action=Action.PROJECTS_READ,
    badge=(Project.is_sealed, _badge),
)


def face(address: str, *keeps: str) -> Listing:
    """The same filters at the address of another face, which keeps these parameters of its own."""
    return replace(PROJECTS, address=address, keeps=keeps)
