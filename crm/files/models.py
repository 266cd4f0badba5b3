"""A file as it is stored, and what it is attached to."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core import clock
from crm.core.db import Base, Versioned
from crm.files.content import MediaType
from crm.files.hazards import Mark
from crm.people.models import User


class StoredFile(Base):
    """Some content, once, whoever attached it to what: the file itself lies in the store under `sha256`."""

    __tablename__ = "stored_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))  # by its content, never by its name
    marks: Mapped[str] = mapped_column(String(100), default="")  # hazards.Mark, by commas
    stored_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def kind(self) -> MediaType:
        return MediaType(self.media_type)

    @property
    def warnings(self) -> tuple[Mark, ...]:
        return tuple(Mark(mark) for mark in self.marks.split(",") if mark)


class Attachment(Versioned, Base):
    """A file under a name, as evidence of a record; `subject_type` is a key of registry.file_owners."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_subject", "subject_type", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(200), default="")
    attached_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    attached_at: Mapped[datetime] = mapped_column(default=clock.now)
    archived_at: Mapped[datetime | None] = mapped_column(index=True)

    file: Mapped[StoredFile] = relationship()
    attached_by: Mapped[User | None] = relationship()
