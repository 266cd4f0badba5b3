"""Pages of the library: each works, refuses bad input, the wrong role, and another unit's firm."""

import re
from datetime import date
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from crm.core.db import session
from crm.cultivation.models import Cultivation, Result
from crm.ladder.models import QualificationKind
from crm.people.roles import Right, Role
from tests import factories

FORM = {
    "target_rung": "high_tech",
    "target_year": "2020",
    "entered_on": "2020-03-02",
    "measures": "辅导申报",
}


@pytest.fixture
def firm(cast):
    company = factories.make_company(cast.carrier_a, "常州领航机器人有限公司")
    factories.make_residence(company, cast.carrier_a, date(2018, 3, 1))
    return company


@pytest.fixture
def plan(cast, firm):
    return factories.make_cultivation(firm, leader_id=cast.leader.id, officer_id=cast.a.id)


def certify(company):
    factories.make_qualification(
        company, QualificationKind.HIGH_TECH, date(2020, 9, 2), date(2023, 9, 2)
    )


def plans():
    return session.scalars(select(Cultivation)).all()


def test_a_firm_is_taken_in_from_its_page(browser_of, cast, firm):
    browser = browser_of("a")
    assert "列入培育库" in browser.get(f"/cultivation/companies/{firm.id}").text
    assert browser.get(f"/cultivation/companies/{firm.id}/new").status_code == 200
    data = FORM | {"leader": cast.leader.id, "officer": cast.a.id}
    answer = browser.post(f"/cultivation/companies/{firm.id}", data=data)
    assert (answer.status_code, answer.location) == (303, f"/companies/{firm.id}")
    (plan,) = plans()
    assert (plan.leader_id, plan.officer_id, plan.measures) == (
        cast.leader.id,
        cast.a.id,
        "辅导申报",
    )
    assert browser.post(f"/cultivation/companies/{firm.id}", data=FORM).status_code == 409


@pytest.mark.parametrize(
    "changed",
    [{"target_year": "x"}, {"target_year": "2019"}, {"entered_on": ""}, {"target_rung": "startup"},
     {"leader": "987654"}],
)  # fmt: skip
def test_bad_input_is_refused_and_stays_typed(browser_of, firm, changed):
    answer = browser_of("a").post(f"/cultivation/companies/{firm.id}", data=FORM | changed)
    assert answer.status_code == 422
    assert "辅导申报" in answer.text
    assert plans() == []


def test_a_stranger_finds_nothing_and_others_only_read(browser_of, firm, plan):
    b, leader = browser_of("b"), browser_of("leader")
    for address in (
        f"/cultivation/companies/{firm.id}", f"/cultivation/companies/{firm.id}/new",
        f"/cultivation/{plan.id}", f"/cultivation/{plan.id}/edit", f"/cultivation/{plan.id}/closings/new",
    ):  # fmt: skip
        assert b.get(address).status_code == 404, address
    for address in (
        f"/cultivation/companies/{firm.id}", f"/cultivation/{plan.id}/edit",
        f"/cultivation/{plan.id}/closings",
    ):  # fmt: skip
        assert b.post(address, data=FORM).status_code == 404, address
        assert leader.post(address, data=FORM).status_code == 403, address
    assert leader.get(f"/cultivation/{plan.id}").status_code == 200
    assert "领航机器人" not in b.get("/cultivation").text
    assert browser_of("admin").get("/cultivation").status_code == 403


def test_a_plan_is_changed_and_a_stale_form_is_told(browser_of, cast, plan):
    browser = browser_of("a")
    page = browser.get(f"/cultivation/{plan.id}/edit").text
    assert 'value="2020"' in page
    assert f'selected value="{cast.leader.id}"' in page
    assert f'selected value="{cast.a.id}"' in page
    data = {"target_year": "2021", "measures": "改", "version": "1"}
    assert browser.post(f"/cultivation/{plan.id}/edit", data=data).status_code == 303
    assert browser.post(f"/cultivation/{plan.id}/edit", data=data).status_code == 409
    assert (plans()[0].target_year, plans()[0].leader_id) == (2021, None)


