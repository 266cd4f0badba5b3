"""A list leaves the system: a long one as a job, as its requester sees it when it is made; on the command line too."""

import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.db import session, writing
from crm.jobs.models import Job, JobState
from crm.jobs.running import run_now
from crm.people.models import User
from crm.people.roles import Right
from crm.reference import settings
from tests import factories
from tests.factories import make_company


@pytest.fixture
def three(app: Flask, cast: factories.Cast) -> None:
    """Two firms of a's unit, one of b's; lists of more than one row are long; a may export."""
    make_company(cast.carrier_a, "甲公司", uscc=factories.make_uscc(1))
    make_company(cast.carrier_a, "=乙公司", uscc=None)
    make_company(cast.carrier_b, "丙公司", uscc=None)
    with writing():
        person = session.get_one(User, cast.a.id)
        person.rights = frozenset({Right.EXPORT})
        settings.put("lists.at_once", 1, by=person)


def _entries(action: str) -> list[dict[str, Any]]:
    session.rollback()
    rows = session.scalars(select(AuditEntry.details).where(AuditEntry.action == action))
    return [json.loads(row) for row in rows]


def test_a_long_list_is_a_job_whose_file_is_taken_from_its_page(
    app: Flask, cast: factories.Cast, browser_of: Any, three: None
) -> None:
    browser = browser_of("a")
    given = {"format": "xlsx", "all": "1", "state": "sort=name&cols=uscc", "purpose": " 年报 核对 "}
    first, second = (browser.post("/companies/files", data=given) for _ in range(2))
    assert (first.status_code, first.location) == (303, "/jobs/1")
    assert second.location == first.location  # the same while it waits
    page = browser.get("/jobs/1").text
    assert "导出企业名录（XLSX）" in page
    assert _entries("list.exported") == []

    with writing():  # what is exported is what its requester may see when it is made
        session.get_one(User, cast.a.id).unit_id = cast.carrier_b.id
    run_now(1)
    answer = browser.post("/jobs/1/downloads")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows if row[0] in ("甲公司", "=乙公司", "丙公司")] == ["丙公司"]
    (entry,) = _entries("list.exported")
    assert (entry["count"], entry["purpose"], entry["filter"]) == (
        1,
        "年报 核对",
        "sort=name&cols=uscc",
    )
    assert entry["scope"] == cast.carrier_b.name
    assert len(_entries("job.downloaded")) == 1
    third = browser.post("/companies/files", data=given)
    assert third.location is None  # one row: at once


def test_a_job_of_chosen_rows_holds_these_and_text_is_no_formula(
    app: Flask, cast: factories.Cast, browser_of: Any, three: None
) -> None:
    browser = browser_of("a")
    given = {"format": "csv", "ids": "1,2,3", "state": "cols=uscc"}
    assert browser.post("/companies/files", data=given).location == "/jobs/1"
    run_now(1)
    with zipfile.ZipFile(io.BytesIO(browser.post("/jobs/1/downloads").data)) as archive:
        lines = archive.read("数据.csv").decode("utf-8-sig").splitlines()
    assert sorted(lines[1:]) == ["'=乙公司,", f"甲公司,{factories.make_uscc(1)}"]


def test_who_may_no_longer_export_is_told_so(
    app: Flask, cast: factories.Cast, browser_of: Any, three: None
) -> None:
    browser_of("a").post("/companies/files", data={"format": "xlsx", "all": "1"})
    with writing():
        session.get_one(User, cast.a.id).rights = frozenset()
    run_now(1)
    session.rollback()
    job = session.get_one(Job, 1)
    assert (job.state, "不包含这项操作" in job.error) == (JobState.FAILED, True)


def test_the_purpose_is_asked_for_where_the_park_wants_it(
    cast: factories.Cast, browser_of: Any, three: None
) -> None:
    with writing():
        settings.put("lists.asks_purpose", True, by=session.get_one(User, cast.a.id))
    browser = browser_of("a")
    given = {"format": "xlsx", "all": "1"}
    assert "请填写导出用途" in browser.post("/companies/files", data=given).text
    long = browser.post("/companies/files", data=given | {"purpose": "长" * 101})
    assert (long.status_code, "不能超过 100 个字符" in long.text) == (422, True)
    assert browser.post("/companies/files", data=given | {"purpose": "年报"}).status_code == 303
    page = browser.get("/companies").text
    assert page.count('name="purpose"') == 2


def test_the_command_takes_out_what_a_person_sees(
    app: Flask, cast: factories.Cast, three: None, tmp_path: Path
) -> None:
    run = app.test_cli_runner().invoke
    out = tmp_path / "firms.json"
    assert run(args=["export", "companies", "--format", "json", "--out", str(out)]).exit_code == 0
    found = json.loads(out.read_text())
    assert {row["name"] for row in found["rows"]} == {"甲公司", "=乙公司", "丙公司"}
    assert found["columns"][0] == {"key": "name", "label": "企业名称", "kind": "text"}
    state = "cols=registered_capital,established_on&where=name:has:甲"
    with writing():
        firm = session.scalars(select(factories.Company).where(factories.Company.name == "甲公司"))
        one = firm.one()
        one.registered_capital, one.established_on = Decimal(12345678), factories.date(2019, 2, 28)
    args = ["export", "companies", "--format", "json", "--as", cast.a.username, "--filter", state]
    assert run(args=[*args, "--out", str(out)]).exit_code == 0
    assert json.loads(out.read_text())["rows"] == [
        {"name": "甲公司", "registered_capital": "12345678.00", "established_on": "2019-02-28"}
    ]
    last = _entries("list.exported")[-1]
    assert (last["count"], last["scope"], last["format"]) == (1, cast.carrier_a.name, "json")

    out = tmp_path / "firms.csv"
    args = ["export", "companies", "--format", "csv", "--as", cast.a.username, "--out", str(out)]
    assert run(args=args).exit_code == 0
    assert "'=乙公司" in out.read_text("utf-8-sig")
    before = out.read_bytes()
    for refused in (
        ["export", "nothing", "--out", str(out)],
        ["export", "companies"],
        ["export", "companies", "--as", cast.b.username, "--out", str(out)],  # without the right
        ["export", "companies", "--as", "nobody", "--out", str(out)],
        ["export", "companies", "--filter", "where=x:y:z", "--out", str(out)],
        ["export", "companies", "--out", "/no/such/folder/x.xlsx"],
    ):
        assert run(args=refused).exit_code != 0, refused
    assert out.read_bytes() == before
    assert "companies" in run(args=["export", "--list"]).output
