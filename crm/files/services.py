"""What we do with evidence: attach what the store has kept, call it by another name, take it off again.

The content itself is never deleted here (cleaning.py).
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.files.content import MediaType
from crm.files.models import Attachment, StoredFile
from crm.files.store import Kept

LONGEST_NAME = 120
CHUNK = 5000
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff<>:"/\\|?*]+')


def attach(
    subject_type: str, subject_id: int, kept: Kept, *, name: str, by: Actor, note: str = ""
) -> Attachment:
    """Attach a file to a record. Raises Conflict where the record has this very content already."""
    file = stored(kept)
    _expect_new(subject_type, subject_id, file.id)
    attachment = Attachment(
        subject_type=subject_type,
        subject_id=subject_id,
        file_id=file.id,
        name=tidy_name(name, kept.media_type),
        note=note,
        attached_by_id=by.id,
    )
    session.add(attachment)
    session.flush()
    _note("file.attached", attachment, kept.sha256, by)
    return attachment


def attach_to_many(
    attachment: Attachment, subject_type: str, subject_ids: Sequence[int], *, by: Actor
) -> None:
    """The same file as evidence of many new records of a kind; the log of what made them names it."""
    common = {
        "subject_type": subject_type,
        "file_id": attachment.file_id,
        "name": attachment.name,
        "attached_by_id": by.id,
        "attached_at": clock.now(),
    }
    for start in range(0, len(subject_ids), CHUNK):
        rows = [{**common, "subject_id": id_} for id_ in subject_ids[start : start + CHUNK]]
        session.execute(insert(Attachment), rows)


def describe(
    attachment: Attachment, *, name: str, note: str, version: int | None, by: Actor
) -> None:
    """Another name (its suffix stays) or another word on what a file shows. Raises DomainError."""
    attachment.expect_version(version)
    if attachment.archived_at:
        raise Conflict(N_("这个附件已经移除。"))
    attachment.name = tidy_name(name, attachment.file.kind)
    attachment.note = note
    if changes := changes_of(attachment):
        record("file.described", attachment, by=by, changes=changes, of=subject_of(attachment))


def remove(attachment: Attachment, *, by: Actor) -> None:
    """Take a file off its record. Raises Conflict where it is off already."""
    attachment.expect_version(None)
    if attachment.archived_at:
        raise Conflict(N_("这个附件已经移除。"))
    attachment.archived_at = clock.now()
    _note("file.removed", attachment, attachment.file.sha256, by)


def restore(attachment: Attachment, *, by: Actor) -> None:
    """Put a file back on its record. Raises Conflict where it is on already, or the same content was attached meanwhile."""
    attachment.expect_version(None)
    if attachment.archived_at is None:
        raise Conflict(N_("这个附件没有移除，无需恢复。"))
    _expect_new(attachment.subject_type, attachment.subject_id, attachment.file_id)
    attachment.archived_at = None
    _note("file.restored", attachment, attachment.file.sha256, by)


def stored(kept: Kept) -> StoredFile:
    """The row of what the store has kept; of two that keep the same at once the second finds the first's."""
    hold(kept.sha256)
    query = select(StoredFile).where(StoredFile.sha256 == kept.sha256)
    found = session.scalar(query)
    if found is None:
        try:
            with session.begin_nested():
                found = StoredFile(
                    sha256=kept.sha256,
                    size=kept.size,
                    media_type=kept.media_type.value,
                    marks=",".join(kept.marks),
                )
                session.add(found)
        except IntegrityError:
            found = session.scalars(query).one()
    kept.keep_again()
    return found


def hold(sha256: str, *, alone: bool = False) -> None:
    """Until the commit, who names a content and who deletes it wait for each other. (SQLite has one writer at a time.)"""
    if session.get_bind().dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
        session.execute(select(lock(int(sha256[:15], 16))))


def subject_of(attachment: Attachment) -> str:
    """The record it is attached to, as the log says it."""
    return f"{attachment.subject_type} {attachment.subject_id}"


def tidy_name(name: str, kind: MediaType) -> str:
    """A file's own name as every system can save it: no folders, no signs that hide or mean something, the suffix of what it is.

    Raises DomainError where nothing of it remains.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem = _UNFIT.sub("", PurePosixPath(last).stem).strip(". ")
    if not stem:
        raise DomainError(N_("请给文件一个名称。"), field="file")
    suffix = f".{kind.suffix}"
    return stem[: LONGEST_NAME - len(suffix)] + suffix


def _expect_new(subject_type: str, subject_id: int, file_id: int) -> None:
    same = select(Attachment.name).where(
        Attachment.subject_type == subject_type,
        Attachment.subject_id == subject_id,
        Attachment.file_id == file_id,
        Attachment.archived_at.is_(None),
    )
    if (there := session.scalar(same)) is not None:
        raise Conflict(N_("内容相同的附件已经在了：%(name)s。"), field="file", name=there)


def _note(action: str, attachment: Attachment, sha256: str, by: Actor) -> None:
    record(action, attachment, by=by, of=subject_of(attachment), sha256=sha256)
