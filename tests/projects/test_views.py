"""The pages of projects: each works, refuses bad input, the wrong role, and someone else's record."""

import json
import re
from datetime import date
from decimal import Decimal
from html import unescape
from urllib.parse import unquote

import pytest
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.core.db import session
from crm.people.models import User
from crm.people.roles import ALLOWED, Role
from crm.projects.models import PIPELINE, Project, Stage, StageChange
from tests import factories

HTMX = {"HX-Request": "true"}
BEGAN = (Stage.LEAD, date(2020, 3, 5))
NEW = {
    "name": "深蓝中心",
    "kind": "construction",
    "origin": "local",
    "purpose": "research",
    "nature": "new",
    "currency": "cny",
    "first_reported_on": "2020-09-01",
    "expected_investment": "1,200.5",
}


def stored(project_id):
    return session.get_one(Project, project_id, populate_existing=True)


def step_count():
    return session.scalar(select(func.count()).select_from(StageChange))


def test_the_list_finds_by_name_investor_and_pinyin_initials(app, cast, browser_of):
    browser = browser_of("investment")
    new = {**NEW, "investor": "九号机器人", "unit_id": cast.office.id}
    assert browser.post("/projects", data=new).status_code == 303
    factories.make_project(cast.carrier_a, "另一个")
    for words in ("深蓝", "九号", "slzx", "深蓝 九号"):
        page = browser.get("/projects", query_string={"q": words}).text
        assert "深蓝中心" in page, words
        assert "另一个" not in page, words
    assert "没有符合条件的项目" in browser.get("/projects?q=%25&where=stage:is:signed").text


