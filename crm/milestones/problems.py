"""What we do with problems: raise, change, escalate, give an instruction, solve."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select

from crm.audit.services import Actor, changes_of, record
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import DomainError, NotAllowed
from crm.core.words import N_
from crm.followup import instructions
from crm.followup.instructions import InstructionDetails
from crm.followup.models import Instruction
from crm.milestones.models import Problem, ProblemState
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.projects import subject
from crm.projects.models import Project


@dataclass(frozen=True)
class ProblemDetails:
    """What stands in the way, who must solve it, and by when."""

    what: str
    solver_unit_id: int
    due_on: date
    solver_id: int | None = None


@dataclass(frozen=True)
class ProblemRow:
    """A problem that was kept elsewhere before, with what became of it."""

    project_id: int
    details: ProblemDetails
    raised_on: date
    raised_by_id: int | None = None
    escalated_on: date | None = None
    asked: str = ""
    solved_on: date | None = None
    solution: str = ""
    recorded_at: datetime | None = None


def raise_one(project: Project, details: ProblemDetails, *, by: Actor) -> Problem:
    """Name a problem. Raises DomainError."""
    _check(details)
    row = ProblemRow(project.id, details, clock.today(), by.id)
    problem = Problem(**_columns(row))
    session.add(problem)
    session.flush()
    record("problem.raised", problem, by=by, name=project.name, text=details.what)
    return problem


def raise_many(rows: Sequence[ProblemRow], *, by: Actor) -> int:
    """Many at once; how many. One audit entry."""
    if rows:
        session.execute(insert(Problem), [_columns(row) for row in rows], execution_options=BULK)
        record("problems.raised", None, by=by, count=len(rows))
    return len(rows)


def change(problem: Problem, details: ProblemDetails, *, version: int | None, by: Actor) -> None:
    """Say it better, or let somebody else solve it by another day. Raises DomainError, StaleRecord."""
    _expect_waiting(problem, version)
    if details.due_on != problem.due_on or details.solver_unit_id != problem.solver_unit_id:
        _check(details)
    problem.what, problem.due_on = details.what, details.due_on
    problem.solver_unit_id, problem.solver_id = details.solver_unit_id, details.solver_id
    record(
        "problem.changed", problem, by=by, name=problem.project.name, changes=changes_of(problem)
    )


def escalate(problem: Problem, asked: str, *, version: int | None, by: User) -> None:
    """Put it before the leaders, saying what is asked of them. Raises NotAllowed, DomainError, StaleRecord."""
    _expect_concerned(problem, by)
    if not asked:
        raise DomainError(N_("请写明需要领导协调什么。"), field="asked")
    _expect_waiting(problem, version)
    if problem.state == ProblemState.ESCALATED:
        raise DomainError(N_("这个难点已经上报。"))
    problem.state, problem.asked = ProblemState.ESCALATED, asked
    problem.escalated_on, problem.escalated_by_id = clock.today(), by.id
    record("problem.escalated", problem, by=by, name=problem.project.name, text=asked)


def instruct(
    problem: Problem, details: InstructionDetails, *, version: int | None, by: User
) -> Instruction:
    """It comes back with a leader's instruction, which is somebody's task. Raises DomainError, StaleRecord."""
    _expect_waiting(problem, version)
    ref = subject.find_many((problem.project_id,), scope_of(by))[problem.project_id]
    given = instructions.give("project", ref, details, by=by)
    problem.state, problem.instruction_id = ProblemState.OPEN, given.id
    record("problem.instructed", problem, by=by, name=problem.project.name, text=details.text)
    return given


def solve(problem: Problem, solution: str, *, version: int | None, by: User) -> None:
    """It stands in the way no longer. Raises NotAllowed, DomainError, StaleRecord."""
    _expect_concerned(problem, by)
    if not solution:
        raise DomainError(N_("请写明怎样解决的。"), field="solution")
    _expect_waiting(problem, version)
    problem.state, problem.solution = ProblemState.SOLVED, solution
    problem.solved_on, problem.solved_by_id = clock.today(), by.id
    record("problem.solved", problem, by=by, name=problem.project.name, note=solution)


def is_concerned(problem: Problem, person: User) -> bool:
    """Who may take it further: who keeps projects, owns this one or must solve the problem, and who gives instructions."""
    return (
        person.may(Action.PROJECTS_WRITE)
        or person.may(Action.INSTRUCTIONS_GIVE)
        or person.id in (problem.solver_id, problem.project.owner_id)
        or person.unit_id == problem.solver_unit_id
    )


def _expect_concerned(problem: Problem, person: User) -> None:
    if not is_concerned(problem, person):
        raise NotAllowed(N_("由项目责任人、解决单位或招商部门办理。"))


def _expect_waiting(problem: Problem, version: int | None) -> None:
    problem.expect_version(version)
    if problem.state == ProblemState.SOLVED:
        raise DomainError(N_("这个难点已经解决。"))


def _check(details: ProblemDetails) -> None:
    if details.due_on < clock.today():
        raise DomainError(N_("时限不能早于今天。"), field="due_on")
    if details.solver_id is None:
        return
    unit_id = session.scalar(select(User.unit_id).where(User.id == details.solver_id))
    if unit_id != details.solver_unit_id:
        raise DomainError(N_("解决人不在所选的解决单位。"), field="solver")


def _columns(row: ProblemRow) -> dict[str, Any]:
    details = row.details
    state = ProblemState.ESCALATED if row.escalated_on else ProblemState.OPEN
    return {
        "project_id": row.project_id,
        "what": details.what,
        "solver_unit_id": details.solver_unit_id,
        "solver_id": details.solver_id,
        "due_on": details.due_on,
        "state": ProblemState.SOLVED if row.solved_on else state,
        "raised_on": row.raised_on,
        "raised_by_id": row.raised_by_id,
        "escalated_on": row.escalated_on,
        "escalated_by_id": row.raised_by_id if row.escalated_on else None,
        "asked": row.asked,
        "solved_on": row.solved_on,
        "solved_by_id": row.raised_by_id if row.solved_on else None,
        "solution": row.solution,
        "recorded_at": row.recorded_at or clock.now(),
    }
