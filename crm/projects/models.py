"""Investment projects and the events that carry them through the seven batches."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company, FutureIndustry
from crm.companies.models import (
    EconomyType as EconomyType,
)  # firms and projects carry the same tags
from crm.core.columns import Choice, DayRow, Hundredths
from crm.core.db import Base, Recorded, Versioned
from crm.core.money import Currency, Money
from crm.core.words import N_, LabelledEnum
from crm.people.models import Unit, User


class Stage(LabelledEnum):
    """The seven batches in order, and the two ways to stand beside them."""

    LEAD = "lead", N_("信息项目")
    NEGOTIATING = "negotiating", N_("在谈项目")
    INTENT = "intent", N_("意向项目")
    SIGNED = "signed", N_("签约项目")
    APPROVAL = "approval", N_("报批项目")
    CONSTRUCTION = "construction", N_("在建项目")
    COMPLETED = "completed", N_("竣工项目")
    PAUSED = "paused", N_("暂停")
    LOST = "lost", N_("流失/终止")


PIPELINE = tuple(stage for stage in Stage if stage not in (Stage.PAUSED, Stage.LOST))


class ProjectKind(LabelledEnum):
    """建设类 builds; 入驻类 moves into rooms. Their gates differ."""

    CONSTRUCTION = "construction", N_("建设类")
    MOVE_IN = "move_in", N_("入驻类")


class Origin(LabelledEnum):
    """Where the investment comes from."""

    LOCAL = "local", N_("本地")
    DOMESTIC = "domestic", N_("国内")
    SINO_ISRAEL = "sino_israel", N_("中以")
    SINO_GERMAN = "sino_german", N_("中德")
    OTHER_FOREIGN = "other_foreign", N_("其他境外")


class Purpose(LabelledEnum):
    """What the floor area is for."""

    RESEARCH = "research", N_("研发")
    OFFICE = "office", N_("办公")
    FACTORY = "factory", N_("生产")
    TALENT_HOUSING = "talent_housing", N_("人才公寓")
    OTHER = "other", N_("其他")


class LossReason(LabelledEnum):
    """Why a project was lost, as the reports count it; the words beside it say more."""

    ELSEWHERE = "elsewhere", N_("投资方选择其他地区")
    POLICY = "policy", N_("政策条件未达成")
    SPACE = "space", N_("用地用房不合适")
    FUNDS = "funds", N_("资金未落实")
    STRATEGY = "strategy", N_("投资方调整战略")
    PERMITS = "permits", N_("审批未通过")
    SILENT = "silent", N_("失去联系")
    OTHER = "other", N_("其他")


class KeyLevel(LabelledEnum):
    """重点级别: on whose list of key projects it stands."""

    PROVINCE = "province", N_("省级重点")
    CITY = "city", N_("市级重点")
    PARK = "park", N_("园区重点")


class Nature(LabelledEnum):
    """Whether a project is counted for the first time (decision 0012).

    增资 is a project of its own whose amounts are the increase only; 升级 is the same project going on with more.
    """

    NEW = "new", N_("新建")
    ADDITION = "addition", N_("增资")
    UPGRADE = "upgrade", N_("升级")


class PartnerRole(LabelledEnum):
    """What somebody beside the investor is to a project."""

    INVESTOR = "investor", N_("共同投资方")
    TECHNOLOGY = "technology", N_("技术合作方")
    FUND = "fund", N_("投资基金")
    INTERMEDIARY = "intermediary", N_("中介机构")
    OTHER = "other", N_("其他合作方")


class Figure(LabelledEnum):
    """The two investment figures that are said, not paid: 预计投资 until 意向, 协议投资 from 签约."""

    EXPECTED = "expected", N_("预计投资")
    AGREED = "agreed", N_("协议投资")


class Project(Versioned, Recorded, Base):
    """One investment project. `stage` and `stage_entered_on` repeat its last StageChange, `came_on` the first days at each
    stage of the PIPELINE or beyond (crm.projects.journeys); only the move service sets them.

    `expected_investment` and `agreed_investment` repeat the last Valuation of each; expected until 意向, agreed from 签约,
    never added up, in units (not 万) of `currency`. A sealed (保密) project is there for few (crm.people.scope).
    """

    __tablename__ = "projects"
    __table_args__ = (
        Index("ix_projects_stage_unit_id", "stage", "unit_id"),
        Index(  # all that heads and first cards of the board's columns, breakdowns, funnel and forecast ask for
            "ix_projects_board", "stage", "stage_entered_on", "id", "archived_at", "is_sealed", "unit_id", "owner_id",
            "currency", "expected_investment", "agreed_investment", "kind", "future_industry", "origin", "economy_type",
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    name_key: Mapped[str] = mapped_column(String(120), default="", index=True)  # for duplicates:
    investor_key: Mapped[str] = mapped_column(String(120), default="", index=True)  # names.name_key
    search_text: Mapped[str] = mapped_column(Text)
    kind: Mapped[ProjectKind] = mapped_column(Choice(ProjectKind))
    origin: Mapped[Origin] = mapped_column(Choice(Origin))
    economy_type: Mapped[EconomyType | None] = mapped_column(Choice(EconomyType))
    future_industry: Mapped[FutureIndustry | None] = mapped_column(Choice(FutureIndustry))
    purpose: Mapped[Purpose] = mapped_column(Choice(Purpose), default=Purpose.OTHER)
    investor: Mapped[str] = mapped_column(String(120), default="")
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)  # 责任单位
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)  # 责任人
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # 责任领导
    reporting_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))  # 首报单位
    key_level: Mapped[KeyLevel | None] = mapped_column(Choice(KeyLevel))  # 重点级别
    nature: Mapped[Nature] = mapped_column(Choice(Nature), default=Nature.NEW)
    adds_to_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)  # 增资's
    upgraded_on: Mapped[date | None]
    is_sealed: Mapped[bool] = mapped_column(default=False)  # 保密
    currency: Mapped[Currency] = mapped_column(Choice(Currency), default=Currency.CNY)
    first_reported_on: Mapped[date]  # 首报日
    stage: Mapped[Stage] = mapped_column(Choice(Stage))
    stage_entered_on: Mapped[date]
    came_on: Mapped[tuple[date, ...]] = mapped_column(DayRow)
    floor_area: Mapped[int | None]  # ㎡
    carrier_id: Mapped[int | None] = mapped_column(
        ForeignKey("units.id")
    )  # where it stands: rooms …
    rooms: Mapped[str] = mapped_column(String(120), default="")
    plot: Mapped[str] = mapped_column(String(120), default="")  # … or land
    land_area: Mapped[Decimal | None] = mapped_column(Hundredths)  # 亩
    summary: Mapped[str] = mapped_column(Text, default="")
    next_action: Mapped[str] = mapped_column(String(200), default="")
    next_action_on: Mapped[date | None]

    source: Mapped[str] = mapped_column(String(80), default="")  # where the lead came from
    contact: Mapped[str] = mapped_column(String(80), default="")
    expected_investment: Mapped[Decimal | None] = mapped_column(Money)
    visited_on: Mapped[date | None]
    space_wish: Mapped[str] = mapped_column(String(120), default="")
    intent_document: Mapped[str] = mapped_column(String(120), default="")
    agreement_number: Mapped[str] = mapped_column(String(60), default="")
    agreement_on: Mapped[date | None]
    agreed_investment: Mapped[Decimal | None] = mapped_column(Money)
    builder_id: Mapped[int | None] = mapped_column(
        ForeignKey("companies.id"), index=True
    )  # 项目公司/建设单位
    became_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"), index=True)
    became_on: Mapped[date | None]  # the firm it became, and when; not every project becomes one
    filing_number: Mapped[str] = mapped_column(String(60), default="")  # 立项备案
    permit_number: Mapped[str] = mapped_column(String(60), default="")  # 施工许可证 or 施工合同
    works_seen_on: Mapped[date | None]  # dated site photo of main works; for 入驻类 the fit-out
    accepted_on: Mapped[date | None]  # 竣工验收
    in_use_on: Mapped[date | None]  # 投用
    archived_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    reporting_unit: Mapped[Unit | None] = relationship(foreign_keys=reporting_unit_id)
    carrier: Mapped[Unit | None] = relationship(foreign_keys=carrier_id)
    owner: Mapped[User | None] = relationship(foreign_keys=owner_id)
    leader: Mapped[User | None] = relationship(foreign_keys=leader_id)
    builder: Mapped[Company | None] = relationship(foreign_keys=builder_id)
    became: Mapped[Company | None] = relationship(foreign_keys=became_id)
    partners: Mapped[list["ProjectPartner"]] = relationship(order_by="ProjectPartner.id")
    changes: Mapped[list["StageChange"]] = relationship(
        back_populates="project", order_by="StageChange.effective_on, StageChange.id"
    )


class ProjectPartner(Recorded, Base):
    """Who takes part in a project beside its investor, with a share of the investment where there is one."""

    __tablename__ = "project_partners"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[PartnerRole] = mapped_column(Choice(PartnerRole))
    share: Mapped[Decimal | None] = mapped_column(Hundredths)  # per cent
    left_on: Mapped[date | None]


class ProjectRoom(Base):
    """A room that a project's `rooms` names; set anew by crm.projects.rooms whenever that text or the carrier changes."""

    __tablename__ = "project_rooms"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"), primary_key=True, index=True)


