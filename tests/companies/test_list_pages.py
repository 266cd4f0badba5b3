"""The list of firms as a page: filters, columns, order by address; files and bulk edits of what is selected."""

import csv
import io
import json
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from crm.audit.models import AuditEntry
from crm.companies import bulk
from crm.companies.models import Company, CompanyKind
from crm.core.db import session, writing
from crm.ladder.models import QualificationKind
from crm.lists import files
from crm.lists.models import BulkChange
from crm.people.roles import Right, Role
from tests.factories import (
    make_company,
    make_qualification,
    make_residence,
    make_user,
    signed_in_client,
)

HTMX = {"HX-Request": "true"}


def _names(page: str) -> list[str]:
    found = session.execute(select(Company.id, Company.name))
    places = {name: page.find(f'<a href="/companies/{id_}">') for id_, name in found}
    return sorted((name for name, at in places.items() if at >= 0), key=lambda name: places[name])


def _company(number: int) -> Company:
    session.expire_all()
    return session.scalars(select(Company).where(Company.id == number)).one()


@pytest.fixture
def three(cast: Any) -> list[Company]:
    """Two of carrier a, one of carrier b."""
    return [
        make_company(
            cast.carrier_a, "甲公司", established_on=date(2018, 5, 1), registered_capital=Decimal(5)
        ),
        make_company(cast.carrier_a, "乙团队", kind=CompanyKind.TEAM, uscc=None),
        make_company(
            cast.carrier_b, "丙公司", established_on=date(2019, 5, 1), industry_code="M73"
        ),
    ]


def test_filters_order_and_columns_stand_in_the_address(browser_of: Any, three: Any) -> None:
    leader = browser_of("leader")
    assert _names(leader.get("/companies").text) == ["丙公司", "乙团队", "甲公司"]
    assert _names(leader.get("/companies?sort=established_on").text) == [
        "甲公司",
        "丙公司",
        "乙团队",
    ]
    assert _names(leader.get("/companies?where=kind:not:team&sort=-established_on").text) == [
        "丙公司",
        "甲公司",
    ]
    page = leader.get("/companies?where=kind:is:team&cols=kind,established_on").text
    assert _names(page) == ["乙团队"]
    assert "类别 是 团队" in page
    assert 'data-label="成立日期"' in page
    assert 'data-label="行业"' not in page
    assert "共 1 家" in page
    assert _names(browser_of("a").get("/companies?where=kind:not:team").text) == ["甲公司"]


def test_the_ladder_gives_a_column_and_a_filter(browser_of: Any, cast: Any, three: Any) -> None:
    make_qualification(three[0], QualificationKind.HIGH_TECH, date(2019, 1, 1), date(2022, 1, 1))
    make_qualification(three[2], QualificationKind.HIGH_TECH, date(2015, 1, 1), date(2020, 9, 30))
    make_residence(three[0], cast.carrier_a, date(2018, 1, 1))  # outside the park no proof counts
    leader = browser_of("leader")
    assert _names(leader.get("/companies?where=qualification:is:high_tech").text) == ["甲公司"]
    assert _names(leader.get("/companies?where=qualification:not:high_tech").text) == [
        "丙公司",
        "乙团队",
    ]
    assert 'data-label="梯度"' in leader.get("/companies").text


def test_a_condition_is_added_by_a_form_without_script(browser_of: Any, three: Any) -> None:
    leader = browser_of("leader")
    page = leader.get("/companies?edit=field&field=kind&q=公司").text
    assert 'name="value" value="team"' in page
    query = {"edit": "condition", "field": "kind", "operator": "is", "value": ["team", "branch"]}
    answer = leader.get("/companies", query_string={**query, "q": "团队", "sort": "name"})
    assert answer.status_code == 303
    assert answer.location == (
        "/companies?q=%E5%9B%A2%E9%98%9F&where=kind:is:team,branch&sort=name"
    )
    assert _names(leader.get(answer.location).text) == ["乙团队"]
    more = {"where": "kind:is:team", "edit": "condition", "at": "0", "field": "uscc", "value": ""}
    answer = leader.get("/companies", query_string={**more, "operator": "empty"})
    assert answer.location == "/companies?where=kind:is:team;uscc:empty"
    fragment = leader.get("/companies?edit=field&field=established_on", headers=HTMX).text
    assert fragment.lstrip().startswith('<div id="builder-inputs"')
    assert 'type="date"' in fragment


def test_a_bad_condition_says_so_and_keeps_what_was_typed(browser_of: Any, three: Any) -> None:
    query = {
        "edit": "condition",
        "field": "registered_capital",
        "operator": "from",
        "value": "很多",
    }
    answer = browser_of("leader").get("/companies", query_string=query)
    assert answer.status_code == 422
    assert "不是金额" in answer.text
    assert 'value="很多"' in answer.text
    assert _names(answer.text) != []
    answer = browser_of("leader").get("/companies?where=secret:is:1")
    assert answer.status_code == 422
    assert "没有“secret”这个筛选字段" in answer.text


