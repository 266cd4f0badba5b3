"""Pages of 组织申报: each works, refuses bad input, the wrong role, and another unit's records."""

import re
from datetime import date

import pytest
from sqlalchemy import func, select

from crm.core import clock
from crm.core.db import session, writing
from crm.declarations.deadlines import todos
from crm.declarations.models import Declaration, DeclarationBatch, State
from crm.ladder.models import Qualification, QualificationLabel
from tests import factories

BATCH = {
    "category": "enterprise", "qualification": "high_tech", "programme": "", "year": "2020", "number": "第一批",
    "due_on": "2020-10-16", "note": "材料一式三份",
}  # fmt: skip
STEP = {"to_state": "filed", "effective_on": "2020-09-29", "note": ""}
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def batch(cast):
    return factories.make_batch(number="第二批")


@pytest.fixture
def mine(cast, batch):
    firm = factories.make_company(cast.carrier_a, "常州在册软件有限公司")
    factories.make_residence(firm, cast.carrier_a, date(2016, 5, 3))
    return factories.make_declaration(batch, firm)


@pytest.fixture
def theirs(cast, batch):
    firm = factories.make_company(cast.carrier_b, "江苏别家智能有限公司")
    return factories.make_declaration(batch, firm)


def state_of(declaration):
    session.expire_all()
    return session.get_one(Declaration, declaration.id).state


def pick(declaration, version=1):
    return f"{declaration.id}-{version}"


def test_a_batch_is_opened_changed_and_shown(browser_of, cast):
    browser = browser_of("a")
    assert browser.get("/declarations/batches/new").status_code == 200
    answer = browser.post("/declarations/batches", data=BATCH)
    batch = session.scalars(select(DeclarationBatch)).one()
    assert (answer.status_code, answer.location) == (303, f"/declarations/batches/{batch.id}")
    page = browser.get(answer.location)
    assert "2020年高新技术企业第一批" in page.text
    assert "这个批次还没有申报" in page.text
    assert 'value="2020-10-16"' in browser.get(f"{answer.location}/edit").text
    changed = {**BATCH, "due_on": "2020-10-23", "version": "1"}
    assert browser.post(f"{answer.location}/edit", data=changed).status_code == 303
    assert "2020-10-23" in browser_of("leader").get("/declarations").text
    stale = browser.post(f"{answer.location}/edit", data=changed)
    assert stale.status_code == 409


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"due_on": ""}, "请填写日期。"),
        ({"qualification": ""}, "请选择申报的资质。"),
        ({"category": "talent"}, "请填写计划或项目名称。"),
        ({"opens_on": "2020-10-17"}, "截止日期不能早于开始日期。"),
        ({"year": "1999"}, "请填写 2000 到 2100 的整数。"),
    ],
)
def test_a_bad_batch_is_refused_and_stays_typed(browser_of, cast, changed, sentence):
    answer = browser_of("a").post("/declarations/batches", data={**BATCH, **changed})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "材料一式三份" in answer.text


def test_members_come_in_by_name_or_code_and_all_or_none(browser_of, cast, batch):
    firm = factories.make_company(cast.carrier_a, "常州甲软件有限公司")
    other = factories.make_company(cast.carrier_a, "常州乙软件有限公司")
    foreign = factories.make_company(cast.carrier_b, "江苏别家智能有限公司")
    browser = browser_of("a")
    assert browser.get(f"/declarations/batches/{batch.id}/members/new").status_code == 200
    lines = f"{firm.name}\n{other.uscc}\n\n{foreign.name}"
    answer = browser.post("/declarations/members", data={"batch": batch.id, "lines": lines})
    assert answer.status_code == 422
    assert "没有找到：江苏别家智能有限公司" in answer.text
    assert firm.name in answer.text
    assert session.scalar(select(func.count(Declaration.id))) == 0
    lines = f"{firm.name}\n{other.uscc}\n{firm.name}"
    answer = browser.post("/declarations/members", data={"batch": batch.id, "lines": lines})
    assert answer.status_code == 303
    assert {d.company_id for d in session.scalars(select(Declaration))} == {firm.id, other.id}
    ticked = {"batch": batch.id, "company": [firm.id, other.id, foreign.id, "x"]}
    assert browser.post("/declarations/members", data=ticked).status_code == 303
    assert session.scalar(select(func.count(Declaration.id))) == 2


