"""What is said of a project for a week or a month. The text is Monday's report."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum
from crm.people.models import User
from crm.projects.models import Project


class Cadence(LabelledEnum):
    """How long a period is."""

    WEEK = "week", N_("周")
    MONTH = "month", N_("月")


class ProgressNote(Versioned, Recorded, Base):
    """One project in one period. `ordinal` 1 is the note, a higher one a later correction; the last one counts.

    A note that went into an issued report is frozen (`frozen_with` names it) and never changes: what is said after that
    is a correction, a note of its own.
    """

    __tablename__ = "progress_notes"
    __table_args__ = (
        UniqueConstraint("project_id", "cadence", "starts_on", "ordinal"),
        Index("ix_progress_notes_cadence_starts_on", "cadence", "starts_on", "project_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    cadence: Mapped[Cadence] = mapped_column(Choice(Cadence))
    starts_on: Mapped[date]  # the period's Monday, or the first of its month
    ordinal: Mapped[int] = mapped_column(default=1)
    progress: Mapped[str] = mapped_column(Text)  # 进展
    problems: Mapped[str] = mapped_column(Text, default="")  # 存在问题
    next_steps: Mapped[str] = mapped_column(Text, default="")  # 下步计划
    coordination: Mapped[str] = mapped_column(Text, default="")  # 需协调事项
    noted_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    frozen_with: Mapped[str | None] = mapped_column(String(80))

    project: Mapped[Project] = relationship()
    by: Mapped[User | None] = relationship()

    @property
    def is_correction(self) -> bool:
        return self.ordinal > 1
