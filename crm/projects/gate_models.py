"""What a gate asks, in dated versions, and what it reads beside a project's own fields: approvals, papers."""

from datetime import date

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum
from crm.people.models import User
from crm.projects.models import Project, ProjectKind, Stage


class ApprovalKind(LabelledEnum):
    """What an authority has to grant before building, or before moving in."""

    FILING = "filing", N_("立项备案")
    LAND = "land", N_("用地")
    PLANNING = "planning", N_("规划许可")
    ENVIRONMENT = "environment", N_("环评")
    ENERGY = "energy", N_("能评")
    CONSTRUCTION_PERMIT = "construction_permit", N_("施工许可")
    FIRE = "fire", N_("消防")
    FIT_OUT = "fit_out", N_("装修")
    LICENCE = "licence", N_("办照")
    OTHER = "other", N_("其他")


class DocumentKind(LabelledEnum):
    """Papers that a gate may ask for. Each kind is a kind of record of its own to crm.files: `project.<value>`."""

    INTENT = "intent", N_("意向书或框架协议")
    AGREEMENT = "agreement", N_("投资或入驻协议")
    FILING = "filing", N_("立项备案文件")
    CONTRACT = "contract", N_("施工合同")
    PERMIT = "permit", N_("施工许可证")
    SITE_PHOTO = "site_photo", N_("主体施工现场照片")
    ACCEPTANCE = "acceptance", N_("竣工验收文件")
    OPENING = "opening", N_("开业或投用照片")

    @property
    def owner(self) -> str:
        """Its key in registry.file_owners."""
        return f"project.{self.value}"


class GateVersion(Recorded, Base):
    """What a stage asks of a kind of project from a day on. Rows are only ever added; the later one of a day holds."""

    __tablename__ = "gate_versions"
    __table_args__ = (
        Index("ix_gate_versions_kind_stage_valid_from", "kind", "stage", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ProjectKind] = mapped_column(Choice(ProjectKind))
    stage: Mapped[Stage] = mapped_column(Choice(Stage))
    valid_from: Mapped[date]
    requirements: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    by: Mapped[User | None] = relationship(lazy="joined")


class ProjectApproval(Versioned, Recorded, Base):
    """One item of a project's list of approvals: by when it is due, when and under which number it was granted.

    What does not apply to this project (`is_inapplicable`) says why in `note`.
    """

    __tablename__ = "project_approvals"
    __table_args__ = (UniqueConstraint("project_id", "kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    kind: Mapped[ApprovalKind] = mapped_column(Choice(ApprovalKind))
    name: Mapped[str] = mapped_column(String(80), default="")  # what the kind 其他 is, or which one
    due_on: Mapped[date | None]
    granted_on: Mapped[date | None]
    number: Mapped[str] = mapped_column(String(60), default="")
    is_inapplicable: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    project: Mapped[Project] = relationship()

    @property
    def is_settled(self) -> bool:
        return self.is_inapplicable or self.granted_on is not None
