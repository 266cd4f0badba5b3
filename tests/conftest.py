"""An application on each engine, emptied between tests; a cast of people; a client that behaves like a browser."""

import os
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import flask_migrate
import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Connection, event, select

import config
import crm
from crm.audit import remembered
from crm.audit.services import SYSTEM
from crm.core import clock
from crm.core.db import Base, switch_to_wal, writing, writing_connection
from crm.core.db import session as orm_session
from crm.people.models import Unit, UnitKind
from crm.plans.planfile import read_plan
from crm.plans.planning import adopt_plan
from crm.targets.models import AnnualPlan
from tests import factories, postgresql

TODAY = date(2020, 9, 30)
hypothesis.settings.register_profile("same each time", derandomize=True, deadline=None)
hypothesis.settings.register_profile("fuzz", max_examples=1000, deadline=None)  # make fuzz
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same each time"))
remembered.is_on = (
    False  # tests make records without entries in the log; test_remembered.py turns it on
)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str | None]:
    with postgresql.server() as url:
        yield url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def migrated_app(request: Any, tmp_path_factory: Any) -> Iterator[Flask]:
    """One application for each engine, its schema made by the migrations."""
    folder: Path = tmp_path_factory.mktemp("data")
    url = f"sqlite:///{folder / 'crm.sqlite3'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
        if url is None:
            warnings.warn(
                "NO POSTGRESQL ON THIS MACHINE: only SQLite is tested", UserWarning, stacklevel=1
            )
            pytest.skip("no PostgreSQL on this machine")
    settings = config.Config(
        data_dir=folder, database_url=url, secret_key="t" * 32, is_demo=True, business_date=TODAY
    )
    app = crm.create_app(settings)
    app.config["TESTING"] = True
    app.config["WTF_CSRF_ENABLED"] = False
    # in every page; a random one holds now and then the letters that a test finds absent
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    app.test_client_class = BrowserLikeClient
    app.jinja_env.bytecode_cache = compiled_templates(request.config)
    if settings.sqlite_path:
        switch_to_wal(settings.sqlite_path)
    with app.app_context():
        if settings.sqlite_path:
            event.listen(crm.db.engine, "connect", _without_waiting_for_the_disk)
        flask_migrate.upgrade()
    yield app
    with app.app_context():
        crm.db.engine.dispose()


def compiled_templates(config: pytest.Config) -> FileSystemBytecodeCache:
    """Templates as they were compiled once: for each engine, worker and run, until their text changes."""
    folder = config.rootpath / ".pytest_cache" / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


def _without_waiting_for_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The application with an empty database and the business date of the plan's year; inside its context."""
    clock.set_business_date(TODAY)
    with migrated_app.app_context():
        yield migrated_app
        orm_session.remove()
        _empty(migrated_app)
    clock.set_business_date(TODAY)


def _empty(app: Flask) -> None:
    """Takes out what the test left and lets numbers begin anew; most tables have no rows and are not touched."""
    engine = crm.db.engine
    with writing_connection(engine) as connection:
        filled = _filled_tables(connection)
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(
                "INSERT INTO search_grams (search_grams) VALUES ('delete-all')"
            )
        else:
            filled = _without_leaves(connection, filled)
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql(
                "SELECT setval(quote_ident(sequencename)::regclass, start_value, false)"
                " FROM pg_sequences WHERE last_value IS NOT NULL"
            )
        for name in filled:
            connection.exec_driver_sql(f'DELETE FROM "{name}"')


def _without_leaves(connection: Connection, filled: list[str]) -> list[str]:
    """Truncates what no table refers to, the log among them: rows then lie in the order in which they came. The rest."""
    referred = _referred_tables()
    leaves = [f'"{name}"' for name in filled if name not in referred]
    if leaves:
        connection.exec_driver_sql(f"TRUNCATE {', '.join(leaves)}")
    return [name for name in filled if name in referred]


@cache
def _referred_tables() -> frozenset[str]:
    tables = Base.metadata.tables.values()
    return frozenset(key.column.table.name for table in tables for key in table.foreign_keys)


def _filled_tables(connection: Connection) -> list[str]:
    names = list(Base.metadata.tables)
    if connection.dialect.name == "postgresql":
        names.append("search_grams")  # has no model; on SQLite it is emptied in its own way
    asked = ", ".join(f'EXISTS (SELECT 1 FROM "{name}")' for name in names)
    answers = connection.exec_driver_sql(f"SELECT {asked}").one()
    return [name for name, is_filled in zip(names, answers, strict=True) if is_filled]


class BrowserLikeClient(FlaskClient):
    """Each request in a context of its own, as on a server: no session and no `g` shared with the test or another request.

    So a forgotten commit shows, and two browsers are two people; the test's own records are read anew after it. An answer
    is read to its end: what it was sent from is closed.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        orm_session.rollback()
        orm_session.expire_all()
        with self.application.app_context():
            return super().open(*args, **{"buffered": True, **kwargs})


@pytest.fixture
def cast(app: Flask) -> factories.Cast:
    """The shared people: two incubators' staff, investment, a unit's staff and head, supervisor, leader, auditor, admin."""
    return factories.make_cast()


@pytest.fixture
def browser_of(app: Flask, cast: factories.Cast) -> Any:
    """browser_of("a") is a client in which that member of the cast is signed in."""

    def sign_in(name: str) -> FlaskClient:
        return factories.signed_in_client(app, getattr(cast, name))

    return sign_in


@pytest.fixture
def at_once(app: Flask) -> Any:
    """at_once(act, act) does both in threads of their own that begin together; what each returned, or raised, in order."""

    def run(*acts: Callable[[], Any]) -> list[Any]:
        begin = threading.Barrier(len(acts))

        def one(act: Callable[[], Any]) -> Any:
            with app.app_context():
                begin.wait()
                try:
                    return act()
                except Exception as error:  # noqa: BLE001 - the test looks at it
                    return error

        orm_session.rollback()  # the test's own snapshot ends here
        orm_session.expire_all()
        with ThreadPoolExecutor(len(acts)) as threads:
            return list(threads.map(one, acts))

    return run


@pytest.fixture
def query_count(app: Flask) -> Any:
    """`with query_count() as queries:` counts the statements sent meanwhile, transaction control left out."""

    @contextmanager
    def count() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(("PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE")):
                statements.append(statement)

        event.listen(crm.db.engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(crm.db.engine, "before_cursor_execute", note)

    return count


@pytest.fixture
def plan(cast: factories.Cast) -> AnnualPlan:
    """The plan of 2020, adopted; units by code."""
    file = read_plan(2020)
    codes = {entry.responsible_unit for entry in (*file.indicators, *file.milestones)}
    with writing():
        missing = sorted(codes - set(orm_session.scalars(select(Unit.code))))
        factories.make_units(
            cast.park,
            *({"name": f"{code}处", "code": code, "kind": UnitKind.OFFICE} for code in missing),
        )
        return adopt_plan(2020, by=SYSTEM)
