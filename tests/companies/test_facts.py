"""One fact edited in place: value → small form → value, with and without script, by version."""

from typing import Any

import pytest

from crm.companies.forms import FACTS
from crm.companies.models import Company, CompanyKind, EconomyType, PartyOrganisation
from crm.core.db import session
from tests.factories import make_company

HTMX = {"HX-Request": "true"}


def _now(company: Company) -> Company:
    session.expire_all()
    return session.get_one(Company, company.id)


@pytest.mark.parametrize("fact", list(FACTS))
def test_each_fact_opens_as_a_small_form_and_closes_again(
    browser_of: Any, cast: Any, fact: str
) -> None:
    company = make_company(cast.carrier_a)
    browser, address = browser_of("a"), f"/companies/{company.id}/facts/{fact}"
    form = browser.get(address, headers=HTMX).text
    assert form.lstrip().startswith(f'<div id="fact-{fact}"')
    assert 'name="version"' in form
    assert "data-cancels" in form
    for name in (name for names in FACTS.values() for name in names):
        assert (f'name="{name}"' in form) == (name in FACTS[fact])
    shown = browser.get(f"{address}?shown", headers=HTMX).text
    assert "<form" not in shown
    assert f'id="fact-{fact}"' in shown
    assert "<html" in browser.get(address).text  # without script: a page of its own


SAVED: list[tuple[str, dict[str, Any], str, Any]] = [
    ("legal_representative", {"legal_representative": "王五"}, "王五", "王五"),
    ("registered_capital", {"registered_capital": "1,200.5"}, "1,200.5", 12_005_000),
    ("industry_code", {"industry_code": "I65", "industry_class": "6513"}, "I6513", "I6513"),
    ("industry_code", {"industry_code": "", "industry_class": "i6513"}, "I6513", "I6513"),
    ("economy_types", {"economy_types": ["digital", "headquarters"]}, "总部经济、数字经济",
     {EconomyType.DIGITAL, EconomyType.HEADQUARTERS}),
    ("party_organisation", {"party_organisation": "branch"}, "党支部", PartyOrganisation.BRANCH),
    ("registered_address", {"registered_address": "常武中路18号"}, "常武中路18号", "常武中路18号"),
    ("business_scope", {"business_scope": "软件\r\n硬件"}, "软件\n硬件", "软件\n硬件"),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "data", "shown", "kept"), SAVED)
