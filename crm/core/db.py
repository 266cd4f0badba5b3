"""The database: one declarative base, one session, one way to write.

Every session is read-only except inside `with writing():` (docs/decisions/0002). A write outside fails at once,
on SQLite by `PRAGMA query_only`, on PostgreSQL by a READ ONLY transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from psycopg import IsolationLevel
from sqlalchemy import DateTime, Dialect, Engine, MetaData, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import (
    ColumnProperty,
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    registry,
    scoped_session,
    sessionmaker,
)
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from crm.core import clock
from crm.core.errors import StaleRecord

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


# Execution options of a bulk insert: rows that leave different columns empty still go in one statement.
BULK = {"render_nulls": True}


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant. SQLite keeps it without its zone; it comes back with it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What every model is made from."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING), type_annotation_map={datetime: Instant}
    )


@event.listens_for(Base, "attribute_instrument", propagate=True)
def _remember_what_was(_model: type, _key: str, attribute: Any) -> None:
    """Load the old value before a new one is set, also on an expired record: the audit log needs both."""
    if isinstance(attribute.property, ColumnProperty):
        attribute.impl.active_history = True


class Versioned:
    """A record that people edit: its form carries the version it was rendered from, the service compares it."""

    version: Mapped[int] = mapped_column(default=1)

    def expect_version(self, version: int | None) -> None:
        """Raise StaleRecord unless the record is still as the form showed it (None: whatever it is); counts one further.

        Call it before anything is changed: the record is read again and held until the commit, so that the second of
        two writers waits for the first and is then refused.
        """
        self.hold(version)
        self.version += 1

    def hold(self, version: int | None) -> None:
        """The same for a service that counts further itself, for many records at once."""
        if session.get_bind().dialect.name != "sqlite":  # there the one writer holds everything
            session.refresh(self, with_for_update={"of": type(self)})
        if version is not None and version != self.version:
            raise StaleRecord


class Recorded:
    """The second date of every fact: when it was written down (the first is its own `…_on`)."""

    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


def _unbound() -> Session:
    raise RuntimeError("no session: create_app() binds crm.core.db.session to the application's")


session: scoped_session[Session] = scoped_session(sessionmaker())
session.registry = _unbound  # type: ignore[assignment]


def bind_session(to: scoped_session[Any]) -> None:
    """Let `session` be the application's own (Flask-SQLAlchemy's, one for each request or command)."""
    session.registry = to.registry


_SURE_FOR = 1.0  # seconds: no server goes and comes back in less

_writing: ContextVar[bool] = ContextVar("writing", default=False)


@contextmanager
def writing() -> Iterator[None]:
    """One write transaction: begins fresh, commits once at the end, rolls back on any error.

    Whatever was loaded before is read again inside, so a decision never rests on an older snapshot.
    Raises RuntimeError when something was already changed outside, or when it is nested.
    """
    if _writing.get():
        raise RuntimeError("writing() inside writing(): services neither open nor commit")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("something was changed before writing() began")
    session.rollback()
    session.expire_all()  # rollback() alone keeps what was loaded when no transaction had begun since
    token = _writing.set(True)
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.reset(token)


@contextmanager
def writing_aside() -> Iterator[Connection]:
    """A short write on a connection of its own: what the session reads meanwhile stays as it is. Commits at the end.

    Raises RuntimeError inside writing(): on SQLite the two would wait for each other.
    """
    if _writing.get():
        raise RuntimeError("writing_aside() inside writing()")
    token = _writing.set(True)
    try:
        with session.get_bind().engine.begin() as connection:
            yield connection
    finally:
        _writing.reset(token)


def is_writing() -> bool:
    return _writing.get()


def prepare_engine(engine: Engine) -> None:
    """Put the rules of this module on an engine; call it once for each engine that is made."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        event.listen(engine, "begin", _postgresql_begin)
        event.listen(engine, "checkin", _put_back)
        event.listen(engine, "checkout", partial(_take_out, engine.dialect))


def _sqlite_connect(connection: DBAPIConnection, record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "foreign_keys=ON",
        "busy_timeout=15000",
        "synchronous=FULL",  # what was acknowledged survives a power cut
        "temp_store=MEMORY",
        "cache_size=-32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    if is_writing():
        connection.exec_driver_sql("PRAGMA query_only=0")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:  # straight to the driver: each request does it, and neither statement can be refused
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA query_only=1")
        driver.execute("BEGIN")


def _postgresql_begin(connection: Connection) -> None:
    """Said to the driver, which sends it along with its BEGIN: a statement of our own would be one more way there and back."""
    driver: Any = connection.connection.driver_connection
    is_reading = not is_writing()
    driver.set_isolation_level(IsolationLevel.REPEATABLE_READ if is_reading else None)
    driver.set_read_only(is_reading)


def _put_back(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    record.info["idle_since"] = monotonic()


def _take_out(
    dialect: Dialect, connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: Any
) -> None:
    """Ask whether the server is still there, as pool_pre_ping does, but not anew for each transaction of one request."""
    if monotonic() - record.info.get("idle_since", inf) < _SURE_FOR:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def engine_options(url: str) -> dict[str, Any]:
    """Options for create_engine that suit the database behind `url`."""
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"timeout": 15}}
    return {
        "hide_parameters": True,  # what people typed does not belong in the error log
        "connect_args": {
            "options": "-c jit=off -c max_parallel_workers_per_gather=0 -c timezone=UTC"
        },
    }


def switch_to_wal(path: Path) -> None:
    """Write-ahead logging for a SQLite file: once, at set-up, never on each connection (two at once lock each other out)."""
    import sqlite3

    connection = sqlite3.connect(path, timeout=30)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def is_modelled(name: str | None, kind: str, _parents: Any) -> bool:
    """What migrations compare with the models: not the search tables, which each engine keeps in its own way."""
    return kind != "table" or not (name or "").startswith("search_")


@contextmanager
def writing_connection(engine: Engine) -> Iterator[Connection]:
    """A plain connection that may write, for migrations: foreign keys are off while tables are rebuilt, and checked after.

    (With them on, rebuilding a parent table deletes the children of ON DELETE CASCADE.) Commits at the end.
    """
    token = _writing.set(True)
    is_sqlite = engine.dialect.name == "sqlite"
    try:
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            if is_sqlite:
                raw.execute(
                    "PRAGMA foreign_keys=OFF"
                )  # before BEGIN: inside a transaction it does nothing
            try:
                yield connection
                if is_sqlite:
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                    if broken:
                        raise RuntimeError(f"the migration breaks foreign keys: {broken[:5]}")
                connection.commit()
            finally:
                connection.rollback()
                if is_sqlite:
                    raw.execute("PRAGMA foreign_keys=ON")  # the pool keeps this connection
    finally:
        _writing.reset(token)
