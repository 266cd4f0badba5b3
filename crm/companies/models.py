"""Firms, their former names, contacts and links, and where they reside. A firm is a fact with dates, never a status typed in."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.columns import Choice, ChoiceSet, Hundredths
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


class EconomyType(LabelledEnum):
    """四类经济."""

    HEADQUARTERS = "headquarters", N_("总部经济")
    PLATFORM = "platform", N_("平台经济")
    DIGITAL = "digital", N_("数字经济")
    BUILDING = "building", N_("楼宇经济")


class PartyOrganisation(LabelledEnum):
    """How the party is organised at a firm (两新组织党建统计口径)."""

    COMMITTEE = "committee", N_("党委")
    GENERAL_BRANCH = "general_branch", N_("党总支")
    BRANCH = "branch", N_("党支部")
    JOINT_BRANCH = "joint_branch", N_("联合党支部")
    MEMBERS_ONLY = "members_only", N_("有党员，未建党组织")
    NO_MEMBERS = "no_members", N_("无党员")


class LinkKind(LabelledEnum):
    """What one firm is to another."""

    CONTROLS = "controls", N_("控股")
    HOLDS_SHARES = "holds_shares", N_("参股")
    BRANCH = "branch", N_("分公司")


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


class MoveKind(LabelledEnum):
    """What a person did to a firm's residences in one step; the last one can be undone."""

    MOVED_IN = "moved_in", N_("登记入驻")
    TRANSFERRED = "transferred", N_("转入其他载体")
    INCUBATED = "incubated", N_("开始在孵")
    GRADUATED = "graduated", N_("毕业")
    LEFT = "left", N_("离园")
    RETURNED = "returned", N_("再入驻")


class Company(Versioned, Recorded, Base):
    """A firm or another body of the park. `unit_id` is the unit that keeps its record (its present 统计归属).

    `completeness` is the per cent of what its kind asks for that is filled in (completeness.py); the services keep it.
    """

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
        Index("ix_companies_completeness", "completeness", "id"),
        Index("ix_companies_party_organisation", "party_organisation", "id"),
        Index("ix_companies_is_safety_focus", "is_safety_focus", "id"),
        Index("ix_companies_is_environment_focus", "is_environment_focus", "id"),
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
    )  # names.search_text(): names of now and before, code, pinyin initials
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    kind: Mapped[CompanyKind] = mapped_column(Choice(CompanyKind))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    legal_representative: Mapped[str] = mapped_column(String(40), default="")
    registered_capital: Mapped[Decimal | None] = mapped_column(Money)
    established_on: Mapped[date | None]
    industry_code: Mapped[str] = mapped_column(
        String(5), default=""
    )  # GB/T 4754-2017: section and division, "I65", or down to the class, "I6513"
    future_industry: Mapped[FutureIndustry | None] = mapped_column(Choice(FutureIndustry))
    economy_types: Mapped[frozenset[EconomyType]] = mapped_column(
        ChoiceSet(EconomyType), default=frozenset()
    )
    party_organisation: Mapped[PartyOrganisation | None] = mapped_column(Choice(PartyOrganisation))
    registered_address: Mapped[str] = mapped_column(String(200), default="")
    business_scope: Mapped[str] = mapped_column(Text, default="")
    is_safety_focus: Mapped[bool] = mapped_column(default=False)
    is_environment_focus: Mapped[bool] = mapped_column(default=False)
    focus_note: Mapped[str] = mapped_column(String(200), default="")
    staff_contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id")
    )  # who of the park looks after the firm
    completeness: Mapped[int] = mapped_column(default=0)
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    archived_at: Mapped[datetime | None] = mapped_column(index=True)
    archived_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    archive_reason: Mapped[str] = mapped_column(String(200), default="")
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("companies.id"), index=True
    )  # archived, because it was the same firm as that one (merging.py)

    unit: Mapped[Unit] = relationship()
    registered_by: Mapped[User | None] = relationship(foreign_keys=registered_by_id)
    archived_by: Mapped[User | None] = relationship(foreign_keys=archived_by_id)
    staff_contact: Mapped[User | None] = relationship(foreign_keys=staff_contact_id)
    former_names: Mapped[list["FormerName"]] = relationship(
        back_populates="company", order_by="FormerName.until_on.desc(), FormerName.id.desc()"
    )
    contacts: Mapped[list["Contact"]] = relationship(
        back_populates="company",
        primaryjoin="and_(Contact.company_id == Company.id, Contact.archived_at.is_(None))",
        order_by="Contact.is_primary.desc(), Contact.id",
    )
    residences: Mapped[list["Residence"]] = relationship(
        back_populates="company", order_by="Residence.from_on, Residence.id"
    )
    merged_into: Mapped["Company | None"] = relationship(
        remote_side=id, back_populates="merged", foreign_keys=merged_into_id
    )
    merged: Mapped[list["Company"]] = relationship(
        back_populates="merged_into", foreign_keys=merged_into_id, order_by=id
    )

    @property
    def former_codes(self) -> list[str]:
        """Of records that were merged into this one: who knows the firm by such a code finds it."""
        return [each.uscc for each in self.merged if each.uscc]


