"""The library as a list: who is in it, for which rung and year, who looks after them, whether they are on course."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from crm.companies import queries as companies
from crm.companies.models import Company
from crm.core.db import session
from crm.core.words import N_
from crm.cultivation import queries
from crm.cultivation.models import Cultivation, Result
from crm.ladder.history import COUNTED
from crm.ladder.listing import read_place
from crm.lists.asking import unit_names
from crm.lists.fields import Field, Kind, Listing, Operator, members
from crm.people.models import User
from crm.people.roles import Action
from crm.web.filters import NONE
from crm.web.locale import label

C = Cultivation
ONE_OF = (Operator.IS, Operator.NOT)


def _named(operator: Operator, values: Sequence[str]) -> ColumnElement[bool]:
    if operator == Operator.IS:
        return Company.name == values[0]
    return C.company_id.in_(companies.search(select(Company.id), values[0]))


def _people() -> Mapping[str, str]:
    """Everybody by number: who looked after a firm keeps the name when the account is closed."""
    return {str(row.id): row.name for row in session.execute(select(User.id, User.name))}


def _is_person(column: Any) -> Callable[[Operator, Sequence[str]], ColumnElement[bool]]:
    def condition(operator: Operator, values: Sequence[str]) -> ColumnElement[bool]:
        is_nobody: ColumnElement[bool] = column.is_(None)
        is_one: ColumnElement[bool] = column.in_([int(value) for value in values])
        return is_nobody if operator == Operator.EMPTY else is_one

    return condition


def _is_open(_operator: Operator, values: Sequence[bool]) -> ColumnElement[bool]:
    return C.left_on.is_(None) if values[0] else C.left_on.is_not(None)


def _person(key: str, words: str, column: Any) -> Field:
    return Field(
        key, words, Kind.CHOICE, column, _people, condition=_is_person(column), is_sortable=False,
        operators=(Operator.IS, Operator.EMPTY), is_default=True, width=12,
    )  # fmt: skip


NAME = Field(
    "company", N_("企业名称"), Kind.TEXT, Company.name, condition=_named, width=34, is_sortable=False,
    operators=(Operator.HAS, Operator.IS),
)  # fmt: skip
FIELDS = (
    Field("target_rung", N_("目标层级"), Kind.CHOICE, C.target_rung,
          lambda: {rung.value: rung.label for rung in COUNTED}, operators=ONE_OF, is_sortable=False,
          is_default=True, width=12),
    Field("target_year", N_("目标年份"), Kind.NUMBER, C.target_year, reading=lambda: str,
          is_default=True, width=10),
    Field("rung", N_("当前层级"), Kind.TEXT, look_up=queries.standings_of_members, face="rung",
          reading=read_place, is_filterable=False, is_default=True, width=12),
    Field("course", N_("进度"), Kind.TEXT, look_up=queries.courses_of,
          reading=lambda: lambda found: str(label(found)) if found else NONE, is_filterable=False,
          is_default=True, width=10),
    _person("leader", N_("挂钩领导"), C.leader_id),
    _person("officer", N_("服务专员"), C.officer_id),
    Field("unit", N_("统计归属"), Kind.UNIT, Company.unit_id, unit_names, is_default=True,
          is_sortable=False, width=22),
    Field("entered_on", N_("入库日期"), Kind.DATE, C.entered_on, width=12),
    Field("left_on", N_("出库日期"), Kind.DATE, C.left_on, is_sortable=False, width=12),
    Field("result", N_("结果"), Kind.CHOICE, C.result, members(Result), is_sortable=False, width=14),
    Field("is_open", N_("在库"), Kind.BOOL, condition=_is_open),
    Field("measures", N_("培育措施"), Kind.TEXT, C.measures, is_filterable=False, is_sortable=False,
          width=40),
)  # fmt: skip

CULTIVATIONS = Listing(
    key="cultivations",
    label=N_("重点企业培育库"),
    address="/cultivation",
    model=Cultivation,
    title=NAME,
    fields=FIELDS,
    visible=queries.visible_to,
    search=companies.search,
    action=Action.COMPANIES_READ,
    badge=(C.result, lambda result: str(label(result)) if result else ""),
    joins=((Company, Company.id == C.company_id),),
    unit=Company.unit_id,
)