def test_a_new_project_is_a_lead_from_its_day_on(app, cast, browser_of):
    answer = browser_of("investment").post("/projects", data={**NEW, "unit_id": cast.office.id})
    project = stored(int(answer.location.rsplit("/", 1)[1]))
    assert (project.stage, project.stage_entered_on) == (Stage.LEAD, date(2020, 9, 1))
    assert project.expected_investment == Decimal(12_005_000)
    assert [c.to_stage for c in project.changes] == [Stage.LEAD]
    assert session.scalars(select(AuditEntry.action)).all() == ["project.registered"]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "  ", "请填写此项"),
        ("name", "坏\ufffe字", "不能保存的字符"),
        ("first_reported_on", "2020-10-01", "不能晚于今天"),
        ("first_reported_on", "1020-10-01", "年份不合理"),
        ("first_reported_on", "昨天", "2020-09-30"),
        ("expected_investment", "一千", "不是金额"),
        ("expected_investment", "-5", "不能为负数"),
        ("kind", "castle", "is-invalid"),
        ("unit_id", "999", "is-invalid"),
    ],
)
def test_bad_input_keeps_what_was_typed_and_writes_nothing(
    app, cast, browser_of, field, typed, sentence
):
    data = {**NEW, "unit_id": cast.office.id, "source": "以商引商", field: typed}
    answer = browser_of("investment").post("/projects", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "以商引商" in answer.text
    assert step_count() == 0


def edited(project, **values):
    facts = {
        "name": project.name,
        "kind": "construction",
        "origin": "domestic",
        "nature": "new",
        "currency": "cny",
        "purpose": "research",
    }
    return {**facts, "unit_id": project.unit_id, "version": project.version, **values}


def test_facts_are_edited_and_the_builder_is_found_by_name_or_code(app, cast, browser_of):
    project = factories.make_project(cast.carrier_a)
    firm = factories.make_company(cast.carrier_b, "常州深蓝建设有限公司")
    browser = browser_of("investment")
    address = f"/projects/{project.id}/edit"
    assert firm.name in browser.get("/projects/builders?builder_id=slj").text
    assert browser.get(address).status_code == 200
    for version, typed in enumerate((firm.name, firm.uscc, f"{firm.name} {firm.uscc}"), 1):
        data = edited(project, builder_id=typed, filing_number=f"备{version}", version=version)
        assert browser.post(address, data=data).status_code == 303
        assert (stored(project.id).builder_id, stored(project.id).version) == (firm.id, version + 1)
    page = browser.get(f"/projects/{project.id}").text
    assert "由“备2”改为“备3”" in page
    assert firm.name in page
    refused = browser.post(address, data=edited(project, builder_id="没有这家", version=4))
    assert refused.status_code == 422
    assert "没有找到这家企业" in refused.text


def test_a_stale_form_is_refused_and_keeps_what_was_typed(app, cast, browser_of):
    project = factories.make_project(cast.carrier_a)
    browser = browser_of("investment")
    address = f"/projects/{project.id}/edit"
    facts = edited(project)
    assert browser.post(address, data={**facts, "source": "甲写的"}).status_code == 303
    answer = browser.post(address, data={**facts, "source": "乙写的"})
    assert answer.status_code == 409
    assert "已被他人修改" in answer.text
    assert 'value="乙写的"' in answer.text
    assert "线索来源：甲写的" in answer.text
    assert stored(project.id).source == "甲写的"
    assert 'name="version" type="hidden" value="2"' in answer.text  # knowing it, one may save


def test_a_move_by_htmx_brings_the_card_and_lets_the_board_ask_for_its_heads(
    app, cast, browser_of, ready
):
    project = ready(BEGAN, name="深蓝中心", expected_investment=Decimal(150_000_000))
    browser = browser_of("investment")
    answer = browser.post(
        f"/projects/{project.id}/moves",
        data={"to_stage": "negotiating", "version": 1},
        headers=HTMX,
    )
    assert answer.status_code == 200
    assert f'hx-swap-oob="delete:#card-{project.id}"' in answer.text
    assert 'hx-swap-oob="afterbegin:#cards-negotiating"' in answer.text
    told = json.loads(answer.headers["HX-Trigger"])
    assert "在谈项目" in told["toast"]["text"]
    assert "projectmoved" in told
    heads = browser.get("/projects/board/heads").text
    assert re.findall(r'id="head-(\w+)" hx-swap-oob="true"', heads) == [*PIPELINE]
    assert '"badge">1<' in heads.split('id="head-negotiating"')[1].split('id="head-')[0]
    assert "1.5 亿元" in heads
    assert 'id="aside" hx-swap-oob="true"' in heads
    narrowed = browser.get("/projects/board/heads?where=origin:is:sino_german").text
    assert narrowed.count('"badge">0<') == len(PIPELINE)
    assert stored(project.id).stage == Stage.NEGOTIATING


def test_a_plain_move_goes_to_the_projects_page(app, cast, browser_of, ready):
    project = ready(BEGAN)
    data = {"to_stage": "negotiating", "effective_on": "2020-05-06"}
    browser = browser_of("investment")
    answer = browser.post(f"/projects/{project.id}/moves", data=data)
    assert (answer.status_code, answer.location) == (303, f"/projects/{project.id}")
    assert stored(project.id).stage_entered_on == date(2020, 5, 6)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_closed_gate_lists_all_that_is_missing_with_the_way_to_mend_it(
    app, cast, browser_of, ready, headers
):
    project = ready(BEGAN, contact="", space_wish="", visited_on=None)
    answer = browser_of("investment").post(
        f"/projects/{project.id}/moves",
        data={"to_stage": "intent", "reason": "越过在谈", "version": 1},
        headers=headers,
    )
    assert answer.status_code == 422
    missing = answer.text.split("gate-missing")[1].split("</ul>")[0]
    links = [unquote(unescape(link)) for link in re.findall('<a href="([^"]+)"', missing)]
    dialog = f"board?move={project.id}&" if headers else f"{project.id}/moves/new?"
    back = f"/projects/{dialog}to_stage=intent&effective_on=2020-09-30&reason=越过在谈"
    assert [link.split("?next=")[0] for link in links] == [
        f"/projects/{project.id}/edit",
        f"/followup/projects/{project.id}",
        f"/projects/{project.id}/edit",
    ]
    assert [link.rpartition("#")[2] for link in links[::2]] == ["contact", "space_wish"]
    assert all(unquote(back) in unquote(link) for link in links)
    assert "越过在谈" in answer.text
    assert 'name="waive"' in answer.text
    assert ("<html" in answer.text) is (headers == {})
    assert stored(project.id).stage == Stage.LEAD
    assert step_count() == 1


def test_only_who_may_waive_is_offered_it_and_a_forged_waiver_is_refused(
    app, cast, ready, browser_of
):
    project = ready(BEGAN, contact="")
    other = factories.make_user(*cast.investment.roles, unit=cast.office, username="other")
    browser = factories.signed_in_client(app, other)
    page = browser.get(f"/projects/{project.id}/moves/new?to_stage=negotiating").text
    assert "联系人" in page
    assert 'name="waive"' not in page
    forged = {"to_stage": "negotiating", "waive": "y", "reason": "急"}
    assert browser.post(f"/projects/{project.id}/moves", data=forged).status_code == 403
    assert stored(project.id).stage == Stage.LEAD
    allowed = browser_of("investment").post(f"/projects/{project.id}/moves", data=forged)
    assert allowed.status_code == 303


def test_the_second_of_two_movers_gets_a_conflict_and_the_present_state(
    app, cast, browser_of, ready
):
    project = ready(BEGAN)
    browser = browser_of("investment")
    address = f"/projects/{project.id}/moves"
    data = {"to_stage": "negotiating", "version": 1}
    assert browser.post(address, data=data, headers=HTMX).status_code == 200
    answer = browser.post(address, data={**data, "to_stage": "intent"}, headers=HTMX)
    assert answer.status_code == 409
    assert "已被他人修改" in answer.text
    assert "现在：在谈项目" in answer.text
    assert step_count() == 2


@pytest.mark.parametrize(
    "data", [{}, {"to_stage": "moon"}, {"to_stage": "paused", "effective_on": "x"}]
)
def test_a_move_without_sense_is_refused(app, cast, browser_of, ready, data):
    project = ready(BEGAN)
    answer = browser_of("investment").post(f"/projects/{project.id}/moves", data=data)
    assert answer.status_code == 422
    assert step_count() == 1


def test_who_only_reads_sees_the_board_but_can_neither_move_nor_edit(app, cast, browser_of, ready):
    project = ready(BEGAN, name="深蓝中心")
    for name in ("a", "leader"):
        browser = browser_of(name)
        board = browser.get("/projects/board").text
        assert "深蓝中心" in board
        assert "moves/new" not in board
        assert browser.get(f"/projects/{project.id}").status_code == 200
        for address in ("/projects/new", f"/projects/{project.id}/edit"):
            assert browser.get(address).status_code == 403
        for address in (
            "/projects",
            f"/projects/{project.id}/edit",
            f"/projects/{project.id}/moves",
        ):
            assert (
                browser.post(address, data={"to_stage": "paused", "reason": "x"}).status_code == 403
            )
    assert browser_of("admin").get("/projects/board").status_code == 403
    assert stored(project.id).version == 1


def test_someone_elses_project_is_not_there(app, cast, browser_of, ready):
    project = ready(BEGAN, name="深蓝中心")
    browser = browser_of("b")
    assert browser.get(f"/projects/{project.id}").status_code == 404
    for address in ("/projects/board", "/projects", "/projects/board?as_of=2020-06-30"):
        page = browser.get(address)
        assert page.status_code == 200
        assert "深蓝中心" not in page.text


def test_a_move_of_a_project_outside_the_scope_finds_nothing(app, cast, monkeypatch, ready):
    project = ready(BEGAN)
    monkeypatch.setattr(User, "actions", ALLOWED[Role.INVESTMENT])
    browser = factories.signed_in_client(app, cast.b)
    data = {"to_stage": "negotiating", "version": 1}
    assert browser.post(f"/projects/{project.id}/moves", data=data).status_code == 404
    assert browser.post(f"/projects/{project.id}/edit", data=edited(project)).status_code == 404
    for page in ("edit", "moves/new"):
        assert browser.get(f"/projects/{project.id}/{page}").status_code == 404
    assert (stored(project.id).stage, stored(project.id).version) == (Stage.LEAD, 1)


def test_the_board_of_a_past_day_is_read_only(app, cast, browser_of, ready):
    ready(BEGAN, (Stage.NEGOTIATING, date(2020, 6, 1)), name="深蓝中心")
    browser = browser_of("investment")
    past = browser.get("/projects/board?as_of=2020-05-31").text
    assert "只能查看" in past
    assert "moves/new" not in past
    assert re.search(r'id="cards-lead"[^>]*>\s*<li[^>]*id="card-', past)
    for today in ("2020-09-30", "2021-05-05"):
        now = browser.get(f"/projects/board?as_of={today}").text
        assert "只能查看" not in now
        assert re.search(r'id="cards-negotiating"[^>]*>\s*<li[^>]*id="card-', now)
    for no_day in ("nonsense", "2019-02-29", "0001-01-01"):
        assert browser.get(f"/projects/board?as_of={no_day}").status_code == 422


def test_filters_narrow_cards_and_sums_alike(app, cast, browser_of, ready):
    ready(BEGAN, name="甲一", expected_investment=Decimal(200_000_000))
    ready(BEGAN, name="乙二", expected_investment=Decimal(300_000_000), owner=None)
    browser = browser_of("investment")
    assert "预计投资 5 亿元" in browser.get("/projects/board").text
    mine = browser.get("/projects/board?where=mine:is:1").text
    assert "预计投资 2 亿元" in mine
    assert "乙二" not in mine
    nothing = browser.get(f"/projects/board?unit={cast.carrier_b.id}").text
    assert "没有符合条件的项目" in nothing
    assert browser.get("/projects/board?unit=99999999999999999999&kind=x").status_code == 200


def test_a_column_gives_its_next_cards(app, cast, browser_of):
    first = factories.make_project(cast.carrier_a, "早", (Stage.LEAD, date(2020, 3, 1)))
    last = factories.make_project(cast.carrier_a, "晚", (Stage.LEAD, date(2020, 4, 1)))
    browser = browser_of("investment")
    more = browser.get(f"/projects/board/columns/lead?after=2020-04-01,{last.id}").text
    assert re.findall(r'id="card-(\d+)"', more) == [str(first.id)]
    for address in ("lead?after=x", "lead", "paused?after=2020-04-01,1", "moon?after=2020-04-01,1"):
        assert browser.get(f"/projects/board/columns/{address}").status_code == 404


def test_a_firms_panel_shows_its_projects_to_who_may_see_the_firm(app, cast, browser_of):
    firm = factories.make_company(cast.carrier_a)
    factories.make_project(cast.carrier_a, "深蓝中心", builder_id=firm.id)
    browser = browser_of("a")
    assert "深蓝中心" in browser.get(f"/projects/companies/{firm.id}").text
    fragment = browser.get(f"/projects/companies/{firm.id}", headers=HTMX).text
    assert "深蓝中心" in fragment
    assert "<html" not in fragment
    assert browser_of("b").get(f"/projects/companies/{firm.id}").status_code == 404


def test_home_shows_my_stalled_projects_and_next_steps(app, cast, browser_of):
    old = (Stage.LEAD, date(2020, 3, 5))
    new = (Stage.LEAD, date(2020, 9, 25))
    me = cast.investment
    factories.make_project(cast.office, "停着的", old, owner=me)
    factories.make_project(
        cast.office, "新", new, owner=me, next_action="约谈", next_action_on=date(2020, 9, 20)
    )
    factories.make_project(cast.office, "别人的", old, next_action="别人的事")
    page = browser_of("investment").get("/").text
    assert "停着的" in page
    assert "停滞 1 个" in page
    assert "约谈" in page
    assert "逾期 10 天" in page
    assert "别人的" not in page


def test_hostile_names_are_shown_as_text(app, cast, browser_of):
    name = "<script>alert(1)</script>\"'𬭛"
    owner = factories.make_user(Role.INVESTMENT, unit=cast.carrier_a, name=name)
    project = factories.make_project(
        cast.carrier_a, name, owner=owner, investor=name, next_action=name
    )
    browser = browser_of("investment")
    for address in ("/projects/board", "/projects", f"/projects/{project.id}"):
        page = browser.get(address).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
    cards = browser.get("/projects/board").text.split('id="cards-')[1]
    assert cards.count("&lt;script&gt;alert") == 5  # title, its move, investor, owner, next step


@pytest.mark.parametrize(
    "address", ["/projects/board", "/projects/board?as_of=2020-09-29", "/projects"]
)
def test_more_projects_cost_no_more_queries(app, cast, browser_of, query_count, address):
    browser = browser_of("investment")

    def cost():
        with query_count() as queries:
            assert browser.get(address).status_code == 200
        return len(queries)

    for _ in range(2):
        factories.make_project(cast.carrier_a, owner=cast.investment)
    few = cost()
    for _ in range(58):
        factories.make_project(cast.carrier_b, owner=cast.leader)
    assert (
        cost() == few <= 8
    )  # who reads, views, units, heads, cards, evidence and gates, marks, settings


def test_a_move_costs_few_queries(app, cast, browser_of, ready, query_count):
    project = ready(BEGAN)
    browser = browser_of("investment")
    data = {"to_stage": "negotiating", "version": 1}
    address = f"/projects/{project.id}/moves"
    with query_count() as queries:
        browser.post(address, data=data, headers=HTMX)
    assert len(queries) <= 14


def test_a_builder_of_another_unit_is_not_named(cast, browser_of):
    theirs = factories.make_company(cast.carrier_a, "常州别家建设有限公司")
    project = factories.make_project(cast.carrier_b, "本园大楼", builder_id=theirs.id)

    assert theirs.name not in browser_of("b").get(f"/projects/{project.id}").text
    assert theirs.name in browser_of("investment").get(f"/projects/{project.id}").text