def test_a_talents_batch_takes_persons_with_and_without_a_firm(browser_of, cast):
    batch = factories.make_batch(kind=None, programme="龙城英才计划", number="")
    firm = factories.make_company(cast.carrier_a, "常州甲软件有限公司")
    lines = f"李四，{firm.name}\n王五\n李四\t{firm.name}"
    browser = browser_of("a")
    browser.post("/declarations/members", data={"batch": batch.id, "lines": lines})
    found = session.scalars(select(Declaration).order_by(Declaration.id)).all()
    assert [(d.applicant, d.company_id, d.unit_id) for d in found] == [
        ("李四", firm.id, cast.carrier_a.id),
        ("王五", None, cast.carrier_a.id),
    ]
    page = browser.get(f"/declarations/batches/{batch.id}")
    assert "人才库和资金库建成后" in page.text
    assert "王五" not in browser_of("b").get(f"/declarations/batches/{batch.id}?view=list").text


def test_no_batch_no_members(browser_of, cast):
    assert browser_of("a").post("/declarations/members", data={"lines": "甲"}).status_code == 404
    refused = browser_of("a").post("/declarations/members", data={"batch": "987654"})
    assert refused.status_code == 404


def test_board_and_list_show_the_readers_own(browser_of, batch, mine, theirs):
    for address in ("", "?view=list", "?state=surveyed"):
        page = browser_of("a").get(f"/declarations/batches/{batch.id}{address}")
        assert mine.company.name in page.text
        assert theirs.company.name not in page.text
    whole = browser_of("leader").get(f"/declarations/batches/{batch.id}")
    assert mine.company.name in whole.text
    assert theirs.company.name in whole.text
    assert 'name="pick"' not in whole.text


def test_a_selection_takes_a_step_or_none_of_it(browser_of, cast, batch, mine):
    done = factories.make_declaration(
        batch, factories.make_company(cast.carrier_a, "常州已认定有限公司"), State.RECOGNISED
    )
    browser, address = browser_of("a"), f"/declarations/batches/{batch.id}/steps"
    refused = browser.post(address, data={**STEP, "pick": [pick(mine), pick(done)]})
    assert refused.status_code == 422
    assert "常州已认定有限公司：已在“认定”，不能改为“已报”。" in refused.text
    assert state_of(mine) == State.SURVEYED
    assert f'value="{pick(mine)}" aria-label="勾选 {mine.name}" checked' in refused.text
    answer = browser.post(address, data={**STEP, "pick": pick(mine)})
    assert answer.status_code == 303
    assert state_of(mine) == State.FILED
    stale = browser.post(address, data={**STEP, "to_state": "accepted", "pick": pick(mine)})
    assert stale.status_code == 422
    assert "已被他人修改" in stale.text


@pytest.mark.parametrize(
    "data", [STEP, {**STEP, "pick": "x"}, {**STEP, "pick": "1-1", "effective_on": ""}]
)
def test_a_bad_step_is_refused(browser_of, batch, data):
    answer = browser_of("a").post(f"/declarations/batches/{batch.id}/steps", data=data)
    assert answer.status_code == 422


