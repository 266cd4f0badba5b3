"""A firm's own figures: 本年累计 by month; the rounds in which they are collected."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.core.attributes import MoneyUnit
from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.money import Money
from crm.operating.periods import Period
from crm.people.models import Unit, User
from crm.reference.size_classes import SizeClass


class OperatingReport(Versioned, Recorded, Base):
    """A firm's figures from January through a month (本年累计), never one month's own. Money in yuan.

    `size_class` is the class under the 2017 table that these figures give (strictly, of year-end figures; through_month
    says how far these go). `source` names the file they came in; `confirmed` the questions (plausibility.py) that whoever
    entered them answered with yes, as "figure:kind" with spaces between.
    """

    __tablename__ = "operating_reports"
    __table_args__ = (
        UniqueConstraint("company_id", "year", "through_month"),
        CheckConstraint("through_month BETWEEN 1 AND 12", name="month_of_the_year"),
        # Who has reported is asked firm by firm, from this index alone; a period is listed by the other.
        Index("ix_operating_reports_standing", "company_id", "year", "through_month", "state"),
        Index("ix_operating_reports_year_through_month_id", "year", "through_month", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    year: Mapped[int]
    through_month: Mapped[int]
    period_end_on: Mapped[date]
    revenue: Mapped[Decimal | None] = mapped_column(Money)
    assets: Mapped[Decimal | None] = mapped_column(Money)
    staff: Mapped[int | None]  # 从业人员
    tech_staff: Mapped[int | None]  # 科技人员
    tax: Mapped[Decimal | None] = mapped_column(Money)
    profit: Mapped[Decimal | None] = mapped_column(Money)  # may be a loss
    r_and_d: Mapped[Decimal | None] = mapped_column(Money)  # 研发费用
    high_tech_income: Mapped[Decimal | None] = mapped_column(Money)  # 高新技术产品（服务）收入
    size_class: Mapped[SizeClass | None] = mapped_column(Choice(SizeClass))
    state: Mapped[VerificationState] = mapped_column(
        Choice(VerificationState), default=VerificationState.PENDING
    )
    source: Mapped[str] = mapped_column(String(200), default="")
    confirmed: Mapped[str] = mapped_column(Text, default="")
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    company: Mapped[Company] = relationship()
    reported_by: Mapped[User | None] = relationship(foreign_keys=[reported_by_id])
    verified_by: Mapped[User | None] = relationship(foreign_keys=[verified_by_id])

    @property
    def period(self) -> Period:
        return Period(self.year, self.through_month)


class CollectionRound(Versioned, Recorded, Base):
    """A collection of one period's figures from the enterprises of a unit and those below it, in workbooks.

    Who owes is fixed when it opens (`RoundMember`). Amounts in the workbooks are in `money_unit`.
    """

    __tablename__ = "collection_rounds"
    __table_args__ = (
        UniqueConstraint("unit_id", "year", "through_month"),
        CheckConstraint("through_month BETWEEN 1 AND 12", name="month_of_the_year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    year: Mapped[int]
    through_month: Mapped[int]
    money_unit: Mapped[MoneyUnit] = mapped_column(Choice(MoneyUnit))
    opened_on: Mapped[date]
    due_on: Mapped[date]
    reminded_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    unit: Mapped[Unit] = relationship()
    opened_by: Mapped[User | None] = relationship(foreign_keys=[opened_by_id])

    @property
    def period(self) -> Period:
        return Period(self.year, self.through_month)


class RoundMember(Base):
    """An enterprise that owes its figures in a round, and the carrier where it was on the period's last day."""

    __tablename__ = "round_members"

    round_id: Mapped[int] = mapped_column(ForeignKey("collection_rounds.id"), primary_key=True)
    company_id: Mapped[int] = mapped_column(
        ForeignKey("companies.id"), primary_key=True, index=True
    )
    carrier_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
