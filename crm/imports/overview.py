"""What the pages ask of imports besides the engine: the list of them, the rows that wait for a person's word."""

from typing import Any

from sqlalchemy import Select, select

from crm.core.db import session
from crm.imports import queries
from crm.imports.kinds import Outcome
from crm.imports.models import Import, ImportRow
from crm.people.models import User

_SHOWN = (
    Import.id,
    Import.kind,
    Import.name,
    Import.source,
    Import.state,
    Import.rows,
    Import.creates,
    Import.updates,
    Import.unchanged,
    Import.errors,
    Import.recorded_at,
)


def listed(
    user: User, *, kind: str = "", state: str = "", is_all: bool = False
) -> Select[*tuple[Any, ...]]:
    """One's own imports, or all that one may see, as plain rows."""
    query = queries.visible_to(user)
    if not is_all:
        query = query.where(Import.requested_by_id == user.id)
    if kind:
        query = query.where(Import.kind == kind)
    if state:
        query = query.where(Import.state == state)
    return query.with_only_columns(*_SHOWN, User.name.label("by"))


def undecided(import_: Import) -> list[int]:
    """The rows that wait for somebody to say which record they mean."""
    query = select(ImportRow.number).where(
        ImportRow.import_id == import_.id,
        ImportRow.outcome == Outcome.ERROR,
        ImportRow.look_alikes != "",
        ImportRow.chosen_id.is_(None),
    )
    return list(session.scalars(query))