def test_all_of_a_list_take_a_step_over_its_pages_as_they_were_seen(
    browser_of, cast, batch, theirs
):
    firms = [factories.make_company(cast.carrier_a) for _ in range(51)]
    mine = [factories.make_declaration(batch, firm) for firm in firms]
    browser, address = browser_of("a"), f"/declarations/batches/{batch.id}"
    page = browser.get(f"{address}?state=surveyed").text
    assert "办理全部 51 项" in page
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    every = {**STEP, "all": "1", "state": "surveyed", "view": "list", "seen": seen}
    stale = browser.post(f"{address}/steps", data={**every, "seen": "0" * 64})
    assert (stale.status_code, "重新核对" in stale.text) == (409, True)
    assert browser.post(f"{address}/steps", data=every).status_code == 303
    assert {state_of(one) for one in mine} == {State.FILED}
    assert state_of(theirs) is State.SURVEYED
    assert browser.post(f"{address}/steps", data=every).status_code == 409
    seen = re.search(r'name="seen" value="(\w+)"', browser.get(f"{address}?state=filed").text)[1]
    every |= {"to_state": "recognised", "state": "filed", "seen": seen}
    answer = browser.post(f"{address}/steps", data=every)
    assert len(answer.location) < 300
    assert "认定 51 项" in browser.get(answer.location).text


def test_a_batch_for_a_label_is_opened_and_keeps_it_once_it_is_retired(browser_of, cast):
    label = factories.make_label("瞪羚企业", archived_at=None)
    browser = browser_of("a")
    data = {**BATCH, "qualification": f"label-{label.id}"}
    answer = browser.post("/declarations/batches", data=data)
    assert "2020年瞪羚企业第一批" in browser.get(answer.location).text
    with writing():
        session.get_one(QualificationLabel, label.id).archived_at = clock.now()
    assert f'selected value="label-{label.id}"' in browser.get(f"{answer.location}/edit").text
    assert f"label-{label.id}" not in browser.get("/declarations/batches/new").text
    assert (
        browser.post("/declarations/batches", data={**data, "number": "第二批"}).status_code == 422
    )


def test_another_units_declaration_is_not_there(browser_of, batch, theirs):
    browser = browser_of("a")
    step = {**STEP, "pick": pick(theirs)}
    for address in (
        f"/declarations/{theirs.id}",
        f"/declarations/companies/{theirs.company_id}",
        f"/declarations/batches/{batch.id}/recognitions/new?pick={pick(theirs)}",
    ):
        assert browser.get(address).status_code == 404, address
    assert browser.post(f"/declarations/batches/{batch.id}/steps", data=step).status_code == 404
    assert state_of(theirs) == State.SURVEYED


@pytest.mark.parametrize("name", ["leader", "investment", "supervisor", "auditor", "admin"])
def test_only_incubator_staff_declare(browser_of, batch, mine, name):
    browser = browser_of(name)
    for address, data in (
        ("/declarations/batches", BATCH),
        (f"/declarations/batches/{batch.id}/edit", BATCH),
        ("/declarations/members", {"batch": batch.id}),
        (f"/declarations/batches/{batch.id}/steps", {**STEP, "pick": pick(mine)}),
        (f"/declarations/batches/{batch.id}/recognitions", {"pick": pick(mine)}),
    ):
        assert browser.post(address, data=data).status_code == 403, address


# 认定


@pytest.fixture
def publicised(cast, batch):
    names = ("常州甲软件有限公司", "常州乙软件有限公司")
    firms = [factories.make_company(cast.carrier_a, name) for name in names]
    return [factories.make_declaration(batch, firm, State.PUBLICISED) for firm in firms]


def recognition(declarations, **values):
    given = {
        "effective_on": "2020-09-30",
        "issued_on": "2020-09-11",
        "source": "苏高企协〔2020〕8号",
    }
    return {**given, "lines": "", "pick": [pick(d) for d in declarations], **values}


def test_recognition_asks_for_numbers_first(browser_of, batch, publicised):
    browser = browser_of("a")
    data = {**STEP, "to_state": "recognised", "pick": [pick(d) for d in publicised]}
    answer = browser.post(f"/declarations/batches/{batch.id}/steps", data=data)
    assert answer.status_code == 303
    page = browser.get(answer.location)
    assert "认定 2 项" in page.text
    assert all(d.name in page.text for d in publicised)


