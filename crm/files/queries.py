"""What we ask about attachments. Whether a reader sees one is decided by its record (owners.py)."""

from collections.abc import Collection

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from crm.files.models import Attachment

MOST_ELSEWHERE = 20


def attachments_of(subject_type: str, ids: Collection[int]) -> Select[Attachment]:
    """Those of some records, newest first."""
    return (
        present()
        .where(Attachment.subject_type == subject_type, Attachment.subject_id.in_(ids))
        .order_by(Attachment.attached_at.desc(), Attachment.id.desc())
    )


def present() -> Select[Attachment]:
    """All that were not removed, with their files and who attached them."""
    return (
        select(Attachment)
        .options(joinedload(Attachment.file), joinedload(Attachment.attached_by))
        .where(Attachment.archived_at.is_(None))
    )


def same_content(attachment: Attachment) -> Select[Attachment]:
    """Others with the very same content, the newest few."""
    return (
        present()
        .where(Attachment.file_id == attachment.file_id, Attachment.id != attachment.id)
        .order_by(Attachment.id.desc())
        .limit(MOST_ELSEWHERE)
    )
