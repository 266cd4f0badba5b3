"""Sweeps over the whole URL map: they hold for every page that is added later."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import create_environ, run_wsgi_app

from crm.cli.docs import access
from crm.core.db import session
from crm.people.models import User
from crm.people.roles import GRANTED, Right, Role
from crm.supervision.models import State
from crm.web.guards import PUBLIC, SIGNED_IN, guarded_endpoints
from tests import factories

PUBLIC_ENDPOINTS = {"accounts.login", "accounts.create_session", "web.set_locale", "home.healthz"}
ABSENT = {
    "int": "987654",
    "default": "absent",
    "string": "absent",
    "path": "absent",
    "period": "2020-09",
}


def _calls(app: Flask) -> Iterator[tuple[Rule, str, str, Any]]:
    """Every rule with each of its methods, an address that asks for nothing that exists, and its guard."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        address = re.sub(
            r"<(?:(\w+)[^:>]*:)?\w+>", lambda m: ABSENT.get(m[1] or "default", "1"), rule.rule
        )
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, address, getattr(app.view_functions[rule.endpoint], "guard", None)


def test_every_endpoint_declares_its_guard(app: Flask) -> None:
    assert [endpoint for endpoint, guard in guarded_endpoints(app).items() if guard is None] == []


def test_what_is_open_to_anybody_is_known(app: Flask) -> None:
    """A new public page is a decision: write it down here."""
    assert {e for e, guard in guarded_endpoints(app).items() if guard == PUBLIC} == PUBLIC_ENDPOINTS


