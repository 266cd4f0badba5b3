"""The pages of firms: they work, refuse bad input, wrong roles and strangers."""

import json
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.companies.models import Company, Contact, Residence
from crm.core import registry
from crm.core.db import session, writing
from crm.people.roles import Right, Role
from tests.factories import (
    make_company,
    make_residence,
    make_uscc,
    make_user,
    signed_in_client,
)

HTMX = {"HX-Request": "true"}


def _form(at: Any, /, **values: Any) -> dict[str, Any]:
    return {
        "name": "常州光子芯片有限公司",
        "kind": "enterprise",
        "uscc": make_uscc(4242),
        "carrier": at.id,
        "residence_kind": "registered",
        "from_on": "2020-03-04",
        "is_counted": "y",
        "agreement_number": "协议〔2020〕7号",
        "agreement_on": "2020-03-02",
        "rooms": "A座301",
        "legal_representative": "王五",
        "registered_capital": "1,200.5",
        "established_on": "2020-02-29",
        "industry_code": "I65",
        "future_industry": "ai",
        "contact_name": "李雷",
        "contact_phone": "13812340000",
        "contact_email": "lilei@example.com",
        **values,
    }


def _only_company() -> Company:
    return session.scalars(select(Company)).one()


def _count(model: Any) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_firm_is_registered_and_its_page_opens(browser_of: Any, cast: Any) -> None:
    browser = browser_of("a")
    assert browser.get("/companies/new").status_code == 200
    answer = browser.post("/companies", data=_form(cast.carrier_a))
    company = _only_company()
    assert (answer.status_code, answer.location) == (303, f"/companies/{company.id}")
    assert company.registered_capital == 12_005_000
    assert company.residences[0].is_counted
    page = browser.get(answer.location).text
    for words in (
        "常州光子芯片有限公司",
        "已登记",
        "I65 ",
        "1,200.5",
        "138****0000",
        "l***@example.com",
        "A座301",
    ):
        assert words in page
    assert "13812340000" not in page
    assert f'hx-get="{answer.location}/timeline"' in page
    past = browser.get(f"{answer.location}/timeline").text
    assert "入驻国家大学科技园（注册在园）" in past


def test_a_team_may_be_registered_before_it_resides(browser_of: Any, cast: Any) -> None:
    values = _form(cast.carrier_a, kind="team", uscc="", from_on="")
    assert browser_of("a").post("/companies", data=values).status_code == 303
    assert _only_company().unit_id == cast.carrier_a.id
    assert _count(Residence) == 0


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "请填写企业名称"),
        ("name", "甲" * 121, "不能超过120个字符"),
        ("name", "甲\ufffe乙", "不能保存的字符"),
        ("name", "甲\x07乙", "不能保存的字符"),
        ("uscc", "91310115MA1H8R7C6D", "校验位不符"),
        ("uscc", "", "须填写统一社会信用代码"),
        ("carrier", "", "请选择"),
        ("kind", "", "请选择"),
        ("registered_capital", "很多", "不是金额"),
        ("registered_capital", "-1", "不能为负数"),
        ("established_on", "2020-10-01", "不能晚于今天"),
        ("from_on", "1899-12-31", "年份不合理"),
        ("from_on", "2020-02-30", "日期"),
        ("industry_code", "Z99", ""),
        ("contact_phone", "<script>", "电话只能包含"),
        ("contact_email", "没有邮箱", "邮箱格式"),
        ("contact_name", "", "请填写联系人姓名"),
    ],
)
def test_bad_input_gets_a_sentence_and_loses_nothing(
    browser_of: Any, cast: Any, field: str, value: str, sentence: str
) -> None:
    answer = browser_of("a").post("/companies", data=_form(cast.carrier_a, **{field: value}))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'aria-invalid="true"' in answer.text
    for typed in ("协议〔2020〕7号", "A座301", "王五"):
        assert typed in answer.text
    if field != "registered_capital":
        assert "1,200.5" in answer.text
    assert _count(Company) == 0


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>公司",
        "甲\"'<>&乙有限公司",
        "𬭛材料有限公司",
        "长" * 120,
        "%(n)s {{ 7*7 }}",
    ],
)
def test_hostile_names_are_only_names(browser_of: Any, cast: Any, name: str) -> None:
    browser = browser_of("a")
    assert browser.post("/companies", data=_form(cast.carrier_a, name=name)).status_code == 303
    company = _only_company()
    assert company.name == name
    browser.post(
        f"/companies/{company.id}/edit", data={"name": name + "2", "kind": "team", "version": 1}
    )
    for address in ("/companies", f"/companies/{company.id}", f"/companies/{company.id}/edit", "/"):
        page = browser.get(address)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "49" not in page.text or "7*7" in page.text or "{{" not in name


