"""An application with odd pages of its own, and one whose database is away."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, abort, request
from sqlalchemy import text

import crm
from crm.core import registry
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError, NotAllowed
from crm.people.models import Unit
from crm.people.roles import Action
from crm.web import guards
from tests.accounts.conftest import known_hash  # noqa: F401 - a fixture of this folder too


@pytest.fixture
def make_app(migrated_app: Flask) -> Iterator[Any]:
    """Another application on the same database, or on one that is not there; as in production, it keeps its errors."""
    made: list[Flask] = []
    kept = [list(store) for store in _stores()]

    def make(**changes: Any) -> Flask:
        app = crm.create_app(replace(migrated_app.config["SETTINGS"], **changes))
        app.jinja_env.bytecode_cache = migrated_app.jinja_env.bytecode_cache
        app.config.update(WTF_CSRF_ENABLED=False)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            session.remove()
            crm.db.engine.dispose()
    for store, before in zip(_stores(), kept, strict=True):
        store[:] = before


def _stores() -> tuple[list[Any], ...]:
    return (
        registry.navigation,
        registry.panels,
        registry.widgets,
        registry.departure_followers,
        registry.todo_sources,
        registry.demo_checks,
    )


@pytest.fixture
def odd_app(app: Flask, make_app: Any) -> Flask:
    """Pages that do what no page may."""
    return with_odd_pages(make_app())


@pytest.fixture
def app_without_database(app: Flask, make_app: Any) -> Flask:
    return with_odd_pages(make_app(database_url="sqlite:////nowhere/at/all.sqlite3"))


def with_odd_pages(app: Flask) -> Flask:
    @app.get("/odd/unguarded")
    def unguarded() -> str:
        return "seen"

    @app.get("/odd/writes")
    @guards.public
    def writes() -> str:
        session.add(Unit(code="stray", name="漏网", kind="office", path="/0/"))
        session.commit()
        return "written"

    @app.get("/odd/writes-by-statement")
    @guards.public
    def writes_by_statement() -> str:
        session.execute(text("DELETE FROM units"))
        session.commit()
        return "written"

    @app.get("/odd/half")
    @guards.public
    def half() -> str:
        with writing():
            session.add(Unit(code="half", name="一半", kind="office", path="/0/"))
            session.flush()
            raise Conflict("半途而废")

    @app.get("/odd/crash")
    @guards.public
    def crash() -> str:
        raise ZeroDivisionError("the secret of the cellar")

    @app.get("/odd/needs")
    @guards.needs(Action.USERS_MANAGE)
    def needs() -> str:
        return "seen"

    @app.get("/odd/status/<int:code>")
    @guards.public
    def status(code: int) -> str:
        abort(code)

    @app.get("/odd/refused")
    @guards.public
    def refused() -> str:
        raise DomainError("%(name)s太长", name="<script>alert(1)</script>")

    @app.get("/odd/not-allowed")
    @guards.public
    def not_allowed() -> str:
        raise NotAllowed("不行")

    @app.post("/odd/form")
    @guards.public
    def form() -> str:
        return request.form.get("text", "")

    return app
