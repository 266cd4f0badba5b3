"""Who answers for what: duties, shares, what else was asked of a target, what is expected of the year, monthly rounds."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum
from crm.people.models import Unit, User
from crm.targets.models import AnnualPlan, Exact, Indicator, PlanMilestone, PlanTask

joint_units = Table(
    "task_joint_units",
    Base.metadata,
    Column("duty_id", ForeignKey("task_duties.id"), primary_key=True),
    Column("unit_id", ForeignKey("units.id"), primary_key=True),
)


class TaskDuty(Versioned, Base):
    """Who answers for a task of the plan, and from when until when. The lead unit is the task's own `unit`."""

    __tablename__ = "task_duties"
    __table_args__ = (
        CheckConstraint("due_on IS NULL OR starts_on <= due_on", name="ends_after_it_begins"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("plan_tasks.id"), unique=True)
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)  # 责任领导
    starts_on: Mapped[date | None]
    due_on: Mapped[date | None]

    task: Mapped[PlanTask] = relationship()
    leader: Mapped[User | None] = relationship()
    joint_units: Mapped[list[Unit]] = relationship(secondary=joint_units, order_by=Unit.position)


class IndicatorShare(Base):
    """A unit's share of a target. Whoever changes one changes the split as a whole: the indicator's version counts it.

    `opening` is the unit's stock at the year's beginning where no record knows it; `curve` goes before the target's own.
    """

    __tablename__ = "indicator_shares"
    __table_args__ = (UniqueConstraint("indicator_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    value: Mapped[Decimal] = mapped_column(Exact)
    opening: Mapped[Decimal | None] = mapped_column(Exact)
    curve: Mapped[list[str] | None] = mapped_column(JSON)  # 12 cumulative shares

    indicator: Mapped[Indicator] = relationship()
    unit: Mapped[Unit] = relationship()


class StatedBy(LabelledEnum):
    """Who asks for a target: each says its own figure, side by side."""

    CITY = "city", N_("市下达")
    PLAN = "plan", N_("工作要点")
    OWN = "own", N_("自加压")


class StatedTarget(Base):
    """One level of a target with the document that states it. The one that `is_judged` is the indicator's own figure."""

    __tablename__ = "stated_targets"
    __table_args__ = (UniqueConstraint("indicator_id", "stated_by"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"))
    stated_by: Mapped[StatedBy] = mapped_column(Choice(StatedBy))
    value: Mapped[Decimal] = mapped_column(Exact)
    source: Mapped[str] = mapped_column(String(160), default="")
    stated_on: Mapped[date | None]
    is_judged: Mapped[bool] = mapped_column(default=False)


class Expectation(Recorded, Versioned, Base):
    """预计全年: what a target's unit declares that the year will end at. Official once its head has signed it; never changed."""

    __tablename__ = "expectations"
    __table_args__ = (
        Index("ix_expectations_indicator_id_declared_on", "indicator_id", "declared_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"))
    value: Mapped[Decimal] = mapped_column(Exact)
    note: Mapped[str] = mapped_column(Text, default="")
    declared_on: Mapped[date]
    declared_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    signed_on: Mapped[date | None]

    indicator: Mapped[Indicator] = relationship()
    declared_by: Mapped[User] = relationship(foreign_keys=[declared_by_id])
    signed_by: Mapped[User | None] = relationship(foreign_keys=[signed_by_id])


class ReportRound(Versioned, Recorded, Base):
    """One month's reporting: what is owed by `data_due_on`, collated by `report_due_on`."""

    __tablename__ = "report_rounds"
    __table_args__ = (UniqueConstraint("plan_id", "ends_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("annual_plans.id"))
    ends_on: Mapped[date]  # the month's last day
    data_due_on: Mapped[date]
    report_due_on: Mapped[date]
    opened_on: Mapped[date]
    closed_at: Mapped[datetime | None]

    plan: Mapped[AnnualPlan] = relationship()


class RoundDue(Base):
    """One figure, or the state of one milestone, that a unit owes in a round, as it stood when the round was opened.

    `is_share`: the unit's own share, not the whole target. What is reported by hand is answered by a ProgressReport of the
    month's last day; a computed figure is confirmed here, with the figure that was confirmed; a milestone with the day on
    which it was done, none where it is not.
    """

    __tablename__ = "round_dues"
    __table_args__ = (
        UniqueConstraint("round_id", "indicator_id", "unit_id", "is_share"),
        UniqueConstraint("round_id", "milestone_id"),
        CheckConstraint("(indicator_id IS NULL) <> (milestone_id IS NULL)", name="about_one_thing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("report_rounds.id"))
    indicator_id: Mapped[int | None] = mapped_column(ForeignKey("indicators.id"), index=True)
    milestone_id: Mapped[int | None] = mapped_column(ForeignKey("plan_milestones.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    is_share: Mapped[bool] = mapped_column(default=False)
    is_computed: Mapped[bool] = mapped_column(default=False)
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    figure: Mapped[Decimal | None] = mapped_column(Exact)
    done_on: Mapped[date | None]

    round: Mapped[ReportRound] = relationship()
    indicator: Mapped[Indicator | None] = relationship()
    milestone: Mapped[PlanMilestone | None] = relationship()
    unit: Mapped[Unit] = relationship()
    confirmed_by: Mapped[User | None] = relationship()

    @property
    def about(self) -> Indicator | PlanMilestone:
        """The target or the milestone."""
        thing = self.indicator or self.milestone
        assert thing is not None  # the table sees to it
        return thing
