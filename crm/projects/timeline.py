"""What a project's own timeline tells: its steps through the stages, and each correction old → new."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from crm.audit.corrections import corrections
from crm.companies.models import FutureIndustry
from crm.core.db import session
from crm.core.money import Currency, to_wan
from crm.core.registry import TimelineItem
from crm.core.words import N_, LabelledEnum
from crm.people.models import Unit, User
from crm.people.scope import Scope
from crm.projects import queries
from crm.projects.models import (
    EconomyType,
    KeyLevel,
    Nature,
    Origin,
    Project,
    ProjectKind,
    Purpose,
    Stage,
    StageChange,
)

FIELDS = {
    "name": N_("项目名称"),
    "kind": N_("类别"),
    "origin": N_("来源地"),
    "nature": N_("性质"),
    "adds_to_id": N_("增资的原项目"),
    "unit_id": N_("责任单位"),
    "leader_id": N_("责任领导"),
    "reporting_unit_id": N_("首报单位"),
    "key_level": N_("重点级别"),
    "is_sealed": N_("保密"),
    "currency": N_("币种"),
    "investor": N_("投资方"),
    "economy_type": N_("经济类型"),
    "future_industry": N_("产业"),
    "purpose": N_("用途"),
    "owner_id": N_("责任人"),
    "floor_area": N_("建筑面积"),
    "carrier_id": N_("落户载体"),
    "rooms": N_("用房"),
    "plot": N_("地块"),
    "land_area": N_("用地面积"),
    "summary": N_("项目简介"),
    "next_action": N_("下一步"),
    "next_action_on": N_("下一步时限"),
    "source": N_("线索来源"),
    "contact": N_("联系人"),
    "expected_investment": N_("预计投资"),
    "visited_on": N_("洽谈或考察日期"),
    "space_wish": N_("意向地块、载体或房源"),
    "intent_document": N_("意向书、框架协议或预留凭据"),
    "agreement_number": N_("协议编号"),
    "agreement_on": N_("协议签订日期"),
    "agreed_investment": N_("协议投资"),
    "builder_id": N_("项目公司/建设单位"),
    "became_id": N_("落地企业"),
    "became_on": N_("落地日期"),
    "filing_number": N_("立项备案号"),
    "permit_number": N_("施工许可证或施工合同编号"),
    "works_seen_on": N_("主体施工（装修）现场照片日期"),
    "accepted_on": N_("竣工验收日期"),
    "in_use_on": N_("投用日期"),
}
_CHOICES: dict[str, type[LabelledEnum]] = {
    "kind": ProjectKind,
    "origin": Origin,
    "economy_type": EconomyType,
    "future_industry": FutureIndustry,
    "purpose": Purpose,
    "nature": Nature,
    "key_level": KeyLevel,
    "currency": Currency,
}
_LINKS: dict[str, type[Unit | User]] = {
    "unit_id": Unit,
    "owner_id": User,
    "leader_id": User,
    "reporting_unit_id": Unit,
    "carrier_id": Unit,
}
_NAMELESS = {  # the reader's scope may leave them out
    "builder_id": N_("在册企业"),
    "became_id": N_("在册企业"),
    "adds_to_id": N_("在册项目"),
}


def of_company(company_id: int, scope: Scope) -> Iterator[TimelineItem]:
    """When a project became the firm, where the project is there for the reader."""
    became = queries.visible_to(scope).where(Project.became_id == company_id)
    for project in session.scalars(became.where(Project.became_on.is_not(None))):
        yield TimelineItem(
            project.became_on or project.first_reported_on,
            "layout-kanban",
            N_("由招商项目“%(project)s”落地"),
            (("project", project.name),),
        )


def of_project(project_id: int) -> Iterator[TimelineItem]:
    """Each step with its reason and what was waived, and each correction."""
    for step, by in session.execute(queries.steps(project_id)):
        yield _step(step, by or "")
    project = session.get_one(Project, project_id)
    if project.became_on is not None:
        yield TimelineItem(project.became_on, "building", N_("项目落地为在册企业"))
    if project.upgraded_on is not None:
        yield TimelineItem(project.upgraded_on, "stairs-up", N_("项目升级"))
    yield from corrections(project, "project.changed", FIELDS, readable)


def _step(step: StageChange, by: str) -> TimelineItem:
    text, icon = _words(step)
    if step.is_withdrawal:
        text, icon = N_("撤回：由%(before)s移到%(to)s"), "arrow-back-up"
    elif step.corrects_id:
        text, icon = N_("更正：%(day)s由%(before)s移到%(to)s"), "edit"
    values = (
        ("before", step.from_stage or N_("登记")),
        ("to", step.to_stage),
        ("items", step.waived),
        ("why", step.loss_reason),
        ("day", step.effective_on.isoformat()),
    )
    note = step.correction or step.note
    is_void = not step.is_counted and not step.is_withdrawal
    return TimelineItem(step.effective_on, icon, text, values, by=by, note=note, is_void=is_void)


def _words(step: StageChange) -> tuple[str, str]:
    if step.from_stage is None:
        return N_("登记为%(to)s"), "plus"
    if step.to_stage == Stage.PAUSED:
        return N_("由%(before)s暂停"), "player-pause"
    if step.loss_reason:
        return N_("由%(before)s流失或终止（%(why)s）"), "ban"
    if step.to_stage == Stage.LOST:
        return N_("由%(before)s流失或终止"), "ban"
    if step.waived:
        return N_("由%(before)s移到%(to)s，放行：%(items)s"), "arrow-right"
    return N_("由%(before)s移到%(to)s"), "arrow-right"


def readable(field: str, value: Any) -> Any:
    """A stored value as people read it; a choice as its member, so that it is shown by its label."""
    if value is None or value == "":
        return "–"
    if field in _CHOICES:
        return _CHOICES[field](value)
    if field in _NAMELESS:
        return _NAMELESS[field]
    if field == "is_sealed":
        return N_("是") if value in (True, "True") else N_("否")
    if field in _LINKS:
        found: Any = session.get(_LINKS[field], int(value))
        return found.name if found else "–"
    if field.endswith("_investment"):
        return f"{to_wan(Decimal(value)).normalize():,f}"
    return str(value)
