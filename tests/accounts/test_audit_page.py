"""The audit log as a page."""

import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

import crm
from crm.audit.services import SYSTEM, record
from crm.core.db import writing, writing_connection
from crm.people.roles import Right, Role
from tests import factories


def _do(number: int, **details: Any) -> None:
    with writing():
        for n in range(number):
            record("thing.done", None, by=SYSTEM, name=f"第{n + 1}件", **details)


def test_an_entry_says_who_did_what_and_what_it_was_before(
    app: Flask, cast: factories.Cast, browser_of: Any
) -> None:
    with writing():
        record(
            "company.changed",
            None,
            by=cast.a,
            name="甲公司",
            changes={"name": ("甲", "乙"), "note": (None, "<b>")},
        )

    page = browser_of("auditor").get("/audit").text

    assert "修改企业" in page
    assert "安一" in page
    assert "名称：<del>甲</del> → <ins>乙</ins>" in page
    assert "说明：<del>–</del> → <ins>&lt;b&gt;</ins>" in page


def test_operating_figures_need_the_right_to_them_also_in_the_log(
    app: Flask, cast: factories.Cast, browser_of: Any
) -> None:
    with writing():
        changes = {"revenue": (None, Decimal(7391)), "size_class": (None, "small")}
        record("operating_report.entered", None, by=cast.a, name="甲公司", changes=changes)
    allowed = factories.make_user(Role.AUDITOR, unit=cast.park, rights=(Right.OPERATING_FIGURES,))

    page = browser_of("auditor").get("/audit").text
    assert "7391" not in page
    assert "****" in page
    assert "7391" in factories.signed_in_client(app, allowed).get("/audit").text


def test_older_entries_follow_by_number(app: Flask, browser_of: Any) -> None:
    _do(120)
    auditor = browser_of("auditor")

    first = auditor.get("/audit").text
    assert re.findall(r'data-label="#">(\d+)<', first) == [str(n) for n in range(120, 70, -1)]
    following = re.search(r'href="(/audit\?before=71)"', first).group(1)
    assert re.findall(r'data-label="#">(\d+)<', auditor.get(following).text)[0] == "70"
    last = auditor.get("/audit?before=21").text
    assert 'rel="next"' not in last


def test_the_log_is_filtered_by_person_and_kind(
    app: Flask, cast: factories.Cast, browser_of: Any
) -> None:
    with writing():
        record("company.changed", None, by=cast.a, name="甲公司")
        record("company.changed", None, by=cast.b, name="乙公司")
        record("companies.registered", None, by=cast.a, name="一批企业")
        record("project.moved", None, by=cast.a, name="丙项目")
    auditor = browser_of("auditor")

    page = auditor.get(f"/audit?actor={cast.a.id}&kind=company").text

    assert "甲公司" in page
    assert "一批企业" in page
    assert "乙公司" not in page
    assert "丙项目" not in page
    assert page.count(">企业</option>") == 1


@pytest.mark.parametrize(
    "query",
    [
        "before=x",
        "before=-1",
        "before=99999999999999999999999",
        "actor=٣",
        "kind=%25",
        "actor=0&before=²",
    ],
)
def test_an_odd_address_shows_the_page_all_the_same(
    app: Flask, browser_of: Any, query: str
) -> None:
    _do(3)
    assert browser_of("auditor").get(f"/audit?{query}").status_code == 200


def test_the_page_says_how_far_the_chain_holds(app: Flask, browser_of: Any) -> None:
    _do(3)
    auditor = browser_of("auditor")
    assert "已校验至第 3 条，全部完好" in auditor.get("/audit/verification").text

    with writing_connection(crm.db.engine) as connection:
        connection.exec_driver_sql("UPDATE audit_entries SET subject='改' WHERE id=2")
    fragment = auditor.get("/audit/verification", headers={"HX-Request": "true"}).text
    assert "第 2 条对不上" in fragment
    assert "<html" not in fragment


@pytest.mark.parametrize("who", ["admin", "leader", "a"])
def test_only_the_auditor_reads_the_log(app: Flask, browser_of: Any, who: str) -> None:
    client = browser_of(who)
    assert [client.get(path).status_code for path in ("/audit", "/audit/verification")] == [
        403,
        403,
    ]


def test_the_page_costs_the_same_for_many_entries_as_for_few(
    app: Flask, browser_of: Any, query_count: Any
) -> None:
    auditor = browser_of("auditor")
    _do(2, count=5)
    with query_count() as few:
        auditor.get("/audit")
    _do(48, count=5)
    with query_count() as many:
        auditor.get("/audit")

    assert len(few) == len(many) <= 6
