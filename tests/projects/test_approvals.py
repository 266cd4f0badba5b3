"""The list of approvals: items with time limits and grants, what gates read of it, what waits for whom."""

import io
from datetime import date

import pytest

from crm.core.db import session, writing
from crm.people.models import User
from crm.projects import approval_pages, approvals
from crm.projects.approvals import ApprovalDetails
from crm.projects.gate_models import ApprovalKind, ProjectApproval
from crm.projects.models import Project, ProjectKind, Stage
from tests import factories

DUE = date(2020, 10, 15)


def items(project):
    session.rollback()
    return session.scalars(approvals.of_project(project.id)).all()


def add(cast, project, kind=ApprovalKind.LAND, **values):
    with writing():
        return approvals.add_approval(
            session.get_one(Project, project.id),
            ApprovalDetails(kind, **values),
            by=session.get_one(User, cast.investment.id),
        )


@pytest.mark.parametrize("kind", list(ProjectKind))
def test_a_list_begins_with_the_usual_items_of_its_kind(app, cast, browser_of, ready, kind):
    project = ready(kind=kind)
    add(cast, project, approvals.USUAL[kind][1], granted_on=date(2020, 9, 1))
    address = f"/projects/{project.id}/approvals"
    browser = browser_of("investment")
    assert browser.post(f"{address}/lists", data={}).status_code == 422
    assert browser.post(f"{address}/lists", data={"due_on": "2020-10-15"}).status_code == 303
    found = items(project)
    assert {item.kind for item in found} == set(approvals.USUAL[kind])
    assert len(found) == len(approvals.USUAL[kind])
    page = browser.get(address).text
    assert "2020-10-15" in page
    assert "已批准" in page
    assert f'action="{address}/lists"' not in page


def test_an_item_is_added_granted_and_marked_as_not_applicable(app, cast, browser_of, ready):
    project, browser = ready(), browser_of("investment")
    address = f"/projects/{project.id}/approvals"
    assert browser.get(f"{address}/new").status_code == 200
    typed = {"kind": "environment", "due_on": "2020-10-15"}
    back = browser.post(f"{address}?next=/projects/{project.id}/moves/new", data=typed)
    assert back.location == f"/projects/{project.id}/moves/new"
    item = items(project)[0]
    here = f"/projects/approvals/{item.id}"
    assert 'value="2020-10-15"' in browser.get(here).text
    granted = {**typed, "granted_on": "2020-09-28", "number": "常环审〔2020〕7号", "version": 1}
    assert browser.post(here, data=granted).status_code == 303
    assert items(project)[0].number == "常环审〔2020〕7号"
    assert browser.post(here, data=granted).status_code == 409


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"kind": "other"}, "须写明"),
        ({"kind": "land"}, "清单中已有"),
        ({"kind": "fire", "granted_on": "2020-10-01"}, "不能晚于今天"),
        ({"kind": "fire", "is_inapplicable": "y"}, "须说明理由"),
        ({"kind": "fire", "is_inapplicable": "y", "note": "x", "granted_on": "2020-09-01"}, "不能标为不适用"),
        ({"kind": "moon"}, "请改正"),
    ],
)  # fmt: skip
def test_an_item_without_sense_is_refused_in_a_sentence(app, cast, browser_of, ready, typed, said):
    project = ready()
    add(cast, project, due_on=DUE)
    answer = browser_of("investment").post(f"/projects/{project.id}/approvals", data=typed)
    assert answer.status_code in (409, 422)
    assert said in answer.text
    assert len(items(project)) == 1


def test_who_may_not_write_reads_and_a_stranger_sees_nothing(app, cast, browser_of, ready):
    project = ready()
    item = add(cast, project, due_on=DUE, number="用地7号").id
    auditor, elsewhere = browser_of("auditor"), browser_of("b")
    assert "用地" in auditor.get(f"/projects/{project.id}/approvals").text
    assert "用地7号" in auditor.get(f"/projects/approvals/{item}").text
    assert auditor.post(f"/projects/approvals/{item}", data={"kind": "land"}).status_code == 403
    assert elsewhere.get(f"/projects/{project.id}/approvals").status_code == 404
    assert elsewhere.get(f"/projects/approvals/{item}").status_code == 404
    assert elsewhere.get(f"/files/project_approval/{item}").status_code in (403, 404)


def test_what_is_due_waits_for_the_owner_until_it_is_granted_or_does_not_apply(
    app, cast, browser_of, ready
):
    project = ready()
    add(cast, project, due_on=DUE)
    add(cast, project, ApprovalKind.FIRE, due_on=date(2020, 9, 1))
    add(cast, project, ApprovalKind.ENERGY, due_on=DUE, granted_on=date(2020, 9, 2))
    add(cast, project, ApprovalKind.FIT_OUT, due_on=DUE, is_inapplicable=True, note="不装修")
    add(cast, ready((Stage.LEAD, date(2020, 3, 5)), (Stage.LOST, date(2020, 4, 1))), due_on=DUE)
    owner, other = (session.get_one(User, u.id) for u in (cast.investment, cast.a))
    todos = approval_pages.todos(owner)
    assert [(todo.due_on, dict(todo.values)["what"]) for todo in todos] == [
        (date(2020, 9, 1), ApprovalKind.FIRE),
        (DUE, ApprovalKind.LAND),
    ]
    assert approval_pages.todos(other) == []
    assert "办理消防" in browser_of("investment").get("/todo").text


def test_many_items_are_written_at_once(app, cast, query_count):
    projects = [factories.make_project(cast.carrier_a).id for _ in range(3)]
    rows = [
        (id_, ApprovalDetails(kind))
        for id_ in projects
        for kind in approvals.USUAL[ProjectKind.MOVE_IN]
    ]
    with writing():
        assert (
            approvals.add_approvals_many(rows, by=session.get_one(User, cast.investment.id)) == 12
        )
    assert session.query(ProjectApproval).count() == 12


def test_a_paper_is_uploaded_and_leads_back_to_the_gate(app, cast, browser_of, ready):
    project, browser = ready(), browser_of("investment")
    back = f"/projects/{project.id}/moves/new?to_stage=intent"
    address = f"/files/project.site_photo/{project.id}"
    assert "主体施工现场照片" in browser.get(address).text
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
    )
    answer = browser.post(
        address,
        query_string={"next": back},
        data={"file": (io.BytesIO(png), "主体.png")},
        content_type="multipart/form-data",
    )
    assert (answer.status_code, answer.location) == (303, back), answer.text
    assert "主体.png" in browser.get(f"/projects/{project.id}/papers").text


@pytest.mark.parametrize("odd", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_a_form_leads_back_to_places_of_this_site_only(app, cast, browser_of, ready, odd):
    project = ready()
    address = f"/projects/{project.id}/approvals"
    answer = browser_of("investment").post(
        address, query_string={"next": odd}, data={"kind": "land"}
    )
    assert answer.location == address
