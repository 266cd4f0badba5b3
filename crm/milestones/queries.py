"""What we ask about milestones and problems. Every query about a reader's begins with the projects that are there for him."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from crm.core.db import session
from crm.milestones.models import (
    Milestone,
    MilestoneChange,
    MilestoneKind,
    Problem,
    ProblemState,
)
from crm.people.models import User
from crm.people.scope import Scope, scope_of
from crm.projects.models import Project, Stage
from crm.projects.queries import is_at_least_at, reached, readable

RESTING = (Stage.PAUSED, Stage.LOST)
WAITING = (ProblemState.OPEN, ProblemState.ESCALATED)


@dataclass(frozen=True)
class Mark:
    """A milestone with the day on which it was done: proved by its project where its kind is proved so."""

    id: int
    project_id: int
    kind: MilestoneKind
    name: str
    first_planned_on: date
    planned_on: date
    forecast_on: date | None
    done_on: date | None

    @property
    def due_on(self) -> date:
        """By when it is expected now."""
        return self.forecast_on or self.planned_on

    @property
    def slip_days(self) -> int:
        """How much later than first planned it is expected, or was done; negative when it is earlier."""
        return ((self.done_on or self.due_on) - self.first_planned_on).days

    def is_done(self, day: date) -> bool:
        return self.done_on is not None and self.done_on <= day

    def is_late(self, day: date) -> bool:
        """Not done although the day by which it was expected is over."""
        return not self.is_done(day) and self.due_on < day


def marks_of(project_ids: Sequence[int] | Select[int]) -> dict[int, list[Mark]]:
    """The milestones of these projects by project, in the order of their plans, in one query."""
    found: dict[int, list[Mark]] = {}
    for row in session.execute(_marks(project_ids)):
        found.setdefault(row.project_id, []).append(Mark(*row))
    return found


def has_marks() -> ColumnElement[bool]:
    """The condition that a project has milestones."""
    return exists().where(Milestone.project_id == Project.id, Milestone.dropped_on.is_(None))


def next_of(marks: Iterable[Mark], day: date) -> Mark | None:
    """What a project has to reach next."""
    return min(
        (m for m in marks if not m.is_done(day)), key=lambda m: (m.due_on, m.id), default=None
    )


def due_marks(owner: User, scope: Scope, until: date, limit: int) -> list[Mark]:
    """What the projects of a person have to reach by a day and did not, soonest first."""
    due_on = func.coalesce(Milestone.forecast_on, Milestone.planned_on)
    own = (
        select(Project.id)
        .join(Milestone, Milestone.project_id == Project.id)
        .where(readable(scope), Project.owner_id == owner.id, Project.stage.not_in(RESTING))
        .where(due_on <= until)
    )
    query = _marks(own).where(due_on <= until).subquery()
    soonest = func.coalesce(query.c.forecast_on, query.c.planned_on)
    rows = select(query).where(query.c.done_on.is_(None)).order_by(soonest, query.c.id)
    return [Mark(*row) for row in session.execute(rows.limit(limit))]


def late_projects(project_ids: Collection[int], today: date) -> set[int]:
    """Those of these projects that have not reached a milestone by its day: one more sign that they stand still."""
    return set(session.scalars(_late(), {"ids": list(project_ids), "today": today}))


@cache  # to put it together takes longer than to ask it of one project
def _late() -> Select[int]:
    """What Mark.is_late says, asked of today: no more is needed of a stage than whether a project stands there."""
    today = bindparam("today", type_=Date)

    def is_open(done_on: Any) -> ColumnElement[bool]:
        return or_(done_on.is_(None), done_on > today)

    return (
        select(Milestone.project_id)
        .join(Project, Project.id == Milestone.project_id)
        .where(
            Milestone.project_id.in_(bindparam("ids", expanding=True)),
            Milestone.dropped_on.is_(None),
            func.coalesce(Milestone.forecast_on, Milestone.planned_on) < today,
            case(
                (Milestone.kind == MilestoneKind.AGREEMENT, ~is_at_least_at(Stage.SIGNED)),
                (Milestone.kind == MilestoneKind.START, ~is_at_least_at(Stage.CONSTRUCTION)),
                (Milestone.kind == MilestoneKind.ACCEPTANCE, is_open(Project.accepted_on)),
                (Milestone.kind == MilestoneKind.IN_USE, is_open(Project.in_use_on)),
                else_=is_open(Milestone.done_on),
            ),
        )
    )


def _marks(among: Sequence[int] | Select[int]) -> Select[*tuple[Any, ...]]:
    signed, started = reached(Stage.SIGNED, among), reached(Stage.CONSTRUCTION, among)
    done_on: ColumnElement[date | None] = case(
        (Milestone.kind == MilestoneKind.AGREEMENT, signed.c.reached_on),
        (Milestone.kind == MilestoneKind.START, started.c.reached_on),
        (Milestone.kind == MilestoneKind.ACCEPTANCE, Project.accepted_on),
        (Milestone.kind == MilestoneKind.IN_USE, Project.in_use_on),
        else_=Milestone.done_on,
    )
    return (
        select(
            Milestone.id,
            Milestone.project_id,
            Milestone.kind,
            Milestone.name,
            Milestone.first_planned_on,
            Milestone.planned_on,
            Milestone.forecast_on,
            done_on.label("done_on"),
        )
        .join(Project, Project.id == Milestone.project_id)
        .outerjoin(signed, signed.c.project_id == Milestone.project_id)
        .outerjoin(started, started.c.project_id == Milestone.project_id)
        .where(Milestone.project_id.in_(among), Milestone.dropped_on.is_(None))
        .order_by(Milestone.first_planned_on, Milestone.id)
    )


def visible_milestones(scope: Scope) -> Select[Milestone]:
    return (
        select(Milestone)
        .join(Project, Project.id == Milestone.project_id)
        .where(readable(scope), Milestone.dropped_on.is_(None))
        .options(contains_eager(Milestone.project))
    )


def changes_of(milestone: Milestone) -> Select[MilestoneChange]:
    """All that was said of its dates, newest first."""
    return (
        select(MilestoneChange)
        .where(MilestoneChange.milestone_id == milestone.id)
        .order_by(MilestoneChange.id.desc())
        .options(joinedload(MilestoneChange.by))
    )


def changes_in(project_id: int) -> Select[MilestoneChange]:
    """All that was ever said of the dates of a project's milestones."""
    return (
        select(MilestoneChange)
        .join(Milestone, Milestone.id == MilestoneChange.milestone_id)
        .where(Milestone.project_id == project_id)
        .order_by(MilestoneChange.id.desc())
        .options(contains_eager(MilestoneChange.milestone), joinedload(MilestoneChange.by))
    )


