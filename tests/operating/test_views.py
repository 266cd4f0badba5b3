"""Pages of operating figures: each works, refuses bad input, the wrong role."""

import re
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from crm.audit.verification import VerificationState
from crm.core.db import session
from crm.operating.models import OperatingReport
from crm.operating.timeline import of_company
from crm.people.roles import Right, Role
from crm.reference.size_classes import SizeClass
from tests import factories

FIGURES = {"year": "2020", "through_month": "6", "revenue": "499.5", "assets": "", "staff": "23"}


@pytest.fixture
def firm(cast):
    company = factories.make_company(cast.carrier_a, "常州领航机器人有限公司")
    factories.make_residence(company, cast.carrier_a, date(2018, 3, 1))
    return company


@pytest.fixture
def report(firm, cast):
    return factories.make_operating_report(
        firm, 2020, 6, date(2020, 6, 30), state=VerificationState.PENDING, reported_by_id=cast.a.id,
        revenue=Decimal(4_987_600), staff=23, size_class=SizeClass.SMALL,
    )  # fmt: skip


def count(model):
    return session.scalar(select(func.count(model.id)))


def test_figures_are_entered_corrected_and_verified_by_another(browser_of, firm):
    staff, supervisor = browser_of("a"), browser_of("supervisor")
    form = f"/operating/companies/{firm.id}/reports"
    assert staff.get(f"{form}/new").status_code == 200
    assert staff.post(form, data=FIGURES).status_code == 303
    report = session.scalars(select(OperatingReport)).one()
    assert (report.revenue, report.assets) == (Decimal(4_995_000), None)
    page = staff.get(f"{form}/new?report={report.id}").text
    assert 'value="499.5"' in page
    again = staff.post(form, data=FIGURES)
    assert (again.status_code, "已填报" in again.text) == (409, True)
    assert staff.post(form, data={**FIGURES, "staff": "8", "version": "1"}).status_code == 303
    verify = f"/operating/reports/{report.id}/verifications"
    assert staff.post(verify, data={"version": "2"}).status_code == 403
    assert supervisor.post(verify, data={"version": "1"}).status_code == 409
    assert "初创企业" in supervisor.get(f"/ladder/companies/{firm.id}").text
    assert supervisor.post(verify, data={"version": "2"}).status_code == 303
    assert session.get_one(OperatingReport, report.id).state == VerificationState.VERIFIED
    assert "经核验的经营数据为微型" in supervisor.get(f"/ladder/companies/{firm.id}").text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"revenue": "很多"}, "不是金额"),
        ({"through_month": "10"}, "这一期尚未结束"),
        ({"staff": "2.5"}, "请填写整数。"),
        ({"revenue": "", "staff": ""}, "请至少填写一项数据。"),
    ],
)
def test_bad_figures_are_refused_with_a_sentence(browser_of, firm, changed, sentence):
    form = f"/operating/companies/{firm.id}/reports"
    answer = browser_of("a").post(form, data={**FIGURES, **changed})
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert count(OperatingReport) == 0


def test_all_figures_are_entered_losses_and_refunds_below_zero(browser_of, firm):
    more = {
        "tech_staff": "7",
        "tax": "-1.5",
        "profit": "-20",
        "r_and_d": "30",
        "high_tech_income": "400",
    }
    form = f"/operating/companies/{firm.id}/reports"
    assert browser_of("a").post(form, data={**FIGURES, **more}).status_code == 303
    report = session.scalars(select(OperatingReport)).one()
    assert (report.tech_staff, report.tax, report.profit) == (7, -15_000, -200_000)
    assert browser_of("a").post(form, data={**FIGURES, "r_and_d": "-1"}).status_code == 422


def test_an_odd_figure_is_asked_about_with_what_was_typed_kept(browser_of, firm):
    factories.make_operating_report(
        firm, 2020, 3, date(2020, 3, 31), revenue=Decimal(300_000), staff=20
    )
    staff, form = browser_of("a"), f"/operating/companies/{firm.id}/reports"
    asked = staff.post(form, data={**FIGURES, "revenue": "612.5"})
    assert (asked.status_code, count(OperatingReport)) == (422, 1)
    assert "达到上次填报的10倍以上" in asked.text
    assert "30 → 612.5 万元" in asked.text
    assert 'value="612.5"' in asked.text
    (key,) = re.findall(r'name="confirmed" value="([^"]+)"', asked.text)
    assert staff.post(form, data={**FIGURES, "revenue": "700", "confirmed": key}).status_code == 422
    confirmed = {**FIGURES, "revenue": "612.5", "confirmed": key}
    assert staff.post(form, data=confirmed).status_code == 303
    assert "填报人已确认" in browser_of("supervisor").get(f"/operating/companies/{firm.id}").text


def test_the_course_of_a_firm_is_for_who_may_see_figures(browser_of, firm):
    for month, revenue in ((1, 100_000), (2, 250_000)):
        end = date(2020, month, 29 if month == 2 else 31)
        factories.make_operating_report(firm, 2020, month, end, revenue=Decimal(revenue))
    page = browser_of("a").get(f"/operating/companies/{firm.id}").text
    assert "本月 15" in page
    assert "本月" not in browser_of("leader").get(f"/operating/companies/{firm.id}").text
    assert browser_of("b").get(f"/operating/companies/{firm.id}").status_code == 404
    assert browser_of("a").get(f"/operating/companies/{firm.id}?year=1066").status_code == 200


def test_figures_are_sent_back_with_a_reason(browser_of, report):
    supervisor = browser_of("supervisor")
    address = f"/operating/reports/{report.id}/returns"
    assert supervisor.get(f"{address}/new").status_code == 200
    assert supervisor.post(address, data={"reason": " ", "version": "1"}).status_code == 422
    assert browser_of("a").post(address, data={"reason": "错", "version": "1"}).status_code == 403
    assert supervisor.post(address, data={"reason": "错", "version": "1"}).status_code == 303
    assert session.get_one(OperatingReport, report.id).state == VerificationState.RETURNED


def test_figures_are_seen_by_right_and_their_size_by_all(app, browser_of, cast, firm, report):
    trusted = factories.make_user(Role.LEADER, unit=cast.park, rights=(Right.OPERATING_FIGURES,))
    address = f"/operating/companies/{firm.id}"
    for browser, is_shown in (
        (browser_of("leader"), False),
        (browser_of("investment"), False),
        (factories.signed_in_client(app, trusted), True),
        (browser_of("a"), True),
        (browser_of("supervisor"), True),
    ):
        page = browser.get(address).text
        assert ("498.76" in page) == is_shown
        assert "小型" in page


def test_the_timeline_of_the_firm_tells_of_its_reports_but_not_their_figures(app, firm, report):
    (item,) = of_company(firm.id)
    assert (item.on, dict(item.values)["state"]) == (date(2020, 6, 30), VerificationState.PENDING)
    assert "498" not in str(item)
