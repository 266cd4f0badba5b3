"""One's own password: the present one is asked, common ones are refused, other sessions end."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm.accounts import passwords
from crm.audit.models import AuditEntry
from crm.core.db import session
from crm.core.errors import DomainError
from crm.people.models import User
from tests.accounts.conftest import PASSWORD, is_in

NEW = "湖边第七棵老柳树"


def _change(client: Any, present: str = PASSWORD, new: str = NEW, again: str | None = None) -> Any:
    data = {"present": present, "password": new, "again": new if again is None else again}
    return client.post("/password", data=data)


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(wang: User, log_in: Any) -> None:
    here, elsewhere = log_in("wang"), log_in("wang")

    assert _change(here).location == "/"

    assert is_in(here)
    assert not is_in(elsewhere)
    assert is_in(log_in("wang", NEW))
    assert "user.password_changed" in session.scalars(select(AuditEntry.action)).all()


def test_without_the_present_password_nothing_changes(wang: User, log_in: Any) -> None:
    here, elsewhere = log_in("wang"), log_in("wang")

    answer = _change(here, present="wrong")

    assert answer.status_code == 422
    assert "当前密码不正确。" in answer.text
    assert is_in(elsewhere)
    assert session.get_one(User, wang.id).password_hash == wang.password_hash


def test_guesses_at_the_present_password_are_counted_like_logins(wang: User, log_in: Any) -> None:
    here = log_in("wang")

    codes = [_change(here, present=f"wrong {n}").status_code for n in range(9)]

    assert codes == [422] * 8 + [429]
    assert _change(here).status_code == 429


@pytest.mark.parametrize(
    ("new", "again", "sentence"),
    [
        ("短密码", None, "密码至少需要8个字符。"),
        ("password123", None, "这个密码太常见"),
        (NEW, NEW + "。", "两次输入的新密码不一致。"),
        (NEW, "", "两次输入的新密码不一致。"),
        (PASSWORD, None, "新密码不能与当前密码相同。"),
        ("竹" * 129, None, "密码最多128个字符。"),
    ],
)
def test_a_poor_new_password_is_refused_with_its_reason(
    wang: User, log_in: Any, new: str, again: str | None, sentence: str
) -> None:
    answer = _change(log_in("wang"), new=new, again=again)

    assert answer.status_code == 422
    assert sentence in answer.text


@pytest.mark.parametrize(
    "password",
    ["12345678", "88888888", "Password", "Admin@123", "changzhou2020", "abababab", "20200930", "13912345678",
     "WangWang", "wangwang1", "!!!wangwang", "1qaz2wsx", "Woaini1314"],
)  # fmt: skip
def test_what_everybody_guesses_first_is_no_password(password: str) -> None:
    with pytest.raises(DomainError, match="太常见"):
        passwords.check_new(password, username="wangwang")


@pytest.mark.parametrize(
    "password",
    ["correct horse", "竹林里的三只旧茶杯", "12 34 56 78 90 ab cd", "aB3$xY9z", "   八个空格和字   ", "314159265358979",
     "x" * 100 + "yz", "𠮷野家の牛丼大盛り"],
)  # fmt: skip
def test_any_characters_may_make_a_password(password: str) -> None:
    passwords.check_new(password, username="wang")
    assert passwords.matches(passwords.hash_password(password), password)
    assert not passwords.matches(passwords.hash_password(password), password.strip() + "x")


def test_a_first_password_is_random_and_good_enough_itself() -> None:
    made = {passwords.invent() for _ in range(50)}

    assert len(made) == 50
    for password in made:
        passwords.check_new(password, username="wang")


def test_a_stored_hash_is_argon2id(app: Flask, known_hash: str) -> None:
    assert known_hash.startswith("$argon2id$")
    assert not passwords.matches("not a hash at all", "x")
    assert not passwords.matches(None, "no account has this password")
