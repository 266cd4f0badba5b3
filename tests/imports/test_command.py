"""`flask import`: what it checks, what it writes, how it says no."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm.companies.models import Company
from crm.core.db import session
from crm.imports.models import Import, ImportState
from tests import factories


@pytest.fixture
def run(app: Flask, cast: Any, tmp_path: Path) -> Any:
    """run("text of a csv", *options) → (exit code, what was told)."""

    def one(text: str, *options: str, kind: str = "companies") -> tuple[int, Any]:
        session.rollback()
        file = tmp_path / "企业.csv"
        file.write_bytes(text.encode("gb18030"))
        result = app.test_cli_runner().invoke(args=["import", kind, str(file), "--json", *options])
        session.expire_all()
        return result.exit_code, json.loads(result.stdout)

    return one


def companies() -> int | None:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Company))


def test_a_sheet_is_checked_then_written_then_known_again(run: Any) -> None:
    code = factories.make_uscc()
    text = f"公司名称,社会信用代码,注册资金（千元）,备注二\n常州光合智能有限公司,{code},500,无\n"
    status, told = run(text, "--as", "a")
    assert (status, told["creates"], told["committed"], companies()) == (0, 1, False, 0)
    assert told["columns"]["注册资金（千元）"] == {"fact": "registered_capital", "unit": "千元"}
    assert told["left_out"] == ["备注二"]
    assert session.get_one(Import, told["import"]).state is ImportState.DROPPED
    status, told = run(
        text, "--as", "a", "--commit", "--unit", "C=万元", "--map", "备注二=focus_note"
    )
    assert (status, told["creates"], told["committed"], companies()) == (0, 1, True, 1)
    assert session.scalars(select(Company)).one().registered_capital == 5_000_000
    status, told = run(text, "--as", "a", "--commit", "--unit", "C=万元")
    assert (status, told["unchanged"], told["committed"], companies()) == (0, 1, False, 1)


def test_faults_are_named_and_nothing_is_written_unless_partly_is_said(run: Any) -> None:
    code = factories.make_uscc()
    text = f"企业名称,统一社会信用代码\n常州甲甲有限公司,{code}\n常州乙乙有限公司,913204\n"
    status, told = run(text, "--as", "a", "--commit")
    assert (status, told["errors"], told["committed"], companies()) == (1, 1, False, 0)
    assert told["faults"] == [
        {
            "row": 3,
            "column": "统一社会信用代码",
            "letter": "B",
            "fact": "uscc",
            "value": "913204",
            "reason": "统一社会信用代码应为18位，现为6位。",
        }
    ]
    status, told = run(text, "--as", "a", "--commit", "--partly")
    assert (status, told["committed"], companies()) == (3, True, 1)
    status, told = run(text, "--as", "a", "--commit", "--partly")
    assert (status, told["committed"], companies()) == (1, False, 1), "nothing was left to write"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--as", "nobody"), "nobody"),
        (("--map", "没有=name"), "没有"),
        (("--map", "企业名称=colour"), "colour"),
        (("--unit", "企业名称=斤"), "斤"),
        (("--as", "leader"), "角色"),
    ],
)
def test_what_cannot_be_made_sense_of_is_refused(
    run: Any, options: tuple[str, ...], words: str
) -> None:
    status, told = run("企业名称\n常州甲甲有限公司\n", *options)
    assert status == 2
    assert words in told["refused"]
    assert companies() == 0


def test_kinds_are_listed_and_an_unknown_one_names_them(run: Any, app: Flask) -> None:
    assert run("企业名称\n甲\n", kind="planets")[0] == 2
    result = app.test_cli_runner().invoke(args=["import", "--list", "--json"])
    assert "companies" in {kind["kind"] for kind in json.loads(result.stdout)}
