"""企业诉求: 收到 → 办理中 → 已答复 → 办结, and back when the firm is not satisfied."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from crm.core.db import session, writing
from crm.core.errors import DomainError, StaleRecord
from crm.followup import queries, requests, subjects, tasks
from crm.followup.limits import answer_by
from crm.followup.models import (
    Activity,
    ActivityKind,
    RequestCategory,
    RequestState,
    TaskOrigin,
    TaskState,
)
from crm.followup.requests import RequestDetails, RequestRow
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.reference import settings

TODAY = date(2020, 9, 30)


def ref_of(asked):
    return subjects.find("company", asked.subject_id, WHOLE_PARK_SCOPE)


def test_the_time_limit_follows_the_category_and_is_a_setting(app, cast):
    assert answer_by(RequestCategory.POLICY, date(2020, 2, 26)) == date(2020, 3, 4)
    with writing():
        limits = {**settings.get("followup.request_days"), "policy": 3}
        settings.put("followup.request_days", limits, by=cast.admin)
    assert answer_by(RequestCategory.POLICY, date(2020, 2, 26)) == date(2020, 3, 2)


def test_a_request_becomes_its_handlers_task(cast, asked):
    assert (asked.state, asked.unit_id) == (RequestState.RECEIVED, cast.carrier_a.id)
    task = session.scalars(queries.queue(cast.a)).one()
    assert (task.due_on, task.origin, task.origin_id) == (
        date(2020, 10, 5),
        TaskOrigin.REQUEST,
        asked.id,
    )


def test_it_is_done_by_its_answer_alone(cast, asked):
    for act in (
        lambda: tasks.complete(asked.task, version=None, by=cast.a),
        lambda: tasks.cancel(asked.task, "不办", version=None, by=cast.a),
        lambda: tasks.reopen(asked.task, version=None, by=cast.a),
    ):
        with pytest.raises(DomainError, match="打开后办理"), writing():
            act()


def test_the_answer_asks_for_a_call_back_within_a_week(cast, asked):
    with writing():
        requests.take_up(asked, version=1, by=cast.a)
    with writing():
        requests.answer(asked, "已寄送指南", version=2, by=cast.a)
    assert asked.state == RequestState.ANSWERED
    task = session.scalars(queries.queue(cast.a)).one()
    assert task.due_on == TODAY + timedelta(7)
    said = session.scalars(queries.answers_to(TaskOrigin.REQUEST, [asked.id])).one()
    assert (said.text, said.is_accepted) == ("已寄送指南", None)


def test_a_satisfied_firm_closes_it_and_its_page_tells_of_the_call(cast, asked):
    with writing():
        requests.answer(asked, "已寄送指南", version=1, by=cast.a)
    with writing():
        requests.revisit(
            asked, ref_of(asked), is_satisfied=True, remark="很及时", version=2, by=cast.a
        )
    assert (asked.state, asked.closed_on) == (RequestState.CLOSED, TODAY)
    assert session.scalars(queries.queue(cast.a)).all() == []
    assert session.scalars(select(Activity.kind)).all() == [ActivityKind.REVISIT]


def test_a_firm_that_is_not_satisfied_opens_it_again_with_reason_and_day(cast, asked):
    with writing():
        requests.answer(asked, "已寄送指南", version=1, by=cast.a)
    for remark, due_on, sentence in (("", date(2020, 10, 9), "原因"), ("没收到", None, "时限")):
        with pytest.raises(DomainError, match=sentence), writing():
            requests.revisit(
                asked, ref_of(asked), is_satisfied=False, remark=remark, due_on=due_on, version=2,
                by=cast.a,
            )  # fmt: skip
    with writing():
        requests.revisit(
            asked, ref_of(asked), is_satisfied=False, remark="没收到", due_on=date(2020, 10, 9),
            version=2, by=cast.a,
        )  # fmt: skip
    assert asked.state == RequestState.HANDLING
    task = session.scalars(queries.queue(cast.a)).one()
    assert (task.due_on, task.what) == (date(2020, 10, 9), "咨询补贴")
    said = session.scalars(queries.answers_to(TaskOrigin.REQUEST, [asked.id])).one()
    assert (said.is_accepted, said.remark) == (False, "没收到")


def test_steps_out_of_order_or_from_an_old_page_are_refused(cast, asked):
    with pytest.raises(DomainError, match="不能再做这一步"), writing():
        requests.revisit(asked, ref_of(asked), is_satisfied=True, remark="", version=1, by=cast.a)
    with writing():
        requests.take_up(asked, version=1, by=cast.a)
    with pytest.raises(StaleRecord), writing():
        requests.answer(asked, "迟到的答复", version=1, by=cast.a)


def test_a_request_may_go_to_an_office_that_does_not_see_the_firm(cast, asked):
    with writing():
        requests.transfer(asked, cast.unit_staff.id, "归口", version=1, by=cast.a)
    assert session.scalars(queries.queue(cast.a)).all() == []
    task = session.scalars(queries.queue(cast.unit_staff)).one()
    told = subjects.of_tasks([task], cast.unit_staff)[("company", asked.subject_id)]
    assert (told.name, told.href) == ("常州甲公司", "")


def test_counts_by_category_tell_open_and_late(cast, firm, asked):
    late = RequestDetails(date(2020, 9, 10), RequestCategory.POLICY, "迟", cast.a.id)
    done = RequestDetails(date(2020, 8, 10), RequestCategory.POLICY, "毕", cast.a.id)
    rows = [
        RequestRow("company", firm.id, cast.carrier_a.id, late, cast.carrier_a.id),
        RequestRow(
            "company", firm.id, cast.carrier_a.id, done, cast.carrier_a.id,
            answer="已办", answered_on=date(2020, 8, 12), closed_on=date(2020, 8, 20),
        ),
    ]  # fmt: skip
    with writing():
        assert requests.receive_many(rows, by=cast.a) == 2
    row = session.execute(queries.requests_by_category(cast.a, TODAY)).one()
    assert (row.total, row.open, row.late) == (3, 2, 1)
    closed = session.scalars(
        queries.visible_requests(cast.a).where(requests.Request.closed_on.is_not(None))
    ).one()
    assert (closed.state, closed.task.state) == (RequestState.CLOSED, TaskState.DONE)
    assert session.execute(queries.requests_by_category(cast.b, TODAY)).all() == []
