"""What an application's timeline tells: its steps and corrections; and the line that it leaves on the firm's."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from crm.audit.corrections import corrections
from crm.companies.models import FutureIndustry
from crm.core.db import session
from crm.core.money import to_wan
from crm.core.registry import TimelineItem
from crm.core.words import N_, LabelledEnum
from crm.entry.models import EntrantKind, EntryApplication, EntryState, EntryStep
from crm.people.models import Unit
from crm.reference import industries
from crm.web.timeline import as_shown

FIELDS = {
    "name": N_("申请人名称"),
    "kind": N_("申请人类别"),
    "carrier_id": N_("意向载体"),
    "uscc": N_("统一社会信用代码"),
    "space_wish": N_("意向用房"),
    "intended_on": N_("拟入驻日期"),
    "industry_code": N_("行业"),
    "future_industry": N_("未来产业"),
    "expected_capital": N_("拟投入资金"),
    "expected_staff": N_("预计人数"),
    "is_workstation": N_("工位入驻"),
    "is_cluster_registered": N_("集群注册"),
    "business_plan": N_("入驻项目和经营计划"),
}
_CHOICES: dict[str, type[LabelledEnum]] = {"kind": EntrantKind, "future_industry": FutureIndustry}
_ICONS = {
    EntryState.DRAFT: "plus",
    EntryState.CORRECTION: "arrow-back-up",
    EntryState.REFUSED: "ban",
    EntryState.FAILED: "ban",
    EntryState.WITHDRAWN: "logout",
    EntryState.SETTLED: "circle-check",
}


def of_application(application: EntryApplication) -> list[dict[str, Any]]:
    """Each step with what was said, and each correction, newest first."""
    items = [_step(step) for step in application.steps[::-1]]
    items += corrections(application, "entry.changed", FIELDS, readable)
    return [as_shown(item) for item in sorted(items, key=lambda item: item.on, reverse=True)]


def of_company(company_id: int) -> Iterator[TimelineItem]:
    """The applications by which a firm moved in."""
    query = (
        select(EntryStep, EntryApplication.number)
        .join(EntryApplication, EntryApplication.id == EntryStep.application_id)
        .where(EntryApplication.company_id == company_id, EntryStep.to_state == EntryState.SETTLED)
    )
    for step, number in session.execute(query):
        yield TimelineItem(
            on=step.effective_on,
            icon="inbox",
            text=N_("入驻申请办结：%(number)s"),
            values=(("number", number),),
            by=step.by.name if step.by else "",
        )


def _step(step: EntryStep) -> TimelineItem:
    text = N_("建立草稿") if step.from_state is None else N_("由%(before)s到%(to)s")
    note = step.opinion
    if step.missing:
        told = gettext("一次性告知：%(items)s", items=step.missing.replace("\n", "、"))
        note = f"{told} {note}".strip()
    return TimelineItem(
        on=step.effective_on,
        icon=_ICONS.get(step.to_state, "arrow-right"),
        text=text,
        values=(("before", step.from_state), ("to", step.to_state)) if step.from_state else (),
        by=step.by.name if step.by else "",
        note=note,
    )


def readable(field: str, value: Any) -> Any:
    """A stored value as people read it; a choice as its member, so that it is shown by its label."""
    if value is None or value == "":
        return "–"
    if field in _CHOICES:
        return _CHOICES[field](value)
    if field == "carrier_id":
        unit = session.get(Unit, int(value))
        return unit.name if unit else "–"
    if field == "expected_capital":
        return f"{to_wan(Decimal(value)).normalize():,f}"
    if field == "industry_code":
        industry = industries.get(value)
        return industry.name_zh if industry else value
    if field.startswith("is_"):
        return N_("是") if value in (True, "True") else N_("否")
    return str(value)
