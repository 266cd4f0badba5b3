from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from crm.core.db import session, writing
from crm.people.roles import Role
from crm.targets import services
from crm.targets.indicator import panels
from crm.targets.models import ProgressReport, ReviewState
from crm.targets.services import ReportDetails
from tests import factories
from tests.metrics.test_figures import entrant
from tests.targets.test_standing import bind, indicator, milestone, reported

TODAY = date(2020, 9, 30)
FORM = {"as_of_on": "2020-08-31", "value": "198.5", "note": "统计快报"}


@pytest.fixture
def page(browser_of, plan):
    """page("leader", "/targets") is what that person reads there."""

    def read(name, path, status=200):
        answer = browser_of(name).get(path)
        assert answer.status_code == status
        return answer.get_data(as_text=True)

    return read


def enter(plan, by, code="T08"):
    with writing():
        found = services.report(
            indicator(plan, code),
            ReportDetails(date(2020, 8, 31), Decimal(198), "快报"),
            by=by,
            on=TODAY,
        )
    return found.id


def state_of(report_id):
    return session.scalar(select(ProgressReport.state).where(ProgressReport.id == report_id))


def how_many():
    return session.scalar(select(func.count()).select_from(ProgressReport))


# the board


def test_the_board_shows_chapters_tasks_repeats_and_milestones(page):
    text = page("leader", "/targets")
    for words in ("主要目标", "一、国际合作", "33. 督查考核", "同 T06", "力争", "其中，属 T03"):
        assert words in text
    assert "青峰创元大厦" in text
    assert "2020-09-30" in text


def test_a_past_day_is_asked_for_in_the_address(page, cast):
    entrant(cast.carrier_a, date(2020, 3, 10))
    assert "T01?year=2020&amp;as_of=2020-03-09" in page("leader", "/targets?as_of=2020-03-09")
    early = page("leader", "/targets/T01?as_of=2020-03-09")
    assert "截至3月9日，新增入驻企业完成0家" in early
    assert "截至9月底，新增入驻企业完成1家，占年度目标的0.3%，低于序时进度74.7个百分点。" in page(
        "leader", "/targets/T01"
    )


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?as_of=nonsense", 422),
        ("?as_of=1800-01-01", 422),
        ("?year=1999", 404),
        ("?year=999999999999", 404),
        ("?year=x", 200),
        ("?light=blue", 200),
    ],
)
def test_odd_addresses_get_a_sentence(page, query, status):
    page("leader", f"/targets{query}", status)


@pytest.mark.parametrize("as_of", ["2019-05-01", "2020-01-01", "2021-06-30"])
def test_days_outside_the_year_are_answered_too(page, as_of):
    for path in ("/targets", "/targets/T01", "/targets/T02", "/targets/T03", "/targets/T44"):
        page("leader", f"{path}?as_of={as_of}")


def test_a_light_shows_only_its_targets_each_once(page, plan, cast):
    reported(cast, indicator(plan, "T39"), "13", TODAY)
    reported(cast, indicator(plan, "T42"), "1501", TODAY)
    text = page("leader", "/targets?light=done")
    assert "T39 实训基地" in text
    assert "T42 跨校选课人数" in text
    assert "T05" not in text
    assert "没有正常的指标" in page("leader", "/targets?light=green")


def test_without_a_plan_the_page_says_what_to_do(browser_of):
    assert "还没有年度计划" in browser_of("leader").get("/targets").get_data(as_text=True)


def test_a_unit_is_told_that_figures_are_its_own(page):
    text = page("a", "/targets")
    assert "仅为本单位数据，不亮灯" in text
    assert "T42" not in text
    assert "新增入驻企业" in text


def test_the_board_needs_the_right_to_read_targets(browser_of, plan):
    for path in ("/targets", "/targets/T01"):
        assert browser_of("admin").get(path).status_code == 403


# one target


