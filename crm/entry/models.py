"""Applications to move into the park, and every step that was taken with them."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company, FutureIndustry
from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.money import Money
from crm.core.words import N_, LabelledEnum
from crm.people.models import Unit, User


class EntryState(LabelledEnum):
    """Where an application waits. The first six follow each other; the others stand beside them."""

    DRAFT = "draft", N_("草稿")
    ACCEPTANCE = "acceptance", N_("受理")
    REVIEW = "review", N_("评审")
    SIGNING = "signing", N_("签约")
    ERRANDS = "errands", N_("代办")
    SETTLED = "settled", N_("入驻")
    CORRECTION = "correction", N_("退回补正")
    REFUSED = "refused", N_("不予受理")
    FAILED = "failed", N_("评审未通过")
    WITHDRAWN = "withdrawn", N_("撤回")


PATH = tuple(EntryState)[:6]
CLOSED = (EntryState.SETTLED, EntryState.REFUSED, EntryState.FAILED, EntryState.WITHDRAWN)
OPEN = tuple(state for state in EntryState if state not in CLOSED)


class EntrantKind(LabelledEnum):
    """Who applies. A team, or a firm that is yet to be set up, has no licence when it comes."""

    ENTERPRISE = "enterprise", N_("企业")
    PLANNED = "planned", N_("拟设立企业")
    TEAM = "team", N_("团队")
    SOLE_TRADER = "sole_trader", N_("个体户")
    BRANCH = "branch", N_("分公司")
    INSTITUTE = "institute", N_("科研院所")
    SERVICE = "service", N_("服务机构")


class MaterialForm(LabelledEnum):
    """In which form a material is handed in."""

    ORIGINAL = "original", N_("原件")
    COPY = "copy", N_("复印件")
    EITHER = "either", N_("原件或复印件")


class Decision(LabelledEnum):
    """What a review came to."""

    AGREED = "agreed", N_("同意")
    DECLINED = "declined", N_("不同意")
    CORRECTION = "correction", N_("补正")


class EntryApplication(Versioned, Recorded, Base):
    """One application. `state` and `state_entered_on` repeat its last EntryStep; only the moves set them.

    `carrier_id` is the carrier it wishes for and the unit that keeps it. The clock (limits.py) runs from `clock_from_on`
    for `days_allowed` working days; it stands still where the day is empty. Numbered when it is handed in, never before.
    """

    __tablename__ = "entry_applications"
    __table_args__ = (
        UniqueConstraint("year", "sequence", name="uq_entry_applications_year_sequence"),
        Index("ix_entry_applications_carrier_id_state_due_on", "carrier_id", "state", "due_on"),
        Index("ix_entry_applications_state_due_on", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(40), unique=True)
    year: Mapped[int | None]
    sequence: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(120))
    search_text: Mapped[str] = mapped_column(Text)
    kind: Mapped[EntrantKind] = mapped_column(Choice(EntrantKind))
    carrier_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    uscc: Mapped[str | None] = mapped_column(String(18))
    space_wish: Mapped[str] = mapped_column(String(120), default="")
    industry_code: Mapped[str] = mapped_column(String(5), default="")
    future_industry: Mapped[FutureIndustry | None] = mapped_column(Choice(FutureIndustry))
    business_plan: Mapped[str] = mapped_column(Text, default="")
    expected_capital: Mapped[Decimal | None] = mapped_column(Money)
    expected_staff: Mapped[int | None]
    intended_on: Mapped[date | None]
    is_workstation: Mapped[bool] = mapped_column(default=False)  # 工位
    is_cluster_registered: Mapped[bool] = mapped_column(default=False)  # 集群注册
    contact_name: Mapped[str] = mapped_column(String(40), default="")
    contact_position: Mapped[str] = mapped_column(String(40), default="")
    contact_phone: Mapped[str] = mapped_column(String(30), default="")
    contact_email: Mapped[str] = mapped_column(String(120), default="")

    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)  # 经办人
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # 受理人
    state: Mapped[EntryState] = mapped_column(Choice(EntryState))
    state_entered_on: Mapped[date]
    returned_from: Mapped[EntryState | None] = mapped_column(Choice(EntryState))  # of 退回补正
    clock_from_on: Mapped[date | None]
    days_allowed: Mapped[int | None]
    due_on: Mapped[date | None]

    agreement_number: Mapped[str] = mapped_column(String(60), default="")
    agreement_on: Mapped[date | None]
    rooms: Mapped[str] = mapped_column(String(120), default="")
    pledge_on: Mapped[date | None]  # 安全环保承诺 signed
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"), index=True)

    carrier: Mapped[Unit] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    received_by: Mapped[User | None] = relationship(foreign_keys=[received_by_id])
    company: Mapped[Company | None] = relationship()
    steps: Mapped[list["EntryStep"]] = relationship(
        back_populates="application", order_by="EntryStep.id"
    )
    materials: Mapped[list["EntryMaterial"]] = relationship(
        back_populates="application",
        order_by="EntryMaterial.position",
        cascade="all, delete-orphan",
    )
    reviews: Mapped[list["EntryReview"]] = relationship(order_by="EntryReview.id")
    errands: Mapped[list["EntryErrand"]] = relationship(order_by="EntryErrand.position")


class EntryStep(Recorded, Base):
    """One step. Rows are only ever added. `missing` is the one list (一次告知) that a return told, a line an item."""

    __tablename__ = "entry_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("entry_applications.id"), index=True)
    from_state: Mapped[EntryState | None] = mapped_column(Choice(EntryState))
    to_state: Mapped[EntryState] = mapped_column(Choice(EntryState))
    effective_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    opinion: Mapped[str] = mapped_column(Text, default="")
    missing: Mapped[str] = mapped_column(Text, default="")

    application: Mapped[EntryApplication] = relationship(back_populates="steps")
    by: Mapped[User | None] = relationship(lazy="joined")


class EntryMaterial(Base):
    """One item of the checklist under which an application is dealt with, and whether it has been handed in.

    Copied from the checklist of the day, so that a later checklist does not change what was asked.
    """

    __tablename__ = "entry_materials"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("entry_applications.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    is_required: Mapped[bool]
    form: Mapped[MaterialForm] = mapped_column(Choice(MaterialForm))
    hint: Mapped[str] = mapped_column(String(200), default="")
    received_on: Mapped[date | None]
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    kept_at: Mapped[str] = mapped_column(String(120), default="")  # where the paper is
    note: Mapped[str] = mapped_column(String(200), default="")

    application: Mapped[EntryApplication] = relationship(back_populates="materials")
    received_by: Mapped[User | None] = relationship(lazy="joined")

    @property
    def is_missing(self) -> bool:
        return self.is_required and self.received_on is None


class EntryReview(Recorded, Base):
    """What a review said. Written down by somebody other than who received the application."""

    __tablename__ = "entry_reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("entry_applications.id"), index=True)
    reviewed_on: Mapped[date]
    people: Mapped[str] = mapped_column(String(200))
    opinion: Mapped[str] = mapped_column(Text)
    decision: Mapped[Decision] = mapped_column(Choice(Decision))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    by: Mapped[User | None] = relationship(lazy="joined")


class EntryErrand(Base):
    """One thing done for the entrant at an office (代办): done on a day by somebody, or skipped for the reason in `note`."""

    __tablename__ = "entry_errands"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("entry_applications.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    done_on: Mapped[date | None]
    is_skipped: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(String(200), default="")

    by: Mapped[User | None] = relationship(lazy="joined")

    @property
    def is_open(self) -> bool:
        return self.done_on is None and not self.is_skipped


class EntryChecklist(Recorded, Base):
    """The materials asked of one kind of entrant from a day on. Rows are only ever added; the later one of a day holds."""

    __tablename__ = "entry_checklists"
    __table_args__ = (Index("ix_entry_checklists_kind_valid_from_on", "kind", "valid_from_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[EntrantKind] = mapped_column(Choice(EntrantKind))
    valid_from_on: Mapped[date]
    materials: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    by: Mapped[User | None] = relationship(lazy="joined")
