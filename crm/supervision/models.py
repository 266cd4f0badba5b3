"""Supervision orders (督办单), the events that carry each of them on, and the bulletins (通报) that went out."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum
from crm.followup.models import Instruction
from crm.people.models import Unit, User
from crm.projects.models import Project
from crm.targets.models import Indicator, PlanTask


class Source(LabelledEnum):
    """What an order came from. Each has its usual time limit (supervision.limit_days)."""

    RED_LIGHT = "red_light", N_("指标亮红灯")
    PROMISE = "promise", N_("工作要点")
    CITY = "city", N_("市下达")
    KEY_PROJECT = "key_project", N_("省市重点工程")
    INSTRUCTION = "instruction", N_("领导批示")
    MEETING = "meeting", N_("会议议定事项")
    PROPOSAL = "proposal", N_("提案议案")
    PETITION = "petition", N_("来信来访")


class State(LabelledEnum):
    """Where an order stands. Which step leads where is in loop.py."""

    DOCKETED = "docketed", N_("已立项")
    ISSUED = "issued", N_("待签收")
    HANDLING = "handling", N_("办理中")
    ANSWERED = "answered", N_("待负责人签发")
    SIGNED = "signed", N_("待审核")
    RETURNED = "returned", N_("已退办")
    CLOSED = "closed", N_("已销号")
    ARCHIVED = "archived", N_("已归档")
    WITHDRAWN = "withdrawn", N_("已撤销")


class StepKind(LabelledEnum):
    """What is done with an order."""

    DOCKETED = "docketed", N_("立项")
    ISSUED = "issued", N_("交办")
    RECEIVED = "received", N_("签收")
    NOTED = "noted", N_("办理进展")
    CONTRIBUTED = "contributed", N_("协办意见")
    ANSWERED = "answered", N_("反馈")
    HELD_BACK = "held_back", N_("负责人退回")
    SIGNED = "signed", N_("签发反馈")
    RETURNED = "returned", N_("退办")
    CLOSED = "closed", N_("办结销号")
    EXTENSION_ASKED = "extension_asked", N_("申请延期")
    EXTENSION_GRANTED = "extension_granted", N_("同意延期")
    EXTENSION_REFUSED = "extension_refused", N_("不同意延期")
    REMINDED = "reminded", N_("催办")
    ESCALATED = "escalated", N_("逾期升级")
    REPORTED = "reported", N_("通报")
    ARCHIVED = "archived", N_("归档")
    WITHDRAWN = "withdrawn", N_("撤销")
    CORRECTED = "corrected", N_("更正")


class JointUnit(Base):
    """A unit that helps (协办): it gives its part to the lead, which answers for all."""

    __tablename__ = "supervision_joint_units"

    order_id: Mapped[int] = mapped_column(ForeignKey("supervision_orders.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True, index=True)

    unit: Mapped[Unit] = relationship(lazy="joined", innerjoin=True)


class SupervisionOrder(Versioned, Recorded, Base):
    """One matter that a unit leads (牵头) by a day. What its events have made of it stands here too; only loop.py says what.

    `due_on` is the limit that counts: the first one, until an extension is granted. `answered_on` is the day of the signed
    answer that holds; `extension_to` the day that is asked for and not decided on.
    """

    __tablename__ = "supervision_orders"
    __table_args__ = (
        UniqueConstraint("year", "number"),
        CheckConstraint("number > 0", name="numbered_from_one"),
        Index("ix_supervision_orders_unit_id_state_due_on", "unit_id", "state", "due_on"),
        Index("ix_supervision_orders_state_due_on", "state", "due_on"),
        Index("ix_supervision_orders_issued_on_closed_on", "issued_on", "closed_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    number: Mapped[int]
    source: Mapped[Source] = mapped_column(Choice(Source))
    title: Mapped[str] = mapped_column(String(120))
    requirement: Mapped[str] = mapped_column(Text, default="")
    basis: Mapped[str] = mapped_column(String(120), default="")  # the document, the meeting
    basis_on: Mapped[date | None]
    search_text: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    indicator_id: Mapped[int | None] = mapped_column(ForeignKey("indicators.id"), index=True)
    plan_task_id: Mapped[int | None] = mapped_column(ForeignKey("plan_tasks.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    instruction_id: Mapped[int | None] = mapped_column(ForeignKey("instructions.id"), index=True)

    state: Mapped[State] = mapped_column(Choice(State))
    state_on: Mapped[date]
    due_on: Mapped[date]
    first_due_on: Mapped[date]
    issued_on: Mapped[date | None]
    answered_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    extension_to: Mapped[date | None]
    returns: Mapped[int] = mapped_column(default=0)
    extensions: Mapped[int] = mapped_column(default=0)
    escalation: Mapped[int] = mapped_column(default=0)  # the last step of escalation that was noted

    unit: Mapped[Unit] = relationship(lazy="joined", innerjoin=True)
    joint_units: Mapped[list[JointUnit]] = relationship(order_by=JointUnit.unit_id)
    indicator: Mapped[Indicator | None] = relationship()
    plan_task: Mapped[PlanTask | None] = relationship()
    project: Mapped[Project | None] = relationship()
    instruction: Mapped[Instruction | None] = relationship()

    @property
    def name(self) -> str:
        """督〔2020〕3号, as papers and the log call it."""
        return order_number(self.year, self.number)


class SupervisionEvent(Recorded, Base):
    """One step. Rows are only ever added; what one says wrongly is corrected by another (`corrects_id`)."""

    __tablename__ = "supervision_events"
    __table_args__ = (
        Index("ix_supervision_events_order_id_id", "order_id", "id"),
        Index("ix_supervision_events_by_id", "by_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("supervision_orders.id"))
    kind: Mapped[StepKind] = mapped_column(Choice(StepKind))
    from_state: Mapped[State | None] = mapped_column(Choice(State))
    to_state: Mapped[State] = mapped_column(Choice(State))
    happened_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(Text, default="")
    cause: Mapped[str] = mapped_column(Text, default="")  # of an answer: why it is behind
    measures: Mapped[str] = mapped_column(Text, default="")  # of an answer: the correction
    new_on: Mapped[date | None]  # a day that is set, asked for or granted; of an answer: until when
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("supervision_events.id"))

    by: Mapped[User | None] = relationship()


class Bulletin(Recorded, Base):
    """通报: how every unit's orders stood at a period's end, as it went out: JSON with its digest. Rows are only added."""

    __tablename__ = "supervision_bulletins"
    __table_args__ = (UniqueConstraint("year", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    number: Mapped[int]
    from_on: Mapped[date]
    until_on: Mapped[date]
    issued_on: Mapped[date]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))

    issued_by: Mapped[User | None] = relationship()


def order_number(year: int, number: int) -> str:
    return f"督〔{year}〕{number}号"
