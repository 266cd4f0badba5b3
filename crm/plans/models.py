"""A plan while it is read and looked through: what its text promises, entry by entry, until it is adopted for a year."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.people.models import Unit, User
from crm.targets.models import AnnualPlan, Exact
from crm.targets.pace import Comparator, Kind


class PlanDraft(Versioned, Recorded, Base):
    """The text of a plan and what was found in it. `chapters` is JSON: number, title, tasks with number and title.

    Its version counts every change of an entry too: who adopts it adopts what the page showed.
    """

    __tablename__ = "plan_drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    issued_on: Mapped[date | None]
    text: Mapped[str] = mapped_column(Text, default="")  # none: copied from another year
    chapters: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    adopted_id: Mapped[int | None] = mapped_column(ForeignKey("annual_plans.id"))
    archived_at: Mapped[datetime | None]

    created_by: Mapped[User] = relationship()
    adopted: Mapped[AnnualPlan | None] = relationship()
    entries: Mapped[list["DraftEntry"]] = relationship(
        back_populates="draft", order_by="DraftEntry.position, DraftEntry.id"
    )

    @property
    def is_open(self) -> bool:
        return self.adopted_id is None and self.archived_at is None


class DraftEntry(Versioned, Base):
    """One promise: a target, or with an `event` a milestone. `start` to `end` is its clause in the plan's text.

    `repeats` is the entry that says the same elsewhere (one indicator, mentioned twice), `parent` the whole of which it is
    a part. Left out, it becomes nothing.
    """

    __tablename__ = "plan_draft_entries"
    __table_args__ = (Index("ix_plan_draft_entries_draft_id", "draft_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("plan_drafts.id"))
    position: Mapped[int]
    is_left_out: Mapped[bool] = mapped_column(default=False)
    start: Mapped[int | None]
    end: Mapped[int | None]
    chapter: Mapped[str] = mapped_column(String(8), default="")
    task: Mapped[str] = mapped_column(String(8), default="")
    name: Mapped[str] = mapped_column(String(80))
    event: Mapped[str] = mapped_column(String(20), default="")
    comparator: Mapped[Comparator | None] = mapped_column(Choice(Comparator))
    target: Mapped[Decimal | None] = mapped_column(Exact)
    target_to: Mapped[Decimal | None] = mapped_column(Exact)
    unit_word: Mapped[str] = mapped_column(String(12), default="")
    modal: Mapped[str] = mapped_column(String(12), default="")
    kind: Mapped[Kind | None] = mapped_column(Choice(Kind))
    scope_text: Mapped[str] = mapped_column(String(160), default="")
    definition: Mapped[str] = mapped_column(Text, default="")
    baseline: Mapped[Decimal | None] = mapped_column(Exact)
    opening: Mapped[Decimal | None] = mapped_column(Exact)
    starts_on: Mapped[date]
    due_on: Mapped[date]
    metric: Mapped[str] = mapped_column(String(60), default="")
    filters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    repeats_id: Mapped[int | None] = mapped_column(ForeignKey("plan_draft_entries.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("plan_draft_entries.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))

    draft: Mapped[PlanDraft] = relationship(back_populates="entries")
    repeats: Mapped["DraftEntry | None"] = relationship(remote_side=[id], foreign_keys=[repeats_id])
    parent: Mapped["DraftEntry | None"] = relationship(remote_side=[id], foreign_keys=[parent_id])
    unit: Mapped[Unit | None] = relationship()

    @property
    def is_milestone(self) -> bool:
        return bool(self.event)
