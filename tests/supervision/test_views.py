"""Pages of supervision: they work, refuse with what was typed, and are not there for others."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from crm.core.db import session, writing
from crm.supervision import bulletins
from crm.supervision.models import Source, State, StepKind, SupervisionEvent, SupervisionOrder
from tests import factories
from tests.supervision.conftest import DUE, TODAY

K = StepKind


def the_order() -> SupervisionOrder:
    session.rollback()
    session.expire_all()
    return session.scalars(select(SupervisionOrder)).one()


def test_an_order_is_docketed_and_issued_on_one_page(browser_of, cast):
    supervisor = browser_of("supervisor")
    assert supervisor.get("/supervision/new").status_code == 200
    form = {"source": "city", "title": "推进市级试点", "unit_id": cast.office.id, "is_issued": "y"}
    refused = supervisor.post("/supervision", data={**form, "title": "", "requirement": "写过的话"})
    assert refused.status_code == 422
    assert "请填写督办事项" in refused.text
    assert "写过的话" in refused.text
    past = supervisor.post("/supervision", data={**form, "due_on": "2020-09-29"})
    assert past.status_code == 422
    assert "时限不能早于今天" in past.text
    answer = supervisor.post(
        "/supervision", data={**form, "joint_units": [cast.carrier_a.id, cast.carrier_b.id]}
    )
    order = the_order()
    assert (answer.status_code, answer.location) == (303, f"/supervision/{order.id}")
    assert (order.state, order.due_on) == (State.ISSUED, TODAY + timedelta(30))
    assert {joint.unit_id for joint in order.joint_units} == {cast.carrier_a.id, cast.carrier_b.id}
    for name in ("unit_staff", "leader", "investment"):
        assert browser_of(name).get("/supervision/new").status_code == 403


def test_an_order_is_changed_on_its_page_until_it_is_issued(browser_of, cast, docket, take):
    here = f"/supervision/{docket().id}"
    supervisor = browser_of("supervisor")
    assert f"{here}/edit" in supervisor.get(here).text
    page = supervisor.get(f"{here}/edit").text
    assert 'value="推进市级试点"' in page
    form = {
        "version": the_order().version, "source": "city", "title": "另一件事",
        "unit_id": cast.office.id, "requirement": "写过的话",
    }  # fmt: skip
    for wrong, status in (({"title": ""}, 422), ({"joint_units": [cast.office.id]}, 422)):
        refused = supervisor.post(f"{here}/edit", data=form | wrong)
        assert refused.status_code == status
        assert "写过的话" in refused.text
    assert supervisor.post(f"{here}/edit", data=form).status_code == 303
    assert (the_order().title, the_order().joint_units) == ("另一件事", [])
    stale = supervisor.post(f"{here}/edit", data=form)
    assert stale.status_code == 409
    for name in ("unit_staff", "leader", "auditor"):
        assert browser_of(name).get(f"{here}/edit").status_code == 403
    take(the_order(), K.ISSUED, "supervisor")
    assert f"{here}/edit" not in supervisor.get(here).text
    assert supervisor.get(f"{here}/edit").status_code == 404
    assert supervisor.post(f"{here}/edit", data=form).status_code == 404


def test_a_task_of_the_plan_shows_its_orders(browser_of, cast, plan, docket):
    task = plan.chapters[0].tasks[0]
    docket(plan_task_id=task.id)
    supervisor = browser_of("supervisor")
    panel = f"/supervision/plan-tasks/{task.id}"
    assert panel in supervisor.get(f"/responsibility/tasks/{task.id}").text
    assert "推进市级试点" in supervisor.get(panel, headers={"HX-Request": "true"}).text


def test_the_form_is_filled_in_from_what_the_order_is_made_of(browser_of, cast, plan):
    supervisor = browser_of("supervisor")
    page = supervisor.get("/supervision/sources")
    assert page.status_code == 200
    assert "没有数字的任务" in page.text
    target = plan.indicators[0]
    page = supervisor.get(f"/supervision/new?source=red_light&target={target.id}")
    assert f'value="{target.code} ' in page.text
    task = plan.chapters[0].tasks[0]
    assert task.name in supervisor.get(f"/supervision/new?source=promise&plan_task={task.id}").text
    for name in ("target", "plan_task", "project", "instruction"):
        assert supervisor.get(f"/supervision/new?{name}=999999").status_code == 404
    sealed = factories.make_project(cast.office, "保密", owner=cast.investment, is_sealed=True)
    assert supervisor.get(f"/supervision/new?project={sealed.id}").status_code == 404
    form = {"source": "city", "title": "甲", "unit_id": cast.office.id, "project_id": sealed.id}
    assert supervisor.post("/supervision", data=form).status_code == 404
    panel = supervisor.get(f"/supervision/targets/{target.id}")
    assert "立督办单" in panel.text
    assert browser_of("b").get(f"/supervision/targets/{target.id}").status_code == 404


def test_a_meeting_becomes_many_orders_or_the_line_is_named(browser_of, cast):
    supervisor = browser_of("supervisor")
    assert supervisor.get("/supervision/meetings/new").status_code == 200
    form = {"basis": "主任办公会", "basis_on": "2020-09-28", "is_issued": "y"}
    lines = "落实装修；产业发展处；国家大学科技园、大创园；2020-10-31\n\n公交调整\t产业发展处"
    wrong = supervisor.post("/supervision/meetings", data={**form, "lines": f"{lines}\n甲；没有处"})
    assert wrong.status_code == 422
    assert "第4行" in wrong.text
    assert "公交调整" in wrong.text
    assert (
        supervisor.post("/supervision/meetings", data={**form, "lines": lines}).status_code == 303
    )
    session.rollback()
    orders = session.scalars(select(SupervisionOrder).order_by(SupervisionOrder.number)).all()
    assert [(o.title, o.source, o.due_on) for o in orders] == [
        ("落实装修", Source.MEETING, date(2020, 10, 31)),
        ("公交调整", Source.MEETING, TODAY + timedelta(20)),
    ]
    assert len(orders[0].joint_units) == 2


def test_the_steps_are_taken_on_the_orders_page(browser_of, docket):
    order = docket()
    supervisor, staff, head = map(browser_of, ("supervisor", "unit_staff", "unit_head"))
    address = f"/supervision/{order.id}/steps"

    def step(client, kind, status=303, **values):
        answer = client.post(
            address, data={"kind": kind.value, "version": the_order().version, **values}
        )
        assert answer.status_code == status, answer.text[:2000]
        return answer

    step(staff, K.ISSUED, 403)
    step(supervisor, K.ISSUED)
    assert "签收" in staff.get(f"/supervision/{order.id}").text
    step(staff, K.RECEIVED)
    page = step(staff, K.ANSWERED, 422, cause="写过的原因")
    assert "请写明办理情况" in page.text
    assert "写过的原因" in page.text
    assert (
        "新的时限须晚于"
        in step(staff, K.EXTENSION_ASKED, 422, text="推迟", new_on="2020-10-01").text
    )
    step(staff, K.ANSWERED, text="已办", cause="原因", measures="措施", new_on="2020-10-12")
    stale = staff.post(address, data={"kind": "noted", "version": 1, "text": "又写了"})
    assert stale.status_code == 409
    assert "又写了" in stale.text
    step(head, K.SIGNED)
    assert step(supervisor, K.RETURNED, 422).status_code == 422
    step(supervisor, K.RETURNED, text="缺材料")
    assert the_order().state is State.RETURNED
    assert staff.post(address, data={"kind": "nonsense"}).status_code == 400
    assert browser_of("auditor").post(address, data={"kind": "closed"}).status_code == 403


def test_somebody_elses_order_is_not_there(browser_of, docket):
    order = docket(joint_unit_ids=())
    other = browser_of("b")
    assert other.get(f"/supervision/{order.id}").status_code == 404
    assert other.post(f"/supervision/{order.id}/files").status_code == 404
    assert order.title not in other.get("/supervision").text
    assert order.title not in other.get("/supervision/statistics").text
    assert other.get("/supervision/mine").status_code == 200


def test_what_was_said_is_corrected_beside_it(browser_of, answered):
    said = session.scalars(
        select(SupervisionEvent).where(SupervisionEvent.kind == K.ANSWERED)
    ).one()
    address = f"/supervision/{answered.id}/events/{said.id}/corrections"
    staff = browser_of("unit_staff")
    assert staff.get(f"{address}/new").status_code == 200
    assert staff.post(address, data={"text": "", "version": 5}).status_code == 422
    version = the_order().version
    assert staff.post(address, data={"text": "应为三项", "version": version}).status_code == 303
    page = staff.get(f"/supervision/{answered.id}").text
    assert "<s>已落实</s>" in page
    assert "应为三项" in page
    others = {"text": "甲", "version": version + 1}
    assert browser_of("unit_head").post(address, data=others).status_code == 403


def test_the_ledger_filters_and_goes_out_as_a_file(browser_of, cast, docket, take):
    late, other = docket(title="逾期的事项", joint_unit_ids=()), docket(title="另外的事项")
    for order in (late, other):
        take(order, K.ISSUED, "supervisor", on=date(2020, 9, 1), new_on=date(2020, 9, 20))
    take(other, K.RECEIVED, "unit_staff", on=TODAY)
    leader = browser_of("leader")
    page = leader.get("/supervision?where=overdue:is:1;state:is:issued").text
    assert "逾期的事项" in page
    assert "另外的事项" not in page
    assert "逾期的事项" in leader.get("/supervision?q=yqdsx").text
    file = leader.post("/supervision/files", data={"format": "csv", "all": "1"})
    assert file.status_code == 200
    with zipfile.ZipFile(io.BytesIO(file.data)) as parts:
        told = "".join(parts.read(name).decode("utf-8-sig", "replace") for name in parts.namelist())
    assert "督〔2020〕1号" in told
    assert "逾期的事项" in leader.get("/").text  # long overdue: on the leader's first page
    assert "/supervision/mine" in browser_of("unit_staff").get("/").text


def test_the_ledger_costs_the_same_for_ten_orders_as_for_two(browser_of, cast, query_count):
    supervisor = browser_of("supervisor")
    costs = []
    for count in (2, 8):
        for _ in range(count):
            factories.make_order(cast.office)
        with query_count() as queries:
            assert supervisor.get("/supervision?cols=number,joint,days_overdue").status_code == 200
            assert supervisor.get("/supervision/mine").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_statistics_and_bulletin_tell_the_same(browser_of, cast, answered):
    supervisor, staff = browser_of("supervisor"), browser_of("unit_staff")
    page = supervisor.get("/supervision/statistics").text
    assert "产业发展处" in page
    assert "按期办结率" in page
    assert supervisor.get("/supervision/statistics?from_on=x").status_code == 422
    preview = supervisor.get("/supervision/bulletins/new")
    assert preview.status_code == 200
    assert "推进市级试点" in preview.text
    assert staff.get("/supervision/bulletins/new").status_code == 403
    period = {"from_on": "2020-09-01", "until_on": "2020-10-01"}
    ahead = supervisor.post("/supervision/bulletins", data=period)
    assert ahead.status_code == 422
    assert "不能晚于今天" in ahead.text
    made = supervisor.post("/supervision/bulletins", data={**period, "until_on": "2020-09-30"})
    assert made.status_code == 303
    page = staff.get(made.location)
    assert page.status_code == 200
    assert "督查通报2020年第1期" in page.text
    assert "督查通报2020年第1期" in browser_of("b").get("/supervision/bulletins").text


@pytest.mark.parametrize("what", ["order", "bulletin"])
def test_orders_and_bulletins_are_printed_and_noted(browser_of, cast, answered, what):
    address = f"/supervision/{answered.id}/files"
    if what == "bulletin":
        with writing():
            made = bulletins.issue(date(2020, 9, 1), TODAY, by=cast.supervisor)
        address = f"/supervision/bulletins/{made.id}/files"
    answer = browser_of("unit_staff").post(address)
    assert answer.data[:5] == b"%PDF-"
    assert answer.mimetype == "application/pdf"


def test_the_command_lists_what_is_overdue(app, docket, take):
    order = docket()
    take(order, K.ISSUED, "supervisor")
    run = app.test_cli_runner()
    assert run.invoke(args=["supervision", "list", "--overdue", "--json"]).output.strip() == "[]"
    take(order, K.REMINDED, "supervisor", on=DUE + timedelta(1))
    found = run.invoke(args=["supervision", "list", "--overdue", "--json"])
    assert '"days_overdue": 1' in found.output
    assert order.name in run.invoke(args=["supervision", "list"]).output
