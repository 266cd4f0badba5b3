"""Tasks: given, done, postponed, handed over, dropped, taken up again."""

from datetime import date

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.db import writing
from crm.core.errors import DomainError, NotAllowed, StaleRecord
from crm.followup import tasks
from crm.followup.models import TaskState
from crm.followup.tasks import TaskDetails
from tests import factories

TODAY, LATER = date(2020, 9, 30), date(2020, 10, 12)


@pytest.fixture
def task(cast):
    return factories.make_task(cast.a, TODAY, "补交数据")


def test_a_task_about_a_firm_goes_to_who_sees_the_firm_only(cast, firm):
    with writing():
        details = TaskDetails("走访", TODAY, cast.a.id, ("company", firm.id))
        assert tasks.add_task(details, by=cast.a).unit_id == cast.carrier_a.id
    with pytest.raises(DomainError, match="看不到这条记录"), writing():
        tasks.add_task(TaskDetails("走访", TODAY, cast.b.id, ("company", firm.id)), by=cast.leader)


def test_a_task_about_nothing_goes_to_people_of_ones_own_scope(cast):
    with pytest.raises(DomainError, match="数据范围内的人"), writing():
        tasks.add_task(TaskDetails("开会", TODAY, cast.b.id), by=cast.a)


@pytest.mark.parametrize("name", ["auditor", "admin"])
def test_who_may_not_write_gets_no_task(cast, name):
    with pytest.raises(DomainError, match="能办理的人"), writing():
        tasks.add_task(TaskDetails("开会", TODAY, getattr(cast, name).id), by=cast.leader)


@pytest.mark.parametrize(("due_on", "is_taken"), [(TODAY, True), (date(2020, 9, 29), False)])
def test_a_time_limit_lies_not_in_the_past(cast, due_on, is_taken):
    details = TaskDetails("开会", due_on, cast.a.id)
    if is_taken:
        with writing():
            assert tasks.add_task(details, by=cast.a).due_on == due_on
    else:
        with pytest.raises(DomainError, match="不能早于今天"), writing():
            tasks.add_task(details, by=cast.a)


def test_done_can_be_undone(cast, task):
    with writing():
        tasks.complete(task, result="已交", version=1, by=cast.a)
    assert (task.state, task.closed_on, task.result) == (TaskState.DONE, TODAY, "已交")
    with writing():
        tasks.reopen(task, version=2, by=cast.a)
    assert (task.state, task.closed_on, task.result) == (TaskState.OPEN, None, "")


def test_colleagues_and_the_head_may_do_it_a_leader_hands_it_over(cast, task):
    colleague = factories.make_user(*cast.a.roles, unit=cast.carrier_a)
    for stranger in (cast.leader, cast.supervisor, cast.b):
        with pytest.raises(NotAllowed), writing():
            tasks.complete(task, version=1, by=stranger)
    with writing():
        tasks.hand_over(task, colleague.id, "", version=1, by=cast.leader)
    with writing():
        tasks.complete(task, version=2, by=cast.a)
    office_task = factories.make_task(cast.unit_staff, TODAY)
    with writing():
        tasks.complete(office_task, version=1, by=cast.unit_head)


def test_the_second_who_completes_a_task_is_told(cast, task):
    with writing():
        tasks.complete(task, version=1, by=cast.a)
    with pytest.raises(StaleRecord), writing():
        tasks.complete(task, version=1, by=cast.a)
    with pytest.raises(DomainError, match="已经办结"), writing():
        tasks.complete(task, version=2, by=cast.a)


def test_a_postponement_needs_a_reason_and_a_later_day_and_is_counted(cast, task):
    with pytest.raises(DomainError, match="原因"), writing():
        tasks.postpone(task, LATER, "", version=1, by=cast.a)
    with pytest.raises(DomainError, match="须晚于原来"), writing():
        tasks.postpone(task, TODAY, "等材料", version=1, by=cast.a)
    with writing():
        tasks.postpone(task, LATER, "等材料", version=1, by=cast.a)
    assert (task.due_on, task.postponed) == (LATER, 1)


def test_a_task_is_handed_over_into_another_queue(cast):
    colleague = factories.make_user(*cast.a.roles, unit=cast.carrier_a)
    task = factories.make_task(cast.a, TODAY)
    with writing():
        tasks.hand_over(task, colleague.id, "休假", version=1, by=cast.a)
    assert (task.owner_id, task.given_by_id) == (colleague.id, cast.a.id)


def test_a_task_is_dropped_with_a_reason(cast, task):
    with pytest.raises(DomainError, match="原因"), writing():
        tasks.cancel(task, "", version=1, by=cast.a)
    with writing():
        tasks.cancel(task, "企业已迁出", version=1, by=cast.a)
    assert (task.state, task.result) == (TaskState.CANCELLED, "企业已迁出")


def test_many_tasks_are_added_in_few_statements(app, cast, query_count):
    rows = [
        tasks.TaskRow(TaskDetails("开会", TODAY, cast.a.id), cast.carrier_a.id) for _ in range(50)
    ]
    with query_count() as queries, writing():
        assert tasks.add_many(rows, by=cast.a) == 50
    assert len(queries) < 8
    with writing():
        assert tasks.session.scalars(select(AuditEntry.action)).all() == ["tasks.added"]
