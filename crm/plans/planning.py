"""Putting a plan file to work: its entries become rows, its milestones are bound to projects."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import select

from crm.audit.services import Actor, changes_of, record
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.models import Unit
from crm.plans.planfile import IndicatorEntry, PlanFile, read_plan
from crm.projects.models import Project
from crm.targets.models import (
    AnnualPlan,
    Chapter,
    Indicator,
    IndicatorMention,
    PlanMilestone,
    PlanTask,
)
from crm.targets.queries import find_plan


class UnitsMissing(DomainError):
    """The plan gives targets to units that the tree does not have."""


def adopt_plan(year: int, *, by: Actor) -> AnnualPlan:
    """The year's plan as rows; one that was adopted before is left as it is.

    Raises LookupError when there is no file for the year, UnitsMissing naming every unit at once.
    """
    adopted = find_plan(year)
    if adopted is not None:
        return adopted
    file = read_plan(year)
    units = _units_of(file)
    plan = AnnualPlan(year=file.year, name=file.title, issued_on=file.issued_on)
    session.add(plan)
    session.flush()
    tasks = _add_tasks(plan, file, units)
    indicators = _add_indicators(plan, file, units, tasks)
    _add_milestones(plan, file, units, tasks, indicators)
    record("plan.adopted", plan, by=by, year=year, indicators=len(file.indicators))
    return plan


def bind_milestone(milestone: PlanMilestone, project: Project | None, *, by: Actor) -> None:
    """Let a project's own dates prove the milestone (None: it is reported by hand again)."""
    milestone.project_id = project.id if project else None
    milestone.project = project  # what is loaded already shows it too
    milestone.version += 1
    record("milestone.bound", milestone, by=by, changes=changes_of(milestone))


def _units_of(file: PlanFile) -> Mapping[str, Unit]:
    codes = {entry.responsible_unit for entry in file.indicators}
    codes |= {entry.responsible_unit for entry in file.milestones}
    found = session.scalars(select(Unit).where(Unit.code.in_(codes)))
    units = {unit.code: unit for unit in found}
    if missing := sorted(codes - set(units)):
        raise UnitsMissing(N_("单位树中缺少计划的责任单位：%(codes)s。"), codes=", ".join(missing))
    return units


def _lead_units(file: PlanFile) -> Mapping[int, str]:
    """The unit that answers for most of a task's targets leads it; a task without targets has none in the file."""
    promises: dict[int, Counter[str]] = {}
    for entry in file.indicators:
        for number in (entry.task, *(mention.task for mention in entry.mentions)):
            if number is not None:
                promises.setdefault(number, Counter())[entry.responsible_unit] += 1
    for milestone in file.milestones:
        promises.setdefault(milestone.task, Counter())[milestone.responsible_unit] += 1
    return {number: counter.most_common(1)[0][0] for number, counter in promises.items()}


def _add_tasks(
    plan: AnnualPlan, file: PlanFile, units: Mapping[str, Unit]
) -> Mapping[int, PlanTask]:
    chapters = {
        entry.number: Chapter(
            plan_id=plan.id,
            position=position,
            number=entry.number,
            name=entry.title,
            name_en=entry.title_en,
        )
        for position, entry in enumerate(file.chapters, 1)
    }
    session.add_all(chapters.values())
    session.flush()
    leads = _lead_units(file)
    tasks = {
        entry.number: PlanTask(
            chapter_id=chapters[entry.chapter].id,
            number=entry.number,
            name=entry.title,
            name_en=entry.title_en,
            summary=entry.summary,
            unit_id=units[leads[entry.number]].id if entry.number in leads else None,
        )
        for entry in file.tasks
    }
    session.add_all(tasks.values())
    session.flush()
    return tasks


def _add_indicators(
    plan: AnnualPlan, file: PlanFile, units: Mapping[str, Unit], tasks: Mapping[int, PlanTask]
) -> Mapping[str, Indicator]:
    indicators = {
        entry.id: Indicator(
            plan_id=plan.id,
            code=entry.id,
            name=entry.subject_zh,
            name_en=entry.subject_en,
            kind=entry.kind.value,
            comparator=entry.comparator.value,
            target=entry.target,
            target_to=entry.target_to,
            unit_word=entry.unit,
            unit_word_en=entry.unit_en,
            modal=entry.modal or "",
            scope_text=entry.scope_zh,
            definition=entry.definition_zh,
            definition_en=entry.definition_en,
            baseline=entry.baseline.value if entry.baseline else None,
            opening=entry.opening,
            starts_on=entry.starts_on,
            due_on=entry.due,
            metric=entry.metric or "",
            filters=dict(entry.filters),
            unit_id=units[entry.responsible_unit].id,
            mentions=_mentions(entry, tasks),
        )
        for entry in file.indicators
    }
    session.add_all(indicators.values())
    session.flush()
    for entry in file.indicators:
        if entry.parent:
            indicators[entry.id].parent_id = indicators[entry.parent].id
    return indicators


def _mentions(entry: IndicatorEntry, tasks: Mapping[int, PlanTask]) -> list[IndicatorMention]:
    """Where the plan states the target: its own place, then the repeats; no task is 主要目标."""
    places = [(entry.id, entry.task), *((mention.id, mention.task) for mention in entry.mentions)]
    return [
        IndicatorMention(code=code, task_id=tasks[number].id if number else None)
        for code, number in places
    ]


def _add_milestones(
    plan: AnnualPlan,
    file: PlanFile,
    units: Mapping[str, Unit],
    tasks: Mapping[int, PlanTask],
    indicators: Mapping[str, Indicator],
) -> None:
    for entry in file.milestones:
        session.add(
            PlanMilestone(
                plan_id=plan.id,
                code=entry.id,
                name=entry.subject_zh,
                name_en=entry.subject_en,
                event=entry.event,
                not_before=entry.not_before,
                due_on=entry.due,
                task_id=tasks[entry.task].id,
                same_as_id=indicators[entry.same_as].id if entry.same_as else None,
                unit_id=units[entry.responsible_unit].id,
            )
        )
