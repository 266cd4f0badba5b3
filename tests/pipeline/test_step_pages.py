"""Pages of steps, gates and moves of many: each works, refuses bad input, the wrong role, someone else's record."""

import json
from datetime import date

import pytest

from crm.core.db import session
from crm.people.models import User
from crm.people.roles import Role
from crm.projects import gate_rules, queries
from crm.projects.models import Project, ProjectKind, Stage
from tests import factories
from tests.projects.conftest import ready as ready

HTMX = {"HX-Request": "true"}
PATH = ((Stage.LEAD, date(2020, 3, 5)), (Stage.NEGOTIATING, date(2020, 4, 1)))


def path(project):
    session.rollback()
    steps = session.scalars(queries.path(project.id)).all()
    return [(step.to_stage, step.effective_on.isoformat()) for step in steps]


def last_step(project):
    session.rollback()
    return session.scalars(queries.path(project.id)).all()[-1].id


def test_a_step_is_corrected_on_its_page_and_the_old_one_stays_struck_out(
    app, cast, browser_of, ready
):
    project = ready(*PATH)
    browser, address = (
        browser_of("investment"),
        f"/projects/{project.id}/steps/{last_step(project)}",
    )
    assert 'value="2020-04-01"' in browser.get(address).text
    typed = {"to_stage": "negotiating", "effective_on": "2020-05-06", "reason": "补正日期"}
    answer = browser.post(f"{address}/corrections", data=typed)
    assert (answer.status_code, answer.location) == (303, f"/projects/{project.id}/steps")
    page = browser.get(answer.location).text
    assert "<s>2020-04-01</s>" in page
    assert "补正日期" in page
    assert path(project)[-1] == (Stage.NEGOTIATING, "2020-05-06")
    assert "已被更正或撤回" in browser.get(address).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"effective_on": "2020-03-04"}, "不能早于前一步"),
        ({"effective_on": "2020-02-30"}, "请填写日期"),
        ({"reason": ""}, "请填写此项"),
        ({"to_stage": "lost"}, "原因类别"),
        ({"version": "7"}, "已被他人修改"),
    ],
)
def test_a_correction_without_sense_keeps_what_was_typed(app, cast, browser_of, ready, typed, said):
    project = ready(*PATH)
    data = {"to_stage": "intent", "effective_on": "2020-05-06", "reason": "补正", **typed}
    address = f"/projects/{project.id}/steps/{last_step(project)}/corrections"
    answer = browser_of("investment").post(address, data=data)
    assert answer.status_code == (409 if "version" in typed else 422)
    assert said in answer.text
    assert f'value="{data["effective_on"]}"' in answer.text
    assert path(project)[-1] == (Stage.NEGOTIATING, "2020-04-01")


def test_a_correction_names_what_the_gates_lack_and_lets_nothing_pass_unasked(
    app, cast, browser_of, ready
):
    project = ready(*PATH, agreement_number="", agreement_on=None)
    page = f"/projects/{project.id}/steps/{last_step(project)}"
    data = {"to_stage": "signed", "effective_on": "2020-05-06", "reason": "其实已签约"}
    browser = browser_of("investment")
    assert "放行" not in browser.get(page).text
    answer = browser.post(f"{page}/corrections", data=data)
    assert answer.status_code == 422
    assert "进入“签约项目”还缺 2 项" in answer.text
    for field in ("agreement_number", "agreement_on"):
        assert f'href="/projects/{project.id}/edit?next=' in answer.text
        assert f"#{field}" in answer.text
    assert path(project)[-1] == (Stage.NEGOTIATING, "2020-04-01")
    assert browser.post(f"{page}/corrections", data={**data, "waive": "y"}).status_code == 303
    assert path(project)[-1] == (Stage.SIGNED, "2020-05-06")


