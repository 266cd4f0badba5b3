"""Pages of readiness: each works, refuses bad input, the wrong role, and another unit's firm."""

from datetime import date

import pytest
from sqlalchemy import func, select

from crm.core.db import session
from crm.declarations.models import Declaration
from crm.followup.models import Task
from crm.people.roles import Right, Role
from crm.readiness.models import CriterionTick, Kind, Suggestion
from tests import factories
from tests.readiness.conftest import report, resident

FRAGMENT = {"HX-Request": "true"}
FIGURE = "2,345 万元"


def count(model):
    return session.scalar(select(func.count(model.id)))


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_has_its_page(browser_of, firm, kind):
    for name in ("a", "leader", "auditor"):
        page = browser_of(name).get(f"/readiness/{kind.value}")
        assert page.status_code == 200
    assert browser_of("a").get(f"/readiness/{kind.value}?show=decided").status_code == 200


def test_the_page_says_what_is_met_with_its_figure(browser_of, firm):
    page = browser_of("a").get("/readiness")
    assert firm.name in page.text
    assert FIGURE in page.text
    assert "满足 2 · 不满足 0 · 缺数据 0" in page.text
    assert browser_of("a").get("/readiness?as_of=2020-08-30").text.count(firm.name) == 0
    assert browser_of("a").get("/readiness?as_of=30.8.2020").status_code == 422
    assert browser_of("a").get("/readiness/x").status_code == 404
    assert firm.name not in browser_of("b").get("/readiness").text


def test_figures_are_for_who_may_see_them(app, cast, browser_of, firm):
    page = browser_of("leader").get("/readiness")
    assert firm.name in page.text
    assert FIGURE not in page.text
    panel = browser_of("leader").get(f"/readiness/companies/{firm.id}", headers=FRAGMENT)
    assert FIGURE not in panel.text
    assert "无权查看" in panel.text
    reader = factories.make_user(Role.LEADER, unit=cast.park, rights=(Right.OPERATING_FIGURES,))
    assert FIGURE in factories.signed_in_client(app, reader).get("/readiness").text


def test_the_firms_panel_asks_what_concerns_the_firm(browser_of, cast, firm):
    panel = browser_of("a").get(f"/readiness/companies/{firm.id}", headers=FRAGMENT)
    assert "<html" not in panel.text
    assert "达线未入库" in panel.text
    assert "在孵企业毕业" not in panel.text
    assert f"/readiness/companies/{firm.id}/ticks/own_ip" in panel.text
    assert "<html" in browser_of("a").get(f"/readiness/companies/{firm.id}").text
    assert browser_of("b").get(f"/readiness/companies/{firm.id}").status_code == 404


def test_a_long_list_is_turned_page_by_page(browser_of, cast):
    for number in range(52):
        report(resident(cast.carrier_a), 2020, 8, 2100 + number)
    browser = browser_of("a")
    first, second = browser.get("/readiness"), browser.get("/readiness?start=50")
    assert "/readiness?start=50" in first.text
    assert first.text.count('name="company"') == 0  # no batch is open
    assert second.text.count("可计算的条件均满足") == 2
    assert browser.get("/readiness?start=5000").status_code == 200


# Decisions


TAKEN = {"what": "准备入库材料", "due_on": "2020-10-09"}


def decisions(firm, word):
    return f"/readiness/companies/{firm.id}/above_scale/decisions/{word}"


def test_a_suggestion_is_taken_up(browser_of, cast, firm):
    browser = browser_of("a")
    page = browser.get(decisions(firm, "taken"))
    assert f"达线未入库：{firm.name}" in page.text
    assert 'value="2020-09-30"' in page.text
    answer = browser.post(decisions(firm, "taken"), data={**TAKEN, "owner": cast.a.id})
    assert (answer.status_code, answer.location) == (303, "/readiness/above_scale")
    browser.get("/readiness")  # the toast
    assert firm.name not in browser.get("/readiness").text
    task = session.scalars(select(Task)).one()
    assert f"/todo/tasks/{task.id}" in browser.get("/readiness/above_scale?show=decided").text