class FormerName(Recorded, Base):
    """What a firm was called until (not including) a day: found by search and by the look for look-alikes."""

    __tablename__ = "former_names"
    __table_args__ = (CheckConstraint("length(name) > 0", name="has_a_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(120), index=True)
    until_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200), default="")

    company: Mapped[Company] = relationship(back_populates="former_names")


class CompanyLink(Versioned, Recorded, Base):
    """One firm owns another, or a share of it, from a day until (not including) another; `share` is per cent.

    A link says nothing of rungs: a listed parent does not make its subsidiary 上市.
    """

    __tablename__ = "company_links"
    __table_args__ = (
        CheckConstraint("parent_id <> child_id", name="joins_two"),
        CheckConstraint("to_on IS NULL OR to_on > from_on", name="ends_after_it_begins"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    kind: Mapped[LinkKind] = mapped_column(Choice(LinkKind))
    share: Mapped[Decimal | None] = mapped_column(Hundredths)
    from_on: Mapped[date]
    to_on: Mapped[date | None]


class Contact(Versioned, Base):
    """A person to call at a firm; one of them is the first to call.

    Personal data: shown masked, unmasked only by right and with a line in the log.
    """

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    position: Mapped[str] = mapped_column(String(40), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    email: Mapped[str] = mapped_column(String(120), default="")
    id_number: Mapped[str] = mapped_column(String(20), default="")
    is_primary: Mapped[bool] = mapped_column(default=False)
    archived_at: Mapped[datetime | None]

    company: Mapped[Company] = relationship(back_populates="contacts")


class ResidenceMove(Recorded, Base):
    """One step of a firm's coming and going, with its day and reason. Residences say which step began and ended them.

    `unit_before_id` kept the firm's record before. A step that was undone stays here, marked; what it began is gone.
    """

    __tablename__ = "residence_moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    kind: Mapped[MoveKind] = mapped_column(Choice(MoveKind))
    happened_on: Mapped[date]
    note: Mapped[str] = mapped_column(String(200), default="")
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    unit_before_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    made_by: Mapped[User | None] = relationship(foreign_keys=[made_by_id])
    undone_by: Mapped[User | None] = relationship(foreign_keys=[undone_by_id])


class Residence(Versioned, Recorded, Base):
    """A firm at a carrier from a day until (not including) another. `is_counted`: this carrier is its 统计归属 meanwhile.

    At most one counted residence covers any day; the services keep it so.
    """

    __tablename__ = "residences"
    __table_args__ = (
        CheckConstraint("to_on IS NULL OR to_on > from_on", name="ends_after_it_begins"),
        Index("ix_residences_company_id_from_on", "company_id", "from_on"),
        Index("ix_residences_carrier_id_from_on", "carrier_id", "from_on"),
        Index("ix_residences_to_on_reason", "to_on", "reason"),
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
    corrected_at: Mapped[datetime | None]
    begun_with_id: Mapped[int | None] = mapped_column(ForeignKey("residence_moves.id"), index=True)
    ended_with_id: Mapped[int | None] = mapped_column(ForeignKey("residence_moves.id"), index=True)

    company: Mapped[Company] = relationship(back_populates="residences")
    carrier: Mapped[Unit] = relationship(lazy="joined", innerjoin=True)
