"""Many rows of one table at once: numbers for those to come, one statement for those that changed or go."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Table, bindparam, delete, inspect, select, text, update
from sqlalchemy.orm.attributes import set_committed_value

from crm.core.among import among
from crm.core.db import Base, session


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
