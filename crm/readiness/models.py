"""What people said of the machine's suggestions: criteria that a person ticked, and what became of each suggestion."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum
from crm.followup.models import Task
from crm.operating.models import OperatingReport
from crm.people.models import User


class Kind(LabelledEnum):
    """What a firm may be ready for, or about to lose. The rules of each are in the file of its name."""

    ABOVE_SCALE = "above_scale", N_("达线未入库")
    HIGH_TECH = "high_tech", N_("申报高企")
    TECH_SME = "tech_sme", N_("申报科技型中小企业")
    GRADUATION = "graduation", N_("在孵企业毕业")
    RENEWAL = "renewal", N_("当年重新认定")
    LOSING = "losing", N_("可能失去层级")


class SuggestionState(LabelledEnum):
    """What a person made of a suggestion."""

    TAKEN = "taken", N_("已采纳")
    POSTPONED = "postponed", N_("已推迟")
    DISMISSED = "dismissed", N_("已忽略")


class Suggestion(Versioned, Recorded, Base):
    """The last word on one suggestion of a year. `figures` says what it was about: other figures bring it back."""

    __tablename__ = "suggestions"
    __table_args__ = (
        UniqueConstraint("company_id", "kind", "year"),
        CheckConstraint(
            "(state = 'postponed') = (until_on IS NOT NULL)", name="postponed_until_a_day"
        ),
        Index("ix_suggestions_kind_year", "kind", "year", "company_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    kind: Mapped[Kind] = mapped_column(Choice(Kind))
    year: Mapped[int]
    state: Mapped[SuggestionState] = mapped_column(Choice(SuggestionState))
    until_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(200), default="")
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"), index=True)
    figures: Mapped[str] = mapped_column(String(64))  # Judgement.figures()
    decided_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    company: Mapped[Company] = relationship()
    task: Mapped[Task | None] = relationship(lazy="joined")
    by: Mapped[User | None] = relationship()


class CriterionTick(Versioned, Recorded, Base):
    """What a person says of a criterion that no record proves yet. `criterion` is its key, one in all the rules."""

    __tablename__ = "criterion_ticks"
    __table_args__ = (UniqueConstraint("company_id", "criterion"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    criterion: Mapped[str] = mapped_column(String(40))
    is_met: Mapped[bool | None]  # None: taken back
    note: Mapped[str] = mapped_column(String(200))
    ticked_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    by: Mapped[User | None] = relationship()


# Candidates are found among one year's reports by their revenue, or by the class that waits to be verified.
Index("ix_operating_reports_year_revenue", OperatingReport.year, OperatingReport.revenue)
Index(
    "ix_operating_reports_year_state_size_class",
    OperatingReport.year,
    OperatingReport.state,
    OperatingReport.size_class,
    OperatingReport.company_id,
)
