"""The pages of projects' money: each works, refuses bad input, the wrong role, and someone else's record."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.audit.verification import VerificationState
from crm.core.db import session
from crm.investments.models import CurrencyRate, InvestmentPlan, PaidInFund, WorksReport
from crm.projects.models import Stage, Valuation
from tests import factories

WAN = 10_000
SIGNED = ((Stage.LEAD, date(2020, 3, 5)), (Stage.SIGNED, date(2020, 5, 6)))
FORMS = {
    "valuations": {"version": "1", "figure": "agreed", "amount": "80", "valid_from": "2020-09-01"},
    "payments": {
        "paid_on": "2020-09-02", "amount": "12.5", "currency": "usd", "source": "foreign", "voucher": "凭7",
    },
    "plans": {"year": "2020", "amount": "300"},
    "works": {"month": "2020-09", "completed": "90", "note": "主体封顶"},
}  # fmt: skip
MODELS = {
    "valuations": Valuation,
    "payments": PaidInFund,
    "plans": InvestmentPlan,
    "works": WorksReport,
}


@pytest.fixture
def project(cast):
    return factories.make_project(cast.carrier_a, "深蓝中心", *SIGNED, owner=cast.investment)


@pytest.mark.parametrize("name", FORMS)
def test_each_figure_has_its_form_and_rows(cast, browser_of, project, name):
    browser = browser_of("investment")
    address = f"/investments/projects/{project.id}"
    assert browser.post(f"{address}/{name}", data=FORMS[name]).status_code == 303
    assert len(session.scalars(select(MODELS[name])).all()) == 1
    page = browser.get(address).text
    panel = browser.get(address, headers={"HX-Request": "true"}).text
    for text in {"valuations": "80", "payments": "12.5", "plans": "300", "works": "90"}[name]:
        assert text in page
        assert text in panel
    assert browser_of("leader").post(f"{address}/{name}", data=FORMS[name]).status_code == 403
    theirs = factories.make_user(*cast.investment.roles, unit=cast.office)
    sealed = factories.make_project(cast.office, owner=theirs, is_sealed=True)
    hidden = f"/investments/projects/{sealed.id}"
    assert browser.post(f"{hidden}/{name}", data=FORMS[name]).status_code == 404
    assert browser.get(hidden).status_code == 404


@pytest.mark.parametrize(
    ("name", "field", "typed", "sentence"),
    [
        ("valuations", "amount", "一百", "不是金额"),
        ("valuations", "valid_from", "2020-10-01", "不能晚于今天"),
        ("valuations", "version", "7", "已被他人修改"),
        ("payments", "voucher", "", "请填写此项"),
        ("payments", "amount", "", "请填写此项"),
        ("payments", "source", "gift", "is-invalid"),
        ("plans", "year", "1900", "2000 到 2199"),
        ("plans", "through_q1", "10", "前三个季度"),
        ("works", "month", "2020-13", "请填写月份，如 2020-09"),
        ("works", "month", "2020-10", "尚未开始"),
        ("works", "completed", "-1", "不能为负数"),
    ],
)
def test_bad_input_is_told_and_what_was_typed_is_kept(
    browser_of, project, name, field, typed, sentence
):
    before = len(session.scalars(select(MODELS[name])).all())
    data = {**FORMS[name], field: typed, "note": "写好的说明"}
    answer = browser_of("investment").post(f"/investments/projects/{project.id}/{name}", data=data)
    assert answer.status_code in (409, 422)
    assert sentence in answer.text
    assert name in ("payments", "plans") or "写好的说明" in answer.text
    assert len(session.scalars(select(MODELS[name])).all()) == before


def test_a_falling_month_is_asked_about_and_saved_once_confirmed(browser_of, project):
    factories.make_works_report(project, date(2020, 8, 1), 100)
    browser, address = browser_of("investment"), f"/investments/projects/{project.id}/works"
    asked = browser.post(address, data=FORMS["works"])
    assert asked.status_code == 409
    assert 'name="is_confirmed"' in asked.text
    confirmed = {**FORMS["works"], "is_confirmed": "y"}
    assert browser.post(address, data=confirmed).status_code == 303


def test_a_second_person_verifies_from_the_list_of_what_waits(cast, browser_of, project):
    payment = factories.make_payment(
        project, date(2020, 9, 2), 5, voucher="凭7", state=VerificationState.PENDING,
        reported_by_id=cast.investment.id,
    )  # fmt: skip
    address, data = f"/investments/payments/{payment.id}/reviews", {"version": "1"}
    browser_of("investment").post(address, data=data)
    assert session.get_one(PaidInFund, payment.id).is_waiting
    supervisor = browser_of("supervisor")
    assert "凭7" in supervisor.get("/investments/payments").text
    there = {**data, "next": "/investments/payments"}
    assert supervisor.post(address, data=there).location == "/investments/payments"
    session.rollback()
    assert session.get_one(PaidInFund, payment.id).state == VerificationState.VERIFIED
    assert browser_of("unit_staff").post(address, data=data).status_code == 403
    away = f"/investments/payments/{payment.id}/withdrawals"
    assert browser_of("investment").post(away, data={"reason": "重复"}).status_code == 303
    session.rollback()
    assert session.get_one(PaidInFund, payment.id).withdrawal_reason == "重复"


def test_the_progress_of_a_month_and_who_has_not_reported(cast, browser_of, project, query_count):
    factories.make_plan_of(project, 2020, 400)
    factories.make_works_report(project, date(2020, 9, 1), 100)
    late = factories.make_project(cast.carrier_b, "迟报项目", *SIGNED)
    browser = browser_of("leader")
    page = browser.get("/investments?month=2020-09").text
    for text in ("深蓝中心", "25.0%", "75.0%", "−50.0"):
        assert text in page
    assert "深蓝中心" not in browser.get("/investments?month=2020-09&only=missing").text
    missing = browser.get(f"/investments/missing?month=2020-09&unit={cast.carrier_b.id}").text
    assert late.name in missing
    assert "深蓝中心" not in missing
    counts = []
    for _ in range(2):
        with query_count() as queries:
            browser.get("/investments")
            browser.get("/investments/missing")
        counts.append(len(queries))
        for _more in range(4):
            another = factories.make_project(cast.office, "", *SIGNED)
            factories.make_works_report(another, date(2020, 9, 1), 1)
    assert counts[0] == counts[1]


def test_the_grid_saves_all_or_nothing(cast, browser_of, project):
    other = factories.make_project(cast.office, "第二项目", *SIGNED)
    browser = browser_of("investment")
    page = browser.get("/investments/grid?month=2020-09").text
    assert "第二项目" in page
    data = {
        "month": "2020-09", "project": [project.id, other.id], f"plan-{project.id}": "500",
        f"works-{project.id}": "120", f"works-{other.id}": "abc",
    }  # fmt: skip
    refused = browser.post("/investments/grid", data=data)
    assert refused.status_code == 422
    assert "abc" in refused.text
    assert session.scalars(select(InvestmentPlan)).all() == []
    assert (
        browser.post("/investments/grid", data={**data, f"works-{other.id}": "7"}).status_code
        == 303
    )
    session.rollback()
    amounts = session.scalars(select(WorksReport.completed).order_by(WorksReport.project_id))
    assert [amount / WAN for amount in amounts] == [120, 7]
    stale = {**data, f"works-{other.id}": "9", f"works-version-{other.id}": "5"}
    assert "已被他人修改" in browser.post("/investments/grid", data=stale).text
    only_mine = browser.get("/investments/grid?month=2020-09&mine=1").text
    assert "第二项目" not in only_mine


def test_a_grid_asks_about_a_fall_in_its_row(browser_of, project):
    factories.make_works_report(project, date(2020, 8, 1), 100)
    browser = browser_of("investment")
    data = {"month": "2020-09", "project": project.id, f"works-{project.id}": "90"}
    asked = browser.post("/investments/grid", data=data)
    assert asked.status_code == 422
    assert f'name="confirm-{project.id}"' in asked.text
    confirmed = {**data, f"confirm-{project.id}": "1"}
    assert browser.post("/investments/grid", data=confirmed).status_code == 303


def test_rates_are_added_by_who_keeps_the_rules(browser_of):
    data = {
        "currency": "usd",
        "valid_from": "2020-09-01",
        "per_hundred": "681.2",
        "source": "中间价",
    }
    admin = browser_of("admin")
    assert admin.post("/investments/rates", data=data).status_code == 303
    assert session.scalars(select(CurrencyRate.per_hundred)).all() == [Decimal("681.20")]
    assert admin.post("/investments/rates", data=data).status_code == 409
    wrong = {**data, "per_hundred": "很多", "currency": "cny"}
    assert "请填写数字" in admin.post("/investments/rates", data=wrong).text
    assert "681.20" in browser_of("leader").get("/investments/rates").text
    assert browser_of("investment").post("/investments/rates", data=data).status_code == 403


def test_who_owes_a_months_report_finds_it_among_what_is_to_be_done(cast, browser_of, project):
    browser = browser_of("investment")
    owed = "填报2020-09投资进度：还有 1 个项目"
    page = browser.get("/todo").text
    assert owed in page
    assert 'href="/investments/grid?mine=1&amp;month=2020-09"' in page
    assert owed not in browser_of("unit_head").get("/todo").text
    address = f"/investments/projects/{project.id}/works"
    assert browser.post(address, data=FORMS["works"]).status_code == 303
    assert owed not in browser.get("/todo").text
