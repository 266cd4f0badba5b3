"""What we ask about projects. The stage on a day is the last step that counts and took effect by then.

As-of means over effective dates: facts, figures and the archived flag of a project are today's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    case,
    exists,
    false,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from crm.companies.names import plain_text
from crm.core.db import session
from crm.people.models import User
from crm.people.scope import Scope
from crm.projects.models import (
    PIPELINE,
    Project,
    Purpose,
    Stage,
    StageChange,
)


def readable(scope: Scope) -> ColumnElement[bool]:
    """The condition that a project is there for a reader: of a unit in the scope, not archived, not sealed from him."""
    is_open = or_(Project.is_sealed.is_(False), scope.opens(Project.unit_id, Project.owner_id))
    return and_(Project.archived_at.is_(None), scope.includes(Project.unit_id), is_open)


def visible_to(scope: Scope) -> Select[Project]:
    """The projects that are there for a reader."""
    return select(Project).where(readable(scope))


def search(query: Select[Any], text: str) -> Select[Any]:
    """Of these projects those that have every word in the name, the investor or the initials of both."""
    words = plain_text(text).split()
    return query.where(*(Project.search_text.contains(word, autoescape=True) for word in words))


def sealed_from(scope: Scope) -> Select[int]:
    """The numbers of the projects that are sealed from a reader: what hangs on them is not there for him either."""
    is_open = func.coalesce(scope.opens(Project.unit_id, Project.owner_id), false())
    return select(Project.id).where(Project.is_sealed, not_(is_open))


def counted(step: Any = StageChange) -> ColumnElement[bool]:
    """THE condition that a step counts: not corrected by another, and not a mere withdrawal. All history is asked through it."""
    return step.is_counted.is_(True)  # type: ignore[no-any-return]


def of_company(company_id: int, scope: Scope) -> Select[Project]:
    """The projects that a firm builds, or grew out of."""
    is_its = or_(Project.builder_id == company_id, Project.became_id == company_id)
    return visible_to(scope).where(is_its)


def stage_on(day: date) -> Subquery:
    """Every project's stage on a day: project_id, stage, entered_on; without the later ones.

    One look into the index for each project: a quarter of the time that ranking all steps takes.
    """
    project = aliased(Project)
    return (
        select(
            StageChange.project_id,
            StageChange.to_stage.label("stage"),
            StageChange.effective_on.label("entered_on"),
        )
        .join(project, StageChange.id == last_step(project.id, day))
        .subquery("stage_on")
    )


def last_step(project_id: Any, day: date) -> ScalarSelect[int]:
    """The id of the step in which a project stood at the end of a day."""
    step = aliased(StageChange)
    return (
        select(step.id)
        .where(step.project_id == project_id, counted(step), step.effective_on <= day)
        .order_by(step.effective_on.desc(), step.id.desc())
        .limit(1)
        .correlate_except(step)
        .scalar_subquery()
    )


def stalled(day: date, limits: Mapping[str, int]) -> ColumnElement[bool]:
    """The condition that a project is longer in its stage than usual (projects.stalled_days)."""
    late = [
        and_(Project.stage == Stage(stage), Project.stage_entered_on < day - timedelta(days=days))
        for stage, days in limits.items()
    ]
    return or_(false(), *late)


def next_actions_of(owner: User, scope: Scope) -> Select[*tuple[Any, ...]]:
    """The dated next steps of a person's projects, soonest first."""
    return (
        visible_to(scope)
        .where(
            Project.owner_id == owner.id,
            Project.next_action_on.is_not(None),
            Project.stage != Stage.LOST,
        )
        .with_only_columns(Project.id, Project.name, Project.next_action, Project.next_action_on)
        .order_by(Project.next_action_on, Project.id)
    )


def stood_at(project: Project) -> Stage:
    """The stage of the pipeline where the project stands, or stood before it was paused or lost."""
    return stood_at_many((project,))[project.id]


def stood_at_many(projects: Collection[Project]) -> dict[int, Stage]:
    """The same of many projects, in one statement for all that stand beside the pipeline."""
    found = {project.id: project.stage for project in projects}
    aside = [id_ for id_, stage in found.items() if stage not in PIPELINE]
    if aside:
        found |= dict.fromkeys(aside, Stage.LEAD)
        steps = (
            select(StageChange.project_id, StageChange.to_stage)
            .where(StageChange.project_id.in_(aside), counted(), StageChange.to_stage.in_(PIPELINE))
            .order_by(StageChange.effective_on, StageChange.id)
        )
        for project_id, stage in session.execute(steps):
            found[project_id] = stage  # the last one stays
    return found


def steps(project_id: int) -> Select[*tuple[Any, ...]]:
    """All that was ever written of the project's history, newest first, with the names of who wrote it; see `counted`."""
    return (
        select(StageChange, User.name.label("by_name"))
        .outerjoin(User, User.id == StageChange.by_id)
        .where(StageChange.project_id == project_id)
        .order_by(StageChange.effective_on.desc(), StageChange.id.desc())
    )


def path(project_id: int) -> Select[StageChange]:
    """The steps that count, in order."""
    return (
        select(StageChange)
        .where(StageChange.project_id == project_id, counted())
        .order_by(StageChange.effective_on, StageChange.id)
    )