def test_columns_are_chosen_and_moved(browser_of: Any, three: Any) -> None:
    leader = browser_of("leader")
    chosen = [("edit", "columns"), ("col", "kind"), ("col", "uscc"), ("col", "nonsense")]
    assert leader.get("/companies", query_string=chosen).location == "/companies?cols=kind,uscc"
    moved = leader.get("/companies", query_string=[*chosen, ("up", "uscc")])
    assert moved.location == "/companies?cols=uscc,kind"
    assert leader.get("/companies?edit=columns").location == "/companies?cols=-"
    assert _names(leader.get("/companies?cols=-").text) == ["丙公司", "乙团队", "甲公司"]


def test_every_order_costs_as_many_queries_for_ten_rows_as_for_two(
    browser_of: Any, cast: Any, query_count: Any
) -> None:
    browser, costs = browser_of("leader"), []
    address = "/companies?sort=-name&where=kind:is:enterprise&cols=rung,unit,industry,kind"
    for number in (2, 8):
        for _ in range(number):
            make_company(cast.carrier_a)
        with query_count() as queries:
            assert browser.get(address).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 10


# Files


def _rows(book: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()


def _post_file(browser: Any, **values: Any) -> Any:
    values = {"format": "xlsx", "all": "1", **values}
    return browser.post("/companies/files", data=values)


def test_a_workbook_holds_what_is_shown_and_says_how(browser_of: Any, three: Any) -> None:
    state = "where=kind:not:team&sort=-established_on&cols=established_on,registered_capital,uscc"
    answer = _post_file(browser_of("leader"), state=state)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = _rows(answer.data)
    notes = " ".join(str(row[0]) for row in rows if row[0])
    for words in ("企业名录", "全园区", "类别 不是 团队", "成立日期（降序）", "2020-09-30"):
        assert words in notes
    head = next(i for i, row in enumerate(rows) if row[0] == "企业名称")
    assert rows[head][2] == "注册资本（万元）"
    assert [row[0] for row in rows[head + 1 :]] == ["丙公司", "甲公司"]
    assert rows[head + 2][1] == date(2018, 5, 1)
    assert rows[head + 2][2] == 0.0005
    assert rows[head + 2][3] == three[0].uscc
    entry = session.scalars(select(AuditEntry)).one()
    details = json.loads(entry.details)
    assert (entry.action, details["count"], details["filter"]) == ("list.exported", 2, state)


def test_a_csv_comes_with_a_note_beside_it(browser_of: Any, three: Any) -> None:
    answer = _post_file(browser_of("leader"), format="csv", state="sort=name&cols=kind")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert set(archive.namelist()) == {"数据.csv", "说明.txt"}
        rows = list(csv.reader(io.StringIO(archive.read("数据.csv").decode("utf-8-sig"))))
        note = archive.read("说明.txt").decode("utf-8-sig")
    assert rows[0] == ["企业名称", "类别"]
    assert ["乙团队", "团队"] in rows
    assert "企业名称（升序）" in note


def test_a_file_stays_inside_the_scope_and_the_selection(cast: Any, app: Flask, three: Any) -> None:
    person = make_user(Role.INCUBATOR_STAFF, unit=cast.carrier_a, rights=(Right.EXPORT,))
    browser = signed_in_client(app, person)

    def exported(**values: Any) -> set[str]:
        answer = _post_file(browser, **values)
        assert answer.status_code == 200
        return {row[0] for row in _rows(answer.data)} & {"甲公司", "乙团队", "丙公司"}

    assert exported() == {"甲公司", "乙团队"}
    assert exported(state=f"unit={cast.carrier_b.id}") == {"甲公司", "乙团队"}
    assert exported(all="", ids=f"{three[0].id},{three[2].id}") == {"甲公司"}
    assert exported(all="", id=[three[1].id]) == {"乙团队"}


def test_files_are_refused_without_the_right_a_selection_or_a_format(
    browser_of: Any, three: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _post_file(browser_of("a")).status_code == 403
    leader = browser_of("leader")
    assert _post_file(leader, format="exe").status_code == 422
    assert "请先选择记录" in _post_file(leader, all="").text
    too_many = ",".join(str(n) for n in range(1, 5002))
    assert "最多选择 5000 条" in _post_file(leader, all="", ids=too_many).text
    monkeypatch.setattr(files, "MOST_ROWS_OF_A_WORKBOOK", 2)
    assert "请导出 CSV" in _post_file(leader).text
    assert _post_file(leader, format="csv").status_code == 200
    assert session.scalars(select(AuditEntry.action)).all() == ["list.exported"]


# Bulk edits


def _seen(page: str) -> str:
    return page.partition('name="seen" value="')[2][:64]


def test_many_firms_are_changed_after_a_preview_and_back_again(
    browser_of: Any, cast: Any, three: Any
) -> None:
    browser = browser_of("a")
    chosen = {"ids": ",".join(str(firm.id) for firm in three)}
    assert "批量修改企业" in browser.post("/companies/changes/preview", data=chosen).text
    values = {**chosen, "change": ["industry_code", "future_industry"], "industry_code": "C39",
              "future_industry": "ai", "kind": "branch"}  # fmt: skip
    page = browser.post("/companies/changes/preview", data=values).text
    assert "2 家将改变" in page
    assert "丙公司" not in page
    assert _company(three[0].id).industry_code == "I65"
    answer = browser.post("/companies/changes", data={**values, "seen": _seen(page)})
    assert answer.status_code == 303
    firm = _company(three[0].id)
    assert (firm.industry_code, firm.future_industry, firm.kind, firm.version) == (
        "C39", "ai", CompanyKind.ENTERPRISE, 2,
    )  # fmt: skip
    assert _company(three[2].id).version == 1
    page = browser.get(answer.location).text
    assert "已修改 2 家企业" in page
    assert "人工智能" in page
    *each, whole = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    details = json.loads(whole.details)
    assert (whole.action, details["count"], len(details["sha256"])) == ("companies.changed", 2, 64)
    assert {(entry.action, entry.subject_id) for entry in each} == {
        ("company.changed", firm.id) for firm in three[:2]
    }
    assert json.loads(each[0].details)["changes"]["industry_code"] == ["I65", "C39"]
    with writing():
        session.execute(
            update(Company).where(Company.id == three[1].id).values(version=Company.version + 1)
        )
    undone = browser.post(f"{answer.location}/undo")
    assert undone.status_code == 303
    page = browser.get(undone.location).text
    assert "已恢复 1 家" in page
    assert "乙团队" in page
    firm = _company(three[0].id)
    assert (firm.industry_code, firm.future_industry, firm.version) == ("I65", None, 3)
    assert _company(three[1].id).industry_code == "C39"
    assert browser.post(f"{answer.location}/undo").status_code == 422


def test_who_has_no_code_cannot_become_an_enterprise(browser_of: Any, three: Any) -> None:
    data = {"all": "1", "change": "kind", "kind": "enterprise"}
    page = browser_of("a").post("/companies/changes/preview", data=data).text
    assert "0 家将改变" in page
    assert "没有统一社会信用代码" in page
    answer = browser_of("a").post("/companies/changes", data={**data, "seen": "0" * 64})
    assert answer.status_code == 409


def test_what_changed_since_the_preview_is_shown_again(browser_of: Any, three: Any) -> None:
    browser = browser_of("a")
    data = {"id": [three[0].id], "change": "kind", "kind": "branch"}
    seen = _seen(browser.post("/companies/changes/preview", data=data).text)
    with writing():
        session.execute(update(Company).where(Company.id == three[0].id).values(version=7))
    answer = browser.post("/companies/changes", data={**data, "seen": seen})
    assert answer.status_code == 409
    assert "又有变化" in answer.text
    assert _company(three[0].id).kind == CompanyKind.ENTERPRISE
    assert (
        browser.post("/companies/changes", data={**data, "seen": _seen(answer.text)}).status_code
        == 303
    )


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"change": "kind", "kind": "nonsense"}, "请选择“类别”"),
        ({"change": "industry_code", "industry_code": "Z99"}, "请选择“行业”"),
        ({"change": "industry_code", "industry_code": "9" * 400}, "请选择“行业”"),
        ({"change": "name", "name": "x", "seen": "x"}, "请勾选要修改的内容"),
    ],
)
def test_bad_values_are_refused(
    browser_of: Any, three: Any, values: dict[str, str], sentence: str
) -> None:
    answer = browser_of("a").post("/companies/changes", data={"all": "1", **values})
    assert answer.status_code == 422
    assert sentence in answer.text