@pytest.mark.parametrize(
    ("word", "data", "sentence"),
    [
        ("taken", {"what": "", "due_on": "2020-10-09"}, "请填写要做什么。"),
        ("taken", {**TAKEN, "due_on": "2020-09-29", "owner": "me"}, "时限不能早于今天。"),
        ("postponed", {"until_on": "2020-09-30", "reason": "等审计"}, "推迟到的日期须晚于今天。"),
        ("postponed", {"until_on": "2020-11-02", "reason": ""}, "请填写原因。"),
        ("dismissed", {"reason": ""}, "请填写原因。"),
    ],
)
def test_a_bad_decision_is_refused_and_stays_typed(browser_of, cast, firm, word, data, sentence):
    data = {name: cast.a.id if value == "me" else value for name, value in data.items()}
    answer = browser_of("a").post(decisions(firm, word), data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert (count(Suggestion), count(Task)) == (0, 0)


def test_postponed_and_dismissed(browser_of, firm):
    browser = browser_of("a")
    for word in ("postponed", "dismissed"):
        assert browser.get(decisions(firm, word)).status_code == 200
    later = {"until_on": "2020-11-02", "reason": "等审计报告"}
    assert browser.post(decisions(firm, "postponed"), data=later).status_code == 303
    assert "等审计报告" in browser.get("/readiness/above_scale?show=decided").text
    blind = browser.post(decisions(firm, "dismissed"), data={"reason": "不再办"})
    assert blind.status_code == 409
    seen = browser.post(decisions(firm, "dismissed"), data={"reason": "不再办", "version": "1"})
    assert seen.status_code == 303


def test_a_stranger_and_the_wrong_role_decide_nothing(browser_of, firm):
    tick = f"/readiness/companies/{firm.id}/ticks/own_ip"
    for address in (decisions(firm, "dismissed"), tick):
        data = {"reason": "不再办", "is_met": "yes", "note": "软著"}
        assert browser_of("b").get(address).status_code == 404
        assert browser_of("b").post(address, data=data).status_code == 404
        for name in ("leader", "investment", "supervisor", "auditor", "admin"):
            assert browser_of(name).post(address, data=data).status_code == 403
    assert (count(Suggestion), count(CriterionTick)) == (0, 0)


def test_a_criterion_is_ticked_with_its_note(browser_of, firm):
    browser, address = browser_of("a"), f"/readiness/companies/{firm.id}/ticks/own_ip"
    assert browser.get(address).status_code == 200
    assert browser.post(address, data={"is_met": "yes", "note": ""}).status_code == 422
    answer = browser.post(address, data={"is_met": "yes", "note": "软著2项"})
    assert (answer.status_code, answer.location) == (303, f"/companies/{firm.id}")
    panel = browser.get(f"/readiness/companies/{firm.id}", headers=FRAGMENT)
    assert "安一 2020-09-30 确认：软著2项" in panel.text
    assert 'value="软著2项"' in browser.get(address).text
    again = browser.post(address, data={"is_met": "no", "note": "已转让"})
    assert again.status_code == 409


@pytest.mark.parametrize("criterion", ["line", "registered", "x"])
def test_what_the_records_say_cannot_be_ticked(browser_of, firm, criterion):
    address = f"/readiness/companies/{firm.id}/ticks/{criterion}"
    assert browser_of("a").get(address).status_code == 404
    data = {"is_met": "yes", "note": "我说的"}
    assert browser_of("a").post(address, data=data).status_code == 404


# With 组织申报, and at home


def test_ticked_firms_go_into_an_open_batch(browser_of, cast, firm):
    over = factories.make_batch(date(2020, 9, 29), kind="above_scale", number="已截止")
    batch = factories.make_batch(kind="above_scale", number="年度")
    page = browser_of("a").get("/readiness")
    assert "2020年规模以上企业年度" in page.text
    assert over.number not in page.text
    data = {"batch": batch.id, "company": firm.id}
    assert browser_of("a").post("/declarations/members", data=data).status_code == 303
    assert count(Declaration) == 1
    assert "申报：摸底" in browser_of("a").get("/readiness").text


def test_the_home_card_shows_ready_firms_to_who_keeps_them(browser_of, cast, firm):
    assert "达到条件的企业" in browser_of("a").get("/").text
    assert "达到条件的企业" not in browser_of("b").get("/").text
    assert "达到条件的企业" not in browser_of("leader").get("/").text