def test_a_carrier_of_others_cannot_be_chosen(browser_of: Any, cast: Any) -> None:
    answer = browser_of("a").post("/companies", data=_form(cast.carrier_b))
    assert answer.status_code == 422
    assert _count(Company) == 0


def test_a_known_code_answers_409_with_a_link_to_the_firm(browser_of: Any, cast: Any) -> None:
    known = make_company(cast.carrier_a, "南京量子雷达有限公司", uscc=make_uscc(4242))
    answer = browser_of("a").post("/companies", data=_form(cast.carrier_a))
    assert answer.status_code == 409
    assert f'href="/companies/{known.id}"' in answer.text
    assert "A座301" in answer.text


def test_a_strangers_known_code_answers_409_with_its_carrier_only(
    browser_of: Any, cast: Any
) -> None:
    known = make_company(cast.carrier_b, "南京量子雷达有限公司", uscc=make_uscc(4242))
    answer = browser_of("a").post("/companies", data=_form(cast.carrier_a))
    assert answer.status_code == 409
    assert cast.carrier_b.name in answer.text
    assert known.name not in answer.text
    assert f"/companies/{known.id}" not in answer.text


def test_a_look_alike_must_be_confirmed(browser_of: Any, cast: Any) -> None:
    known = make_company(cast.carrier_a, "常州（光子芯片）有限责任公司")
    browser = browser_of("a")
    answer = browser.post("/companies", data=_form(cast.carrier_a))
    assert answer.status_code == 422
    assert known.name in answer.text
    assert 'name="is_another"' in answer.text
    assert _count(Company) == 1
    answer = browser.post("/companies", data=_form(cast.carrier_a, is_another="y"))
    assert answer.status_code == 303
    assert _count(Company) == 2


def test_the_check_while_typing_says_what_it_knows(browser_of: Any, cast: Any) -> None:
    mine = make_company(cast.carrier_a, "常州光子芯片有限公司", uscc=make_uscc(7))
    other = make_company(cast.carrier_b, "南京量子雷达有限公司")
    browser = browser_of("a")

    def said(**query: Any) -> str:
        return browser.get("/companies/checks", query_string=query, headers=HTMX).text

    assert "现为3位" in said(uscc="913")
    assert "校验通过" in said(uscc=make_uscc(8))
    assert mine.name in said(uscc=make_uscc(7).lower())
    assert mine.name in said(name="常州光子芯片")
    assert mine.name not in said(name="常州光子芯片", company_id=mine.id)
    assert cast.carrier_b.name in said(name=other.name)
    assert other.name not in said(name=other.name)
    assert said(name="\ufffe%", uscc="<script>").count("<script>") == 0
    assert _count(AuditEntry) == 0


def test_the_list_searches_filters_and_counts_within_the_scope(browser_of: Any, cast: Any) -> None:
    a = make_company(cast.carrier_a, "常州光子芯片有限公司")
    b = make_company(cast.carrier_b, "南京量子雷达有限公司")
    leader, staff = browser_of("leader"), browser_of("a")
    page = leader.get("/companies").text
    assert a.name in page
    assert b.name in page
    assert "共 2 家" in page
    page = staff.get("/companies").text
    assert a.name in page
    assert b.name not in page
    assert "共 1 家" in page
    assert b.name in leader.get("/companies?q=lzld").text
    assert a.name not in leader.get("/companies?q=lzld").text
    assert a.name not in leader.get(f"/companies?unit={cast.carrier_b.id}").text
    assert b.name not in staff.get(f"/companies?unit={cast.carrier_b.id}&q=量子").text
    fragment = leader.get("/companies?q=量子", headers=HTMX).text
    assert fragment.lstrip().startswith('<div id="list"')
    assert "没有符合条件的企业" in leader.get("/companies?q=不存在").text


def test_pages_follow_a_key_both_ways(browser_of: Any, cast: Any) -> None:
    for _ in range(51):
        make_company(cast.carrier_a)
    browser = browser_of("a")
    first = browser.get("/companies?q=常州").text
    assert first.count('<th scope="row">') == 50
    ids = session.scalars(select(Company.id).order_by(Company.id)).all()
    older = f"/companies?q=%E5%B8%B8%E5%B7%9E&amp;after={ids[1]}"
    assert f'href="{older}"' in first
    second = browser.get(older.replace("&amp;", "&")).text
    assert second.count('<th scope="row">') == 1
    back = f"/companies?q=%E5%B8%B8%E5%B7%9E&amp;before={ids[0]}"
    assert f'href="{back}"' in second
    again = browser.get(back.replace("&amp;", "&")).text
    assert again.count('<th scope="row">') == 50
    assert 'rel="prev"' not in again
    for nonsense in ("x", "-1", "0", "9" * 30, "甲~", "~1", "a~b~c"):
        assert browser.get(f"/companies?before={nonsense}").status_code == 200