def test_every_page_asks_a_stranger_to_log_in(app: Flask) -> None:
    client = app.test_client()
    wrong = []
    for rule, method, address, guard in _calls(app):
        if guard == PUBLIC:
            continue
        answer = client.open(address, method=method)
        fragment = client.open(address, method=method, headers={"HX-Request": "true"})
        is_asked = answer.status_code == 303 and answer.location.startswith("/login")
        if (
            not is_asked
            or fragment.status_code != 401
            or fragment.headers.get("HX-Redirect") != "/login"
        ):
            wrong.append((rule.endpoint, method, answer.status_code, fragment.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_what_its_guard_says(app: Flask, cast: factories.Cast, role: Role) -> None:
    """Refused: 403 whatever the address. Allowed: a page without arguments opens, nothing is refused or breaks."""
    user = factories.make_user(role, unit=cast.carrier_a)
    wrong = _answers_that_are_wrong(app, user)
    assert wrong == []


@pytest.mark.parametrize("right", list(Right))
def test_each_right_adds_its_own_action_only(
    app: Flask, cast: factories.Cast, right: Right
) -> None:
    user = factories.make_user(Role.ADMIN, unit=cast.carrier_a, rights=(right,))
    assert GRANTED[right] in user.actions
    assert _answers_that_are_wrong(app, user) == []


def _answers_that_are_wrong(app: Flask, user: User) -> list[tuple[str, str, int]]:
    actions = user.actions
    wrong = []
    client = factories.signed_in_client(app, user)
    for rule, method, address, guard in _calls(app):
        status = client.open(address, method=method).status_code
        if rule.endpoint == "accounts.logout":
            client = factories.signed_in_client(app, user)
        if guard in (PUBLIC, SIGNED_IN) or guard & actions:
            is_page = method == "GET" and not rule.arguments
            is_right = (
                status in (200, 204, 303) if is_page else status < 500 and status not in (401, 403)
            )
        else:
            is_right = status == 403
        if not is_right:
            wrong.append((rule.endpoint, method, status))
    assert client.get("/", headers={"HX-Request": "true"}).status_code != 401, "signed out midway"
    return wrong


ODD_VALUES = (
    "", "-1", "0", "x", "9" * 30, "²", "2020-02-30", "9999-12-31", "0001-01-01", "'", "%", "_", "\\", "\ufffe", "\x07",
    "<script>alert(1)</script>", "{{7*7}}", "王" * 300, "🀄", "\u202e",
)  # fmt: skip
PARAMETERS = (
    "q", "as_of", "on", "before", "after", "year", "unit", "unit_id", "stage", "kind", "state", "sort", "order", "light",
    "industry", "rung", "carrier", "owner", "period", "format", "view", "task", "from", "to", "name", "uscc", "next",
    "by", "subject", "record", "late",
    "where", "match", "cols", "edit", "field", "operator", "value", "at", "col", "up",
    "reason", "floor",
    "other", "shown", "start",
    "whose", "like", "step",
    "mine", "day",
    "month", "money",
    "mine", "day", "source", "chapter",
    "than", "jump", "only",
    "show", "pick", "all", "seen",
    "show", "pick", "of", "company", "holder",
    "show", "pick", "investor", "adds_to_id", "became_id", "builder_id",
    "show", "pick",
    "what", "key",
    "period", "mine", "month", "state",
    "page", "zoom",
    "rooms", "carrier_id", "move",
    "suggest", "notice",
    "target", "plan_task", "project", "instruction", "from_on", "until_on",
)  # fmt: skip


@pytest.mark.parametrize("value", ODD_VALUES)
def test_an_odd_query_string_breaks_no_page(app: Flask, cast: factories.Cast, value: str) -> None:
    """Without a client, which would read the long address twice more for its cookies than the product does for its answer."""
    client = factories.signed_in_client(app, _all_powerful(cast))
    assert client.get("/").status_code == 200
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie
    headers = {"Cookie": f"{cookie.key}={cookie.value}"}
    query = urlencode(dict.fromkeys(PARAMETERS, value))
    for rule, method, address, _guard in _calls(app):
        if method == "GET":
            environ = create_environ(address, query_string=query, headers=headers)
            with app.app_context():
                body, status, _headers = run_wsgi_app(app, environ, buffered=True)
            assert int(status[:3]) < 500, (rule.endpoint, value)
            assert b"<script>alert(1)" not in b"".join(body), rule.endpoint


def test_a_number_too_large_for_the_database_is_no_such_page(
    app: Flask, cast: factories.Cast
) -> None:
    client = factories.signed_in_client(app, _all_powerful(cast))
    for number in (2**31, 2**63, 10**40):
        for rule in app.url_map.iter_rules():
            if "<int:" in rule.rule:
                address = re.sub(r"<int:\w+>", str(number), rule.rule)
                address = re.sub(r"<(?:\w+:)?\w+>", "absent", address)
                method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
                assert client.open(address, method=method).status_code in (404, 405), rule.endpoint


@pytest.mark.parametrize("value", ["-1", "0", str(2**31), "9" * 30, "000000000001" + "9" * 30])
def test_an_odd_number_in_a_query_breaks_no_page(
    app: Flask, cast: factories.Cast, value: str
) -> None:
    """Alone, without an odd date that is refused first, and on a record that is there."""
    client = factories.signed_in_client(app, _all_powerful(cast))
    firm = factories.make_company(cast.carrier_a)
    numbers = (
        "before", "after", "unit", "view", "at", "carrier", "actor", "page", "start", "report", "company_id", "by",
        "record", "floor", "carrier_id",
    )  # fmt: skip
    for rule, method, address, _guard in _calls(app):
        if method == "GET":
            there = address.replace(ABSENT["int"], str(firm.id))
            answer = client.get(there, query_string=dict.fromkeys(numbers, value))
            assert answer.status_code < 500, rule.endpoint


def test_endless_digits_in_a_form_are_refused(app: Flask, cast: factories.Cast) -> None:
    """Field by field: more digits than a float holds, then than a Decimal's exponent does."""
    client = factories.signed_in_client(app, _all_powerful(cast))
    firm = factories.make_company(cast.carrier_a)
    application = factories.make_application(cast.carrier_a)
    plan = factories.make_cultivation(firm)
    batch = factories.make_batch()
    order = factories.make_order(cast.office)
    untold = factories.make_order(cast.office, state=State.DOCKETED)
    for number in ("9" * 400, "1e999999"):
        for address, field in (
            ("/projects", "floor_area"),
            ("/evidence/grants", "amount"),
            ("/evidence/talents", "year"),
            ("/projects", "expected_investment"),
            ("/companies", "registered_capital"),
            ("/companies", "carrier"),
            (f"/companies/{firm.id}/edit", "version"),
            (f"/companies/{firm.id}/edit", "seen"),
            (f"/companies/{firm.id}/facts/registered_capital", "registered_capital"),
            (f"/companies/{firm.id}/facts/staff_contact_id", "staff_contact_id"),
            (f"/companies/{firm.id}/links", "share"),
            (f"/companies/{firm.id}/archivings", "version"),
            (f"/operating/companies/{firm.id}/reports", "year"),
            (f"/operating/companies/{firm.id}/reports", "revenue"),
            (f"/operating/companies/{firm.id}/reports", "profit"),
            (f"/operating/companies/{firm.id}/reports", "tech_staff"),
            ("/operating/rounds", "year"),
            ("/operating/rounds", "unit_id"),
            ("/operating/reports/verifications", "report"),
            (f"/cultivation/companies/{firm.id}", "target_year"),
            (f"/cultivation/companies/{firm.id}", "leader"),
            (f"/cultivation/{plan.id}/edit", "version"),
            (f"/cultivation/{plan.id}/closings", "version"),
            ("/cultivation/intakes", "officer"),
            ("/users", "unit_id"),
            (f"/followup/companies/{firm.id}/activities", "version"),
            (f"/followup/companies/{firm.id}/requests", "owner"),
            (f"/followup/companies/{firm.id}/instructions", "leader"),
            ("/todo/tasks", "owner"),
            ("/supervision", "unit_id"),
            ("/supervision", "joint_units"),
            ("/supervision", "indicator_id"),
            (f"/supervision/{order.id}/steps", "version"),
            (f"/supervision/{untold.id}/edit", "version"),
            (f"/supervision/{untold.id}/edit", "unit_id"),
            (f"/supervision/{untold.id}/edit", "joint_units"),
            ("/companies/changes/preview", "ids"),
            ("/views/companies", "version"),
            (f"/companies/{firm.id}/transfers", "seen"),
            (f"/companies/{firm.id}/transfers", "carrier"),
            (f"/carriers/{cast.carrier_a.id}/buildings", "floors"),
            (f"/carriers/{cast.carrier_a.id}/buildings", "total_area"),
            (f"/carriers/{cast.carrier_a.id}/rooms", "lines"),
            ("/counting-rules", "version"),
            ("/entry", "carrier_id"),
            ("/entry", "expected_staff"),
            ("/entry", "expected_capital"),
            (f"/entry/{application.id}/edit", "version"),
            (f"/entry/{application.id}/moves/submit", "version"),
            (f"/entry/{application.id}/settlements", "registered_capital"),
            ("/entry/rules/limits", "review"),
            ("/ladder/lists", "what"),
            ("/ladder/labels", "years"),
            ("/ladder/revocations/verifications", "seen"),
            ("/ladder/labels", "version"),
            ("/declarations/batches", "year"),
            (f"/declarations/batches/{batch.id}/edit", "version"),
            (f"/declarations/batches/{batch.id}/steps", "pick"),
            (f"/declarations/batches/{batch.id}/recognitions", "pick"),
            (f"/readiness/companies/{firm.id}/high_tech/decisions/taken", "owner"),
            (f"/readiness/companies/{firm.id}/high_tech/decisions/dismissed", "version"),
            (f"/readiness/companies/{firm.id}/ticks/own_ip", "version"),
        ):
            answer = client.post(address, data={field: number})
            assert answer.status_code in (400, 422), (address, field)


def test_a_nul_is_refused_before_it_reaches_the_database(app: Flask, cast: factories.Cast) -> None:
    client = factories.signed_in_client(app, _all_powerful(cast))
    assert client.get("/users?q=a%00b").status_code == 400
    assert client.get("/users/%00").status_code in (400, 404)
    assert client.post("/users", data={"name": "a\0b"}).status_code == 400


def _all_powerful(cast: factories.Cast) -> User:
    return factories.make_user(*Role, unit=cast.park, rights=tuple(Right))


def test_docs_access_md_is_what_the_code_says(app: Flask) -> None:
    """Write it anew with `flask --app wsgi docs access`."""
    if session.get_bind().dialect.name == "sqlite":
        written = (app.config["ROOT"] / "docs" / "access.md").read_text(encoding="utf-8")
        assert written == access(app)
