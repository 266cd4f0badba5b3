"""Signing in and out: one answer for every wrong pair, sessions that end, guesses that are counted."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from crm.accounts import passwords, services
from crm.accounts.models import ABSOLUTE_LIMIT, IDLE_LIMIT, AuthSession, LoginAttempts
from crm.audit.models import AuditEntry
from crm.core import clock
from crm.core.db import session, writing
from crm.people.models import User
from crm.people.roles import Role
from tests import factories
from tests.accounts.conftest import PASSWORD, is_in


def _try(client: FlaskClient, username: str, password: str, address: str = "10.0.0.7") -> int:
    data = {"username": username, "password": password}
    return client.post("/login", data=data, environ_base={"REMOTE_ADDR": address}).status_code


def test_the_right_pair_opens_the_first_page(wang: User, browser: FlaskClient) -> None:
    answer = browser.post("/login", data={"username": " wang ", "password": PASSWORD})

    assert (answer.status_code, answer.location) == (303, "/")
    assert is_in(browser)
    assert session.scalars(select(AuditEntry.action)).all() == ["login.accepted"]


def test_a_wrong_pair_never_says_which_half_is_wrong(wang: User, browser: FlaskClient) -> None:
    pages = [
        browser.post("/login", data={"username": name, "password": password})
        for name, password in (("wang", "wrong"), ("nobody", PASSWORD), ("nobody", "wrong"))
    ]

    assert {page.status_code for page in pages} == {422}
    assert all("用户名或密码不正确。" in page.text for page in pages)
    assert not is_in(browser)
    assert PASSWORD not in "".join(page.text for page in pages)


def test_an_unknown_name_costs_as_much_hashing_as_a_known_one(
    wang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    class Counting:
        def verify(self, password_hash: str, password: str) -> bool:
            checked.append(password_hash)
            return real.verify(password_hash, password)

    real = passwords._hasher
    monkeypatch.setattr(passwords, "_hasher", Counting())
    for username in ("wang", "nobody"):
        with pytest.raises(services.LoginRefused):
            services.sign_in(username, "wrong", address="", agent="")

    assert len(checked) == 2
    assert checked[0] == wang.password_hash != checked[1]
    assert not real.check_needs_rehash(checked[1])


def test_a_disabled_person_cannot_sign_in(wang: User, browser: FlaskClient) -> None:
    with writing():
        session.get_one(User, wang.id).disabled_at = clock.now()

    assert _try(browser, "wang", PASSWORD) == 422


def test_a_disabled_person_is_out_at_the_next_click(wang: User, log_in: Any) -> None:
    client = log_in("wang")
    assert is_in(client)
    with writing():
        session.get_one(User, wang.id).disabled_at = clock.now()

    assert not is_in(client)


def test_logging_out_ends_the_session_itself_so_an_old_cookie_opens_nothing(
    wang: User, log_in: Any
) -> None:
    client = log_in("wang")
    stolen = client.get_cookie("crm").value

    assert client.post("/logout").location == "/login"

    client.set_cookie("crm", stolen)
    answer = client.get("/sessions")
    assert (answer.status_code, answer.location) == (303, "/login?next=/sessions")


def test_a_login_never_keeps_the_session_that_the_browser_came_with(
    wang: User, log_in: Any
) -> None:
    """Session fixation: the token is new, the one before it dead."""
    client = log_in("wang")
    before = client.get_cookie("crm").value
    client.post("/login", data={"username": "wang", "password": PASSWORD})

    assert client.get_cookie("crm").value != before
    assert is_in(client)
    client.set_cookie("crm", before)
    assert not is_in(client)


def test_what_a_stranger_put_into_the_cookie_does_not_outlive_the_login(
    wang: User, browser: FlaskClient
) -> None:
    with browser.session_transaction() as cookie:
        cookie.update(csrf_token="planted", locale="en", other="planted")
    browser.post("/login", data={"username": "wang", "password": PASSWORD})

    with browser.session_transaction() as cookie:
        assert cookie["locale"] == "en"
        assert cookie.get("csrf_token") != "planted"
        assert "other" not in cookie


@pytest.mark.parametrize(("age", "lives"), [(-1, True), (+1, False)])
def test_a_session_lasts_twelve_hours_at_most(
    wang: User, log_in: Any, age: int, lives: bool
) -> None:
    client = log_in("wang")
    began = clock.now() - ABSOLUTE_LIMIT - timedelta(seconds=30 * age)
    with writing():
        session.execute(update(AuthSession).values(created_at=began))

    assert is_in(client) is lives


def test_a_cookie_that_rested_for_an_hour_is_too_old(app: Flask, wang: User, log_in: Any) -> None:
    client = log_in("wang")
    signer = app.session_interface.get_signing_serializer(app)
    content, signed_at = signer.loads(client.get_cookie("crm").value, return_timestamp=True)
    assert content["_user_id"]
    assert app.permanent_session_lifetime == IDLE_LIMIT == timedelta(hours=1)

    class Clock(type(signer.make_signer())):  # type: ignore[misc]
        age = 0

        def get_timestamp(self) -> int:
            return int(signed_at.timestamp()) - self.age

    for age, lives in ((3500, True), (3700, False)):
        Clock.age = age
        signer.signer = Clock
        client.set_cookie("crm", signer.dumps(content))
        assert is_in(client) is lives


def test_the_ninth_guess_at_an_account_waits_whatever_it_is(
    wang: User, browser: FlaskClient
) -> None:
    codes = [_try(browser, "wang", "wrong", f"10.0.0.{n}") for n in range(8)]
    assert codes == [422] * 8

    assert _try(browser, "wang", PASSWORD, "10.0.0.9") == 429
    assert _try(browser, "WANG", PASSWORD, "10.0.0.9") == 429
    assert session.scalars(
        select(AuditEntry.subject).where(AuditEntry.action == "login.locked")
    ).all() == ["account:wang"]

    with writing():
        began = clock.now() - services.WINDOW - timedelta(seconds=1)
        session.execute(update(LoginAttempts).values(window_began_at=began))
    assert _try(browser, "wang", PASSWORD, "10.0.0.9") == 303


def test_an_address_that_guesses_at_many_accounts_waits(wang: User, browser: FlaskClient) -> None:
    with writing():
        session.add(
            LoginAttempts(
                key="address:10.0.0.7", window_began_at=clock.now(), count=services.ADDRESS_LIMIT
            )
        )

    assert _try(browser, "wang", PASSWORD) == 429
    assert _try(browser, "wang", PASSWORD, "10.0.0.8") == 303


def test_logins_that_succeed_do_not_lock_out_the_office_behind_one_address(
    wang: User, browser: FlaskClient
) -> None:
    for _ in range(3):
        assert _try(browser, "wang", PASSWORD) == 303

    assert session.scalars(select(LoginAttempts.count)).all() == [0]
    assert session.scalar(select(func.count()).select_from(AuthSession)) == 1


def test_a_password_changed_while_the_old_one_was_checked_wins(
    wang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def matches(stored: str | None, password: str) -> bool:
        with writing():
            session.get_one(User, wang.id).password_hash = "another"
        return True

    monkeypatch.setattr(passwords, "matches", matches)
    with pytest.raises(services.LoginRefused):
        services.sign_in("wang", PASSWORD, address="", agent="")

    assert session.scalar(select(func.count()).select_from(AuthSession)) == 0


@pytest.mark.parametrize(
    "name", ["\x00", "王\x00", "a" * 41, "\ufffe", "ß" * 40, "x\r\ny", "' OR 1=1 --", "王" * 40]
)
def test_an_odd_user_name_is_refused_and_nothing_breaks(
    app: Flask, browser: FlaskClient, name: str
) -> None:
    answer = browser.post(
        "/login", data={"username": name, "password": "x"}, headers={"User-Agent": "é" * 500}
    )

    assert answer.status_code in (400, 422)


def test_somebody_with_a_first_password_sees_nothing_before_changing_it(
    app: Flask, wang: User, log_in: Any
) -> None:
    with writing():
        session.get_one(User, wang.id).must_change_password = True
    client = log_in("wang")

    assert client.get("/").location == "/password"
    fragment = client.get("/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (204, "/password")
    assert client.get("/password").status_code == 200


def test_who_is_signed_in_is_led_past_the_login_page(app: Flask, browser_of: Any) -> None:
    assert browser_of("a").get("/login").location == "/"


def test_two_people_with_one_session_each_stay_apart(
    app: Flask, wang: User, known_hash: str, log_in: Any
) -> None:
    factories.make_user(Role.LEADER, unit=wang.unit, username="li", password_hash=known_hash)
    first, second = log_in("wang"), log_in("li")

    assert first.post("/logout").status_code == 303
    assert not is_in(first)
    assert is_in(second)


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://localhost/projects/board?move=7", "/login?next=/projects/board?move%3D7"),
        ("http://elsewhere.example/x", "/login"),
        ("http://localhost//elsewhere.example", "/login"),
        ("http://[", "/login"),
        ("", "/login"),
    ],
)
@pytest.mark.parametrize(
    ("method", "address"), [("GET", "/projects/7/moves/new"), ("POST", "/projects/7/moves")]
)
def test_a_part_of_a_page_asked_for_without_a_session_leads_back_to_its_page(
    app: Flask,
    browser: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
    back: str,
    method: str,
    address: str,
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    answer = browser.open(address, method=method, headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, back)