def entered(
    scope: Scope, start: date, end: date, *, stages: Sequence[Stage] = tuple(Stage)
) -> Select[*tuple[Any, ...]]:
    """The steps into these stages from `start` through `end`: what explains a difference."""
    return steps_of(visible_to(scope), start, end).where(StageChange.to_stage.in_(stages))


def steps_of(found: Select[Any], start: date, end: date) -> Select[*tuple[Any, ...]]:
    """The steps of these projects from `start` through `end`, in order."""
    return (
        found.join(StageChange, StageChange.project_id == Project.id)
        .where(counted(), StageChange.effective_on.between(start, end))
        .order_by(StageChange.effective_on, StageChange.id)
        .with_only_columns(
            StageChange.id,
            Project.id.label("project_id"),
            Project.name.label("label"),
            StageChange.from_stage,
            StageChange.to_stage,
            StageChange.effective_on,
            StageChange.note,
            StageChange.loss_reason,
            Project.expected_investment,
            Project.agreed_investment,
            Project.unit_id,
        )
    )


def stage_before(day: Any, project_id: Any) -> ScalarSelect[Stage]:
    """The stage in which a project stood when a day began; nothing before it was first reported."""
    step = aliased(StageChange)
    return (
        select(step.to_stage)
        .where(step.project_id == project_id, counted(step), step.effective_on < day)
        .order_by(step.effective_on.desc(), step.id.desc())
        .limit(1)
        .correlate_except(step)
        .scalar_subquery()
    )


def reached(stage: Stage, among: Sequence[int] | Select[int] | None = None) -> Subquery:
    """The day on which each project (`among` these) first came to a stage or beyond: project_id, reached_on.

    A project that went back behind the stage since has not reached it.
    """
    place = PIPELINE.index(stage)
    later = aliased(StageChange)
    was_taken_back = exists().where(
        later.project_id == StageChange.project_id,
        counted(later),
        later.to_stage.in_(PIPELINE[:place]),
        or_(
            later.effective_on > StageChange.effective_on,
            and_(later.effective_on == StageChange.effective_on, later.id > StageChange.id),
        ),
    )
    query = (
        select(StageChange.project_id, func.min(StageChange.effective_on).label("reached_on"))
        .where(counted(), StageChange.to_stage.in_(PIPELINE[place:]), ~was_taken_back)
        .group_by(StageChange.project_id)
    )
    if among is not None:
        query = query.where(StageChange.project_id.in_(among))
    return query.subquery(f"reached_{stage.value}")


def is_at_least_at(stage: Stage) -> ColumnElement[bool]:
    """The condition that a project has come to a stage or beyond, and not gone back behind it since: `reached` says when."""
    step, there = aliased(StageChange), PIPELINE[PIPELINE.index(stage) :]
    stood_at = (
        select(step.to_stage)
        .where(step.project_id == Project.id, counted(step), step.to_stage.in_(PIPELINE))
        .order_by(step.effective_on.desc(), step.id.desc())
        .limit(1)
        .correlate_except(step)
        .scalar_subquery()
    )
    return or_(Project.stage.in_(there), and_(Project.stage.not_in(PIPELINE), stood_at.in_(there)))


def started_floor_area(
    purposes: Collection[Purpose], start: date, end: date
) -> Select[*tuple[Any, ...]]:
    """Projects for some purposes whose construction began from `start` through `end`.

    Columns: record_id, label, happened_on, contribution (floor area in ㎡), unit_id.
    """
    among = select(Project.id).where(Project.purpose.in_(purposes))
    began = reached(Stage.CONSTRUCTION, among)
    return (
        select(
            Project.id.label("record_id"),
            Project.name.label("label"),
            began.c.reached_on.label("happened_on"),
            func.coalesce(Project.floor_area, 0).label("contribution"),
            Project.unit_id.label("unit_id"),
        )
        .join(began, began.c.project_id == Project.id)
        .where(Project.archived_at.is_(None), Project.is_sealed.is_(False))
        .where(began.c.reached_on.between(start, end))
    )


@dataclass(frozen=True)
class ProjectDates:
    """The days that prove a plan's milestones."""

    started_on: date | None = None  # 开工
    completed_in_use_on: date | None = None  # 竣工投用: accepted and in use, the later of the two
    reached_approval_on: date | None = None  # 报批
    accepted_on: date | None = None
    in_use_on: date | None = None


def milestone_dates(project_ids: Sequence[int]) -> dict[int, ProjectDates]:
    """The proving days of these projects, in one query."""
    rows = session.execute(_milestone_dates(tuple(project_ids)))
    return {project_id: ProjectDates(*dates) for project_id, *dates in rows}


@lru_cache(maxsize=16)  # a plan's projects are nearly always the same
def _milestone_dates(project_ids: tuple[int, ...]) -> Select[*tuple[Any, ...]]:
    began = reached(Stage.CONSTRUCTION, project_ids)
    approval = reached(Stage.APPROVAL, project_ids)
    both = case(
        (Project.accepted_on >= Project.in_use_on, Project.accepted_on),
        (Project.accepted_on < Project.in_use_on, Project.in_use_on),
    )
    return (
        select(
            Project.id,
            began.c.reached_on,
            both,
            approval.c.reached_on,
            Project.accepted_on,
            Project.in_use_on,
        )
        .outerjoin(began, began.c.project_id == Project.id)
        .outerjoin(approval, approval.c.project_id == Project.id)
        .where(Project.id.in_(project_ids))
    )