def test_a_fact_is_saved_and_shown_in_its_place(
    browser_of: Any, cast: Any, fact: str, data: dict[str, Any], shown: str, kept: Any
) -> None:
    company = make_company(cast.carrier_a)
    browser, address = browser_of("a"), f"/companies/{company.id}/facts/{fact}"
    answer = browser.post(address, data={**data, "version": 1}, headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith(f'<div id="fact-{fact}"')
    assert shown in answer.text
    assert 'id="completeness"' in answer.text
    assert 'hx-swap-oob="true"' in answer.text
    now = _now(company)
    assert getattr(now, fact) == kept
    assert (now.version, now.name, now.uscc) == (2, company.name, company.uscc)


def test_marks_and_their_note_are_one_fact(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a)
    address = f"/companies/{company.id}/facts/focus"
    data = {"is_safety_focus": "y", "focus_note": "锂电池测试", "version": 1}
    shown = browser_of("a").post(address, data=data, headers=HTMX).text
    assert "安全重点" in shown
    assert "锂电池测试" in shown
    assert "环保重点" not in shown
    assert _now(company).is_safety_focus


def test_without_script_the_answer_is_the_firms_page(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a)
    address = f"/companies/{company.id}"
    data = {"legal_representative": "王五", "version": 1}
    answer = browser_of("a").post(f"{address}/facts/legal_representative", data=data)
    assert (answer.status_code, answer.location) == (303, address)


def test_a_renaming_in_place_renews_the_whole_page_and_keeps_the_old_name(
    browser_of: Any, cast: Any
) -> None:
    company = make_company(cast.carrier_a, "原名有限公司")
    address = f"/companies/{company.id}"
    data = {"name": "新名有限公司", "renamed_on": "2020-05-06", "version": 1}
    answer = browser_of("a").post(f"{address}/facts/name", data=data, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, address)
    assert [former.name for former in _now(company).former_names] == ["原名有限公司"]


@pytest.mark.parametrize(
    ("fact", "data", "sentence"),
    [
        ("name", {"name": ""}, "请填写企业名称"),
        ("name", {"name": "新", "renamed_on": "2020-10-01"}, "不能晚于今天"),
        ("uscc", {"uscc": "913"}, "现为3位"),
        ("uscc", {"uscc": ""}, "须填写统一社会信用代码"),
        ("kind", {"kind": "team"}, "团队没有统一社会信用代码"),
        ("registered_capital", {"registered_capital": "很多"}, "不是金额"),
        ("industry_code", {"industry_code": "I64", "industry_class": "6513"}, "不属于所选行业I64"),
        ("industry_code", {"industry_code": "", "industry_class": "99"}, "小类代码为4位"),
        ("industry_code", {"industry_code": "", "industry_class": "0099"}, "小类代码为4位"),
        ("economy_types", {"economy_types": ["x"]}, ""),
        ("staff_contact_id", {"staff_contact_id": "987654"}, ""),
        ("focus", {"focus_note": "长" * 201}, "不能超过200"),
        ("business_scope", {"business_scope": "a\x07"}, "不能保存"),
    ],
)
def test_bad_input_keeps_the_form_with_what_was_typed(
    browser_of: Any, cast: Any, fact: str, data: dict[str, Any], sentence: str
) -> None:
    company = make_company(cast.carrier_a)
    address = f"/companies/{company.id}/facts/{fact}"
    answer = browser_of("a").post(address, data={**data, "version": 1}, headers=HTMX)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "field-error" in answer.text
    assert _now(company).version == 1


def test_the_park_contact_is_somebody_within_the_scope(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a)
    browser, address = browser_of("a"), f"/companies/{company.id}/facts/staff_contact_id"
    stranger = {"staff_contact_id": cast.b.id, "version": 1}
    assert browser.post(address, data=stranger, headers=HTMX).status_code == 422
    own = {"staff_contact_id": cast.a.id, "version": 1}
    assert cast.a.name in browser.post(address, data=own, headers=HTMX).text
    assert _now(company).staff_contact_id == cast.a.id


def test_another_fact_saved_meanwhile_is_no_conflict_but_the_same_one_is(
    browser_of: Any, cast: Any
) -> None:
    company = make_company(cast.carrier_a)
    browser, address = browser_of("a"), f"/companies/{company.id}/facts"
    lead = {"legal_representative": "王五", "version": 1}
    place = {"registered_address": "常武中路18号", "version": 1}
    assert (
        browser.post(f"{address}/legal_representative", data=lead, headers=HTMX).status_code == 200
    )
    assert (
        browser.post(f"{address}/registered_address", data=place, headers=HTMX).status_code == 200
    )
    late = {"legal_representative": "赵六", "version": 1}
    answer = browser.post(f"{address}/legal_representative", data=late, headers=HTMX)
    assert answer.status_code == 409
    assert "王五" in answer.text
    assert 'value="赵六"' in answer.text
    chosen = {**late, "seen": 3, "choice-legal_representative": "mine"}
    answer = browser.post(f"{address}/legal_representative", data=chosen, headers=HTMX)
    assert answer.status_code == 200
    assert _now(company).legal_representative == "赵六"
    assert _now(company).registered_address == "常武中路18号"


def test_strangers_readers_and_unknown_facts(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a)
    address = f"/companies/{company.id}/facts"
    data = {"legal_representative": "王五", "version": 1}
    for who, status in (("b", 404), ("leader", 403)):
        assert browser_of(who).get(f"{address}/name").status_code == status
        answer = browser_of(who).post(f"{address}/legal_representative", data=data)
        assert answer.status_code == status
    for fact in ("version", "search_text", "unit_id", "x"):
        assert browser_of("a").get(f"{address}/{fact}").status_code == 404
        assert browser_of("a").post(f"{address}/{fact}", data=data).status_code == 404
    assert "facts/" not in browser_of("leader").get(f"/companies/{company.id}").text
    assert _now(company).version == 1


def test_a_teams_page_leaves_out_what_a_licence_says(browser_of: Any, cast: Any) -> None:
    team = make_company(cast.carrier_a, kind=CompanyKind.TEAM, uscc=None)
    page = browser_of("a").get(f"/companies/{team.id}").text
    assert 'id="fact-industry_code"' in page
    assert 'id="fact-uscc"' not in page
    assert 'id="fact-business_scope"' not in page
