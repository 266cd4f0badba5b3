"""The annual plan: chapters, tasks, indicators, milestones, and what units report by hand."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Dialect,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum
from crm.people.models import Unit, User
from crm.projects.models import Project


class Exact(TypeDecorator[Decimal]):
    """A decimal figure kept as text, exact on both engines (indicator values have mixed units and few rows)."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class AnnualPlan(Base):
    """A year's work plan (工作要点)."""

    __tablename__ = "annual_plans"

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(120))
    issued_on: Mapped[date | None]

    chapters: Mapped[list["Chapter"]] = relationship(
        back_populates="plan", order_by="Chapter.position"
    )
    indicators: Mapped[list["Indicator"]] = relationship(
        back_populates="plan", order_by="Indicator.code"
    )


class Chapter(Base):
    """One of the plan's numbered chapters (一 … 九)."""

    __tablename__ = "chapters"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("annual_plans.id"), index=True)
    position: Mapped[int]
    number: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")

    plan: Mapped[AnnualPlan] = relationship(back_populates="chapters")
    tasks: Mapped[list["PlanTask"]] = relationship(
        back_populates="chapter", order_by="PlanTask.number"
    )


class PlanTask(Base):
    """One numbered item of the plan, with the unit that leads it."""

    __tablename__ = "plan_tasks"

    id: Mapped[int] = mapped_column(primary_key=True)
    chapter_id: Mapped[int] = mapped_column(ForeignKey("chapters.id"), index=True)
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))

    chapter: Mapped[Chapter] = relationship(back_populates="tasks")
    unit: Mapped[Unit | None] = relationship()
    mentions: Mapped[list["IndicatorMention"]] = relationship(
        back_populates="task", order_by="IndicatorMention.code"
    )


class Indicator(Versioned, Base):
    """One distinct numeric target. Its figure comes from `metric` with `filters`; where that is empty it is reported by hand."""

    __tablename__ = "indicators"
    __table_args__ = (UniqueConstraint("plan_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("annual_plans.id"))
    code: Mapped[str] = mapped_column(String(8))  # "T01"
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    kind: Mapped[str] = mapped_column(String(12))  # flow stock growth sum milestone reported
    comparator: Mapped[str] = mapped_column(String(8))  # >= > = range <=
    target: Mapped[Decimal] = mapped_column(Exact)
    target_to: Mapped[Decimal | None] = mapped_column(Exact)
    floor_value: Mapped[Decimal | None] = mapped_column(Exact)  # 底线
    stretch_value: Mapped[Decimal | None] = mapped_column(Exact)  # 冲刺
    unit_word: Mapped[str] = mapped_column(String(12))  # 家, 件, 亿元 …
    unit_word_en: Mapped[str] = mapped_column(String(40), default="")
    modal: Mapped[str] = mapped_column(String(12), default="")  # 力争
    scope_text: Mapped[str] = mapped_column(String(160), default="")
    definition: Mapped[str] = mapped_column(Text, default="")  # 口径
    definition_en: Mapped[str] = mapped_column(Text, default="")
    baseline: Mapped[Decimal | None] = mapped_column(Exact)
    opening: Mapped[Decimal | None] = mapped_column(Exact)
    starts_on: Mapped[date]
    due_on: Mapped[date]
    curve: Mapped[list[str] | None] = mapped_column(
        JSON
    )  # 12 cumulative shares; none: a straight line
    metric: Mapped[str] = mapped_column(String(60), default="")
    filters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("indicators.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)

    plan: Mapped[AnnualPlan] = relationship(back_populates="indicators")
    parent: Mapped["Indicator | None"] = relationship(remote_side=[id])
    unit: Mapped[Unit] = relationship()
    mentions: Mapped[list["IndicatorMention"]] = relationship(
        back_populates="indicator", order_by="IndicatorMention.code"
    )

    @property
    def is_computed(self) -> bool:
        return bool(self.metric)


class IndicatorMention(Base):
    """A place in the plan that states the target: its own (same code) or a repeat (T17 repeats T06)."""

    __tablename__ = "indicator_mentions"

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(
        ForeignKey("plan_tasks.id"), index=True
    )  # none: 主要目标
    code: Mapped[str] = mapped_column(String(8))

    indicator: Mapped[Indicator] = relationship(back_populates="mentions")
    task: Mapped[PlanTask | None] = relationship(back_populates="mentions")


class PlanMilestone(Versioned, Base):
    """A dated promise: an event inside a window. Proved by the bound project's dates, else reported done by hand."""

    __tablename__ = "plan_milestones"
    __table_args__ = (UniqueConstraint("plan_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("annual_plans.id"))
    code: Mapped[str] = mapped_column(String(8))  # "M1"
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    event: Mapped[str] = mapped_column(String(20))  # 开工, 竣工投用, 完成
    not_before: Mapped[date]
    due_on: Mapped[date]
    task_id: Mapped[int | None] = mapped_column(ForeignKey("plan_tasks.id"))
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("indicators.id"))  # M5 is T44
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))

    plan: Mapped[AnnualPlan] = relationship()
    task: Mapped[PlanTask | None] = relationship()
    same_as: Mapped[Indicator | None] = relationship()
    project: Mapped[Project | None] = relationship()
    unit: Mapped[Unit] = relationship()

    @property
    def named_project(self) -> Project | None:
        """The project that proves it, where all who read the plan may know of it: a sealed one is not named."""
        return self.project if self.project and not self.project.is_sealed else None


class ReviewState(LabelledEnum):
    """The way of a reported figure: entered by the unit, signed by its head, verified by 督查."""

    SUBMITTED = "submitted", N_("待签审")
    SIGNED = "signed", N_("待核验")
    VERIFIED = "verified", N_("已核验")
    RETURNED = "returned", N_("已退回")


class ProgressReport(Versioned, Recorded, Base):
    """A figure entered by hand (人工填报): the year's cumulative value, or the stock, as of `as_of_on`. Only verified ones count.

    For a milestone without a project `value` is 1 and `as_of_on` the day it was done. With a `unit` it tells that unit's own
    share of the target and counts for that share alone.
    """

    __tablename__ = "progress_reports"
    __table_args__ = (
        CheckConstraint("(indicator_id IS NULL) <> (milestone_id IS NULL)", name="about_one_thing"),
        Index("ix_progress_reports_indicator_id_on", "indicator_id", "as_of_on"),
        Index("ix_progress_reports_milestone_id_on", "milestone_id", "as_of_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int | None] = mapped_column(ForeignKey("indicators.id"))
    milestone_id: Mapped[int | None] = mapped_column(ForeignKey("plan_milestones.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    as_of_on: Mapped[date]
    value: Mapped[Decimal] = mapped_column(Exact)
    note: Mapped[str] = mapped_column(Text)
    state: Mapped[ReviewState] = mapped_column(Choice(ReviewState), default=ReviewState.SUBMITTED)
    reported_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[datetime | None]
    review_note: Mapped[str] = mapped_column(Text, default="")

    indicator: Mapped[Indicator | None] = relationship()
    milestone: Mapped[PlanMilestone | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    reported_by: Mapped[User] = relationship(foreign_keys=[reported_by_id])
    signed_by: Mapped[User | None] = relationship(foreign_keys=[signed_by_id])
    verified_by: Mapped[User | None] = relationship(foreign_keys=[verified_by_id])
