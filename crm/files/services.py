"""What we do with evidence: attach what the store has kept, take it off again. The content itself is never deleted here."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
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
    same = select(Attachment.name).where(
        Attachment.subject_type == subject_type,
        Attachment.subject_id == subject_id,
        Attachment.file_id == file.id,
        Attachment.archived_at.is_(None),
    )
    if (there := session.scalar(same)) is not None:
        raise Conflict(N_("内容相同的附件已经在了：%(name)s。"), field="file", name=there)
    attachment = Attachment(
        subject_type=subject_type,
        subject_id=subject_id,
        file_id=file.id,
        name=tidy_name(name, kept),
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


def remove(attachment: Attachment, *, by: Actor) -> None:
    """Take a file off its record. Raises Conflict where it is off already."""
    if attachment.archived_at:
        raise Conflict(N_("这个附件已经移除。"))
    attachment.archived_at = clock.now()
    _note("file.removed", attachment, attachment.file.sha256, by)


def stored(kept: Kept) -> StoredFile:
    """The row of what the store has kept; of two that keep the same at once the second finds the first's."""
    query = select(StoredFile).where(StoredFile.sha256 == kept.sha256)
    found = session.scalar(query)
    if found is None:
        try:
            with session.begin_nested():
                found = StoredFile(
                    sha256=kept.sha256, size=kept.size, media_type=kept.media_type.value
                )
                session.add(found)
        except IntegrityError:
            found = session.scalars(query).one()
    return found


def tidy_name(name: str, kept: Kept) -> str:
    """A file's own name as every system can save it: no folders, no signs that hide or mean something, the suffix of what it is.

    Raises DomainError where nothing of it remains.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem = _UNFIT.sub("", PurePosixPath(last).stem).strip(". ")
    if not stem:
        raise DomainError(N_("请给文件一个名称。"), field="file")
    suffix = f".{kept.media_type.suffix}"
    return stem[: LONGEST_NAME - len(suffix)] + suffix


def _note(action: str, attachment: Attachment, sha256: str, by: Actor) -> None:
    record(
        action,
        attachment,
        by=by,
        of=f"{attachment.subject_type} {attachment.subject_id}",
        sha256=sha256,
    )
