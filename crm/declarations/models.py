"""Batches of 组织申报, who is declared in them, and the events that carry each declaration to its end."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.money import Money
from crm.core.words import N_, LabelledEnum
from crm.ladder.models import Qualification, QualificationKind, QualificationLabel
from crm.people.models import Unit, User


class Category(LabelledEnum):
    """What is applied for: a firm's qualification, a person's title, public money."""

    ENTERPRISE = "enterprise", N_("企业")
    TALENT = "talent", N_("人才")
    FUNDING = "funding", N_("项目资金")


class State(LabelledEnum):
    """摸底 → 拟报 → 已报 → 受理 → 公示 → 认定, or 未通过. Which steps are allowed is in steps.py."""

    SURVEYED = "surveyed", N_("摸底")
    PLANNED = "planned", N_("拟报")
    FILED = "filed", N_("已报")
    ACCEPTED = "accepted", N_("受理")
    PUBLICISED = "publicised", N_("公示")
    RECOGNISED = "recognised", N_("认定")
    REJECTED = "rejected", N_("未通过")


def called(kind: QualificationKind | None, programme: str) -> QualificationKind | str:
    """What is applied for, as people call it: a kind, else a label's or a programme's own name."""
    return programme if kind in (None, QualificationKind.LABEL) else kind


class DeclarationBatch(Versioned, Recorded, Base):
    """One round of an authority: of the park as a whole, open to every carrier. `kind` for firms, else `programme`."""

    __tablename__ = "declaration_batches"
    __table_args__ = (
        UniqueConstraint("year", "category", "programme", "number"),
        CheckConstraint("opens_on IS NULL OR due_on >= opens_on", name="due_after_it_opens"),
        Index("ix_declaration_batches_due_on", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[Category] = mapped_column(Choice(Category))
    kind: Mapped[QualificationKind | None] = mapped_column(Choice(QualificationKind))
    label_id: Mapped[int | None] = mapped_column(ForeignKey("qualification_labels.id"))
    programme: Mapped[str] = mapped_column(
        String(80)
    )  # of a firm's batch the kind's value, or the label's name
    year: Mapped[int]
    number: Mapped[str] = mapped_column(String(40), default="")  # 第一批
    opens_on: Mapped[date | None]
    due_on: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="")

    label: Mapped[QualificationLabel | None] = relationship()

    @property
    def what(self) -> QualificationKind | str:
        return called(self.kind, self.programme)


class Declaration(Versioned, Recorded, Base):
    """One firm (or person, or team) in one batch. `state` and `state_on` repeat its last step; only the services set them.

    What a talent's or a funding batch brought stands here too (`result_on`, `level`, `amount` in yuan), beside the talent or
    grant in its register of evidence; a firm's brought the qualification.
    """

    __tablename__ = "declarations"
    __table_args__ = (
        UniqueConstraint("batch_id", "company_id", "applicant"),
        Index("ix_declarations_batch_id_state", "batch_id", "state", "id"),
        Index("ix_declarations_unit_id_state", "unit_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("declaration_batches.id"))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"), index=True)
    applicant: Mapped[str] = mapped_column(String(120), default="")  # a person's or a team's name
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))  # who keeps it
    state: Mapped[State] = mapped_column(Choice(State))
    state_on: Mapped[date]
    qualification_id: Mapped[int | None] = mapped_column(
        ForeignKey("qualifications.id"), unique=True
    )
    result_on: Mapped[date | None]
    level: Mapped[str] = mapped_column(String(40), default="")
    amount: Mapped[Decimal | None] = mapped_column(Money)

    batch: Mapped[DeclarationBatch] = relationship(lazy="joined", innerjoin=True)
    company: Mapped[Company | None] = relationship(lazy="joined")
    unit: Mapped[Unit] = relationship()
    qualification: Mapped[Qualification | None] = relationship()

    @property
    def name(self) -> str:
        parts = (self.applicant, self.company.name if self.company else "")
        return " · ".join(part for part in parts if part)


class DeclarationStep(Recorded, Base):
    """One step. Rows are only ever added; a wrong one is corrected by another. The first has no `from_state`."""

    __tablename__ = "declaration_steps"
    __table_args__ = (Index("ix_declaration_steps_declaration_id", "declaration_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    declaration_id: Mapped[int] = mapped_column(ForeignKey("declarations.id"))
    from_state: Mapped[State | None] = mapped_column(Choice(State))
    to_state: Mapped[State] = mapped_column(Choice(State))
    effective_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(Text, default="")  # of a step back or 未通过: the reason

    declaration: Mapped[Declaration] = relationship()
    by: Mapped[User | None] = relationship()
