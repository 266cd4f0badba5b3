"""The facts of a firm: what each is called, how a value reads, and how one comes back out of the log."""

from datetime import date
from decimal import Decimal
from typing import Any

from crm.companies.models import (
    CompanyKind,
    EconomyType,
    FutureIndustry,
    PartyOrganisation,
)
from crm.core.db import session
from crm.core.money import to_wan
from crm.core.words import N_, LabelledEnum
from crm.people.models import User
from crm.reference import industries

FIELDS = {
    "name": N_("企业名称"),
    "kind": N_("类别"),
    "uscc": N_("统一社会信用代码"),
    "legal_representative": N_("法定代表人"),
    "registered_capital": N_("注册资本"),
    "established_on": N_("成立日期"),
    "registered_address": N_("注册地址"),
    "industry_code": N_("行业"),
    "future_industry": N_("未来产业"),
    "economy_types": N_("四类经济"),
    "business_scope": N_("经营范围"),
    "party_organisation": N_("党组织类别"),
    "is_safety_focus": N_("安全重点"),
    "is_environment_focus": N_("环保重点"),
    "focus_note": N_("重点说明"),
    "staff_contact_id": N_("园区联系人"),
}
_CHOICES: dict[str, type[LabelledEnum]] = {
    "kind": CompanyKind,
    "future_industry": FutureIndustry,
    "party_organisation": PartyOrganisation,
}
_LONGEST_SHOWN = 60


def readable(field: str, value: Any) -> Any:
    """A field's value, stored or logged, as people read it; a choice as its member, so that it is shown by its label."""
    if value is None or value == "" or value == frozenset() or value == []:
        return "–"
    if field in _CHOICES:
        return _CHOICES[field](value)
    if field == "economy_types":
        return tuple(sorted((EconomyType(member) for member in value), key=list(EconomyType).index))
    if field.startswith("is_"):
        return N_("是") if value else N_("否")
    if field == "registered_capital":
        return f"{to_wan(Decimal(value)).normalize():,f}"
    if field == "industry_code":
        industry = industries.get(value)
        return f"{value} {industry.name_zh}" if industry else value
    if field == "staff_contact_id":
        person = session.get(User, int(value))
        return person.name if person else "–"
    text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def from_log(field: str, value: Any) -> Any:
    """A value that the log kept as JSON, as it was in the register."""
    if value is None:
        return frozenset() if field == "economy_types" else None
    if field in _CHOICES:
        return _CHOICES[field](value)
    if field == "economy_types":
        return frozenset(EconomyType(member) for member in value)
    if field == "registered_capital":
        return Decimal(value)
    if field == "established_on":
        return date.fromisoformat(value)
    return value
