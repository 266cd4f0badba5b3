"""Migrations run on the application's own engine, in a write transaction, with foreign keys checked afterwards."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from crm.core.db import is_modelled, writing_connection

engine = current_app.extensions["migrate"].db.engine
target_metadata = current_app.extensions["migrate"].db.metadata


def leave_out_empty(context_: Any, revision: Any, directives: list[Any]) -> None:
    """`flask db migrate` without a change writes no file."""
    if directives and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def render_plain(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Our own column types are written as the plain ones beneath: a migration does not change when the code does."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        render_as_batch=True,
        compare_type=True,
        include_name=is_modelled,
        process_revision_directives=leave_out_empty,
        render_item=render_plain,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("migrations need a database: run them without --sql")
with writing_connection(engine) as connection:
    run(connection)
