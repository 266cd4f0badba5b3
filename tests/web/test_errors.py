"""What goes wrong is answered in the product's look, with the request's number and nothing of the inside."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import crm
from crm.core.db import session
from crm.people.models import Unit

LOOK = ("<!doctype html>", "科教城企业孵化", "请求编号")


def _is_our_page(answer: Any) -> bool:
    return (
        all(part in answer.text for part in LOOK) and answer.headers["X-Request-Id"] in answer.text
    )


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("/odd/status/400", 400, "请求有误"),
        ("/odd/status/403", 403, "没有权限"),
        ("/nowhere", 404, "找不到该页面"),
        ("/logout", 405, "请求有误"),
        ("/odd/half", 409, "半途而废"),
        ("/odd/status/413", 413, "内容过大"),
        ("/odd/refused", 422, "&lt;script&gt;alert(1)&lt;/script&gt;太长"),
        ("/odd/status/429", 429, "操作过于频繁"),
        ("/odd/not-allowed", 403, "不行"),
        ("/odd/crash", 500, "系统出错"),
        ("/odd/status/503", 503, "暂时不可用"),
        ("/odd/unguarded", 403, "没有权限"),
    ],
)
def test_each_refusal_has_its_page(
    odd_app: Flask, address: str, status: int, sentence: str
) -> None:
    answer = odd_app.test_client().get(address)

    assert answer.status_code == status
    assert sentence in answer.text
    assert _is_our_page(answer)


def test_a_crash_tells_nothing_of_the_inside(odd_app: Flask) -> None:
    answer = odd_app.test_client().get("/odd/crash")
    assert not re.search(r"secret|Traceback|ZeroDivision|\.py", answer.text)


def test_a_wrong_method_is_told_the_right_ones(odd_app: Flask) -> None:
    assert "POST" in odd_app.test_client().get("/odd/form").headers["Allow"]


@pytest.mark.parametrize(
    ("address", "status"),
    [("/odd/crash", 500), ("/nowhere", 404), ("/odd/half", 409), ("/odd/refused", 422)],
)
def test_htmx_gets_a_sentence_and_no_whole_page(odd_app: Flask, address: str, status: int) -> None:
    answer = odd_app.test_client().get(address, headers={"HX-Request": "true"})
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert "<html" not in answer.text


def test_a_body_too_large_is_refused(odd_app: Flask) -> None:
    answer = odd_app.test_client().post("/odd/form", data={"text": "x" * (3 * 1024 * 1024)})
    assert answer.status_code == 413
    assert _is_our_page(answer)


@pytest.mark.parametrize(
    ("page_before", "is_named"),
    [("http://localhost/odd/page", True), ("http://localhost.evil/odd", False), ("", False)],
)
def test_a_refused_form_leads_back_to_its_own_page(
    odd_app: Flask, page_before: str, is_named: bool
) -> None:
    text = {"text": "x" * (3 * 1024 * 1024)}
    answer = odd_app.test_client().post("/odd/form", data=text, headers={"Referer": page_before})
    assert (f'href="{page_before}"' in answer.text) is is_named


def test_a_form_of_endless_parts_is_refused(odd_app: Flask) -> None:
    parts = {f"p{n}": "x" for n in range(1500)}
    answer = odd_app.test_client().post("/odd/form", data=parts, content_type="multipart/form-data")
    assert answer.status_code == 413


@pytest.mark.parametrize("address", ["/odd/writes", "/odd/writes-by-statement"])
def test_a_page_that_writes_by_get_fails_and_nothing_is_written(
    odd_app: Flask, address: str
) -> None:
    with odd_app.app_context():
        before = session.scalars(select(Unit.code)).all()
    answer = odd_app.test_client().get(address)

    assert answer.status_code >= 500
    assert _is_our_page(answer)
    with odd_app.app_context():
        assert session.scalars(select(Unit.code)).all() == before


def test_an_error_inside_writing_undoes_it_and_the_next_request_is_well(odd_app: Flask) -> None:
    client = odd_app.test_client()
    assert client.get("/odd/half").status_code == 409

    assert client.get("/healthz").json == {"status": "ok"}
    with odd_app.app_context():
        assert session.scalars(select(Unit.code)).all() == []


@pytest.mark.parametrize(
    ("address", "status"),
    [("/healthz", 503), ("/", 503), ("/odd/crash", 500), ("/nowhere", 404), ("/odd/needs", 503)],
)
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_without_a_database_the_pages_of_errors_still_come(
    app_without_database: Flask, address: str, status: int, is_signed_in: bool
) -> None:
    client = app_without_database.test_client()
    if is_signed_in:
        with client.session_transaction() as cookie:
            cookie["_user_id"] = "a token"
    answer = client.get(address)

    if address in ("/", "/odd/needs") and not is_signed_in:
        assert answer.status_code == 303
    else:
        assert answer.status_code == status
        assert _is_our_page(answer)


def test_the_log_of_a_failed_statement_leaves_out_what_was_typed(app: Flask) -> None:
    assert crm.db.engine.hide_parameters
