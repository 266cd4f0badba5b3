"""A firm's page and its timeline: all that happened, a part at a time, at the same cost whatever the history."""

from datetime import date
from typing import Any

from sqlalchemy import select

from crm.companies.changes import change
from crm.companies.links import LinkDetails, add_link
from crm.companies.models import Company, EconomyType, LinkKind
from crm.companies.services import CompanyDetails
from crm.core.db import session, writing
from tests.factories import make_company

HTMX = {"HX-Request": "true"}


def _rename(company_id: int, number: int, by: Any, **values: Any) -> None:
    with writing():
        company = session.get_one(Company, company_id)
        details = CompanyDetails(f"第{number}名有限公司", uscc=company.uscc, **values)
        change(company, details, version=company.version, by=by)


def test_a_long_timeline_comes_in_parts_and_is_complete(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a, "第0名有限公司")
    for number in range(1, 31):
        _rename(company.id, number, cast.a, industry_code="I65")
    browser, address = browser_of("a"), f"/companies/{company.id}"
    page = browser.get(f"{address}/timeline").text
    assert page.count('class="timeline__mark"') == 30
    assert f'hx-get="{address}/timeline?start=30"' in page
    second = browser.get(f"{address}/timeline?start=30", headers=HTMX).text
    assert second.lstrip().startswith('<div class="timeline-part"')
    third = browser.get(f"{address}/timeline?start=60").text
    assert "<html" in third
    assert "登记建档" in page + second + third
    everything = page + second + third
    for number in range(30):
        assert f"企业名称由“第{number}名有限公司”改为“第{number + 1}名有限公司”" in everything
        assert f"更名，此前称“第{number}名有限公司”" in everything
    assert browser.get(f"{address}/timeline?start=900").status_code == 200
    assert browser_of("b").get(f"{address}/timeline").status_code == 404


def test_corrections_read_as_people_read_them(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a, "第1名有限公司")
    tags = frozenset({EconomyType.DIGITAL, EconomyType.PLATFORM})
    _rename(
        company.id, 1, cast.a, economy_types=tags, is_safety_focus=True, staff_contact_id=cast.a.id,
        business_scope="软" * 80,
    )  # fmt: skip
    page = browser_of("leader").get(f"/companies/{company.id}/timeline").text
    for words in (
        "四类经济由“–”改为“平台经济、数字经济”",
        "安全重点由“否”改为“是”",
        "园区联系人由“–”改为“安一”",
        f"经营范围由“–”改为“{'软' * 60}…”",
    ):
        assert words in page


def test_a_firms_page_costs_the_same_whatever_belongs_to_it(
    browser_of: Any, cast: Any, query_count: Any
) -> None:
    company = make_company(cast.carrier_a)
    browser, costs = browser_of("a"), []
    for number in (1, 2, 3):
        other = make_company(cast.carrier_b)
        with writing():
            details = LinkDetails(company.id, other.id, LinkKind.CONTROLS, date(2020, 1, number))
            add_link(session.get_one(Company, company.id), details, by=cast.a)
        browser.post(f"/companies/{company.id}/contacts", data={"name": "李雷", "phone": "1"})
        _rename(company.id, number, cast.a)
        with query_count() as statements:
            assert browser.get(f"/companies/{company.id}").status_code == 200
        with query_count() as of_timeline:
            assert browser.get(f"/companies/{company.id}/timeline").status_code == 200
        costs.append((len(statements), len(of_timeline)))
    assert costs[0] == costs[1] == costs[2]
    assert costs[0][0] <= 10
    assert costs[0][1] <= 20


def test_figures_of_a_firm_stay_hidden_without_the_right(browser_of: Any, cast: Any) -> None:
    """The register's own part of the page names no operating figure; the ladder's panel decides about its own."""
    company = make_company(cast.carrier_a)
    page = browser_of("auditor").get(f"/companies/{company.id}").text
    assert "营业收入" not in page
    assert session.scalars(select(Company)).one().version == 1
