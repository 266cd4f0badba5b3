"""Headers, cookies, tokens and redirects: on every answer, whatever was asked."""

from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask

from tests import factories
from tests.accounts.conftest import PASSWORD

ADDRESSES = (
    "/login",
    "/",
    "/nowhere",
    "/healthz",
    "/odd/crash",
    "/odd/refused",
    "/static/css/frame.css",
    "/static/none.css",
)
SENTINEL = "evil.example"
OPEN_REDIRECTS = (
    "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "\t//evil.example", " //evil.example", "/ /evil.example", "http:evil.example", "javascript:alert(1)", "/\n/evil.example",
    "//[evil.example", "evil.example", "https:/evil.example", "/\x00/evil.example", "\r\nX-Evil: 1", "//user@evil.example/",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_security_headers(odd_app: Flask, address: str) -> None:
    with odd_app.test_client().get(address) as answer:
        headers = answer.headers

    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for rule in ("default-src 'self'", "script-src 'self'", "style-src 'self'", "object-src 'none'", "base-uri 'none'",
                 "form-action 'self'", "frame-ancestors 'none'"):  # fmt: skip
        assert rule in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Request-Id"]
    assert "Strict-Transport-Security" not in headers
    assert "Access-Control-Allow-Origin" not in headers
    if not (address.startswith("/static/") and address.endswith("frame.css")):
        assert headers["Cache-Control"] == "no-store"


def test_a_request_id_from_outside_is_taken_from_a_trusted_proxy_only(odd_app: Flask) -> None:
    client = odd_app.test_client()
    given = "abcdefgh-12345678"
    assert client.get("/login", headers={"X-Request-Id": given}).headers["X-Request-Id"] != given
    forwarded = client.get(
        "/login", headers={"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Host": SENTINEL}
    )
    assert SENTINEL not in forwarded.text


def test_a_static_file_is_kept_for_a_year_under_its_hash_and_carries_no_cookie(
    app: Flask, browser_of: Any
) -> None:
    client = browser_of("a")
    with client.session_transaction() as cookie:
        cookie.permanent = True
    page = client.get("/sessions")
    assert "Set-Cookie" in page.headers
    assert "/static/css/frame.css?v=" in page.text
    assert "v=missing" not in page.text

    answer = client.get("/static/css/frame.css")
    assert answer.cache_control.max_age == 365 * 24 * 3600
    assert answer.cache_control.public
    assert "Set-Cookie" not in answer.headers
    answer.close()


@pytest.mark.parametrize(("is_https", "name"), [(False, "crm"), (True, "__Host-crm")])
def test_the_cookie_is_for_this_site_over_http_only(
    app: Flask, make_app: Any, is_https: bool, name: str
) -> None:
    secure = make_app(is_https=is_https)
    answer = secure.test_client().get(
        "/login", base_url="https://localhost" if is_https else "http://localhost"
    )

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{name}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert ("Secure" in cookie) is is_https
    assert ("Strict-Transport-Security" in answer.headers) is is_https


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/users",
        "//nowhere",
        "/static//css/frame.css",
        "/login/",
        "/users/",
        "/nowhere//x",
        "/%2f/evil.example",
    ],
)
def test_the_host_header_never_comes_back(app: Flask, browser_of: Any, address: str) -> None:
    for client in (app.test_client(), browser_of("admin")):
        answer = client.get(address, headers={"Host": SENTINEL})
        assert SENTINEL not in answer.headers.get("Location", "")
        assert SENTINEL not in answer.text
        answer.close()


@pytest.mark.parametrize("address", OPEN_REDIRECTS)
def test_no_address_given_with_a_login_leads_off_the_site(
    app: Flask, cast: factories.Cast, known_hash: str, address: str
) -> None:
    factories.make_user(unit=cast.park, username="wang", password_hash=known_hash)
    client = app.test_client()
    page = client.get("/login", query_string={"next": address})
    answer = client.post(
        "/login", query_string={"next": address}, data={"username": "wang", "password": PASSWORD}
    )

    assert page.status_code == 400 or 'action="/login"' in page.text
    assert answer.status_code == 400 or (answer.status_code, answer.location) == (303, "/")


