"""Firms, their contacts, and where they reside. A firm is a fact with dates, never a status typed in."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.money import Money
from crm.core.words import N_, LabelledEnum
from crm.people.models import Unit, User


class CompanyKind(LabelledEnum):
    """What sort of body it is; only ENTERPRISE counts in 新增入驻企业."""

    ENTERPRISE = "enterprise", N_("企业")
    BRANCH = "branch", N_("分公司")
    SOLE_TRADER = "sole_trader", N_("个体户")
    INSTITUTE = "institute", N_("科研院所")
    COLLEGE = "college", N_("高校")
    SERVICE = "service", N_("服务机构")
    TEAM = "team", N_("团队")


class FutureIndustry(LabelledEnum):
    """The park's three future industries."""

    ROBOTICS = "robotics", N_("机器人")
    AI = "ai", N_("人工智能")
    NEW_IT = "new_it", N_("新一代信息技术")
    OTHER = "other", N_("其他")


class ResidenceKind(LabelledEnum):
    """In what sense a firm is at a carrier."""

    REGISTERED = "registered", N_("注册在园")
    OPERATING = "operating", N_("实际经营在园")
    INCUBATED = "incubated", N_("在孵")


class EndReason(LabelledEnum):
    """Why a residence ended. 毕业 ends 在孵 only; a transfer goes on at another carrier of the park."""

    TRANSFERRED = "transferred", N_("转往其他载体")
    GRADUATED = "graduated", N_("毕业")
    MOVED_OUT = "moved_out", N_("迁出")
    DISSOLVED = "dissolved", N_("注销")
    LICENCE_REVOKED = "licence_revoked", N_("吊销")
    EVICTED = "evicted", N_("清退")
    MERGED = "merged", N_("合并")


LEAVING = tuple(EndReason)[2:]


class Company(Versioned, Recorded, Base):
    """A firm or another body of the park. `unit_id` is the unit that keeps its record (its present 统计归属)."""

    __tablename__ = "companies"
    __table_args__ = (
        Index("ix_companies_unit_id_id", "unit_id", "id"),
        # What the list is sorted and filtered by, in the whole park and in one unit (crm.lists.walking).
        Index("ix_companies_name", "name", "id"),
        Index("ix_companies_established_on", "established_on", "id"),
        Index("ix_companies_registered_capital", "registered_capital", "id"),
        Index("ix_companies_recorded_at", "recorded_at", "id"),
        Index("ix_companies_kind", "kind", "id"),
        Index("ix_companies_industry_code", "industry_code", "id"),
        Index("ix_companies_future_industry", "future_industry", "id"),
        Index("ix_companies_legal_representative", "legal_representative", "id"),
        Index("ix_companies_unit_id_archived_at", "unit_id", "archived_at", "id"),
        Index("ix_companies_unit_id_name", "unit_id", "name", "id"),
        Index("ix_companies_unit_id_established_on", "unit_id", "established_on", "id"),
        Index("ix_companies_unit_id_registered_capital", "unit_id", "registered_capital", "id"),
        Index("ix_companies_unit_id_recorded_at", "unit_id", "recorded_at", "id"),
        CheckConstraint("length(name) > 0", name="has_a_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(
        String(120), index=True
    )  # names.name_key(): for look-alikes
    search_text: Mapped[str] = mapped_column(
        Text
    )  # names.search_text(): name, code, pinyin initials
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    kind: Mapped[CompanyKind] = mapped_column(Choice(CompanyKind))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    legal_representative: Mapped[str] = mapped_column(String(40), default="")
    registered_capital: Mapped[Decimal | None] = mapped_column(Money)
    established_on: Mapped[date | None]
    industry_code: Mapped[str] = mapped_column(
        String(5), default=""
    )  # GB/T 4754-2017: section and division, "I65"
    future_industry: Mapped[FutureIndustry | None] = mapped_column(Choice(FutureIndustry))
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    archived_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship()
    registered_by: Mapped[User | None] = relationship()
    contacts: Mapped[list["Contact"]] = relationship(
        back_populates="company", order_by="Contact.id"
    )
    residences: Mapped[list["Residence"]] = relationship(
        back_populates="company", order_by="Residence.from_on, Residence.id"
    )


class Contact(Versioned, Base):
    """A person to call at a firm. Personal data: shown masked, unmasked only by right and with a line in the log."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    position: Mapped[str] = mapped_column(String(40), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    email: Mapped[str] = mapped_column(String(120), default="")

    company: Mapped[Company] = relationship(back_populates="contacts")


class Residence(Recorded, Base):
    """A firm at a carrier from a day until (not including) another. `is_counted`: this carrier is its 统计归属 meanwhile.

    At most one counted residence covers any day; the services keep it so.
    """

    __tablename__ = "residences"
    __table_args__ = (
        CheckConstraint("to_on IS NULL OR to_on > from_on", name="ends_after_it_begins"),
        Index("ix_residences_company_id_from_on", "company_id", "from_on"),
        Index("ix_residences_carrier_id_from_on", "carrier_id", "from_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    carrier_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[ResidenceKind] = mapped_column(Choice(ResidenceKind))
    from_on: Mapped[date] = mapped_column(index=True)
    to_on: Mapped[date | None]
    is_counted: Mapped[bool] = mapped_column(default=True)
    agreement_number: Mapped[str] = mapped_column(String(60), default="")
    agreement_on: Mapped[date | None]
    rooms: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[EndReason | None] = mapped_column(Choice(EndReason))  # why it ended

    company: Mapped[Company] = relationship(back_populates="residences")
    carrier: Mapped[Unit] = relationship(lazy="joined", innerjoin=True)
