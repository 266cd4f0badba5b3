"""Activities, tasks, requests and instructions about a record of a higher room, which they name by kind and number."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum
from crm.people.models import Unit, User


class ActivityKind(LabelledEnum):
    """How somebody was in touch. A note is not a contact."""

    VISIT = "visit", N_("走访")
    CALL = "call", N_("电话")
    MEETING = "meeting", N_("会议")
    MESSAGE = "message", N_("微信等消息")
    NOTE = "note", N_("备注")
    REVISIT = "revisit", N_("诉求回访")


class TaskOrigin(LabelledEnum):
    """What a task came from."""

    FOLLOW_UP = "follow_up", N_("跟进")
    REQUEST = "request", N_("企业诉求")
    INSTRUCTION = "instruction", N_("批示")
    SUGGESTION = "suggestion", N_("建议")


class TaskState(LabelledEnum):
    """Where a task stands."""

    OPEN = "open", N_("待办")
    DONE = "done", N_("已完成")
    CANCELLED = "cancelled", N_("已取消")


class RequestCategory(LabelledEnum):
    """What a firm asks the park for; each has its own time limit (followup.request_days)."""

    SPACE = "space", N_("用房")
    FINANCING = "financing", N_("融资")
    TALENT = "talent", N_("人才")
    POLICY = "policy", N_("政策")
    QUALIFICATION = "qualification", N_("资质")
    SERVICES = "services", N_("配套")
    OTHER = "other", N_("其他")


class RequestState(LabelledEnum):
    """收到 → 办理中 → 已答复 → 办结; the revisit that finds the firm not satisfied leads back to 办理中."""

    RECEIVED = "received", N_("收到")
    HANDLING = "handling", N_("办理中")
    ANSWERED = "answered", N_("已答复")
    CLOSED = "closed", N_("办结")


class InstructionState(LabelledEnum):
    """办理中 → 已答复 → 销号; what is sent back is 办理中 again."""

    OPEN = "open", N_("办理中")
    ANSWERED = "answered", N_("已答复")
    CLOSED = "closed", N_("销号")


class AboutSubject:
    """What the row is about, and the unit that kept the subject's record at that time: it decides who sees the row."""

    subject_type: Mapped[str] = mapped_column(String(20))  # a key of registry.subjects
    subject_id: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))


class Activity(AboutSubject, Versioned, Recorded, Base):
    """One contact with, or note about, a record: when it happened, who did it, whom they met, what came of it."""

    __tablename__ = "activities"
    __table_args__ = (
        Index("ix_activities_subject", "subject_type", "subject_id", "happened_on"),
        Index("ix_activities_unit_id_id", "unit_id", "id"),
        Index("ix_activities_by_id_id", "by_id", "id"),
        CheckConstraint("length(summary) > 0", name="says_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ActivityKind] = mapped_column(Choice(ActivityKind))
    happened_on: Mapped[date] = mapped_column(index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # who did it
    companions: Mapped[str] = mapped_column(String(120), default="")
    people_met: Mapped[str] = mapped_column(String(120), default="")
    summary: Mapped[str] = mapped_column(Text)
    archived_at: Mapped[datetime | None]

    by: Mapped[User | None] = relationship()


class LastContact(Base):
    """When a record was last in touch with, notes left out. Repeats the activities; only their services set it."""

    __tablename__ = "last_contacts"
    __table_args__ = (Index("ix_last_contacts_last_on", "subject_type", "last_on", "subject_id"),)

    subject_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_on: Mapped[date]


class Task(Versioned, Recorded, Base):
    """Something that one person has to do by a day, about a record or by itself. `unit_id` is the owner's unit."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_queue", "owner_id", "state", "due_on"),
        Index("ix_tasks_unit_id_state_due_on", "unit_id", "state", "due_on"),
        Index("ix_tasks_subject", "subject_type", "subject_id"),
        Index("ix_tasks_origin", "origin", "origin_id"),
        CheckConstraint("(state = 'open') = (closed_on IS NULL)", name="closed_on_a_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(200))
    subject_type: Mapped[str | None] = mapped_column(String(20))
    subject_id: Mapped[int | None]
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    due_on: Mapped[date]
    origin: Mapped[TaskOrigin] = mapped_column(Choice(TaskOrigin), default=TaskOrigin.FOLLOW_UP)
    origin_id: Mapped[int | None]  # the request or instruction it belongs to
    postponed: Mapped[int] = mapped_column(default=0)  # how often
    state: Mapped[TaskState] = mapped_column(Choice(TaskState), default=TaskState.OPEN)
    closed_on: Mapped[date | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    result: Mapped[str] = mapped_column(Text, default="")  # what came of it, or why it was dropped

    owner: Mapped[User] = relationship(foreign_keys=[owner_id], lazy="joined", innerjoin=True)
    given_by: Mapped[User | None] = relationship(foreign_keys=[given_by_id])
    closed_by: Mapped[User | None] = relationship(foreign_keys=[closed_by_id])


class Request(AboutSubject, Versioned, Recorded, Base):
    """企业诉求: what a firm asked for. Its open task says who handles it and by when."""

    __tablename__ = "requests"
    __table_args__ = (
        Index("ix_requests_subject", "subject_type", "subject_id"),
        Index("ix_requests_unit_id_id", "unit_id", "id"),
        Index("ix_requests_state_category", "state", "category"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    received_on: Mapped[date]
    from_whom: Mapped[str] = mapped_column(String(80), default="")
    category: Mapped[RequestCategory] = mapped_column(Choice(RequestCategory))
    text: Mapped[str] = mapped_column(Text)
    is_urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[RequestState] = mapped_column(Choice(RequestState), default=RequestState.RECEIVED)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), index=True)
    closed_on: Mapped[date | None]

    task: Mapped[Task] = relationship(lazy="joined", innerjoin=True)
    unit: Mapped[Unit] = relationship()


class Instruction(AboutSubject, Versioned, Recorded, Base):
    """批示: what a leader wants done. Entered by somebody else it is 代录, and says where the leader's own hand is."""

    __tablename__ = "instructions"
    __table_args__ = (
        Index("ix_instructions_subject", "subject_type", "subject_id"),
        Index("ix_instructions_leader_id_state", "leader_id", "state"),
        Index("ix_instructions_unit_id_id", "unit_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    leader_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    given_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    scan: Mapped[str] = mapped_column(String(200), default="")  # where the signed paper is kept
    state: Mapped[InstructionState] = mapped_column(
        Choice(InstructionState), default=InstructionState.OPEN
    )
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), index=True)
    closed_on: Mapped[date | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    leader: Mapped[User] = relationship(foreign_keys=[leader_id])
    entered_by: Mapped[User | None] = relationship(foreign_keys=[entered_by_id])
    closed_by: Mapped[User | None] = relationship(foreign_keys=[closed_by_id])
    task: Mapped[Task] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_on_behalf(self) -> bool:
        return self.entered_by_id != self.leader_id


class Answer(Recorded, Base):
    """An answer to a request or an instruction, and what was said of it. Rows are only added; a second answer is another row."""

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_origin", "origin", "origin_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[TaskOrigin] = mapped_column(Choice(TaskOrigin))
    origin_id: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    answered_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    is_accepted: Mapped[bool | None]  # None: nobody has said yet
    remark: Mapped[str] = mapped_column(Text, default="")
    judged_on: Mapped[date | None]
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    by: Mapped[User | None] = relationship(foreign_keys=[by_id])
    judged_by: Mapped[User | None] = relationship(foreign_keys=[judged_by_id])
