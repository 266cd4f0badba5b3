"""What proves a rung: qualifications with their dates."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum


class QualificationKind(LabelledEnum):
    """Certificates, registers and events that count. Validity rules are in qualifications.py."""

    HIGH_TECH = "high_tech", N_("高新技术企业")
    TECH_SME = "tech_sme", N_("科技型中小企业")
    ABOVE_SCALE = "above_scale", N_("规模以上企业")
    SHARE_REFORM = "share_reform", N_("股份制改造")
    QUOTED = "quoted", N_("挂牌")
    LISTED = "listed", N_("上市")


class Qualification(Versioned, Recorded, Base):
    """One proof held by a firm. It counts on a day d when counts_from ≤ d < counts_to (no end: open).

    `counts_from` and `counts_to` follow from the other dates by the kind's rule and are set by the services only, so
    that every query asks the same two columns. The dates themselves stay as they stand on the certificate.
    """

    __tablename__ = "qualifications"
    __table_args__ = (
        UniqueConstraint("company_id", "kind", "number"),
        CheckConstraint(
            "counts_to IS NULL OR counts_to >= counts_from", name="ends_after_it_begins"
        ),
        Index("ix_qualifications_kind_counts", "kind", "counts_from", "counts_to", "company_id"),
        Index("ix_qualifications_counts_to", "counts_to"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    kind: Mapped[QualificationKind] = mapped_column(Choice(QualificationKind))
    number: Mapped[str] = mapped_column(String(60))
    name_on_it: Mapped[str] = mapped_column(String(120), default="")
    authority: Mapped[str] = mapped_column(
        String(80), default=""
    )  # who gave it; for 挂牌/上市 the board
    batch: Mapped[str] = mapped_column(String(60), default="")
    issued_on: Mapped[date]
    valid_to: Mapped[date | None]  # last day printed on it, where one is
    revoked_on: Mapped[date | None]  # 取消, 退库, 退市
    reason: Mapped[str] = mapped_column(String(120), default="")  # why it was revoked
    counts_from: Mapped[date]
    counts_to: Mapped[date | None]
    is_renewal: Mapped[bool] = mapped_column(default=False)  # 重新认定
    is_moved_in: Mapped[bool] = mapped_column(default=False)  # 整体迁移: never newly certified here
    source: Mapped[str] = mapped_column(String(120), default="")

    company: Mapped[Company] = relationship()
