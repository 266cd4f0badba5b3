"""What the store may forget: content that no row names any more, drafts of uploads that were broken off.

Each content goes in a transaction of its own: first the row that speaks of it, held against those who attach, then the
content itself. Who attaches the same content meanwhile waits, finds it gone and puts it back (services.stored); where
this is broken off in between, a row is left that nothing names, and the next cleaning takes it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from crm.audit.services import Actor, record
from crm.core import clock
from crm.core.db import Base, session, writing
from crm.files.models import Attachment, StoredFile
from crm.files.services import hold, subject_of
from crm.files.store import CHUNK, Store

GRACE = timedelta(days=1)
_AT_ONCE = 500


@dataclass(frozen=True)
class Cleaned:
    """What was taken away, or would be."""

    attachments: int
    contents: int
    size: int
    drafts: int


@dataclass(frozen=True)
class Damage:
    """A content that is not what its row says."""

    sha256: str
    is_missing: bool
    names: tuple[str, ...]


def clean(
    store: Store,
    *,
    by: Actor,
    keep_removed: timedelta | None = None,
    grace: timedelta = GRACE,
    is_rehearsal: bool = False,
) -> Cleaned:
    """Take away what is older than `grace` and named by nothing.

    A removed attachment names its content for ever, or until `keep_removed` after its removal.
    """
    before = clock.now() - grace
    removed_before = None if keep_removed is None else clock.now() - keep_removed
    forgotten = _over(removed_before)
    if forgotten and not is_rehearsal:
        _forget(removed_before, by)
    sizes = []
    for sha256 in _unnamed(store, before, removed_before):
        if is_rehearsal:
            size = _deletable(store, sha256, before, removed_before)
        else:
            size = _delete(store, sha256, before, by)
        if size is not None:
            sizes.append(size)
    drafts = store.delete_drafts(before, is_rehearsal=is_rehearsal)
    return Cleaned(len(forgotten), len(sizes), sum(sizes), drafts)


def verify(store: Store) -> Iterator[Damage]:
    """Read every content that a row speaks of, and compare."""
    last = 0
    while rows := session.execute(
        select(StoredFile.id, StoredFile.sha256)
        .where(StoredFile.id > last)
        .order_by(StoredFile.id)
        .limit(_AT_ONCE)
    ).all():
        last = rows[-1].id
        for number, sha256 in rows:
            found = _hash_of(store, sha256)
            if found != sha256:
                yield Damage(sha256, found is None, _names_of(number))


def _over(removed_before: datetime | None, *, is_held: bool = False) -> Sequence[Attachment]:
    """Removed attachments whose time is over; without a time there are none."""
    if removed_before is None:
        return ()
    query = select(Attachment).options(joinedload(Attachment.file))
    over = query.where(Attachment.archived_at < removed_before)
    return session.scalars(over.with_for_update(of=Attachment) if is_held else over).all()


def _forget(removed_before: datetime | None, by: Actor) -> None:
    with writing():
        for attachment in _over(removed_before, is_held=True):  # nobody puts it back meanwhile
            sha256 = attachment.file.sha256
            record("file.forgotten", attachment, by=by, of=subject_of(attachment), sha256=sha256)
            session.delete(attachment)


def _unnamed(store: Store, before: datetime, removed_before: datetime | None) -> Iterator[str]:
    """Rows that nothing names, then contents without a row: what `_delete` looks at once more under its lock."""
    rows = select(StoredFile.sha256).where(
        StoredFile.stored_at < before, *_is_unnamed(removed_before)
    )
    yield from session.scalars(rows).all()
    contents = store.contents()
    while batch := list(islice(contents, _AT_ONCE)):
        known = select(StoredFile.sha256).where(StoredFile.sha256.in_(batch))
        yield from set(batch).difference(session.scalars(known))


def _is_unnamed(removed_before: datetime | None = None) -> Iterator[ColumnElement[bool]]:
    """That no row of any table refers to a stored file, forgotten attachments left aside."""
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column is not StoredFile.__table__.c.id:
                continue
            names = select(key.parent).where(key.parent == StoredFile.id)
            if removed_before and table is Attachment.__table__:
                archived_at = Attachment.archived_at
                names = names.where(or_(archived_at.is_(None), archived_at >= removed_before))
            yield ~names.exists()


def _delete(store: Store, sha256: str, before: datetime, by: Actor) -> int | None:
    """The size of what was deleted; None where it must stay by now."""
    try:
        with writing():
            hold(sha256, alone=True)
            size = _deletable(store, sha256, before)
            if size is not None:
                session.execute(delete(StoredFile).where(StoredFile.sha256 == sha256))
                record("file.deleted", None, by=by, name=sha256, sha256=sha256, size=size)
                store.delete(sha256)
    except IntegrityError:  # named in this very moment
        return None
    return size


def _deletable(
    store: Store, sha256: str, before: datetime, removed_before: datetime | None = None
) -> int | None:
    """The size of a content that may go; None where it is named, young or gone."""
    row = select(StoredFile).where(StoredFile.sha256 == sha256)
    if (found := session.scalar(row)) is not None:
        old = row.where(StoredFile.stored_at < before, *_is_unnamed(removed_before))
        return found.size if session.scalar(old) else None
    if not store.has(sha256) or store.modified_at(sha256) >= before:
        return None
    return store.size_of(sha256)


def _hash_of(store: Store, sha256: str) -> str | None:
    digest = hashlib.sha256()
    try:
        with store.open(sha256) as content:
            while chunk := content.read(CHUNK):
                digest.update(chunk)
    except FileNotFoundError:
        return None
    return digest.hexdigest()


def _names_of(file_id: int) -> tuple[str, ...]:
    query = select(Attachment.name).where(Attachment.file_id == file_id).distinct()
    return tuple(session.scalars(query.order_by(Attachment.name)))