def test_a_step_is_taken_back_with_a_reason(app, cast, browser_of, ready):
    project = ready(*PATH)
    browser = browser_of("investment")
    address = f"/projects/{project.id}/steps/{last_step(project)}/withdrawals"
    assert browser.post(address, data={}).status_code == 422
    answer = browser.post(address, data={"withdrawal-reason": "记到了别的项目"})
    assert answer.status_code == 303
    assert path(project) == [(Stage.LEAD, "2020-03-05")]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_word_after_a_move_undoes_it(app, cast, browser_of, ready, headers):
    project = ready(PATH[0])
    browser = browser_of("investment")
    typed = {"to_stage": "negotiating", "version": 1}
    answer = browser.post(f"/projects/{project.id}/moves?mine=1", data=typed, headers=headers)
    undo = f"/projects/{project.id}/steps/{last_step(project)}/undo"
    if headers:
        toast = json.loads(answer.headers["HX-Trigger"])["toast"]
        assert toast["undo"]["address"].split("?")[0] == undo
    else:
        assert f'action="{undo}"' in browser.get(answer.location).text
    answer = browser.post(undo, headers=headers)
    assert answer.status_code == (200 if headers else 303)
    if headers:
        assert 'hx-swap-oob="afterbegin:#cards-lead"' in answer.text
    assert path(project) == [(Stage.LEAD, "2020-03-05")]
    assert browser.post(undo, headers=headers).status_code == 409


def test_a_forgotten_move_is_told_in_its_place_only_when_that_is_meant(
    app, cast, browser_of, ready
):
    project = ready(PATH[0], (Stage.INTENT, date(2020, 6, 1)))
    browser, address = browser_of("investment"), f"/projects/{project.id}/moves"
    typed = {"to_stage": "negotiating", "effective_on": "2020-04-01", "reason": "漏记"}
    refused = browser.post(address, data=typed)
    assert refused.status_code == 422
    assert "按日期插入" in refused.text
    assert 'name="insert"' in refused.text
    assert browser.post(address, data={**typed, "insert": "y"}).status_code == 303
    assert path(project) == [
        (Stage.LEAD, "2020-03-05"), (Stage.NEGOTIATING, "2020-04-01"), (Stage.INTENT, "2020-06-01")
    ]  # fmt: skip


def test_a_loss_says_of_which_sort_it_is(app, cast, browser_of, ready):
    project = ready(*PATH)
    browser, address = browser_of("investment"), f"/projects/{project.id}/moves"
    typed = {"to_stage": "lost", "reason": "去了别处"}
    assert "原因类别" in browser.post(address, data=typed, headers=HTMX).text
    answer = browser.post(address, data={**typed, "loss_reason": "elsewhere"}, headers=HTMX)
    assert answer.status_code == 200


def test_who_may_not_move_may_read_the_steps_and_a_stranger_sees_none(app, cast, browser_of, ready):
    project = ready(*PATH)
    step = last_step(project)
    auditor = browser_of("auditor")
    assert auditor.get(f"/projects/{project.id}/steps").status_code == 200
    assert auditor.get(f"/projects/{project.id}/steps/{step}").status_code == 403
    assert auditor.post(f"/projects/{project.id}/steps/{step}/undo").status_code == 403
    elsewhere = browser_of("b")
    assert elsewhere.get(f"/projects/{project.id}/steps").status_code == 404
    other = ready(*PATH)
    mixed = f"/projects/{other.id}/steps/{step}"
    assert browser_of("investment").get(mixed).status_code == 404


