"""Milestones that come in spreadsheets. Another day than was said before needs its reason, and stays on record as everywhere."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.core import clock
from crm.core.among import among
from crm.core.attributes import Attribute, Sort
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.imports import records
from crm.imports.kinds import Draft, ImportKind, Landed, Outcome, Verdict
from crm.milestones.models import Milestone, MilestoneKind
from crm.milestones.services import (
    COLUMNS,
    MilestoneDetails,
    MilestoneRow,
    change_dates_many,
    drop_many,
    expect_reason,
    expect_sense,
    promise_many,
)
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.projects.named import PROJECT, ProjectOf, projects_of

ATTRIBUTES = (
    PROJECT,
    Attribute("kind", N_("节点"), Sort.CHOICE, choices=MilestoneKind, is_required=True, example="主体封顶",
              headings=("里程碑", "节点名称", "时间节点", "关键节点")),
    Attribute("name", N_("说明"), longest=60, headings=("节点说明",),
              help=N_("“其他”须写明是什么；同类有几个时用来区分。")),
    Attribute("planned_on", N_("计划日期"), Sort.DATE, may_be_future=True, example="2020-11-30",
              headings=("计划时间", "计划完成日期", "计划完成时间"), help=N_("新节点须填写。")),
    Attribute("forecast_on", N_("预计日期"), Sort.DATE, may_be_future=True,
              headings=("预计时间", "预计完成日期", "预计完成时间"), help=N_("与计划不同时填写。")),
    Attribute("done_on", N_("完成日期"), Sort.DATE, headings=("实际日期", "实际完成日期", "完成时间", "实际完成时间"),
              help=N_("签约、开工、竣工验收、投用由项目的阶段和日期证明，不在此填写。")),
    Attribute("reason", N_("变动原因"), Sort.LINES, longest=1000, headings=("原因", "调整原因", "延期原因"),
              help=N_("已登记的日期有变动时须填写。")),
)  # fmt: skip
_DATES = tuple(COLUMNS.values())

Key = tuple[int, MilestoneKind, str]


def check(drafts: Sequence[Draft], by: User) -> list[Verdict]:
    projects = projects_of(drafts, scope_of(by))
    there = _there(sorted({project.id for project in projects if project.id}))
    return [_judged(d, project, there, by) for d, project in zip(drafts, projects, strict=True)]


def _there(project_ids: Sequence[int]) -> Mapping[Key, Milestone]:
    """What these projects promise."""
    if not project_ids:
        return {}
    query = select(Milestone).where(among(Milestone.project_id, project_ids))
    return {
        (one.project_id, one.kind, one.name): one
        for one in session.scalars(query.where(Milestone.dropped_on.is_(None)))
    }


def _judged(draft: Draft, project: ProjectOf, there: Mapping[Key, Milestone], by: User) -> Verdict:
    faults = list(project.faults)
    kind, name = draft.values.get("kind"), draft.values.get("name") or ""
    said = records.given(draft, _DATES)
    reason = draft.values.get("reason") or ""
    found = there.get((project.id, kind, name)) if kind else None
    try:
        details = _details(kind, name, found, said)
        expect_sense(details)
        if found:
            expect_reason(found, details, reason)
    except DomainError as error:
        faults.append(records.fault_of(error))
    if faults:
        return records.refused(draft, faults, project.look_alikes)
    if found is None:
        row = MilestoneRow(project.id, details, clock.today(), by_id=by.id)
        return Verdict(draft, Outcome.CREATE, ready=row, key=(project.id, kind, name))
    return records.compared(draft, found, _dates_of(found), said, (details, reason))


def _details(
    kind: MilestoneKind | None, name: str, found: Milestone | None, said: Mapping[str, date]
) -> MilestoneDetails:
    """Raises DomainError."""
    if kind is None:
        raise DomainError(N_("请填写节点。"), field="kind")
    dates = {**(_dates_of(found) if found else {}), **said}
    if "planned_on" not in dates:
        raise DomainError(N_("请填写计划日期。"), field="planned_on")
    return MilestoneDetails(kind, name=name, **dates)


def _dates_of(found: Milestone) -> dict[str, Any]:
    return {name: getattr(found, name) for name in _DATES}


def land(verdicts: Sequence[Verdict], by: User, _source: str) -> list[Landed]:
    return records.landed(
        verdicts,
        _with_projects(),
        create=partial(promise_many, by=by),
        correct=lambda held: change_dates_many([(one, *ready) for one, ready in held], by=by),
    )


def _with_projects() -> Any:
    return select(Milestone).options(joinedload(Milestone.project))


def revert(landed: Sequence[Landed], by: User) -> None:
    """New ones are dropped; days are said again as they were before, with that as their reason."""
    there = records.untouched(
        _with_projects(), landed, subject="milestone", besides=("milestone_changes",)
    )
    reason = N_("撤销导入")
    drop_many(records.made(landed, there), reason, by=by)
    back = []
    for one in landed:
        if one.before is not None:
            found = there[one.record_id]
            dates = _dates_of(found) | records.before_of(one, found)
            back.append((found, MilestoneDetails(found.kind, name=found.name, **dates), reason))
    change_dates_many(back, by=by)


MILESTONES = ImportKind(
    key="milestones",
    label=N_("项目节点"),
    attributes=ATTRIBUTES,
    natural_key=N_("项目 + 节点 + 说明"),
    action=Action.PROJECTS_WRITE,
    check=check,
    land=land,
    revert=revert,
    page="/projects/milestones/",
    note=N_(
        "已登记的日期有变动的，须写明变动原因，前后日期都留在节点上。撤销导入时，新节点取消，日期改回。"
    ),
    is_private=True,
)