def test_the_result_that_the_records_show_is_suggested_and_confirmed(browser_of, firm, plan):
    browser = browser_of("a")
    address = f"/cultivation/{plan.id}/closings"
    assert 'selected value="not_reached"' in browser.get(f"{address}/new").text
    data = {"on": "2020-09-30", "result": "reached", "version": "1"}
    assert browser.post(address, data=data).status_code == 422
    certify(firm)
    page = browser.get(f"{address}/new").text
    assert "建议记为达成" in page
    assert 'selected value="reached"' in page
    assert browser.post(address, data=data).status_code == 303
    assert plans()[0].result is Result.REACHED
    assert "2020-09-30 出库" in browser.get(f"/cultivation/{plan.id}").text


def test_the_list_tells_the_course_and_each_library_its_tally(browser_of, firm, plan):
    leader = browser_of("leader")
    page = leader.get("/cultivation").text
    assert "需加力" in page
    assert "领航机器人" in page
    assert (
        "领航机器人" in leader.get("/cultivation?where=target_rung:is:high_tech;is_open:is:1").text
    )
    assert "领航机器人" not in leader.get("/cultivation?where=is_open:is:0").text
    assert "领航机器人" in leader.get(f"/cultivation?where=leader:is:{plan.leader_id}").text
    assert "领航机器人" not in leader.get("/cultivation?where=leader:empty").text
    for sort in ("target_year", "-entered_on"):
        assert "领航机器人" in leader.get(f"/cultivation?sort={sort}").text
    assert "领航机器人" in leader.get("/cultivation?q=领航").text
    certify(firm)
    assert "已达成" in leader.get("/cultivation").text


def test_a_leader_and_an_officer_see_theirs_at_home(browser_of, plan):
    leader = browser_of("leader")
    home = leader.get("/").text
    assert "我挂钩的培育企业" in home
    (address,) = re.findall(r'href="(/cultivation\?[^"]+)"', home)
    assert "领航机器人" in leader.get(address.replace("&amp;", "&")).text
    assert "我挂钩的培育企业" in browser_of("a").get("/").text
    assert "我挂钩的培育企业" not in browser_of("supervisor").get("/").text


def test_selected_firms_are_taken_in_together(browser_of, cast, firm, plan):
    other = factories.make_company(cast.carrier_a, "常州南岸科技有限公司")
    strange = factories.make_company(cast.carrier_b)
    factories.make_residence(other, cast.carrier_a, date(2019, 3, 1))
    browser = browser_of("a")
    assert "/cultivation/intakes/preview" in browser.get("/companies").text
    assert "/cultivation/intakes" not in browser_of("leader").get("/companies").text
    chosen = {"ids": f"{firm.id},{other.id},{strange.id}"}
    assert "已选 2 家" in browser.post("/cultivation/intakes/preview", data=chosen).text
    assert browser.post("/cultivation/intakes", data=chosen).status_code == 422
    assert browser.post("/cultivation/intakes", data=FORM | chosen).status_code == 303
    assert {one.company_id for one in plans()} == {firm.id, other.id}
    assert browser_of("leader").post("/cultivation/intakes", data=FORM | chosen).status_code == 403


def test_the_list_is_exported_as_shown(app, cast, plan):
    exporter = factories.make_user(
        Role.INCUBATOR_STAFF, unit=cast.carrier_a, rights=(Right.EXPORT,)
    )
    browser = factories.signed_in_client(app, exporter)
    answer = browser.post("/cultivation/files", data={"format": "xlsx", "all": "1"})
    sheet = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0)
    text = str(sheet.to_python())
    assert "领航机器人" in text
    assert "需加力" in text


def test_pages_cost_the_same_for_many(browser_of, cast, query_count):
    def add(number):
        for _ in range(number):
            company = factories.make_company(cast.carrier_a)
            factories.make_residence(company, cast.carrier_a, date(2018, 1, 1))
            factories.make_cultivation(company, leader_id=cast.leader.id)

    def cost():
        found = []
        for address in ("/cultivation", "/"):
            with query_count() as queries:
                assert browser_of("leader").get(address).status_code == 200
            found.append(len(queries))
        return found

    add(2)
    few = cost()
    add(8)
    assert cost() == few
