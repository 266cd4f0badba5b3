"""批示: given or entered on behalf, answered, closed by another than who answered, or sent back."""

from datetime import date

import pytest

from crm.core.db import session, writing
from crm.core.errors import DomainError, NotAllowed, StaleRecord
from crm.followup import instructions, queries, tasks
from crm.followup.models import InstructionState, TaskOrigin, TaskState
from tests import factories
from tests.followup.conftest import DUE


def test_an_instruction_becomes_the_addressees_task(cast, instruct):
    given = instruct()
    task = session.scalars(queries.queue(cast.a)).one()
    assert (task.id, task.due_on, task.origin) == (given.task_id, DUE, TaskOrigin.INSTRUCTION)
    assert not given.is_on_behalf


def test_entered_on_behalf_it_says_whose_it_is_and_where_the_paper_lies(cast, instruct):
    with pytest.raises(DomainError, match="原件在哪里"):
        instruct(by=cast.supervisor)
    with pytest.raises(DomainError, match="批示领导"):
        instruct(by=cast.supervisor, leader_id=cast.unit_head.id, scan="柜3")
    given = instruct(by=cast.supervisor, scan="机要柜3")
    assert given.is_on_behalf
    assert (given.leader_id, given.entered_by_id) == (cast.leader.id, cast.supervisor.id)


def test_a_supervisor_gives_none_of_his_own(cast, instruct):
    with pytest.raises(DomainError, match="批示领导"):
        instruct(by=cast.supervisor, leader_id=cast.supervisor.id)


def test_its_time_limit_is_not_the_addressees_to_move(cast, instruct):
    given = instruct()
    with pytest.raises(NotAllowed), writing():
        tasks.postpone(given.task, date(2020, 11, 1), "来不及", version=None, by=cast.a)
    with writing():
        tasks.postpone(given.task, date(2020, 11, 1), "同意延期", version=None, by=cast.leader)
    assert given.task.due_on == date(2020, 11, 1)


def test_the_leader_closes_what_was_answered(cast, instruct):
    given = instruct()
    with pytest.raises(DomainError, match="不能再做这一步"), writing():
        instructions.close(given, "", version=1, by=cast.leader)
    with writing():
        instructions.answer(given, "已完成融资对接", version=1, by=cast.a)
    assert [i.id for i in session.scalars(queries.instructions_to_close(cast.leader))] == [given.id]
    with writing():
        instructions.close(given, "好", version=2, by=cast.leader)
    assert (given.state, given.closed_by_id) == (InstructionState.CLOSED, cast.leader.id)
    said = session.scalars(queries.answers_to(TaskOrigin.INSTRUCTION, [given.id])).one()
    assert (said.is_accepted, said.remark) == (True, "好")


def test_who_answered_never_closes_it_not_even_with_the_role(cast, instruct):
    given = instruct(by=cast.supervisor, scan="柜3", owner_id=cast.supervisor.id)
    with writing():
        instructions.answer(given, "已办", version=1, by=cast.supervisor)
    assert session.scalars(queries.instructions_to_close(cast.supervisor)).all() == []
    with pytest.raises(NotAllowed), writing():
        instructions.close(given, "", version=2, by=cast.supervisor)
    with writing():
        instructions.close(given, "", version=2, by=cast.leader)


def test_another_leader_does_not_close_it(cast, instruct):
    given = instruct()
    other = factories.make_user(*cast.leader.roles, unit=cast.park)
    with writing():
        instructions.answer(given, "已办", version=1, by=cast.a)
    with pytest.raises(NotAllowed), writing():
        instructions.close(given, "", version=2, by=other)


def test_sent_back_it_is_open_again_and_keeps_the_first_answer(cast, instruct):
    given = instruct()
    with writing():
        instructions.answer(given, "正在办", version=1, by=cast.a)
    with pytest.raises(DomainError, match="退回原因"), writing():
        instructions.send_back(given, "", DUE, version=2, by=cast.supervisor)
    with writing():
        instructions.send_back(given, "没有结果", date(2020, 10, 20), version=2, by=cast.supervisor)
    assert (given.state, given.task.state) == (InstructionState.OPEN, TaskState.OPEN)
    assert given.task.due_on == date(2020, 10, 20)
    with writing():
        instructions.answer(given, "到账五百万", version=3, by=cast.a)
    answers = session.scalars(queries.answers_to(TaskOrigin.INSTRUCTION, [given.id])).all()
    assert [(said.text, said.is_accepted) for said in answers] == [
        ("正在办", False),
        ("到账五百万", None),
    ]


def test_two_who_close_it_at_once_are_told_apart_by_the_version(cast, instruct):
    given = instruct()
    with writing():
        instructions.answer(given, "已办", version=1, by=cast.a)
    with pytest.raises(StaleRecord), writing():
        instructions.close(given, "", version=1, by=cast.leader)
