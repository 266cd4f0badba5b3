"""Writing many rows at once."""

from typing import Any

from sqlalchemy import select, text

from crm.core.db import session


def next_ids(model: Any, count: int) -> list[int]:
    """Ids for rows to be inserted in bulk. SQLite's writer is alone; PostgreSQL's sequence hands them out."""
    if session.get_bind().dialect.name == "postgresql":
        taken = text(
            "SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :n)"
        )
        return list(session.scalars(taken, {"table": model.__tablename__, "n": count}))
    last = session.scalar(select(model.id).order_by(model.id.desc()).limit(1)) or 0
    return list(range(last + 1, last + 1 + count))
