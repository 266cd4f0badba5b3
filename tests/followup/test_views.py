"""The pages of follow-up: each works, refuses bad input, the wrong role, and someone else's record."""

import json
import re
from datetime import date

import pytest
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.companies.models import Company
from crm.companies.residence import transfer
from crm.core.db import session, writing
from crm.followup import instructions, requests
from crm.followup.models import (
    Activity,
    Instruction,
    InstructionState,
    Request,
    RequestState,
    Task,
    TaskState,
)
from tests import factories

HTMX = {"HX-Request": "true"}
SAID = {"kind": "visit", "happened_on": "2020-09-29", "summary": "走访，一切正常"}


def stored(model, id_):
    return session.get_one(model, id_, populate_existing=True)


def count(model):
    return session.scalar(select(func.count()).select_from(model))


# Activities


def test_a_visit_with_its_next_step_is_written_in_one_go(cast, firm, browser_of):
    browser = browser_of("a")
    typed = {**SAID, "people_met": "总经理", "next_what": "送政策汇编", "next_on": "2020-10-09"}
    answer = browser.post(f"/followup/companies/{firm.id}/activities", data=typed)
    assert (answer.status_code, answer.location) == (303, f"/followup/companies/{firm.id}")
    task = session.scalars(select(Task)).one()
    assert (task.owner_id, task.due_on) == (cast.a.id, date(2020, 10, 9))
    assert "走访，会见总经理" in browser.get(f"/companies/{firm.id}/timeline").text
    assert f"/followup/companies/{firm.id}" in browser.get(f"/companies/{firm.id}").text
    fragment = browser.get(f"/followup/companies/{firm.id}", headers=HTMX).text
    assert "送政策汇编" in fragment
    assert "<html" not in fragment


