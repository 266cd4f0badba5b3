"""A target of an adopted plan is bound to what proves it, put right and added, by who may make plans."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.verification import VerificationState
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.evidence.kinds.patents import Patent, PatentStatus
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.plans import amending
from crm.plans import services as drafts
from crm.targets.board import board
from crm.targets.models import Indicator
from tests import factories
from tests.evidence.conftest import patent_number, save
from tests.targets.test_standing import indicator

HTMX = {"HX-Request": "true"}
VERIFIED = VerificationState.VERIFIED
TERMS = {
    "name": "跨校选课", "comparator": ">=", "target": "1,600", "kind": "flow", "unit_word": "人次",
    "starts_on": "2020-01-01", "due_on": "2020-12-31",
}  # fmt: skip


@pytest.fixture
def firm(cast):
    company = factories.make_company(cast.carrier_a, "常州甲科技有限公司")
    factories.make_residence(company, cast.carrier_a, date(2016, 3, 1))
    return company


@pytest.fixture
def planner(browser_of, plan):
    return browser_of("supervisor")


def refused(answer, status, *words):
    assert answer.status_code == status
    for word in words:
        assert word in answer.text


def test_a_target_is_bound_in_a_minute_and_its_figure_is_seen_before(planner, cast, firm):
    save("patents", cast.a, company_id=firm.id, title="关节减速装置", state=VERIFIED)
    save("patents", cast.a, company_id=firm.id, number=patent_number(2), title="待核的")
    save("patents", cast.a, company_id=firm.id, number=patent_number(3, kind=2), state=VERIFIED)
    chosen = "metric=evidence.patents_applied&shown=evidence.patents_applied&filter-kind=invention"
    seen = planner.get(f"/targets/metrics?{chosen}", headers=HTMX)
    for words in ("限专利类型为发明。", "截至 2020-09-30：1 件", "待核 1", "关节减速装置"):
        assert words in seen.text
    form = {
        "version": "1",
        "metric": "evidence.patents_applied",
        "shown": "evidence.patents_applied",
    }
    form |= {"filter-kind": "invention", "filter-carriers": "national_incubators"}
    looked = planner.post("/targets/T40/metric", data=form | {"look": "1"})  # without a script
    assert (looked.status_code, "截至 2020-09-30：1 件" in looked.text) == (200, True)
    answer = planner.post("/targets/T40/metric?year=2020", data=form)
    assert (answer.status_code, answer.location) == (303, "/targets/T40?year=2020")
    one = session.scalar(select(Indicator).where(Indicator.code == "T40"))
    assert one.filters == {"kind": "invention", "carriers": "national_incubators"}
    row = board(one.plan, date(2020, 9, 30), WHOLE_PARK_SCOPE).row("T40")
    assert (row.actual, row.beside) == (1, 1)
    assert "checked" in planner.get("/targets/T40/metric").text
    panel = planner.get(f"/targets/metrics/targets/{one.id}", headers=HTMX).text
    assert "载体为三大国家级孵化器" in panel
    assert "待核的" in panel
    assert (
        planner.post("/targets/T40/metric", data={"version": "2", "metric": ""}).status_code == 303
    )
    session.expire_all()
    assert (one.metric, one.filters, one.version) == ("", {}, 3)
    told = select(AuditEntry.action).where(
        AuditEntry.action.in_(("target.bound", "target.unbound"))
    )
    assert session.scalars(told.order_by(AuditEntry.id)).all() == ["target.bound", "target.unbound"]


@pytest.mark.parametrize(
    ("code", "form", "status", "words"),
    [
        ("T40", {"metric": "companies.happy"}, 422, "不是有效的选择"),
        ("T40", {"metric": "ladder.high_tech_holders"}, 422, "时点存量，指标是年内累计"),
        ("T02", {"metric": "evidence.contracts"}, 422, "年内累计，指标是时点存量"),
        ("T49", {"metric": "evidence.contracts"}, 422, "请先更改类型"),
        ("T40", {"metric": "evidence.grant_amount"}, 422, "按亿元计"),
        ("T37", {"metric": "evidence.grant_amount"}, 422, "指标的单位是“万元”"),
        ("T40", {"metric": "evidence.events", "filter-kind": "wedding"}, 422, "is not a valid choice"),
        ("T40", {"metric": "evidence.events", "filter-from": "nonsense"}, 422, "如 2020-09-30"),
        ("T40", {"metric": "evidence.events", "filter-from": "2020-07-01", "filter-to": "2020-06-30"}, 422, "期间的结束"),
        ("T44", {"metric": "projects.started_floor_area"}, 422, "请填写建设用途"),
        ("T40", {"metric": "evidence.events", "version": "0"}, 409, "已被他人修改"),
        ("T99", {"metric": ""}, 404, ""),
    ],
)  # fmt: skip
def test_a_wrong_choice_is_refused_in_a_sentence(planner, code, form, status, words):
    form = {"version": "1", "shown": form["metric"]} | form
    answer = planner.post(f"/targets/{code}/metric", data=form)
    refused(answer, status)
    if not words.isascii():
        assert words in answer.text


def test_only_who_makes_plans_binds_and_changes_targets(browser_of, plan):
    for name in ("unit_staff", "unit_head", "leader", "a", "admin"):
        browser = browser_of(name)
        for path in (
            "/targets/T03/metric",
            "/targets/T03/terms",
            "/targets/new",
            "/targets/metrics",
        ):
            assert browser.get(path).status_code == 403, (name, path)
        for path in ("/targets/T03/metric", "/targets/T03/terms", "/targets"):
            assert browser.post(path, data={}).status_code == 403, (name, path)


def test_what_a_target_says_is_put_right_and_judged_anew(planner, plan):
    one = indicator(plan, "T42")
    typed = TERMS | {
        "version": "1",
        "unit_id": one.unit_id,
        "curve": "0 0 10 10 20 20 30 40 50 60 80 100",
    }
    answer = planner.post("/targets/T42/terms?year=2020", data=typed)
    assert answer.status_code == 303
    session.expire_all()
    assert (one.name, one.target, one.comparator, one.version) == ("跨校选课", 1600, ">=", 2)
    assert board(plan, date(2020, 9, 30), WHOLE_PARK_SCOPE).row("T42").standing.pace == Fraction(
        1, 2
    )
    assert 'value="0 0 10' in planner.get("/targets/T42/terms").text
    for change, words in (
        ({"version": "1"}, "已被他人修改"),
        ({"target": ""}, "请填写目标值"),
        ({"target": "-1"}, "数字超出范围"),
        ({"kind": "growth"}, "需要上年基数"),
        ({"comparator": "range"}, "上限要大于下限"),
        ({"due_on": "2021-01-01"}, "计划年度2020年内"),
        ({"curve": "1 2 3"}, "12个月末的累计比例"),
        ({"curve": "1e999999"}, "请填写12个数字"),
        ({"parent_id": one.id}, "不是有效的选择"),
    ):
        answer = planner.post("/targets/T42/terms", data=typed | {"version": "2"} | change)
        assert answer.status_code in (409, 422), words
        assert "跨校选课" in answer.text
        assert words.isascii() or words in answer.text


def test_a_whole_is_no_part_of_its_own_part(plan, cast):
    whole, part = indicator(plan, "T03"), indicator(plan, "T14")
    terms = amending.Terms(
        name=whole.name, comparator=amending.Comparator(whole.comparator), target=whole.target,
        kind=amending.Kind(whole.kind), starts_on=whole.starts_on, due_on=whole.due_on,
        unit_id=whole.unit_id, unit_word=whole.unit_word, parent_id=part.id,
    )  # fmt: skip
    with pytest.raises(DomainError) as refusal, writing():
        amending.change_terms(indicator(plan, "T03"), terms, by=cast.supervisor, version=None)
    assert refusal.value.field == "parent_id"


def test_a_target_that_comes_later_has_the_next_number_and_is_bound_next(planner, plan, cast):
    unit = indicator(plan, "T01").unit_id
    answer = planner.post("/targets?year=2020", data=TERMS | {"unit_id": unit})
    assert answer.location == "/targets/T50/metric?year=2020"
    assert "跨校选课" in planner.get("/targets/T50").text
    assert "跨校选课" in planner.get("/targets").text
    refused(planner.post("/targets?year=2020", data=TERMS | {"unit_id": ""}), 422, "请选择责任单位")
    assert planner.post("/targets?year=1999", data=TERMS).status_code == 404


def test_what_lacks_its_day_is_listed_and_not_dropped(planner, browser_of, plan, cast, firm):
    number = save("patents", cast.a, company_id=firm.id, title="没有授权日的", state=VERIFIED)
    with writing():
        session.get_one(Patent, number).status = PatentStatus.ENDED
    one = indicator(plan, "T04")
    panel = planner.get(f"/targets/metrics/targets/{one.id}").text
    assert "待补 1 条" in panel
    assert "没有授权日的" in panel
    assert browser_of("a").get(f"/targets/metrics/targets/{one.id}").status_code == 404


def test_a_copied_plan_takes_the_window_of_a_filter_along(plan, cast):
    with writing():
        draft = drafts.copy_year(2020, 2024, by=cast.supervisor)
    flats = next(entry for entry in draft.entries if entry.metric == "projects.started_floor_area")
    assert flats.filters == {"purpose": "talent_housing", "from": "2024-07-01", "to": "2024-12-31"}
    assert flats.target == Decimal(15)


def test_a_draft_is_narrowed_by_the_same_options(planner, plan, cast):
    with writing():
        draft = drafts.copy_year(2020, 2021, by=cast.supervisor)
        number = draft.id
    entry = next(
        one for one in session.get_one(type(draft), number).entries if one.name == "申请发明专利数"
    )
    page = planner.get(f"/targets/plans/entries/{entry.id}").text
    assert "限专利类型为发明" in page
    form = {
        "version": entry.version, "name": entry.name, "comparator": ">", "target": "2700", "kind": "flow",
        "unit_word": "件", "starts_on": "2021-01-01", "due_on": "2021-12-31", "unit_id": entry.unit_id,
        "metric": entry.metric, "shown": entry.metric, "filter-kind": "design",
    }  # fmt: skip
    assert planner.post(f"/targets/plans/entries/{entry.id}", data=form).status_code == 303
    session.expire_all()
    assert entry.filters == {"kind": "design"}
    with writing():
        entry.metric, entry.filters = "projects.started_floor_area", {}
        entry.unit_word = "万平方米"
    lacking = [error for one, error in drafts.shortcomings(entry.draft) if one is entry]
    assert [error.field for error in lacking] == ["purpose"]