def test_a_computed_target_lists_its_rows_each_opening_its_record(page, cast):
    firm = entrant(cast.carrier_a, name="常州开物机器人有限公司")
    text = page("leader", "/targets/T01")
    assert f'href="/companies/{firm.id}"' in text
    assert "常州开物机器人有限公司" in text
    assert "data-chart" in text
    assert "年内首次注册在园" in text


def test_rows_come_in_pages_and_a_page_too_far_is_the_last(page, cast, monkeypatch):
    monkeypatch.setattr(panels, "PAGE_SIZE", 2)
    for day in (1, 2, 3):
        entrant(cast.carrier_a, date(2020, 2, day))
    assert "共 3 条，第 1 / 2 页" in page("leader", "/targets/T01")
    assert "第 2 / 2 页" in page("leader", "/targets/T01?page=99")
    assert "第 1 / 2 页" in page("leader", "/targets/T01?page=-1")


def test_every_target_and_milestone_has_its_page(page, plan, cast):
    bind(plan, "M1", factories.make_project(cast.office, "深兰亚太中心一期"))
    assert "占折算目标2,702的0.0%，低于序时进度75.0个百分点" in page("leader", "/targets/T04")
    assert "T44 为同一事项" in page("leader", "/targets/M5")
    assert "由项目的日期证明" in page("leader", "/targets/M1")
    for code in ("T05", "T09", "T44", "M7"):
        page("leader", f"/targets/{code}")


def test_a_repeat_leads_to_its_original(browser_of, plan):
    answer = browser_of("leader").get("/targets/T17?as_of=2020-05-31")
    assert answer.location == "/targets/T06?as_of=2020-05-31"


def test_unknown_codes_and_other_units_targets_are_not_found(page):
    page("leader", "/targets/T99", 404)
    page("a", "/targets/T42", 404)
    page("a", "/targets/M1", 404)
    page("a", "/targets/T01")


# reporting and review


def test_a_unit_reports_its_head_signs_and_supervision_verifies(browser_of, plan, cast):
    answer = browser_of("unit_staff").post("/targets/T08/reports?year=2020", data=FORM)
    assert (answer.status_code, answer.location) == (303, "/targets/T08?year=2020")
    report = session.scalars(select(ProgressReport)).one()
    assert (report.value, report.state) == (Decimal("198.5"), ReviewState.SUBMITTED)
    waiting = browser_of("unit_head").get("/targets/reviews").get_data(as_text=True)
    assert f"/targets/reports/{report.id}/signatures" in waiting
    signed = browser_of("unit_head").post(
        f"/targets/reports/{report.id}/signatures", data={"version": 1, "back": "reviews"}
    )
    assert signed.location == "/targets/reviews"
    assert "198.5" not in browser_of("leader").get("/targets").get_data(as_text=True).replace(
        "待核 198.5", ""
    )
    verified = browser_of("supervisor").post(
        f"/targets/reports/{report.id}/verifications", data={"version": 2}
    )
    assert verified.location == "/targets/T08?year=2020"
    assert "完成198.5亿元" in browser_of("leader").get("/targets/T08").get_data(as_text=True)


@pytest.mark.parametrize(
    "change",
    [
        {"value": ""},
        {"value": "很多"},
        {"value": "NaN"},
        {"value": "-1"},
        {"value": "1.23456"},
        {"note": ""},
        {"note": "坏￾字"},
        {"as_of_on": "2020-10-01"},
        {"as_of_on": "2019-12-31"},
        {"as_of_on": ""},
    ],
)
def test_bad_input_keeps_what_was_typed_and_writes_nothing(browser_of, plan, change):
    answer = browser_of("unit_staff").post("/targets/T08/reports?year=2020", data=FORM | change)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "field-error" in text
    if "value" not in change:
        assert 'value="198.5"' in text
    assert how_many() == 0


def test_grouped_and_full_width_figures_are_understood(browser_of, plan):
    browser_of("unit_staff").post(
        "/targets/T08/reports?year=2020", data=FORM | {"value": "1,2０５．5"}
    )
    assert session.scalars(select(ProgressReport)).one().value == Decimal("1205.5")


