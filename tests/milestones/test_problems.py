"""难点: who must solve them by when, and the way to the leaders' first page and back."""

from datetime import date

import pytest

from crm.core.db import session, writing
from crm.core.errors import DomainError, NotAllowed, StaleRecord
from crm.followup.instructions import InstructionDetails
from crm.followup.models import Task
from crm.milestones import problems, queries
from crm.milestones.models import Problem, ProblemState
from crm.milestones.problems import ProblemDetails
from crm.people.scope import scope_of

DUE = date(2020, 10, 9)


@pytest.fixture
def problem(project, cast):
    details = ProblemDetails("用地指标未落实", cast.office.id, DUE)
    with writing():
        return problems.raise_one(project, details, by=cast.investment)


def act(problem, service, *args, by, version=None):
    with writing():
        fresh = session.get_one(Problem, problem.id)
        service(fresh, *args, version=version, by=by)
    return session.get_one(Problem, problem.id)


def test_it_waits_for_everybody_of_the_unit_unless_a_person_is_named(project, problem, cast):
    assert session.scalars(queries.to_solve(cast.unit_staff)).all() == [problem]
    named = ProblemDetails("环评补件", cast.office.id, DUE, cast.unit_head.id)
    with writing():
        second = problems.raise_one(project, named, by=cast.investment)
    assert session.scalars(queries.to_solve(cast.unit_staff)).all() == [problem]
    assert {p.id for p in session.scalars(queries.to_solve(cast.unit_head))} == {
        problem.id,
        second.id,
    }
    assert session.scalars(queries.to_solve(cast.a)).all() == []


def test_its_day_lies_ahead_and_its_solver_is_of_the_unit(project, cast):
    for details, words in (
        (ProblemDetails("难点", cast.office.id, date(2020, 9, 29)), "不能早于今天"),
        (ProblemDetails("难点", cast.office.id, DUE, cast.a.id), "不在所选的解决单位"),
    ):
        with pytest.raises(DomainError, match=words), writing():
            problems.raise_one(project, details, by=cast.investment)
    with writing():
        today = ProblemDetails("难点", cast.office.id, date(2020, 9, 30))
        problems.raise_one(project, today, by=cast.investment)


def test_an_escalated_one_waits_for_a_leader_and_comes_back_with_an_instruction(problem, cast):
    assert session.scalars(queries.escalated(scope_of(cast.leader))).all() == []
    act(problem, problems.escalate, "请协调用地指标", by=cast.unit_staff)
    waiting = session.scalars(queries.escalated(scope_of(cast.leader))).one()
    details = InstructionDetails(
        cast.leader.id, date(2020, 9, 30), "本周内落实", cast.unit_head.id, DUE
    )
    found = act(waiting, problems.instruct, details, by=cast.leader)
    assert found.state == ProblemState.OPEN
    assert session.get_one(Task, found.instruction.task_id).owner_id == cast.unit_head.id
    assert session.scalars(queries.escalated(scope_of(cast.leader))).all() == []


def test_solved_it_waits_for_nobody_and_takes_no_further_step(problem, cast):
    act(problem, problems.escalate, "请协调", by=cast.investment)
    found = act(problem, problems.solve, "指标已下达", by=cast.leader)
    assert (found.state, found.solved_on) == (ProblemState.SOLVED, date(2020, 9, 30))
    assert session.scalars(queries.to_solve(cast.unit_staff)).all() == []
    with pytest.raises(DomainError, match="已经解决"):
        act(problem, problems.escalate, "再报", by=cast.investment)


def test_only_who_is_concerned_takes_it_further(problem, cast):
    for service in (problems.escalate, problems.solve):
        with pytest.raises(NotAllowed):
            act(problem, service, "一句话", by=cast.b)


def test_two_people_do_not_solve_it_unseen(problem, cast):
    act(problem, problems.escalate, "请协调", by=cast.investment, version=1)
    with pytest.raises(StaleRecord):
        act(problem, problems.solve, "好了", by=cast.unit_staff, version=1)
