"""`flask user` and `flask audit verify`."""

import contextvars
import json
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

import crm
from crm.accounts.passwords import matches
from crm.audit.services import SYSTEM, record
from crm.core.db import session, writing, writing_connection
from crm.people.models import User
from crm.people.queries import user_by_username
from crm.people.roles import Right, Role
from tests import factories

PASSWORD = "湖边第七棵老柳树"


def _run(app: Flask, *arguments: str, typed: str = "") -> Result:
    """As from a shell: in a context, and so in a session, of its own."""
    session.rollback()
    runner = app.test_cli_runner()
    return contextvars.Context().run(runner.invoke, args=list(arguments), input=typed)


def _create(app: Flask, *more: str, name: str = "zhao", typed: str = PASSWORD + "\n") -> Result:
    return _run(app, "user", "create", name, *more, typed=typed)


def test_an_account_is_opened_with_the_password_on_standard_input(
    app: Flask, cast: factories.Cast
) -> None:
    result = _create(
        app, "--role", "leader", "--role", "auditor", "--unit", "park", "--right", "export"
    )

    assert (result.exit_code, result.output) == (
        0,
        "✓ 已开户 zhao（科教城） / account zhao created\n",
    )
    zhao = user_by_username("zhao")
    assert zhao.roles == {Role.LEADER, Role.AUDITOR}
    assert zhao.rights == {Right.EXPORT}
    assert matches(zhao.password_hash, PASSWORD)
    assert not zhao.must_change_password


def test_a_unit_is_named_by_code_or_by_name(app: Flask, cast: factories.Cast) -> None:
    assert _create(app, "--role", "unit_head", "--unit", "产业发展处").exit_code == 0
    assert user_by_username("zhao").unit_id == cast.office.id


@pytest.mark.parametrize(
    ("unit", "name", "typed", "sentence"),
    [
        ("nowhere", "zhao", PASSWORD, "没有代码或名称为 nowhere 的单位。"),
        ("park", "leader", PASSWORD, "用户名已被使用。"),
        ("park", "zhao", "12345678", "这个密码太常见"),
        ("park", "zhao", "短", "密码至少需要8个字符。"),
        ("park", "zhao", "", "只有一行"),
        ("park", "zhao", "两行\n密码密码密码", "只有一行"),
    ],
)
def test_a_refusal_is_a_sentence_and_exit_code_1(
    app: Flask, cast: factories.Cast, unit: str, name: str, typed: str, sentence: str
) -> None:
    before = session.scalars(select(User.username)).all()

    result = _create(app, "--role", "leader", "--unit", unit, name=name, typed=typed)

    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output
    assert session.scalars(select(User.username)).all() == before


def test_an_unknown_role_names_those_there_are(app: Flask, cast: factories.Cast) -> None:
    result = _create(app, "--role", "god", "--unit", "park")
    assert result.exit_code == 2
    assert "incubator_staff" in result.output


def test_disabling_an_account_puts_its_owner_out(
    app: Flask, cast: factories.Cast, browser_of: Any
) -> None:
    theirs = browser_of("a")

    assert _run(app, "user", "disable", "a").exit_code == 0
    assert theirs.get("/").status_code == 303
    assert _run(app, "user", "disable", "nobody").exit_code == 1


@pytest.fixture
def audit_head(app: Flask) -> Any:
    path = app.config["SETTINGS"].data_dir / "audit-head.json"
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)


def _do(*names: str) -> None:
    for name in names:
        with writing():
            record("thing.done", None, by=SYSTEM, name=name)


def _tamper(statement: str) -> None:
    session.remove()
    with writing_connection(crm.db.engine) as connection:
        connection.exec_driver_sql(statement)


def test_verify_counts_the_entries_and_goes_on_from_there(app: Flask, audit_head: Any) -> None:
    _do("一", "二")
    assert _run(app, "audit", "verify").output.startswith("✓ 2 条")
    assert json.loads(audit_head.read_text())["number"] == 2

    _do("三")
    result = _run(app, "audit", "verify")
    assert result.output.startswith("✓ 3 条")
    assert result.output.splitlines()[-1] == json.loads(audit_head.read_text())["hash"]


def test_a_change_before_the_last_check_shows_with_all(app: Flask, audit_head: Any) -> None:
    _do("一", "二", "三")
    _run(app, "audit", "verify")
    _tamper("UPDATE audit_entries SET subject='改' WHERE id=2")

    result = _run(app, "audit", "verify", "--all")
    assert result.exit_code == 1
    assert "entry 2 does not hold" in result.output


def test_a_log_that_was_cut_short_since_the_last_check_shows(app: Flask, audit_head: Any) -> None:
    """The chain alone cannot tell: what is left of it holds."""
    _do("一", "二", "三")
    _run(app, "audit", "verify")
    _tamper("DELETE FROM audit_entries WHERE id=3")

    result = _run(app, "audit", "verify", "--all")
    assert result.exit_code == 1
    assert "entry 3 does not hold" in result.output


def test_an_empty_log_holds(app: Flask, audit_head: Any) -> None:
    assert _run(app, "audit", "verify").exit_code == 0