def test_a_milestone_is_reported_with_its_day_only(browser_of, plan):
    staff = factories.make_user(Role.UNIT_STAFF, unit=milestone(plan, "M7").unit)
    client = factories.signed_in_client(browser_of("leader").application, staff)
    done = {"as_of_on": "2020-09-18", "note": "验收通知"}
    assert client.post("/targets/M7/reports?year=2020", data=done).status_code == 303
    assert session.scalars(select(ProgressReport)).one().value == 1


@pytest.mark.parametrize(
    ("name", "code", "status"),
    [
        ("leader", "T08", 403),
        ("supervisor", "T08", 403),
        ("a", "T08", 403),
        ("unit_staff", "T03", 404),
        ("unit_staff", "T35", 422),
        ("unit_staff", "T01", 404),
        ("unit_staff", "M7", 404),
        ("unit_staff", "T99", 404),
    ],
)
def test_reports_of_the_wrong_people_or_things_are_refused(browser_of, plan, name, code, status):
    answer = browser_of(name).post(f"/targets/{code}/reports?year=2020", data=FORM)
    assert answer.status_code == status
    assert how_many() == 0


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("unit_staff", "signatures", 403),
        ("supervisor", "signatures", 403),
        ("supervisor", "verifications", 409),
        ("unit_head", "verifications", 403),
        ("leader", "returns", 403),
        ("auditor", "verifications", 403),
    ],
)
def test_reviews_by_the_wrong_people_are_refused(browser_of, plan, cast, name, path, status):
    report_id = enter(plan, cast.unit_staff)
    data = {"version": 1, "reason": "不清楚"}
    answer = browser_of(name).post(f"/targets/reports/{report_id}/{path}", data=data)
    assert answer.status_code == status
    assert state_of(report_id) is ReviewState.SUBMITTED


def test_a_head_of_another_unit_does_not_find_the_report(browser_of, plan, cast):
    report_id = enter(plan, cast.unit_staff)
    head = factories.make_user(Role.UNIT_HEAD, unit=cast.carrier_a)
    client = factories.signed_in_client(browser_of("leader").application, head)
    for path in ("signatures", "returns"):
        data = {"version": 1, "reason": "不清楚"}
        answer = client.post(f"/targets/reports/{report_id}/{path}", data=data)
        assert answer.status_code == 404
    assert state_of(report_id) is ReviewState.SUBMITTED


def test_sending_back_needs_a_reason_and_an_old_page_is_a_conflict(browser_of, plan, cast):
    report_id = enter(plan, cast.unit_staff)
    address, head = f"/targets/reports/{report_id}/returns", browser_of("unit_head")
    assert head.post(address, data={"version": 1, "reason": " "}).status_code == 422
    assert head.post(address, data={"version": 7, "reason": "不清楚"}).status_code == 409
    assert state_of(report_id) is ReviewState.SUBMITTED
    assert head.post(address, data={"version": 1, "reason": "口径不对"}).status_code == 303
    shown = browser_of("unit_staff").get("/targets/T08").get_data(as_text=True)
    assert "退回：口径不对" in shown


# the first page


def test_each_role_finds_its_own_on_the_first_page(page, plan, cast):
    reported(cast, indicator(plan, "T03"), "100", TODAY)
    enter(plan, cast.unit_staff)
    assert "落后最多" in page("leader", "/")
    assert "待填报" in page("unit_staff", "/")
    assert "待我签审和核验" in page("unit_head", "/")
    assert "落后最多" not in page("a", "/")


def test_pages_cost_the_same_few_queries_for_many_rows(browser_of, plan, cast, query_count):
    carrier, client = cast.carrier_a, browser_of("leader")

    def cost(path):
        with query_count() as sent:
            assert client.get(path).status_code == 200
        return len(sent)

    paths = ("/targets", "/targets/T01", "/")
    entrant(carrier)
    few = [cost(path) for path in paths]
    for number in range(8):
        entrant(session.merge(carrier), date(2020, 2, number + 1))
    assert [cost(path) for path in paths] == few
    assert max(few) <= 20
