"""The list of firms: what it shows, filters and sorts by. A new fact of a firm is one more line of FIELDS."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import get_locale
from sqlalchemy import ColumnElement, and_, exists, not_, or_, select, true

from crm.companies import queries
from crm.companies.models import (
    Company,
    CompanyKind,
    FutureIndustry,
    PartyOrganisation,
    Residence,
)
from crm.core import clock
from crm.core.words import N_
from crm.lists.asking import unit_names
from crm.lists.fields import Field, Kind, Listing, Operator, members
from crm.people.roles import Action
from crm.reference import industries
from crm.web.filters import NONE
from crm.web.locale import label

EXACTLY = (Operator.IS, Operator.EMPTY, Operator.FILLED)


def _industry_names() -> Mapping[str, str]:
    """Sections and divisions of GB/T 4754 in the reader's language, each under its code."""
    is_english = str(get_locale()).startswith("en")
    entries: list[Any] = [*industries.sections(), *industries.all_divisions()]
    names = {e.code: e.name_en if is_english else e.name_zh for e in entries}
    return {code: f"{code} {names[code]}" for code in sorted(names)}


def _read_industry() -> Callable[[str], str]:
    is_english = str(get_locale()).startswith("en")

    def read(code: str) -> str:
        division = industries.get(code)
        if division is None:
            return code or NONE
        return division.name_en if is_english else division.name_zh

    return read


def _in_industry(operator: Operator, codes: Sequence[str]) -> ColumnElement[bool]:
    """A section includes its divisions, a division its classes: one range of the index each."""
    column = Company.industry_code
    if operator == Operator.EMPTY:
        return column == ""
    if operator == Operator.FILLED:
        return column > ""
    inside = or_(*(and_(column >= code, column < _next_after(code)) for code in codes))
    return inside if operator == Operator.IS else not_(inside)


def _next_after(code: str) -> str:
    return code[:-1] + chr(ord(code[-1]) + 1)


def _named(operator: Operator, values: Sequence[str]) -> ColumnElement[bool]:
    """As the search reads it: every word, in the name, the code or the initials."""
    if operator == Operator.IS:
        return Company.name == values[0]
    found = queries.search(select(Company), values[0]).whereclause
    return true() if found is None else found


def _in_the_park(_operator: Operator, values: Sequence[bool]) -> ColumnElement[bool]:
    today = queries.covers(Residence, clock.today())
    is_here = exists().where(Residence.company_id == Company.id, today)
    return is_here if values[0] else not_(is_here)


NAME = Field(
    "name", N_("企业名称"), Kind.TEXT, Company.name, condition=_named, width=34,
    operators=(Operator.HAS, Operator.IS),
)  # fmt: skip
FIELDS = (
    Field("unit", N_("统计归属"), Kind.UNIT, Company.unit_id, unit_names, is_default=True,
          is_sortable=False, width=22),
    Field("industry", N_("行业"), Kind.CHOICE, Company.industry_code, _industry_names,
          condition=_in_industry, reading=_read_industry, is_default=True, width=24,
          operators=(Operator.IS, Operator.NOT, Operator.EMPTY, Operator.FILLED)),
    Field("uscc", N_("统一社会信用代码"), Kind.TEXT, Company.uscc, operators=EXACTLY,
          is_default=True, width=22),
    Field("recorded_at", N_("登记日期"), Kind.MOMENT, Company.recorded_at, is_default=True, width=12),
    Field("kind", N_("类别"), Kind.CHOICE, Company.kind, members(CompanyKind), width=10),
    Field("established_on", N_("成立日期"), Kind.DATE, Company.established_on, width=12),
    Field("registered_capital", N_("注册资本"), Kind.MONEY, Company.registered_capital, width=16),
    Field("future_industry", N_("未来产业"), Kind.CHOICE, Company.future_industry,
          members(FutureIndustry), width=16),
    Field("legal_representative", N_("法定代表人"), Kind.TEXT, Company.legal_representative,
          operators=EXACTLY, width=12),
    Field("completeness", N_("资料完整度"), Kind.NUMBER, Company.completeness, width=12),
    Field("resident", N_("今天在园"), Kind.BOOL, condition=_in_the_park),
    Field("party", N_("党组织类别"), Kind.CHOICE, Company.party_organisation,
          members(PartyOrganisation), width=18),
    Field("safety", N_("安全重点"), Kind.BOOL, Company.is_safety_focus, is_sortable=False, width=10),
    Field("environment", N_("环保重点"), Kind.BOOL, Company.is_environment_focus, is_sortable=False,
          width=10),
    Field("address", N_("注册地址"), Kind.TEXT, Company.registered_address, is_sortable=False,
          is_filterable=False, width=34),
)  # fmt: skip


def _badge(kind: CompanyKind) -> str:
    """What is no enterprise says so beside its name."""
    return "" if kind == CompanyKind.ENTERPRISE else str(label(kind))


COMPANIES = Listing(
    key="companies",
    label=N_("企业名录"),
    address="/companies",
    model=Company,
    title=NAME,
    fields=FIELDS,
    visible=queries.visible_to,
    search=queries.search,
    action=Action.COMPANIES_READ,
    badge=(Company.kind, _badge),
)
