"""What we ask about imports."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from crm.core import registry
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.imports.kinds import ImportKind, Landed, Outcome
from crm.imports.models import Import, ImportRow
from crm.imports.stored import faults_from, landed_from, sentence_from_text
from crm.people.models import User
from crm.people.scope import scope_of


def kind_of(key: str) -> ImportKind:
    """Raises DomainError where there is no such kind."""
    found: ImportKind | None = registry.import_kinds.get(key)
    if found is None:
        raise DomainError(N_("没有“%(kind)s”这种导入。"), kind=key)
    return found


def kinds_for(user: User) -> list[ImportKind]:
    """What a person may import."""
    return [kind for kind in registry.import_kinds.values() if user.may(kind.action)]


def visible_to(user: User) -> Select[Import]:
    """One's own imports, and those that others of one's scope made of what one may import oneself."""
    shared = [kind.key for kind in kinds_for(user) if not kind.is_private]
    theirs = and_(Import.kind.in_(shared), scope_of(user).includes(User.unit_id))
    return (
        select(Import)
        .join(User, User.id == Import.requested_by_id)
        .where(or_(Import.requested_by_id == user.id, theirs))
    )


def rows_of(import_: Import) -> Select[ImportRow]:
    """In the order of the sheet."""
    query = select(ImportRow).where(ImportRow.import_id == import_.id)
    return query.order_by(ImportRow.number)


def rows_with(import_: Import, outcome: Outcome | None) -> Select[ImportRow]:
    """The rows of which the check said this; None: those that were mended since and not checked again."""
    return rows_of(import_).where(ImportRow.outcome == (outcome or ""))


def counts_of(import_: Import) -> dict[str, int]:
    """How many rows there are of each outcome; "" for those that are not checked."""
    query = (
        select(ImportRow.outcome, func.count())
        .where(ImportRow.import_id == import_.id)
        .group_by(ImportRow.outcome)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def landed_rows(import_: Import) -> list[Landed]:
    """What the import wrote."""
    written = (
        select(ImportRow.number, ImportRow.record_id, ImportRow.version, ImportRow.before)
        .where(ImportRow.import_id == import_.id, ImportRow.before.is_not(None))
        .order_by(ImportRow.number)
    )
    return [landed_from(row) for row in session.execute(written)]


def harmed_rows(import_: Import) -> Sequence[tuple[int, DomainError]]:
    """The rows for which undoing a landed import was refused, each with the reason."""
    written = rows_of(import_).where(ImportRow.before.is_not(None), ImportRow.faults != "")
    return [
        (row.number, error)
        for row in session.scalars(written)
        for _, error in faults_from(row.faults)
    ]


def failure_of(import_: Import) -> DomainError | None:
    """Why the last step did not come to its end."""
    return sentence_from_text(import_.failure)


def text_rows(import_: Import) -> Select[*tuple[Any, ...]]:
    """The cells of every row and what was chosen for it, as plain rows in order."""
    return (
        select(ImportRow.number, ImportRow.cells, ImportRow.mended, ImportRow.chosen_id)
        .where(ImportRow.import_id == import_.id)
        .order_by(ImportRow.number)
    )
