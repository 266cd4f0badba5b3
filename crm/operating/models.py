"""A firm's own figures: 本年累计 by month."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.money import Money
from crm.people.models import User
from crm.reference.size_classes import SizeClass


class OperatingReport(Versioned, Recorded, Base):
    """A firm's figures from January through a month (本年累计), never one month's own. Money in yuan.

    `size_class` is the class under the 2017 table that these figures give (strictly, of year-end figures; through_month
    says how far these go).
    """

    __tablename__ = "operating_reports"
    __table_args__ = (
        UniqueConstraint("company_id", "year", "through_month"),
        CheckConstraint("through_month BETWEEN 1 AND 12", name="month_of_the_year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
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
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    company: Mapped[Company] = relationship()
    reported_by: Mapped[User | None] = relationship(foreign_keys=[reported_by_id])
    verified_by: Mapped[User | None] = relationship(foreign_keys=[verified_by_id])
