"""An import as a record: the file, how it was read, its rows with what became of each, what was there before."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum
from crm.files.models import StoredFile
from crm.people.models import User


class ImportState(LabelledEnum):
    """How far an import has come. Only LANDED has written anything. Of one that FAILED the sheet is not all there."""

    READING = "reading", N_("正在读取")
    UPLOADED = "uploaded", N_("待对应列")
    CHECKING = "checking", N_("正在核对")
    CHECKED = "checked", N_("待导入")
    LANDING = "landing", N_("正在导入")
    LANDED = "landed", N_("已导入")
    UNDONE = "undone", N_("已撤销")
    FAILED = "failed", N_("没有读完")
    DROPPED = "dropped", N_("已放弃")


class Import(Versioned, Recorded, Base):
    """One file of one kind on its way in. `token` makes a second submit of the same form find the first."""

    __tablename__ = "imports"
    __table_args__ = (Index("ix_imports_requested_by_id_id", "requested_by_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))  # key of registry.import_kinds
    name: Mapped[str] = mapped_column(String(120))  # of the file, or of what was pasted
    source: Mapped[str] = mapped_column(
        String(120), default=""
    )  # the document that proves the rows
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"), index=True)
    state: Mapped[ImportState] = mapped_column(Choice(ImportState), default=ImportState.UPLOADED)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    sheet: Mapped[str] = mapped_column(String(120), default="")  # which one was read
    head_row: Mapped[int] = mapped_column(default=1)
    reading: Mapped[str] = mapped_column(
        Text, default="{}"
    )  # JSON: the file's sheets, what was left out of this one (arrival.py)
    headings: Mapped[str] = mapped_column(Text, default="[]")  # JSON: what stands over each column
    mapping: Mapped[str] = mapped_column(Text, default="{}")  # JSON: column → {"attribute", "unit"}
    rows: Mapped[int] = mapped_column(default=0)
    creates: Mapped[int] = mapped_column(default=0)
    updates: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    errors: Mapped[int] = mapped_column(default=0)
    job_id: Mapped[int | None]  # the one that is checking or landing it
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    landed_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]  # since then without file and personal data (clearing.py)
    failure: Mapped[str] = mapped_column(Text, default="")  # JSON: a sentence's msgid, its values

    file: Mapped[StoredFile | None] = relationship()
    requested_by: Mapped[User] = relationship()


class ImportRow(Base):
    """One row of the file: its cells as they came, what a person mended, what the check said, what was written.

    Cells and mended cells are JSON lists of texts by column; `faults` a JSON list of [column or null, the sentence's msgid,
    its values] (of a landed one: why it cannot be undone); `before` the JSON that `revert` needs.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        UniqueConstraint("import_id", "number"),
        Index("ix_import_rows_outcome", "import_id", "outcome", "number"),
        Index("ix_import_rows_record_id", "import_id", "record_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"))
    number: Mapped[int]
    cells: Mapped[str] = mapped_column(Text)
    mended: Mapped[str | None] = mapped_column(Text)
    chosen_id: Mapped[int | None]  # among look-alikes; 0: a new one
    outcome: Mapped[str] = mapped_column(String(12), default="")
    faults: Mapped[str] = mapped_column(Text, default="")
    look_alikes: Mapped[str] = mapped_column(Text, default="")
    changes: Mapped[str] = mapped_column(Text, default="")
    record_id: Mapped[int | None]
    version: Mapped[int | None]  # of the record after landing; None: nothing was written
    before: Mapped[str | None] = mapped_column(Text)


class ImportMapping(Recorded, Base):
    """How a head was read the last time, by kind and by the words of the head: the next file of that form needs no asking."""

    __tablename__ = "import_mappings"
    __table_args__ = (UniqueConstraint("kind", "head"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    head: Mapped[bytes] = mapped_column(LargeBinary(32))  # SHA-256 of the headings
    mapping: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