class StageChange(Recorded, Base):
    """One step. Rows are only ever added; the first one has no `from_stage`.

    A wrong step is corrected by another row: `corrects_id` names the step in whose place it stands, or which it takes
    back (`is_withdrawal`). What was corrected counts no more; `is_counted` repeats that, set by crm.projects.history
    alone. The step that was written later comes later on one day.
    """

    __tablename__ = "stage_changes"
    __table_args__ = (
        Index("ix_stage_changes_of_project", "project_id", "is_counted", "effective_on", "id"),
        Index(
            "ix_stage_changes_into_stage", "to_stage", "is_counted", "effective_on", "project_id"
        ),
        Index(  # all that a period's flow asks for
            "ix_stage_changes_of_day",
            "is_counted",
            "effective_on",
            "from_stage",
            "to_stage",
            "project_id",
            "id",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    from_stage: Mapped[Stage | None] = mapped_column(Choice(Stage))
    to_stage: Mapped[Stage] = mapped_column(Choice(Stage))
    effective_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(
        Text, default=""
    )  # for a skip, a step back, a loss: the reason
    loss_reason: Mapped[LossReason | None] = mapped_column(Choice(LossReason))
    waived: Mapped[str] = mapped_column(
        Text, default=""
    )  # the gate's items that were waived, by name
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("stage_changes.id"), unique=True)
    correction: Mapped[str] = mapped_column(Text, default="")  # why it was corrected
    is_withdrawal: Mapped[bool] = mapped_column(default=False)
    is_counted: Mapped[bool] = mapped_column(default=True)

    project: Mapped[Project] = relationship(back_populates="changes")
    by: Mapped[User | None] = relationship()


class Valuation(Recorded, Base):
    """What a project's expected or agreed investment is said to be from a day on. Rows are only ever added.

    The figure on a day is the last row that is valid by then; one without an amount takes the figure back.
    """

    __tablename__ = "valuations"
    __table_args__ = (
        Index(  # and what was said: a figure on a day is one look into it
            "ix_valuations_of_project", "project_id", "figure", "valid_from", "id", "amount"
        ),
        Index("ix_valuations_valid_from", "valid_from", "project_id", "figure", "id", "amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    figure: Mapped[Figure] = mapped_column(Choice(Figure))
    amount: Mapped[Decimal | None] = mapped_column(Money)  # in the project's currency
    valid_from: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(Text, default="")

    by: Mapped[User | None] = relationship()
