"""Dated rows behind 到账资金 and 完成投资, the year's plan they are held against, and the rates between currencies."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.audit.verification import VerificationState
from crm.core.columns import Choice, Hundredths
from crm.core.db import Base, Recorded, Versioned
from crm.core.money import Currency, Money
from crm.core.words import N_, LabelledEnum
from crm.people.models import User
from crm.projects.models import Project


class FundSource(LabelledEnum):
    """Where money that was paid in comes from."""

    DOMESTIC = "domestic", N_("内资")
    FOREIGN = "foreign", N_("外资")


class PaidInFund(Versioned, Recorded, Base):
    """One payment that arrived (到账资金), with its voucher. What counts is the sum by source and currency."""

    __tablename__ = "paid_in_funds"
    __table_args__ = (Index("ix_paid_in_funds_project_id_paid_on", "project_id", "paid_on", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    paid_on: Mapped[date] = mapped_column(index=True)
    amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[Currency] = mapped_column(Choice(Currency), default=Currency.CNY)
    source: Mapped[FundSource] = mapped_column(Choice(FundSource))
    voucher: Mapped[str] = mapped_column(String(80), default="")
    state: Mapped[VerificationState] = mapped_column(Choice(VerificationState))
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_on: Mapped[date | None]
    withdrawal_reason: Mapped[str] = mapped_column(String(200), default="")

    project: Mapped[Project] = relationship()
    reported_by: Mapped[User | None] = relationship(foreign_keys=reported_by_id)

    @property
    def counts(self) -> bool:
        """Whether it is in the sums: neither withdrawn nor sent back. What still waits is named beside them."""
        return self.withdrawn_on is None and self.state != VerificationState.RETURNED

    @property
    def is_waiting(self) -> bool:
        """Whether it still has to be checked by a second person."""
        return self.withdrawn_on is None and self.state == VerificationState.PENDING


class InvestmentPlan(Versioned, Recorded, Base):
    """What a project means to invest in a year (年度计划投资), in its own currency."""

    __tablename__ = "investment_plans"
    __table_args__ = (UniqueConstraint("project_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    year: Mapped[int] = mapped_column(index=True)
    amount: Mapped[Decimal] = mapped_column(Money)
    through_q1: Mapped[Decimal | None] = mapped_column(
        Money
    )  # cumulative; all three, or a straight line
    through_q2: Mapped[Decimal | None] = mapped_column(Money)
    through_q3: Mapped[Decimal | None] = mapped_column(Money)

    @property
    def curve(self) -> tuple[Fraction, ...] | None:
        """The cumulative share by the end of each month, a quarter's part in equal thirds; None is a straight line."""
        ends = [self.through_q1, self.through_q2, self.through_q3, self.amount]
        if not self.amount or any(end is None for end in ends):
            return None
        shares = [
            Fraction(0),
            *(Fraction(end) / Fraction(self.amount) for end in ends if end is not None),
        ]
        return tuple(
            before + (after - before) * Fraction(month, 3)
            for before, after in pairwise(shares)
            for month in (1, 2, 3)
        )


class WorksReport(Versioned, Recorded, Base):
    """完成投资 of a project from the year's first day through the end of a month (本年累计), in its own currency.

    What was done in the month itself follows from the report before; months that were not reported are none.
    """

    __tablename__ = "works_reports"
    __table_args__ = (
        UniqueConstraint("project_id", "month"),
        Index("ix_works_reports_month_project_id", "month", "project_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    month: Mapped[date]  # its first day
    completed: Mapped[Decimal] = mapped_column(Money)
    note: Mapped[str] = mapped_column(String(200), default="")
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    recorded_by: Mapped[User | None] = relationship()


class CurrencyRate(Recorded, Base):
    """What a foreign currency is worth in yuan from a day on, and who says so. Rows are only ever added."""

    __tablename__ = "currency_rates"
    __table_args__ = (UniqueConstraint("currency", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    currency: Mapped[Currency] = mapped_column(Choice(Currency))
    valid_from: Mapped[date]
    per_hundred: Mapped[Decimal] = mapped_column(Hundredths)  # yuan for 100 units, as it is quoted
    source: Mapped[str] = mapped_column(String(80))