@pytest.mark.parametrize("address", OPEN_REDIRECTS)
def test_no_address_given_with_a_language_leads_off_the_site(app: Flask, address: str) -> None:
    answer = app.test_client().post("/locale", data={"locale": "en", "next": address})
    assert answer.status_code == 400 or (answer.status_code, answer.location) == (303, "/")


@pytest.mark.parametrize(
    "address", ["/sessions", "/users?q=王&after=x", "/", "/%E7%8E%8B", "/[x", "/a?b=//c"]
)
def test_a_page_of_ours_is_where_a_login_leads_back_to(
    app: Flask, cast: factories.Cast, known_hash: str, address: str
) -> None:
    factories.make_user(unit=cast.park, username="wang", password_hash=known_hash)
    answer = app.test_client().post(
        "/login", query_string={"next": address}, data={"username": "wang", "password": PASSWORD}
    )
    assert answer.status_code == 303
    assert unquote(answer.location) == unquote(address)


def test_the_language_is_remembered(app: Flask) -> None:
    client = app.test_client()
    assert '<html lang="zh-Hans-CN">' in client.get("/login").text
    assert client.post("/locale", data={"locale": "en", "next": "/login"}).location == "/login"
    assert '<html lang="en">' in client.get("/login").text
    client.post("/locale", data={"locale": "tlh"})
    assert '<html lang="en">' in client.get("/login").text


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}, {"X-CSRFToken": "made up"}])
def test_no_post_counts_without_its_token(
    make_app: Any, app: Flask, cast: factories.Cast, headers: dict[str, str]
) -> None:
    guarded = make_app()
    guarded.config["WTF_CSRF_ENABLED"] = True
    client = factories.signed_in_client(guarded, cast.admin)
    posts = [r for r in guarded.url_map.iter_rules() if "POST" in (r.methods or ())]
    assert posts
    for rule in posts:
        address = rule.rule.replace("<int:", "<").replace("<", "1").replace(">", "")
        address = f"/users/{cast.a.id}/disable" if rule.endpoint == "users.disable" else address
        status = client.post(address, data={"locale": "en"}, headers=headers).status_code
        assert status in (400, 404), rule.endpoint
    answer = client.post(f"/users/{cast.a.id}/disable", headers=headers)
    assert answer.status_code == 400
    assert "页面已过期" in answer.text
    assert client.get("/users").status_code == 200


def test_a_post_with_its_token_counts(make_app: Any, app: Flask, cast: factories.Cast) -> None:
    guarded = make_app()
    guarded.config["WTF_CSRF_ENABLED"] = True
    client = factories.signed_in_client(guarded, cast.admin)
    token = client.get("/users").text.split('name="csrf-token" content="')[1].split('"')[0]

    answer = client.post(f"/users/{cast.a.id}/disable", headers={"X-CSRFToken": token})
    assert (answer.status_code, answer.location) == (303, "/users")


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "PUT", "DELETE", "PATCH", "PROPFIND"])
def test_methods_that_no_page_has_are_refused(app: Flask, browser_of: Any, method: str) -> None:
    assert browser_of("admin").open("/users", method=method).status_code in (400, 405)


def test_there_is_no_debugger_and_no_listing(odd_app: Flask) -> None:
    client = odd_app.test_client()
    for address in (
        "/console",
        "/.git/config",
        "/static/",
        "/static/../config.py",
        "/config.py",
        "/var/crm.sqlite3",
    ):
        assert client.get(address).status_code == 404, address
    assert "SECRET" not in client.get("/odd/crash?__debugger__=yes&cmd=resource&f=debugger.js").text
