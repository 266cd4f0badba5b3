"""Pages of 五转 and of the pyramid against another date: every figure opens its firms."""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.verification import VerificationState
from crm.core import clock
from crm.core.db import session
from crm.ladder.models import QualificationKind as Kind
from crm.people.roles import Right, Role
from crm.reference.size_classes import SizeClass
from tests import factories

YEAR = "from=2020-01-01&to=2020-09-30"


@pytest.fixture
def firm(cast):
    """Small since 2019, certified on 2020-09-02 at carrier a."""
    company = factories.make_company(cast.carrier_a, "常州领航机器人有限公司")
    factories.make_residence(company, cast.carrier_a, date(2018, 3, 1))
    factories.make_operating_report(
        company, 2019, 12, date(2019, 12, 31), revenue=Decimal(3), size_class=SizeClass.SMALL,
        state=VerificationState.VERIFIED,
    )  # fmt: skip
    factories.make_qualification(
        company, Kind.HIGH_TECH, date(2020, 9, 2), date(2023, 9, 2), number="GR202032000777"
    )
    return company


@pytest.fixture
def jumper(cast):
    """On the register from nothing on 2020-03-25 at carrier b."""
    company = factories.make_company(cast.carrier_b, "常州北岸软件有限公司")
    factories.make_residence(company, cast.carrier_b, date(2019, 1, 1))
    factories.make_qualification(company, Kind.ABOVE_SCALE, date(2020, 3, 25))
    return company


def links(page, target):
    """The numbers that lead to an address beginning so."""
    return [int(n) for n in re.findall(rf'<a href="{re.escape(target)}[^"]*">(\d+)</a>', page)]


def test_each_figure_opens_its_firms_with_day_and_proof(browser_of, firm, jumper):
    leader = browser_of("leader")
    page = leader.get(f"/ladder/transitions?{YEAR}").text
    assert links(page, "/ladder/transitions/high_tech/arrived?from")[0] == 1
    assert links(page, "/ladder/transitions/high_tech/arrived?jump=1")[0] == 0
    assert links(page, "/ladder/transitions/above_scale/arrived?jump=1")[0] == 1
    assert links(page, "/ladder/transitions/micro_small/arrived?from")[0] == 0
    rows = leader.get(f"/ladder/transitions/high_tech/arrived?{YEAR}").text
    assert "领航机器人" in rows
    assert "2020-09-02" in rows
    assert "GR202032000777" in rows
    jumps = leader.get(f"/ladder/transitions/above_scale/arrived?{YEAR}&jump=1").text
    assert "北岸软件" in jumps
    assert "领航机器人" not in jumps


def test_the_days_of_the_period_count_and_those_beside_it_do_not(browser_of, firm):
    leader = browser_of("leader")
    address = "/ladder/transitions/high_tech/arrived"
    for days, is_there in (
        ("from=2020-09-02&to=2020-09-02", True),
        ("from=2020-09-03&to=2020-09-30", False),
        ("from=2020-01-01&to=2020-09-01", False),
    ):
        assert ("领航机器人" in leader.get(f"{address}?{days}").text) == is_there, days


def test_a_carrier_sees_its_own_and_a_reader_no_other_s(browser_of, cast, firm, jumper):
    leader = browser_of("leader")
    of_b = f"{YEAR}&unit={cast.carrier_b.id}"
    assert "北岸软件" in leader.get(f"/ladder/transitions/above_scale/arrived?{of_b}").text
    assert "领航机器人" not in leader.get(f"/ladder/transitions/high_tech/arrived?{of_b}").text
    b = browser_of("b")
    assert "领航机器人" not in b.get(f"/ladder/transitions/high_tech/arrived?{YEAR}").text
    assert b.get(f"/ladder/transitions?unit={cast.carrier_a.id}").status_code == 404
    assert browser_of("admin").get("/ladder/transitions").status_code == 403


def test_what_cannot_be_asked_is_refused(browser_of):
    leader = browser_of("leader")
    assert leader.get("/ladder/transitions?from=2020-02-30").status_code == 422
    assert leader.get("/ladder/transitions?from=2020-02-02&to=2020-02-01").status_code == 422
    assert leader.get("/ladder/transitions/startup/arrived").status_code == 404
    assert leader.get("/ladder/transitions/high_tech/flown").status_code == 404