def test_no_more_than_the_limit_at_once(
    browser_of: Any, three: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    data = {"all": "1", "change": "kind", "kind": "team"}
    answer = browser_of("a").post("/companies/changes/preview", data=data)
    assert answer.status_code == 422
    assert "一次最多修改 1 家" in answer.text


def test_a_strangers_change_is_not_found_and_readers_change_nothing(
    browser_of: Any, three: Any
) -> None:
    browser, data = browser_of("a"), {"all": "1", "change": "kind", "kind": "team"}
    seen = _seen(browser.post("/companies/changes/preview", data=data).text)
    made = browser.post("/companies/changes", data={**data, "seen": seen}).location
    assert browser_of("b").get(made).status_code == 404
    assert browser_of("b").post(f"{made}/undo").status_code == 404
    for who in ("leader", "auditor", "investment"):
        assert browser_of(who).post("/companies/changes", data=data).status_code == 403
        assert browser_of(who).post(f"{made}/undo").status_code == 403
    assert session.scalars(select(BulkChange)).one().undone_at is None


def test_an_empty_selection_is_refused(browser_of: Any, three: Any) -> None:
    for ids in ("", "x", "-1", "9" * 40, "0"):
        answer = browser_of("a").post("/companies/changes/preview", data={"ids": ids})
        assert answer.status_code == 422
        assert "请先选择记录" in answer.text
