"""The page of one's own sessions."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from crm.accounts.agents import name_of
from crm.accounts.models import AuthSession
from crm.core.db import session
from crm.people.models import User
from tests.accounts.conftest import is_in


def _keys() -> list[str]:
    return list(session.scalars(select(AuthSession.token_hash).order_by(AuthSession.created_at)))


def test_the_page_lists_where_one_is_signed_in(wang: User, log_in: Any) -> None:
    log_in("wang")
    page = log_in("wang").get("/sessions")

    assert page.text.count('data-label="登录时间"') == 2
    assert page.text.count("当前") == 1


def test_a_session_of_ones_own_can_be_ended_from_another(wang: User, log_in: Any) -> None:
    lost, here = log_in("wang"), log_in("wang")

    assert here.post(f"/sessions/{_keys()[0]}/end").location == "/sessions"

    assert not is_in(lost)
    assert is_in(here)


def test_all_others_end_at_once(wang: User, log_in: Any) -> None:
    others, here = [log_in("wang"), log_in("wang")], log_in("wang")

    here.post("/sessions/end-others")

    assert is_in(here)
    assert not any(is_in(other) for other in others)


def test_somebody_elses_session_is_not_found_and_lives_on(
    app: Flask, wang: User, log_in: Any, browser_of: Any
) -> None:
    theirs = log_in("wang")

    answer = browser_of("admin").post(f"/sessions/{_keys()[0]}/end")

    assert answer.status_code == 404
    assert is_in(theirs)


def test_a_browser_is_named_as_its_owner_knows_it() -> None:
    edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0"
    wechat = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0"
    assert name_of(edge) == "Edge · Windows"
    assert name_of(wechat) == "微信 · Android"
    assert name_of("curl/8.0") == ""
