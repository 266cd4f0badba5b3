"""Many rows of one table at once: numbers for those to come, one statement for those that are new, changed or go."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any, Protocol

from sqlalchemy import Column, Table, bindparam, delete, inspect, select, text, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.attributes import set_committed_value

from crm.core.among import among
from crm.core.db import Base, session

MANY = 1000  # rows after which a table that was empty is another to PostgreSQL's planner


class Digest(Protocol):
    """One of hashlib's."""

    def update(self, content: bytes, /) -> None: ...


def next_ids(model: type[Base], count: int) -> list[int]:
    """Ids for rows to be inserted in bulk. SQLite's writer is alone; PostgreSQL's sequence hands them out."""
    table = model.__tablename__
    if session.get_bind().dialect.name == "postgresql":
        taken = text(
            "SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :n)"
        )
        return list(session.scalars(taken, {"table": table, "n": count}))
    column = table_of(model).c.id
    last = session.scalar(select(column).order_by(column.desc()).limit(1)) or 0
    return list(range(last + 1, last + 1 + count))


def insert_many(
    model: type[Base], rows: Sequence[Mapping[str, Any]], digest: Digest | None = None
) -> None:
    """Insert rows that all have the same columns; `digest` is fed with what was written. Raises IntegrityError.

    Values are turned into the driver's column by column, and a default is asked once for all: a third of what it costs to
    execute the statement with the rows.
    """
    if not rows:
        return
    connection, table = session.connection(), table_of(model)
    given = rows[0].keys()
    columns = [c for c in table.columns if c.name in given or c.default is not None]
    assert given <= {column.name for column in columns}, given
    values = [_bound(column, rows, connection) for column in columns]
    written = list(zip(*values, strict=True))
    insert_tuples(connection, table.name, [c.name for c in columns], written)
    if digest is not None:
        digest.update(repr(written).encode())


def insert_tuples(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """The same of values as the driver takes them; also for a table without a model. Raises IntegrityError."""
    if not rows:
        return
    quoted = connection.dialect.identifier_preparer.quote
    into = f"{quoted(table)} ({', '.join(map(quoted, columns))})"
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {into} VALUES ({places})"  # noqa: S608 - names of our own
        connection.exec_driver_sql(statement, rows)
        return
    statement = f"COPY {into} FROM STDIN"
    driver_error = connection.dialect.loaded_dbapi.Error
    driver = connection.connection.cursor()
    try:
        with driver, driver.copy(statement) as copy:  # type: ignore[attr-defined]
            for row in rows:
                copy.write_row(row)
    except driver_error as error:  # as SQLAlchemy tells it of its own statements
        raise DBAPIError.instance(statement, None, error, driver_error) from error
    if len(rows) >= MANY:
        _tell_planner(connection, quoted(table))


def _tell_planner(connection: Connection, table: str) -> None:
    """How a table looks that was empty so far: the planner takes it for small till then, and what is asked of it in the same
    transaction, by foreign keys too, walks whole tables and indexes.
    """
    known = text("SELECT reltuples FROM pg_class WHERE oid = CAST(:table AS regclass)")
    if connection.scalar(known, {"table": table}) <= 0:
        statement = f"ANALYZE {table}"
        connection.exec_driver_sql(statement)


def _bound(
    column: Column[Any], rows: Sequence[Mapping[str, Any]], connection: Connection
) -> Iterable[Any]:
    """The values of one column as the driver takes them."""
    values: Iterator[Any] = map(itemgetter(column.name), rows)
    if column.name not in rows[0]:
        default: Any = column.default
        values = repeat(default.arg(None) if default.is_callable else default.arg, len(rows))
    bind = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return values if bind is None else map(bind, values)


def write_many(records: Collection[Base]) -> None:
    """Write what changed on records of one table in one statement, however differently they changed.

    (A flush sends one for each run of records that changed the same columns.) They stay in the session as they are now.
    """
    changed = {record: _changed(record) for record in records}
    names = sorted({name for some in changed.values() for name in some})
    if not names:
        return
    table = table_of(type(next(iter(changed))))
    statement = update(table).where(table.c.id == bindparam("of_id"))
    rows: list[dict[str, Any]] = [
        {"of_id": record.id, **{f"new_{name}": getattr(record, name) for name in names}}  # type: ignore[attr-defined]
        for record, some in changed.items()
        if some
    ]
    values: dict[Any, Any] = {table.c[name]: bindparam(f"new_{name}") for name in names}
    session.connection().execute(statement.values(values), rows)
    for record, some in changed.items():
        for name in some:
            set_committed_value(record, name, getattr(record, name))


def take_out_many(records: Collection[Base]) -> None:
    """Delete records of one table that nothing refers to: what was written by mistake a moment ago, never what is on record."""
    for record in records:
        session.expunge(record)
    if records:
        table = table_of(type(next(iter(records))))
        ids = [record.id for record in records]  # type: ignore[attr-defined]
        session.connection().execute(delete(table).where(among(table.c.id, ids)))


def _changed(record: Base) -> list[str]:
    state = inspect(record)
    return [
        attribute.key
        for attribute in state.mapper.column_attrs
        if state.attrs[attribute.key].history.has_changes()
    ]


def table_of(model: type[Base]) -> Table:
    """Its table, as Core statements want it."""
    return model.__table__  # type: ignore[return-value]
