"""What the register itself adds to a firm's timeline: registration, residence, corrections old → new."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from crm.audit.corrections import corrections
from crm.companies.models import Company, CompanyKind, FutureIndustry
from crm.core.clock import park_date
from crm.core.db import session
from crm.core.money import to_wan
from crm.core.registry import TimelineItem
from crm.core.words import N_, LabelledEnum
from crm.reference import industries

FIELDS = {
    "name": N_("企业名称"),
    "kind": N_("类别"),
    "uscc": N_("统一社会信用代码"),
    "legal_representative": N_("法定代表人"),
    "registered_capital": N_("注册资本"),
    "established_on": N_("成立日期"),
    "industry_code": N_("行业"),
    "future_industry": N_("未来产业"),
}
_CHOICES: dict[str, type[LabelledEnum]] = {"kind": CompanyKind, "future_industry": FutureIndustry}


def of_company(company_id: int) -> Iterator[TimelineItem]:
    """Registration, the beginning and end of each residence, each correction."""
    company = session.get_one(Company, company_id)
    yield TimelineItem(
        on=park_date(company.recorded_at),
        icon="plus",
        text=N_("登记建档"),
        by=company.registered_by.name if company.registered_by else "",
    )
    for residence in company.residences:
        yield TimelineItem(
            on=residence.from_on,
            icon="map-pin",
            text=N_("入驻%(carrier)s（%(kind)s）"),
            values=(("carrier", residence.carrier.name), ("kind", residence.kind)),
        )
        if residence.to_on:
            yield TimelineItem(
                on=residence.to_on,
                icon="logout",
                text=N_("离开%(carrier)s"),
                values=(("carrier", residence.carrier.name),),
                note=residence.reason.label if residence.reason else "",
            )
    yield from corrections(company, "company.changed", FIELDS, readable)


def readable(field: str, value: Any) -> Any:
    """A field's stored value as people read it; a choice as its member, so that it is shown by its label."""
    if value is None or value == "":
        return "–"
    if field in _CHOICES:
        return _CHOICES[field](value)
    if field == "registered_capital":
        return f"{to_wan(Decimal(value)).normalize():,f}"
    if field == "industry_code":
        industry = industries.get(value)
        return industry.name_zh if industry else value
    return str(value)
