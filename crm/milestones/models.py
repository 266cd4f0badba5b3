"""Milestones of a project with all that was ever said of their dates, and problems with who must solve them by when."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum
from crm.followup.models import Instruction
from crm.people.models import Unit, User
from crm.projects.models import Project


class MilestoneKind(LabelledEnum):
    """What is to be reached. 竣工验收 and 投用 are two."""

    AGREEMENT = "agreement", N_("签约")
    FILING = "filing", N_("立项备案")
    LAND = "land", N_("取得用地")
    PERMIT = "permit", N_("取得施工许可")
    START = "start", N_("开工")
    TOPPED_OUT = "topped_out", N_("主体封顶")
    ACCEPTANCE = "acceptance", N_("竣工验收")
    IN_USE = "in_use", N_("投用")
    OTHER = "other", N_("其他")


PROVED = (
    MilestoneKind.AGREEMENT,
    MilestoneKind.START,
    MilestoneKind.ACCEPTANCE,
    MilestoneKind.IN_USE,
)
"""The kinds whose day of completion the project's own stages and dates prove: nobody types it."""


class MilestoneDate(LabelledEnum):
    """Which of a milestone's three dates was changed."""

    PLANNED = "planned", N_("计划")
    FORECAST = "forecast", N_("预计")
    DONE = "done", N_("完成")


class Milestone(Versioned, Recorded, Base):
    """One promise of a project. `first_planned_on` is the plan as it was first made: slips are counted from it.

    `done_on` is only what people say of kinds that are not PROVED; read it through queries.marks_of.
    """

    __tablename__ = "milestones"
    __table_args__ = (
        Index(
            "uq_milestones_open", "project_id", "kind", "name", unique=True,
            sqlite_where=text("dropped_on IS NULL"), postgresql_where=text("dropped_on IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    kind: Mapped[MilestoneKind] = mapped_column(Choice(MilestoneKind))
    name: Mapped[str] = mapped_column(String(60), default="")  # what 其他 is, or which of several
    first_planned_on: Mapped[date]
    planned_on: Mapped[date]
    forecast_on: Mapped[date | None]
    done_on: Mapped[date | None]
    dropped_on: Mapped[date | None]

    project: Mapped[Project] = relationship()


class MilestoneChange(Recorded, Base):
    """One date of a milestone was changed: from what, to what, why, by whom. Rows are only ever added."""

    __tablename__ = "milestone_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestones.id"), index=True)
    what: Mapped[MilestoneDate] = mapped_column(Choice(MilestoneDate))
    before_on: Mapped[date | None]
    after_on: Mapped[date | None]
    changed_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    milestone: Mapped[Milestone] = relationship()
    by: Mapped[User | None] = relationship()


class ProblemState(LabelledEnum):
    """待解决 → 已上报 → 待解决 again with an instruction, or 已解决."""

    OPEN = "open", N_("待解决")
    ESCALATED = "escalated", N_("已上报")
    SOLVED = "solved", N_("已解决")


class Problem(Versioned, Recorded, Base):
    """难点: what stands in a project's way, which unit (and which person of it) must solve it, and by when.

    One that was escalated (上报) waits on the leaders' first page until it is solved or comes back with an instruction.
    """

    __tablename__ = "problems"
    __table_args__ = (
        Index("ix_problems_state_due_on", "state", "due_on"),
        CheckConstraint("(state = 'solved') = (solved_on IS NOT NULL)", name="solved_on_a_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    what: Mapped[str] = mapped_column(Text)
    solver_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    solver_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    due_on: Mapped[date]
    state: Mapped[ProblemState] = mapped_column(Choice(ProblemState), default=ProblemState.OPEN)
    raised_on: Mapped[date]
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    escalated_on: Mapped[date | None]
    escalated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked: Mapped[str] = mapped_column(Text, default="")  # of the leaders
    instruction_id: Mapped[int | None] = mapped_column(ForeignKey("instructions.id"))
    solved_on: Mapped[date | None]
    solved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    solution: Mapped[str] = mapped_column(Text, default="")

    project: Mapped[Project] = relationship()
    solver_unit: Mapped[Unit] = relationship()
    solver: Mapped[User | None] = relationship(foreign_keys=[solver_id])
    raised_by: Mapped[User | None] = relationship(foreign_keys=[raised_by_id])
    escalated_by: Mapped[User | None] = relationship(foreign_keys=[escalated_by_id])
    solved_by: Mapped[User | None] = relationship(foreign_keys=[solved_by_id])
    instruction: Mapped[Instruction | None] = relationship()
