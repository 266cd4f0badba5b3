"""A plan's figures as of a day, kept: what the system counted, what was reported upward, what an authority published."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum
from crm.people.models import User
from crm.targets.models import AnnualPlan, Exact, Indicator


class SnapshotState(LabelledEnum):
    """How far a snapshot has come. Approved it never changes."""

    DRAFT = "draft", N_("草拟")
    SUBMITTED = "submitted", N_("待审定")
    APPROVED = "approved", N_("已审定")
    ABANDONED = "abandoned", N_("已放弃")


class Snapshot(Versioned, Recorded, Base):
    """The figures of a plan as of a day, as computed at `recorded_at`.

    Approved, `content` is all that was approved, as JSON, and `sha256` its digest. A correction is another snapshot, which
    `replaces` this one.
    """

    __tablename__ = "snapshots"
    __table_args__ = (Index("ix_snapshots_plan_id", "plan_id", "as_of"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("annual_plans.id"))
    as_of: Mapped[date]
    title: Mapped[str] = mapped_column(String(80))
    state: Mapped[SnapshotState] = mapped_column(
        Choice(SnapshotState), default=SnapshotState.DRAFT, index=True
    )
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("snapshots.id"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    submitted_on: Mapped[date | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    approved_at: Mapped[datetime | None]
    review_note: Mapped[str] = mapped_column(String(500), default="")  # why it was sent back
    content: Mapped[str] = mapped_column(Text, default="", deferred=True)
    sha256: Mapped[str] = mapped_column(String(64), default="")

    plan: Mapped[AnnualPlan] = relationship()
    replaces: Mapped["Snapshot | None"] = relationship(remote_side=[id])
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])
    submitted_by: Mapped[User | None] = relationship(foreign_keys=[submitted_by_id])
    approved_by: Mapped[User | None] = relationship(foreign_keys=[approved_by_id])
    figures: Mapped[list["SnapshotFigure"]] = relationship(
        back_populates="snapshot", order_by="SnapshotFigure.id"
    )
    milestones: Mapped[list["SnapshotMilestone"]] = relationship(
        back_populates="snapshot", order_by="SnapshotMilestone.id"
    )


class SnapshotFigure(Base):
    """One target of a snapshot: three figures side by side, and the rows behind the first of them.

    `line` is JSON (paper.Line): the promise and what the system counted. `rows` is compressed JSON (rows.packed), read only
    where it is asked for. The rest is what people fill in while the snapshot is a draft.
    """

    __tablename__ = "snapshot_figures"
    __table_args__ = (
        UniqueConstraint("snapshot_id", "indicator_id"),
        Index("ix_snapshot_figures_indicator_id", "indicator_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshots.id"))
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"))
    code: Mapped[str] = mapped_column(String(8))
    line: Mapped[str] = mapped_column(Text)
    rows: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    reported: Mapped[Decimal | None] = mapped_column(Exact)  # 上报数
    authority: Mapped[Decimal | None] = mapped_column(Exact)  # 外部权威数
    authority_source: Mapped[str] = mapped_column(String(120), default="")
    authority_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(300), default="")

    snapshot: Mapped[Snapshot] = relationship(back_populates="figures")
    indicator: Mapped[Indicator] = relationship()


class SnapshotMilestone(Base):
    """One milestone of a snapshot. `line` is JSON (promised.MilestoneLine), with the day that the system knows."""

    __tablename__ = "snapshot_milestones"
    __table_args__ = (UniqueConstraint("snapshot_id", "milestone_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshots.id"))
    milestone_id: Mapped[int] = mapped_column(ForeignKey("plan_milestones.id"))
    line: Mapped[str] = mapped_column(Text)
    reported_on: Mapped[date | None]  # 上报完成日期
    reason: Mapped[str] = mapped_column(String(300), default="")

    snapshot: Mapped[Snapshot] = relationship(back_populates="milestones")