def test_an_administrator_changes_a_gate_from_a_day_on_and_the_matrix_tells_it(
    app, cast, browser_of
):
    browser, address = browser_of("admin"), "/gates/move_in/construction"
    assert "装修进场日期" in browser.get("/gates").text
    assert "系统自带" in browser.get("/gates").text
    typed = {
        "valid_from": "2020-10-01", "asked": ["field.works_seen_on", "document.site_photo"],
        "words_field_works_seen_on": "装修进场日期", "words_document_site_photo": "装修照片",
    }  # fmt: skip
    assert browser.post(address, data=typed).status_code == 303
    assert "装修照片" in browser.get("/gates").text
    gate = gate_rules.rules_on(date(2020, 10, 1))[ProjectKind.MOVE_IN, Stage.CONSTRUCTION]
    assert [one.label for one in gate.requirements] == ["装修进场日期", "装修照片"]
    assert "2020-10-01" in browser.get(address).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"valid_from": "2020-09-29"}, "从今天或以后"),
        ({"valid_from": ""}, "请填写日期"),
        ({"asked": ["field.password_hash"]}, "&#39;field.password_hash&#39;"),
        ({"words_field_investor": "王" * 41}, "不能超过40个字符"),
        ({"words_field_investor": "a\x07b"}, "含有不能保存的字符"),
        ({"asked": ["field.works_seen_on"], "words_field_works_seen_on": "装修进场日期"}, "相同"),
    ],
)
def test_a_gate_without_sense_is_refused_in_a_sentence(app, cast, browser_of, typed, said):
    data = {"valid_from": "2020-10-01", "asked": ["field.investor"], **typed}
    answer = browser_of("admin").post("/gates/move_in/construction", data=data)
    assert answer.status_code == 422
    assert said in answer.text


def test_gates_are_read_by_who_reads_projects_and_changed_by_who_keeps_the_rules(
    app, cast, browser_of
):
    assert browser_of("investment").get("/gates").status_code == 200
    assert browser_of("investment").get("/gates/move_in/signed").status_code == 403
    for odd in ("/gates/move_in/lead", "/gates/team/signed", "/gates/move_in/lost"):
        assert browser_of("admin").get(odd).status_code == 404


def test_projects_are_moved_from_their_list_and_those_that_are_refused_are_named(
    app, cast, browser_of, ready, query_count
):
    fit = [ready(PATH[0]) for _ in range(2)]
    lacking = ready(PATH[0], contact="", name="缺联系人的项目")
    paused = ready(PATH[0], (Stage.PAUSED, date(2020, 5, 1)), name="暂停的项目")
    everyone = [*fit, lacking, paused]
    browser = browser_of("investment")
    ids = {"ids": ",".join(str(one.id) for one in everyone)}
    page = browser.post("/projects/moves/preview", data=ids)
    assert page.status_code == 200
    assert "已选 4 个项目" in page.text
    assert browser.post("/projects/moves", data=ids).status_code == 422
    answer = browser.post("/projects/moves", data={**ids, "to_stage": "negotiating"})
    assert answer.status_code == 422
    assert "缺联系人的项目" in answer.text
    assert "还缺 1 项" in answer.text
    assert "暂停的项目" in answer.text
    assert [path(one)[-1][0] for one in everyone] == [
        Stage.NEGOTIATING, Stage.NEGOTIATING, Stage.LEAD, Stage.PAUSED
    ]  # fmt: skip
    assert [session.get_one(Project, one.id).version for one in everyone] == [2, 2, 1, 1]
    ids = {"ids": ",".join(str(one.id) for one in fit)}
    narrowed = {"state": "where=stage:is:negotiating", "to_stage": "intent"}
    answer = browser.post("/projects/moves", data={**ids, **narrowed})
    assert (answer.status_code, answer.location) == (303, f"/projects?{narrowed['state']}")


def test_moving_more_projects_costs_no_more_reading(app, cast, browser_of, ready, query_count):
    counts = []
    for size in (2, 6):
        ids = [ready(PATH[0], (Stage.PAUSED, date(2020, 5, 1))).id for _ in range(size)]
        data = {"ids": ",".join(map(str, ids)), "to_stage": "lead", "reason": "恢复"}
        browser = browser_of("investment")
        with query_count() as sent:
            assert browser.post("/projects/moves", data=data).status_code == 303
        counts.append(sum(statement.startswith("SELECT") for statement in sent))
    assert counts[0] == counts[1]


def test_a_scope_limits_what_is_moved(app, cast, ready):
    project = ready(PATH[0])
    user = factories.make_user(Role.AUDITOR, unit=cast.office)
    browser = factories.signed_in_client(app, session.get_one(User, user.id))
    data = {"ids": str(project.id), "to_stage": "negotiating"}
    assert browser.post("/projects/moves", data=data).status_code == 403