def test_what_will_lapse_is_not_lost_yet(browser_of, cast):
    company = factories.make_company(cast.carrier_a)
    factories.make_residence(company, cast.carrier_a, date(2018, 3, 1))
    factories.make_qualification(company, Kind.HIGH_TECH, date(2017, 10, 1), date(2020, 10, 1))
    leader = browser_of("leader")
    address = "/ladder/transitions/high_tech/lost?from=2020-01-01&to=2020-12-31"
    page = leader.get(address).text
    assert "2020-01-01 至 2020-09-30" in page
    assert company.name not in page
    clock.set_business_date(date(2020, 10, 1))
    assert company.name in leader.get(address).text


def test_the_usual_periods_are_a_tap_away(browser_of):
    page = browser_of("leader").get("/ladder/transitions").text
    for days in (
        "from=2020-01-01&amp;to=2020-09-30", "from=2019-01-01&amp;to=2019-12-31",
        "from=2020-07-01&amp;to=2020-09-30",
    ):  # fmt: skip
        assert f"?{days}" in page


def test_the_workbook_says_what_the_page_says_and_is_written_to_the_log(app, cast, firm, jumper):
    exporter = factories.make_user(Role.LEADER, unit=cast.park, rights=(Right.EXPORT,))
    browser = factories.signed_in_client(app, exporter)
    answer = browser.post(f"/ladder/transitions/files?{YEAR}")
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    assert book.sheet_names == ["汇总", "各载体", "明细"]
    summary, carriers, details = (book.get_sheet_by_name(n).to_python() for n in book.sheet_names)
    assert ["高新转规上", 1, 1, 0, 0, 0, 0] in summary
    assert any(row[0] == "大创园" and row[3] == 1 for row in carriers)
    found = next(row for row in details if "领航" in str(row[2]))
    assert found[:5] == [
        "小微转高新",
        "五转",
        "常州领航机器人有限公司",
        "国家大学科技园",
        date(2020, 9, 2),
    ]
    assert "GR202032000777" in found[6]
    assert session.scalars(select(AuditEntry.action)).all()[-1] == "report.exported"
    plain = factories.signed_in_client(app, cast.a)
    assert plain.post(f"/ladder/transitions/files?{YEAR}").status_code == 403


def test_the_pyramid_says_how_it_changed_since_another_day(browser_of, firm, jumper):
    leader = browser_of("leader")
    page = leader.get("/ladder?than=2019-12-31").text
    assert page.count("+1</small>") == 2
    assert "from=2020-01-01&amp;to=2020-09-30" in page
    assert "pyramid__change" not in leader.get("/ladder").text
    assert leader.get("/ladder?than=x").status_code == 422


def test_the_firm_s_page_draws_its_life_with_the_day_asked_for(browser_of, firm):
    page = browser_of("a").get(f"/ladder/companies/{firm.id}?as_of=2020-01-01").text
    assert page.count('class="stair-chart__bar"') == 3
    assert "历年层级和依据" in page
    assert "2020-09-02 至 2020-09-30" in page
    assert "GR202032000777" in page
    stranger = factories.make_company(session.merge(firm).unit)
    assert "stair-chart" not in browser_of("a").get(f"/ladder/companies/{stranger.id}").text


def test_pages_cost_the_same_for_many_firms(browser_of, cast, query_count):
    def add(number):
        for _ in range(number):
            company = factories.make_company(cast.carrier_a)
            factories.make_residence(company, cast.carrier_a, date(2018, 1, 1))
            factories.make_qualification(
                company, Kind.HIGH_TECH, date(2020, 3, 1), date(2023, 3, 1)
            )

    def cost():
        found = []
        for address in ("/ladder/transitions", "/ladder/transitions/high_tech/arrived"):
            with query_count() as queries:
                assert browser_of("a").get(address).status_code == 200
            found.append(len(queries))
        return found

    add(2)
    few = cost()
    add(8)
    assert cost() == few