def test_recognised_by_the_table_and_by_paste(browser_of, batch, publicised):
    first, second = publicised
    lines = f"{second.company.uscc}\tGR202032000002\t2020-09-14"
    data = recognition(publicised, lines=lines, **{f"value-{first.id}": "GR202032000001"})
    address = f"/declarations/batches/{batch.id}/recognitions"
    assert browser_of("a").post(address, data=data).status_code == 303
    found = session.scalars(select(Qualification).order_by(Qualification.number)).all()
    assert [(q.number, q.issued_on) for q in found] == [
        ("GR202032000001", date(2020, 9, 11)),
        ("GR202032000002", date(2020, 9, 14)),
    ]
    again = browser_of("a").post(address, data=data)
    assert again.status_code == 422
    assert session.scalar(select(func.count(Qualification.id))) == 2


def test_a_line_that_fits_nobody_and_a_missing_number_are_told(browser_of, batch, publicised):
    address = f"/declarations/batches/{batch.id}/recognitions"
    first, second = publicised
    strange = recognition(publicised, lines="常州丙有限公司,GR1")
    answer = browser_of("a").post(address, data=strange)
    assert answer.status_code == 422
    assert "“常州丙有限公司”不在所选的申报中" in answer.text
    half = recognition(publicised, **{f"value-{first.id}": "GR202032000001"})
    answer = browser_of("a").post(address, data=half)
    assert answer.status_code == 422
    assert f"{second.name}：请填写编号。" in answer.text
    assert 'value="GR202032000001"' in answer.text
    odd = recognition(publicised, **{f"day-{first.id}": "2020-02-30"})
    assert browser_of("a").post(address, data=odd).status_code == 422
    assert session.scalar(select(func.count(Qualification.id))) == 0


# What other pages show


def test_the_firms_panel_and_timeline(browser_of, mine):
    browser = browser_of("a")
    panel = browser.get(f"/declarations/companies/{mine.company_id}", headers=FRAGMENT)
    assert "<html" not in panel.text
    assert "2020年高新技术企业第二批" in panel.text
    timeline = browser.get(f"/companies/{mine.company_id}/timeline")
    assert "申报2020年高新技术企业第二批：摸底" in timeline.text
    assert "由" not in browser.get(f"/declarations/{mine.id}").text.split("经过")[1][:200]


def test_the_terms_of_the_expectation_open_their_rows(browser_of, mine):
    browser = browser_of("leader")
    for term in ("valid", "ending", "publicised", "in_review", "decided"):
        assert browser.get(f"/declarations/expected/{term}").status_code == 200
    assert browser.get("/declarations/expected/x").status_code == 404


@pytest.mark.parametrize(
    ("due_on", "is_told"),
    [
        (date(2020, 11, 14), True),
        (date(2020, 11, 15), False),
        (date(2020, 7, 2), True),
        (date(2020, 7, 1), False),
    ],
)
def test_a_deadline_stands_in_the_queue_while_it_is_near(cast, due_on, is_told):
    batch = factories.make_batch(due_on)
    for state in (State.SURVEYED, State.PLANNED, State.FILED):
        factories.make_declaration(batch, factories.make_company(cast.carrier_a), state)
    factories.make_declaration(batch, factories.make_company(cast.carrier_b))
    found = list(todos(cast.a))
    assert bool(found) is is_told
    if is_told:
        assert (found[0].due_on, dict(found[0].values)["left"]) == (due_on, 2)
    assert list(todos(cast.leader)) == []


def test_ten_declarations_cost_as_many_queries_as_two(app, cast, batch, query_count):
    counts = []
    for n in (2, 8):
        for _ in range(n):
            factories.make_declaration(batch, factories.make_company(cast.carrier_a))
        browser, found = factories.signed_in_client(app, cast.a), []
        for address in ("", "?view=list"):
            with query_count() as queries:
                assert browser.get(f"/declarations/batches/{batch.id}{address}").status_code == 200
            found.append(len(queries))
        counts.append(found)
    assert counts[0] == counts[1]
