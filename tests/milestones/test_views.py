"""The pages of milestones and problems: they work, refuse bad input, the wrong role, and someone else's record."""

from datetime import date

import pytest

from crm.core.db import session, writing
from crm.milestones import problems
from crm.milestones.models import Milestone, MilestoneKind, Problem, ProblemState
from crm.milestones.problems import ProblemDetails
from tests import factories

HTMX = {"HX-Request": "true"}
DUE = date(2020, 10, 9)


@pytest.fixture
def problem(project, cast):
    with writing():
        details = ProblemDetails("用地指标未落实", cast.office.id, DUE)
        return problems.raise_one(project, details, by=cast.investment)


def test_a_milestone_is_added_changed_and_dropped(project, cast, browser_of):
    browser, here = browser_of("investment"), f"/projects/{project.id}"
    new = {"kind": "permit", "planned_on": "2020-09-20"}
    assert browser.post(f"{here}/milestones", data=new).status_code == 303
    again = browser.post(f"{here}/milestones", data=new)
    assert again.status_code == 409
    assert "已有同一节点" in again.text
    made = session.query(Milestone).one()
    address = f"/projects/milestones/{made.id}"
    typed = {"planned_on": "2020-09-20", "forecast_on": "2020-10-15", "version": 1}
    refused = browser.post(address, data=typed)
    assert (refused.status_code, "请填写原因" in refused.text) == (422, True)
    assert "2020-10-15" in refused.text  # what was typed is still there
    assert browser.post(address, data={**typed, "reason": "图审未过"}).status_code == 303
    page = browser.get(address).text
    assert "图审未过" in page
    assert "较原计划晚 25 天" in page
    panel = browser.get(f"{here}/milestones", headers=HTMX).text
    assert "2020-10-15" in panel
    assert "图审未过" in browser.get(here).text  # the timeline tells it
    assert browser.post(f"{address}/droppings", data={"version": 2}).status_code == 422
    gone = browser.post(f"{address}/droppings", data={"version": 2, "reason": "改为租赁"})
    assert gone.status_code == 303
    assert browser.get(address).status_code == 404


def test_a_problem_goes_up_to_the_leaders_first_page_and_comes_back(problem, cast, browser_of):
    staff, leader = browser_of("unit_staff"), browser_of("leader")
    address = f"/projects/problems/{problem.id}"
    assert "用地指标未落实" in staff.get("/todo").text
    assert "需要协调的难点" not in leader.get("/").text
    asked = {"asked": "请协调市里的用地指标", "version": 1}
    assert staff.post(f"{address}/escalations", data={**asked, "asked": ""}).status_code == 422
    assert staff.post(f"{address}/escalations", data=asked).status_code == 303
    assert "请协调市里的用地指标" in leader.get("/").text
    order = {
        "leader": cast.leader.id, "given_on": "2020-09-30", "text": "三天内落实", "owner": cast.unit_head.id,
        "due_on": "2020-10-03", "version": 2,
    }  # fmt: skip
    assert staff.post(f"{address}/instructions", data=order).status_code == 403
    late = leader.post(f"{address}/instructions", data={**order, "due_on": "2020-09-01"})
    assert (late.status_code, "三天内落实" in late.text) == (422, True)
    assert leader.post(f"{address}/instructions", data=order).status_code == 303
    assert "需要协调的难点" not in leader.get("/").text
    assert "三天内落实" in staff.get(address).text
    done = staff.post(f"{address}/solutions", data={"solution": "指标已下达", "version": 3})
    assert done.status_code == 303
    assert session.get_one(Problem, problem.id).state == ProblemState.SOLVED
    assert "用地指标未落实" in staff.get("/projects/problems?state=solved").text
    assert "用地指标未落实" not in staff.get("/projects/problems").text


def test_a_problem_is_raised_and_changed_on_its_project(project, cast, browser_of):
    browser = browser_of("investment")
    new = {"what": "施工许可待补件", "solver_unit": cast.office.id, "due_on": "2020-10-09"}
    address = f"/projects/{project.id}/problems"
    assert browser.post(address, data={**new, "due_on": "2020-09-01"}).status_code == 422
    assert browser.post(address, data=new).status_code == 303
    made = session.query(Problem).one()
    shown = browser.get(f"/projects/problems/{made.id}").text
    assert f'selected value="{cast.office.id}"' in shown
    edit = {**new, "what": "施工许可还缺消防意见", "version": made.version}
    assert browser.post(f"/projects/problems/{made.id}/edits", data=edit).status_code == 303
    assert browser.post(f"/projects/problems/{made.id}/edits", data=edit).status_code == 409


def test_what_a_project_has_to_reach_is_its_owners_to_do(promise, browser_of):
    promise(MilestoneKind.PERMIT, date(2020, 9, 20))
    assert "项目节点：取得施工许可" in browser_of("investment").get("/todo").text
    assert "项目节点" not in browser_of("leader").get("/todo").text


def test_the_wrong_role_and_other_peoples_records(project, problem, promise, cast, browser_of):
    made = promise(MilestoneKind.PERMIT, DUE)
    mine = [
        f"/projects/milestones/{made.id}",
        f"/projects/problems/{problem.id}",
        f"/projects/{project.id}/milestones",
    ]
    for address in mine:
        assert browser_of("auditor").get(address).status_code == 200
        assert browser_of("b").get(address).status_code == 404
    auditor = browser_of("auditor")
    assert auditor.post(mine[0], data={}).status_code == 403
    assert auditor.post(f"{mine[1]}/solutions", data={}).status_code == 403
    with writing():
        session.get_one(type(project), project.id).is_sealed = True
    for address in mine:
        assert browser_of("auditor").get(address).status_code == 404
        assert browser_of("leader").get(address).status_code == 200
    assert "用地指标" not in browser_of("supervisor").get("/projects/problems").text


def test_a_list_of_problems_costs_the_same_for_many(project, cast, browser_of, query_count):
    browser = browser_of("leader")

    def cost(more):
        with writing():
            for number in range(more):
                details = ProblemDetails(f"难点{number}", cast.office.id, DUE, cast.unit_head.id)
                problems.raise_one(factories.session.merge(project), details, by=cast.investment)
        with query_count() as queries:
            assert browser.get("/projects/problems").status_code == 200
        return len(queries)

    assert cost(2) == cost(8)