def test_ten_rows_cost_as_many_queries_as_two(browser_of: Any, cast: Any, query_count: Any) -> None:
    browser = browser_of("leader")
    costs = []
    for number in (2, 8):
        for _ in range(number):
            company = make_company(cast.carrier_a)
            make_residence(company, cast.carrier_a, date(2020, 1, 2))
        with query_count() as queries:
            browser.get("/companies")
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 9


def test_a_firms_page_costs_the_same_whatever_its_history(
    browser_of: Any, cast: Any, query_count: Any
) -> None:
    company = make_company(cast.carrier_a)
    browser, costs = browser_of("a"), []
    for year in (2010, 2011, 2012):
        make_residence(company, cast.carrier_a, date(year, 1, 1), date(year, 5, 1))
        with query_count() as queries:
            assert browser.get(f"/companies/{company.id}").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] == costs[2]


STRANGERS_WAYS = [
    ("get", "", {}),
    ("get", "/edit", {}),
    ("post", "/edit", {"name": "改", "kind": "team", "version": 1}),
    ("get", "/residences/new", {}),
    ("post", "/residences", {"residence_kind": "operating", "from_on": "2020-05-05"}),
    ("get", "/transfers/new", {}),
    ("post", "/transfers", {"on": "2020-05-05"}),
    ("get", "/departures/new", {}),
    ("post", "/departures", {"on": "2020-05-05", "reason": "moved_out"}),
]


@pytest.mark.parametrize(("method", "way", "values"), STRANGERS_WAYS)
def test_a_strangers_firm_is_not_found_and_stays_as_it_was(
    browser_of: Any, cast: Any, method: str, way: str, values: dict[str, Any]
) -> None:
    company = make_company(cast.carrier_a)
    make_residence(company, cast.carrier_a, date(2020, 1, 2))
    name = company.name
    for carrier in (cast.carrier_a, cast.carrier_b):
        data = {**values, "carrier": carrier.id} if method == "post" else None
        answer = getattr(browser_of("b"), method)(f"/companies/{company.id}{way}", data=data)
        assert answer.status_code == 404
        assert name not in answer.text
    kept = _only_company()
    assert (kept.name, kept.unit_id, kept.version) == (name, cast.carrier_a.id, 1)
    assert session.scalars(select(Residence)).one().to_on is None
    assert _count(AuditEntry) == 0


@pytest.mark.parametrize(("method", "way", "values"), STRANGERS_WAYS[1:])
@pytest.mark.parametrize("who", ["leader", "investment", "auditor", "supervisor"])
def test_who_only_reads_changes_nothing(
    browser_of: Any, cast: Any, who: str, method: str, way: str, values: dict[str, Any]
) -> None:
    company = make_company(cast.carrier_a)
    address = f"/companies/{company.id}"
    assert browser_of(who).get(address).status_code == 200
    assert getattr(browser_of(who), method)(address + way, data=values or None).status_code == 403
    assert browser_of(who).post("/companies", data=_form(cast.carrier_a)).status_code == 403
    assert browser_of("admin").get(address).status_code == 403
    assert _only_company().version == 1


def test_the_second_of_two_people_sees_what_the_first_saved(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a, "原名有限公司")
    browser, address = browser_of("a"), f"/companies/{company.id}/edit"
    values = {"kind": "enterprise", "uscc": company.uscc, "version": 1}
    assert browser.post(address, data={**values, "name": "先改有限公司"}).status_code == 303
    answer = browser.post(address, data={**values, "name": "后改有限公司"})
    assert answer.status_code == 409
    assert "先改有限公司" in answer.text
    assert 'value="后改有限公司"' in answer.text
    assert _only_company().name == "先改有限公司"
    session.remove()
    answer = browser.post(address, data={**values, "name": "后改有限公司", "version": 2})
    assert answer.status_code == 303
    session.remove()
    assert _only_company().name == "后改有限公司"
    assert "先改有限公司" in browser.get(answer.location).text
    assert "企业名称由" in browser.get(f"{answer.location}/timeline").text


