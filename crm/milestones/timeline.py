"""What a project's timeline tells of its milestones and problems."""

from collections.abc import Iterator

from crm.core.db import session
from crm.core.registry import TimelineItem
from crm.core.words import N_
from crm.milestones import queries
from crm.milestones.models import MilestoneChange, MilestoneDate, Problem

SAID = {
    MilestoneDate.PLANNED: N_("节点“%(milestone)s”计划于%(after)s"),
    MilestoneDate.FORECAST: N_("节点“%(milestone)s”预计于%(after)s"),
    MilestoneDate.DONE: N_("节点“%(milestone)s”于%(after)s完成"),
}
CHANGED = {
    MilestoneDate.PLANNED: N_("节点“%(milestone)s”计划由%(before)s改为%(after)s"),
    MilestoneDate.FORECAST: N_("节点“%(milestone)s”预计由%(before)s改为%(after)s"),
    MilestoneDate.DONE: N_("节点“%(milestone)s”完成日期由%(before)s改为%(after)s"),
}


def of_project(project_id: int) -> Iterator[TimelineItem]:
    """Each date that was said or changed, and each problem with what became of it."""
    for change in session.scalars(queries.changes_in(project_id)):
        yield _said(change)
    for problem in session.scalars(queries.problems_of([project_id])):
        yield from _of_problem(problem)


def _said(change: MilestoneChange) -> TimelineItem:
    text = (SAID if change.before_on is None else CHANGED)[change.what]
    return TimelineItem(
        change.changed_on,
        "flag",
        text,
        (
            ("milestone", change.milestone.name or change.milestone.kind),
            ("before", _day(change.before_on)),
            ("after", _day(change.after_on)),
        ),
        by=change.by.name if change.by else "",
        note=change.reason,
    )


def _day(day: object) -> str:
    return str(day) if day else "–"


def _of_problem(problem: Problem) -> Iterator[TimelineItem]:
    yield TimelineItem(
        problem.raised_on,
        "alert-triangle",
        N_("提出难点，由%(unit)s在%(due)s前解决"),
        (("unit", problem.solver_unit.name), ("due", problem.due_on)),
        note=problem.what,
    )
    if problem.escalated_on:
        yield TimelineItem(
            problem.escalated_on, "speakerphone", N_("难点上报领导"), note=problem.asked
        )
    if problem.solved_on:
        yield TimelineItem(
            problem.solved_on, "circle-check", N_("难点已解决"), note=problem.solution
        )