def test_htmx_brings_the_panel_back_with_what_was_written(firm, browser_of):
    answer = browser_of("a").post(
        f"/followup/companies/{firm.id}/activities", data=SAID, headers=HTMX
    )
    assert answer.status_code == 200
    assert "走访，一切正常" in answer.text
    assert 'id="followup"' in answer.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"summary": ""}, "请填写内容"),
        ({"happened_on": "2020-10-01"}, "不能晚于今天"),
        ({"next_what": "送材料"}, "下一步的时限"),
        ({"next_on": "2020-10-09"}, "下一步做什么"),
        ({"next_what": "送材料", "next_on": "2020-09-01"}, "不能早于今天"),
        ({"kind": "telepathy"}, "方式"),
    ],
)
def test_a_wrong_activity_keeps_what_was_typed(firm, browser_of, typed, sentence):
    data = {**SAID, "people_met": "李经理", **typed}
    answer = browser_of("a").post(f"/followup/companies/{firm.id}/activities", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "李经理" in answer.text
    assert (count(Activity), count(Task)) == (0, 0)


@pytest.mark.parametrize("name", ["auditor", "admin"])
def test_who_only_reads_writes_no_activity(firm, browser_of, name):
    address = f"/followup/companies/{firm.id}/activities"
    assert browser_of(name).post(address, data=SAID).status_code == 403


def test_somebody_elses_firm_is_not_there(firm, browser_of):
    browser = browser_of("b")
    activity = factories.make_activity(firm, date(2020, 9, 1))
    for address in (
        f"/followup/companies/{firm.id}",
        f"/followup/companies/{firm.id}/requests/new",
        f"/followup/activities/{activity.id}/edit",
        f"/todo/tasks/new?subject=company&record={firm.id}",
    ):
        assert browser.get(address).status_code == 404, address
    for address in (
        f"/followup/companies/{firm.id}/activities",
        f"/followup/activities/{activity.id}/edit",
        f"/followup/activities/{activity.id}/archivings",
    ):
        assert browser.post(address, data=SAID).status_code == 404, address


@pytest.mark.parametrize("word", ["company", "users", "milestones"])
def test_there_is_no_follow_up_of_other_things(firm, browser_of, word):
    answer = browser_of("a").post(f"/followup/{word}/{firm.id}/activities", data=SAID)
    assert answer.status_code == 404


def test_projects_and_targets_have_their_own(cast, browser_of):
    project = factories.make_project(cast.carrier_a, "深蓝中心")
    browser = browser_of("investment")
    assert browser.post(f"/followup/projects/{project.id}/activities", data=SAID).status_code == 303
    assert "走访，一切正常" in browser.get(f"/projects/{project.id}").text
    assert browser_of("b").get(f"/followup/projects/{project.id}").status_code == 404
    assert browser.get("/followup/targets/4711").status_code == 404


def test_a_correction_is_seen_at_once_and_one_from_an_old_page_is_refused(firm, browser_of):
    activity = factories.make_activity(firm, date(2020, 9, 1))
    browser, typed = browser_of("a"), {**SAID, "version": "1"}
    assert activity.summary in browser.get(f"/followup/activities/{activity.id}/edit").text
    answer = browser.post(f"/followup/activities/{activity.id}/edit", data=typed)
    assert answer.status_code == 303
    assert stored(Activity, activity.id).summary == "走访，一切正常"
    late = {**typed, "summary": "另一种说法"}
    answer = browser.post(f"/followup/activities/{activity.id}/edit", data=late)
    assert answer.status_code == 409
    assert "另一种说法" in answer.text


def test_an_archived_activity_leaves_the_list(firm, browser_of):
    activity = factories.make_activity(firm, date(2020, 9, 1), summary="误记的一条")
    browser = browser_of("a")
    assert "误记的一条" in browser.get("/followup/activities").text
    address = f"/followup/activities/{activity.id}/archivings"
    assert browser.post(address, data={"version": "1"}).status_code == 303
    assert "误记的一条" not in browser.get("/followup/activities").text


def test_the_list_narrows_by_kind_person_day_unit_and_record(cast, firm, other_firm, browser_of):
    factories.make_activity(firm, date(2020, 9, 1), summary="甲的走访", by_id=cast.a.id)
    factories.make_activity(firm, date(2020, 6, 1), summary="甲的电话", kind="call")
    factories.make_activity(other_firm, date(2020, 9, 1), summary="乙的走访", by_id=cast.b.id)
    browser = browser_of("leader")

    def seen(**query):
        text = browser.get("/followup/activities", query_string=query).text
        return {words for words in ("甲的走访", "甲的电话", "乙的走访") if words in text}

    assert seen() == {"甲的走访", "甲的电话", "乙的走访"}
    assert seen(kind="call") == {"甲的电话"}
    assert seen(by=cast.b.id) == {"乙的走访"}
    assert seen(**{"from": "2020-06-01", "to": "2020-08-31"}) == {"甲的电话"}
    assert seen(unit=cast.carrier_b.id) == {"乙的走访"}
    assert seen(subject="company", record=firm.id) == {"甲的走访", "甲的电话"}
    assert "乙的走访" not in browser_of("a").get("/followup/activities").text


def test_of_a_firm_that_moved_away_the_old_unit_reads_no_more(cast, firm, browser_of):
    factories.make_activity(firm, date(2020, 9, 1), summary="内部情况")
    with writing():
        session.get(type(firm), firm.id).unit_id = cast.carrier_b.id
    page = browser_of("a").get("/followup/activities").text
    assert "已不在您的数据范围内" in page
    assert "内部情况" not in page
    fragment = browser_of("b").get(f"/followup/companies/{firm.id}").text
    assert "内部情况" in fragment  # the whole history goes with the firm
    assert "/edit" not in fragment


def test_the_lists_cost_the_same_for_ten_as_for_two(cast, browser_of, query_count):
    browser, costs = browser_of("a"), {}
    addresses = ["/", "/todo", "/todo?view=unit"]
    addresses += [f"/followup/{name}" for name in ("activities", "requests", "instructions")]
    for rows in (2, 8):
        for _ in range(rows):
            firm = factories.make_company(cast.carrier_a)
            factories.make_activity(firm, date(2020, 9, 1), by_id=cast.a.id)
            about = {"subject_type": "company", "subject_id": firm.id}
            factories.make_task(cast.a, date(2020, 9, 30), **about)
            with writing():
                ref = requests.SubjectRef(firm.id, firm.name, firm.unit_id, "")
                details = requests.RequestDetails(
                    date(2020, 9, 1), requests.RequestCategory.SPACE, "要房", cast.a.id
                )
                requests.receive("company", ref, details, by=cast.a)
                instructions.give(
                    "company",
                    ref,
                    instructions.InstructionDetails(
                        cast.leader.id, date(2020, 9, 1), "请办", cast.a.id, date(2020, 10, 9)
                    ),
                    by=cast.leader,
                )
        for address in addresses:
            browser.get(address)
            with query_count() as queries:
                assert browser.get(address).status_code == 200
            costs.setdefault(address, []).append(len(queries))
    assert {address: few for address, (few, _) in costs.items()} == {
        address: many for address, (_, many) in costs.items()
    }


# 待办


def test_the_queue_sorts_by_the_business_date(cast, browser_of):
    for day in ("2020-09-29", "2020-09-30", "2020-10-01", "2020-10-07", "2020-10-08"):
        factories.make_task(cast.a, date.fromisoformat(day), f"到期{day}")
    factories.make_task(cast.b, date(2020, 9, 30), "别人的事")
    page = browser_of("a").get("/todo").text
    groups = re.split(r'id="group-(\w+)"', page)[1:]
    found = {
        name: re.findall(r"到期([\d-]+)", part)
        for name, part in zip(groups[::2], groups[1::2], strict=True)
    }
    assert found == {
        "overdue": ["2020-09-29"],
        "today": ["2020-09-30"],
        "coming": ["2020-10-01", "2020-10-07"],
        "later": ["2020-10-08"],
    }
    assert "别人的事" not in page


def test_the_number_in_the_navigation_counts_what_is_due_and_stops_at_99(cast, browser_of):
    browser = browser_of("a")
    assert browser.get("/todo/count").text.strip() == ""
    factories.make_task(cast.a, date(2020, 10, 1))
    for _ in range(2):
        factories.make_task(cast.a, date(2020, 9, 30))
    assert ">2<" in browser.get("/todo/count").text
    with writing():
        session.add_all(
            Task(what="x", owner_id=cast.a.id, unit_id=cast.carrier_a.id, due_on=date(2020, 9, 1))
            for _ in range(100)
        )
    assert "99+" in browser.get("/todo/count").text


def test_the_number_counts_what_the_queue_shows_as_due_from_every_feature(
    cast, instruct, browser_of
):
    for day in (29, 30):
        factories.make_project(
            cast.carrier_a, owner=cast.investment, next_action_on=date(2020, 9, day)
        )
    factories.make_project(cast.carrier_a, owner=cast.investment, next_action_on=date(2020, 10, 1))
    factories.make_task(cast.investment, date(2020, 9, 30))
    assert ">4<" in browser_of("investment").get("/todo/count").text  # the month's 投资进度 too


def test_a_line_is_done_and_undone_on_the_spot(cast, browser_of):
    task, browser = factories.make_task(cast.a, date(2020, 9, 30)), browser_of("a")
    answer = browser.post(f"/todo/tasks/{task.id}/completions", data={"version": "1"}, headers=HTMX)
    assert answer.status_code == 200
    assert "撤销" in answer.text
    assert "counts-changed" in json.loads(answer.headers["HX-Trigger"])
    answer = browser.post(f"/todo/tasks/{task.id}/reopenings", data={"version": "2"}, headers=HTMX)
    assert "完成" in answer.text
    assert stored(Task, task.id).state == TaskState.OPEN


def test_without_script_every_step_leads_back_to_the_queue(cast, browser_of):
    colleague = factories.make_user(*cast.a.roles, unit=cast.carrier_a)
    browser = browser_of("a")
    for step, typed in (
        ("completions", {"result": "好"}),
        ("postponements", {"due_on": "2020-10-20", "reason": "等材料"}),
        ("handovers", {"owner": colleague.id}),
        ("cancellations", {"reason": "不需要了"}),
    ):
        task = factories.make_task(cast.a, date(2020, 9, 30))
        answer = browser.post(f"/todo/tasks/{task.id}/{step}", data={"version": "1", **typed})
        assert (answer.status_code, answer.location) == (303, "/todo"), step
    done = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert done == ["task.done", "task.postponed", "task.handed_over", "task.cancelled"]


@pytest.mark.parametrize(
    ("step", "typed", "status"),
    [
        ("postponements", {"due_on": "2020-10-20"}, 422),
        ("postponements", {"due_on": "2020-09-01", "reason": "晚了"}, 422),
        ("handovers", {"owner": "999"}, 422),
        ("cancellations", {}, 422),
        ("completions", {"version": "7"}, 409),
        ("reopenings", {}, 422),
    ],
)
def test_a_wrong_step_is_refused_with_a_sentence(cast, browser_of, step, typed, status):
    task = factories.make_task(cast.a, date(2020, 9, 30))
    answer = browser_of("a").post(f"/todo/tasks/{task.id}/{step}", data={"version": "1", **typed})
    assert answer.status_code == status
    assert stored(Task, task.id).version == 1


def test_somebody_elses_task_is_not_there(cast, browser_of):
    task = factories.make_task(cast.a, date(2020, 9, 30))
    assert browser_of("b").get(f"/todo/tasks/{task.id}").status_code == 404
    answer = browser_of("b").post(f"/todo/tasks/{task.id}/completions", data={"version": "1"})
    assert answer.status_code == 404
    assert browser_of("auditor").get(f"/todo/tasks/{task.id}").status_code == 200
    answer = browser_of("auditor").post(f"/todo/tasks/{task.id}/completions", data={"version": "1"})
    assert answer.status_code == 403


def test_a_new_task_appears_in_the_queue_of_who_got_it(cast, firm, browser_of):
    new = {"what": "核对用房", "due_on": "2020-10-09", "owner": cast.a.id}
    about = {"subject": "company", "record": firm.id}
    answer = browser_of("leader").post("/todo/tasks", data={**new, **about})
    assert answer.status_code == 303
    assert "核对用房" in browser_of("a").get("/todo").text
    answer = browser_of("leader").post("/todo/tasks", data={**new, "due_on": "2020-09-01"})
    assert answer.status_code == 422
    assert "核对用房" in answer.text


def test_a_head_sees_the_units_queue_and_an_auditor_the_parks(cast, browser_of):
    factories.make_task(cast.unit_staff, date(2020, 9, 30), "联络员的事")
    factories.make_task(cast.a, date(2020, 9, 30), "孵化器的事")
    head = browser_of("unit_head")
    assert "联络员的事" not in head.get("/todo").text
    assert "联络员的事" in head.get("/todo?view=unit").text
    assert "孵化器的事" not in head.get("/todo?view=unit").text
    park = browser_of("auditor").get("/todo").text
    assert "联络员的事" in park
    assert "孵化器的事" in park


def test_a_projects_next_step_waits_for_its_owner(cast, browser_of):
    factories.make_project(
        cast.carrier_a, "深蓝中心", owner=cast.investment, next_action="约见投资方",
        next_action_on=date(2020, 9, 28),
    )  # fmt: skip
    page = browser_of("investment").get("/todo").text
    assert "约见投资方" in page
    assert "逾期 2 天" in page
    assert "约见投资方" not in browser_of("supervisor").get("/todo").text


def test_percent_signs_in_a_task_are_just_text(cast, browser_of):
    factories.make_task(cast.a, date(2020, 9, 30), "核对 100%(含税) %s 的数据")
    assert "100%(含税) %s" in browser_of("a").get("/todo").text


# 企业诉求


def test_a_request_goes_from_its_receipt_to_its_close(cast, firm, browser_of):
    browser = browser_of("a")
    new = {
        "category": "policy", "received_on": "2020-09-28", "text": "咨询研发补贴", "owner": cast.a.id,
    }  # fmt: skip
    answer = browser.post(f"/followup/companies/{firm.id}/requests", data=new)
    assert answer.status_code == 303
    address = answer.location
    asked = session.scalars(select(Request)).one()
    assert asked.task.due_on == date(2020, 10, 5)
    for step, typed in (
        ("beginnings", {"version": 1}),
        ("answers", {"version": 2, "text": "已寄送"}),
        ("revisits", {"version": 3, "satisfied": "yes"}),
    ):
        assert browser.get(address).status_code == 200
        answer = browser.post(f"{address}/{step}", data=typed)
        assert (answer.status_code, answer.location) == (303, address), step
    assert stored(Request, asked.id).state == RequestState.CLOSED
    assert "诉求办结" in browser.get(f"/companies/{firm.id}/timeline").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"text": ""}, "请填写诉求内容"),
        ({"received_on": "2020-10-01"}, "不能晚于今天"),
        ({"due_on": "2020-09-01"}, "不能早于收到日期"),
        ({"owner": "999"}, "办理人"),
    ],
)
def test_a_wrong_request_keeps_what_was_typed(cast, firm, browser_of, typed, sentence):
    new = {"category": "policy", "received_on": "2020-09-28", "text": "咨询", "owner": cast.a.id}
    answer = browser_of("a").post(
        f"/followup/companies/{firm.id}/requests", data={**new, "from_whom": "周总", **typed}
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "周总" in answer.text
    assert count(Request) == 0


def test_a_request_is_read_where_the_firm_is_now(cast, asked, browser_of):
    address = f"/followup/requests/{asked.id}"
    assert browser_of("b").get(address).status_code == 404
    with writing():
        firm = session.get_one(Company, asked.subject_id)
        transfer(firm, cast.carrier_b, by=cast.a, on=date(2020, 9, 29))
    assert browser_of("b").get(address).status_code == 200
    answer = {"version": 1, "text": "已协调"}
    assert browser_of("b").post(f"{address}/answers", data=answer).status_code == 403


def test_an_office_that_got_a_request_answers_it_without_seeing_the_firm(cast, asked, browser_of):
    address = f"/followup/requests/{asked.id}"
    assert browser_of("unit_staff").get(address).status_code == 404
    answer = browser_of("a").post(
        f"{address}/transfers", data={"version": 1, "owner": cast.unit_staff.id}
    )
    assert answer.status_code == 303
    office = browser_of("unit_staff")
    page = office.get(address).text
    assert "常州甲公司" in page
    assert f'href="/companies/{asked.subject_id}"' not in page
    assert office.get(f"/companies/{asked.subject_id}").status_code == 404
    assert "常州甲公司" in office.get("/todo").text
    answer = office.post(f"{address}/answers", data={"version": 2, "text": "已协调"})
    assert answer.status_code == 303
    assert stored(Request, asked.id).state == RequestState.ANSWERED


def test_requests_are_counted_by_category_with_their_rows(cast, asked, browser_of):
    page = browser_of("a").get("/followup/requests?kind=policy").text
    assert "咨询补贴" in page
    assert "共 1 条" in page
    assert "咨询补贴" not in browser_of("a").get("/followup/requests?kind=space").text
    assert "咨询补贴" not in browser_of("a").get("/followup/requests?late=1").text
    assert "咨询补贴" not in browser_of("b").get("/followup/requests").text


# 批示


def test_an_instruction_is_given_answered_sent_back_and_closed(cast, firm, browser_of):
    leader, clerk = browser_of("leader"), browser_of("a")
    new = {
        "leader": cast.leader.id, "given_on": "2020-09-29", "text": "请跟踪融资", "owner": cast.a.id,
        "due_on": "2020-10-09",
    }  # fmt: skip
    address = leader.post(f"/followup/companies/{firm.id}/instructions", data=new).location
    assert "请跟踪融资" in clerk.get("/todo").text
    assert clerk.post(f"{address}/closings", data={"version": 1}).status_code == 403
    steps = (
        (clerk, "answers", {"version": 1, "text": "在谈"}),
        (leader, "returns", {"version": 2, "reason": "要结果", "due_on": "2020-10-20"}),
        (clerk, "answers", {"version": 3, "text": "到账"}),
        (leader, "closings", {"version": 4, "remark": "好"}),
    )
    for browser, step, typed in steps:
        answer = browser.post(f"{address}/{step}", data=typed)
        assert (answer.status_code, answer.location) == (303, address), step
    page = leader.get(address).text
    assert "在谈" in page
    assert "要结果" in page
    assert session.scalars(select(Instruction.state)).one() == InstructionState.CLOSED
    assert "批示销号" in leader.get(f"/companies/{firm.id}/timeline").text


def test_a_supervisor_enters_it_on_behalf(cast, firm, browser_of):
    new = {
        "leader": cast.leader.id, "given_on": "2020-09-29", "text": "请跟踪融资", "owner": cast.a.id,
        "due_on": "2020-10-09",
    }  # fmt: skip
    browser, address = browser_of("supervisor"), f"/followup/companies/{firm.id}/instructions"
    assert "代录批示" in browser.get(f"{address}/new").text
    answer = browser.post(address, data=new)
    assert answer.status_code == 422
    assert "原件在哪里" in answer.text
    answer = browser.post(address, data={**new, "scan": "机要柜3"})
    page = browser.get(answer.location).text
    assert "代录" in page
    assert "机要柜3" in page
    assert browser_of("a").get(f"{address}/new").status_code == 403


def test_a_leaders_home_begins_with_what_waits_for_his_word(cast, instruct, browser_of):
    given = instruct()
    page = browser_of("leader").get("/").text
    assert "等待答复 1 件" in page
    with writing():
        instructions.answer(session.get_one(Instruction, given.id), "已办", version=1, by=cast.a)
    page = browser_of("leader").get("/").text
    assert "已答复，待销号 1 件" in page
    assert "核办批示答复：请跟踪融资进展" in page


def test_instructions_of_others_firms_are_not_there(cast, instruct, browser_of):
    given = instruct()
    assert browser_of("b").get(f"/followup/instructions/{given.id}").status_code == 404
    assert "请跟踪融资进展" not in browser_of("b").get("/followup/instructions").text
    answer = browser_of("b").post(
        f"/followup/instructions/{given.id}/answers", data={"version": 1, "text": "x"}
    )
    assert answer.status_code == 404