@pytest.mark.parametrize("version", ["", "x", "9" * 40])
def test_a_missing_or_broken_version_is_refused(browser_of: Any, cast: Any, version: str) -> None:
    company = make_company(cast.carrier_a)
    values = {"kind": "team", "name": "改", "version": version}
    answer = browser_of("a").post(f"/companies/{company.id}/edit", data=values)
    assert answer.status_code in (409, 422)
    assert _only_company().version == 1


def test_moving_in_transfer_and_departure_from_the_pages(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a)
    browser, address = browser_of("a"), f"/companies/{company.id}"
    for way in ("residences", "transfers", "departures"):
        assert browser.get(f"{address}/{way}/new").status_code == 200
    values = {
        "carrier": cast.carrier_a.id,
        "residence_kind": "registered",
        "from_on": "2020-03-04",
        "is_counted": "y",
    }
    assert browser.post(f"{address}/residences", data=values).location == address
    answer = browser.post(f"{address}/residences", data=values)
    assert answer.status_code == 422
    assert "只能有一个" in answer.text
    answer = browser.post(f"{address}/departures", data={"on": "2020-03-04", "reason": "moved_out"})
    assert answer.status_code == 422
    answer = browser.post(f"{address}/departures", data={"on": "2020-03-05", "reason": "moved_out"})
    assert answer.status_code == 303
    assert "不在园" in browser.get(address).text
    answer = browser.post(
        f"{address}/transfers", data={"on": "2020-03-06", "carrier": cast.carrier_b.id}
    )
    assert answer.location == "/companies"
    assert browser.get(address).status_code == 404
    assert browser_of("b").get(address).status_code == 200


def test_contacts_are_shown_in_full_only_by_right_and_with_a_line_in_the_log(
    app: Flask, browser_of: Any, cast: Any
) -> None:
    company = make_company(cast.carrier_a)
    with writing():
        session.add(
            Contact(company_id=company.id, name="李雷", phone="0519-86339123", email="x@y.cn")
        )
    address = f"/companies/{company.id}/contacts/reveals"
    assert browser_of("a").post(address).status_code == 403
    assert "显示完整信息" not in browser_of("a").get(f"/companies/{company.id}").text
    person = make_user(Role.INCUBATOR_STAFF, unit=cast.carrier_a, rights=(Right.UNMASK,))
    stranger = make_user(Role.INCUBATOR_STAFF, unit=cast.carrier_b, rights=(Right.UNMASK,))
    assert signed_in_client(app, stranger).post(address).status_code == 404
    browser = signed_in_client(app, person)
    assert "86339123" not in browser.get(f"/companies/{company.id}").text
    assert browser.get(address).status_code == 405
    fragment = browser.post(address, headers=HTMX).text
    assert "0519-86339123" in fragment
    assert "<html" not in fragment
    assert "0519-86339123" in browser.post(address).text
    entries = session.scalars(select(AuditEntry)).all()
    assert [(e.action, e.actor_id, e.subject_id) for e in entries] == [
        ("contacts.revealed", person.id, company.id)
    ] * 2
    assert all("86339123" not in json.dumps([e.details, e.subject]) for e in entries)


def test_panels_of_other_rooms_are_pulled_in_with_the_date(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a)
    page = browser_of("a").get(f"/companies/{company.id}?as_of=2019-05-06").text
    for panel in registry.panels_of("company"):
        assert f"/{company.id}?as_of=2019-05-06" in page, panel
    assert browser_of("a").get(f"/companies/{company.id}?as_of=nonsense").status_code == 200


def test_the_home_page_shows_staff_their_newest_firms(browser_of: Any, cast: Any) -> None:
    mine, other = make_company(cast.carrier_a), make_company(cast.carrier_b)
    page = browser_of("a").get("/").text
    assert mine.name in page
    assert other.name not in page
    assert "/companies/new" in page
    assert "/companies/new" not in browser_of("leader").get("/").text


def test_a_finer_industry_from_an_import_survives_an_edit(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a, industry_code="I6513")
    browser, address = browser_of("a"), f"/companies/{company.id}/edit"
    page = browser.get(address).text
    assert '<option selected value="I65">I65 ' in page
    assert 'value="6513"' in page
    values = {"kind": "enterprise", "uscc": company.uscc, "name": "改名公司", "version": 1}
    values = {**values, "industry_code": "I65", "industry_class": "6513"}
    assert browser.post(address, data=values).status_code == 303
    assert _only_company().industry_code == "I6513"
    assert _only_company().name == "改名公司"