def visible_problems(scope: Scope) -> Select[Problem]:
    """The problems of projects that are there for a reader, with what a line about one shows."""
    return (
        select(Problem)
        .join(Project, Project.id == Problem.project_id)
        .where(readable(scope))
        .options(
            contains_eager(Problem.project),
            joinedload(Problem.solver_unit),
            joinedload(Problem.solver),
        )
    )


def problems_of(project_ids: Sequence[int] | Select[int]) -> Select[Problem]:
    """All problems of these projects, those that wait first and the soonest due of them on top."""
    is_solved = case((Problem.state == ProblemState.SOLVED, 1), else_=0)
    return (
        select(Problem)
        .where(Problem.project_id.in_(project_ids))
        .order_by(is_solved, Problem.due_on, Problem.id)
        .options(joinedload(Problem.solver_unit), joinedload(Problem.solver))
    )


def escalated(scope: Scope) -> Select[Problem]:
    """What waits for a leader's word, the longest waiting first."""
    return (
        visible_problems(scope)
        .where(Problem.state == ProblemState.ESCALATED)
        .order_by(Problem.escalated_on, Problem.id)
    )


def to_solve(person: User) -> Select[Problem]:
    """What a person has to solve, soonest due first: what names him, and what names only his unit."""
    of_unit = and_(Problem.solver_id.is_(None), Problem.solver_unit_id == person.unit_id)
    return (
        visible_problems(scope_of(person))
        .where(Problem.state.in_(WAITING), or_(Problem.solver_id == person.id, of_unit))
        .order_by(Problem.due_on, Problem.id)
    )
