"""`flask report pipeline`: files, standard output, and errors that say what to do."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.db import session


def run(app: Any, *arguments: object, report: str = "pipeline") -> Any:
    return app.test_cli_runner().invoke(args=["report", report, *map(str, arguments)])


@pytest.mark.parametrize(("kind", "begins"), [("pdf", b"%PDF-"), ("xlsx", b"PK"), ("json", b"{")])
def test_a_file_is_written_and_noted(
    kind: str, begins: bytes, projects: Any, app: Any, tmp_path: Path
) -> None:
    file = tmp_path / f"报告.{kind}"
    result = run(app, "--as-of", "2020-09-30", "--format", kind, "--out", file)
    assert result.exit_code == 0, result.output
    assert file.read_bytes().startswith(begins)
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "report.exported"))
    assert entry.actor == "系统"


def test_json_goes_to_standard_output(projects: Any, app: Any) -> None:
    result = run(
        app,
        "--as-of",
        "2020-09-29",
        "--since",
        "2020-07-31",
        "--unit",
        "industry",
        "--format",
        "json",
        "--out",
        "-",
    )
    report = json.loads(result.stdout)
    assert (report["as_of"], report["since"], report["scope"]) == (
        "2020-09-29",
        "2020-07-31",
        "产业发展处",
    )
    assert {line["name"] for line in report["lines"]} == {
        "末日签约",
        "连进两步",
        "暂停项目",
        "恢复项目",
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--as-of", "2020-09-31"), ("2020-09-31", "is not a date")),
        (("--as-of", "2020-10-01"), ("不能晚于今天", "must not lie ahead")),
        (
            ("--as-of", "2020-09-30", "--since", "2020-09-30"),
            ("早于统计截止日期", "before --as-of"),
        ),
        (("--unit", "nowhere"), ("nowhere", "no unit has the code")),
        (("--out", "/no/such/folder/report.json"), ("/no/such/folder", "cannot write")),
    ],
)
def test_what_cannot_be_done_is_said_in_both_languages(
    arguments: Any, words: Any, cast: Any, app: Any
) -> None:
    result = run(app, "--format", "json", *arguments)
    assert result.exit_code == 1
    assert all(word in result.output for word in words)
    assert not session.scalars(
        select(AuditEntry).where(AuditEntry.action == "report.exported")
    ).all()


@pytest.mark.parametrize(("kind", "begins"), [("pdf", b"%PDF-"), ("xlsx", b"PK"), ("docx", b"PK")])
def test_the_months_dispatch_is_written_and_noted(
    kind: str, begins: bytes, projects: Any, app: Any, tmp_path: Path
) -> None:
    file = tmp_path / f"调度.{kind}"
    options = ("--month", "2020-09", "--unit", "industry", "--format", kind, "--out", file)
    result = run(app, *options, report="dispatch")
    assert result.exit_code == 0, result.output
    assert file.read_bytes().startswith(begins)
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "report.exported"))
    assert (entry.actor, entry.subject) == ("系统", "2020年9月项目调度")
    ahead = run(app, "--month", "2020-10", "--format", kind, "--out", file, report="dispatch")
    assert ahead.exit_code == 1
    assert "这个月还没有开始" in ahead.output
    assert run(app, "--month", "九月", "--format", kind, report="dispatch").exit_code == 1
