"""What a firm holds: qualifications with their dates, and the labels that the park keeps beside those of the ladder."""

from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum
from crm.people.models import User


class QualificationKind(LabelledEnum):
    """Certificates, registers and events that count. Validity rules are in qualifications.py."""

    HIGH_TECH = "high_tech", N_("高新技术企业")
    TECH_SME = "tech_sme", N_("科技型中小企业")
    ABOVE_SCALE = "above_scale", N_("规模以上企业")
    SHARE_REFORM = "share_reform", N_("股份制改造")
    QUOTED = "quoted", N_("挂牌")
    LISTED = "listed", N_("上市")
    LABEL = "label", N_("其他资质")  # which one says `label`: it proves no rung


class Level(LabelledEnum):
    """Whose word it is."""

    NATIONAL = "national", N_("国家级"), "国家"
    PROVINCIAL = "provincial", N_("省级"), "省", "江苏省"
    MUNICIPAL = "municipal", N_("市级"), "市", "常州市"
    DISTRICT = "district", N_("区级"), "区", "武进区"


class Specialty(LabelledEnum):
    """专业 of the statistical register, by which a firm of the 四上 reports."""

    INDUSTRY = "industry", N_("工业")
    CONSTRUCTION = "construction", N_("建筑业")
    TRADE = "trade", N_("批发和零售业")
    CATERING = "catering", N_("住宿和餐饮业")
    REAL_ESTATE = "real_estate", N_("房地产开发经营业")
    SERVICES = "services", N_("服务业")


class Validity(LabelledEnum):
    """How long a label counts from its day of issue."""

    YEARS = "years", N_("满若干年")
    YEAR_END = "year_end", N_("至当年12月31日")
    OPEN = "open", N_("长期有效")


class QualificationLabel(Versioned, Recorded, Base):
    """专精特新, 雏鹰, 瞪羚 …: a qualification without a legal rule of its own, kept by an administrator."""

    __tablename__ = "qualification_labels"
    __table_args__ = (
        CheckConstraint("(validity = 'years') = (years IS NOT NULL)", name="years_where_asked"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    authority: Mapped[str] = mapped_column(String(80), default="")
    level: Mapped[Level] = mapped_column(Choice(Level))
    validity: Mapped[Validity] = mapped_column(Choice(Validity))
    years: Mapped[int | None]
    archived_at: Mapped[datetime | None]  # no longer offered; what was awarded stays


class Qualification(Versioned, Recorded, Base):
    """One proof held by a firm. It counts on a day d when counts_from ≤ d < counts_to (no end: open).

    `counts_from` and `counts_to` follow from the other dates by the kind's rule and are set by the services only, so
    that every query asks the same two columns. The dates themselves stay as they stand on the certificate. It counts
    from `issued_on` (never from the day on which it was announced or received), once a second person has verified it.
    """

    __tablename__ = "qualifications"
    __table_args__ = (
        UniqueConstraint("company_id", "label_id", "number"),
        Index(
            "uq_qualifications_company_id_kind_number",
            "company_id",
            "kind",
            "number",
            unique=True,
            sqlite_where=text("label_id IS NULL"),
            postgresql_where=text("label_id IS NULL"),
        ),
        CheckConstraint(
            "counts_to IS NULL OR counts_to >= counts_from", name="ends_after_it_begins"
        ),
        Index(
            "ix_qualifications_kind_counts",
            "kind",
            "state",
            "counts_from",
            "counts_to",
            "company_id",
        ),
        # What the register is sorted and filtered by (crm.lists.walking).
        Index("ix_qualifications_counts_to", "counts_to", "id"),
        Index("ix_qualifications_issued_on", "issued_on", "id"),
        Index("ix_qualifications_recorded_at", "recorded_at", "id"),
        Index("ix_qualifications_number", "number", "id"),
        Index("ix_qualifications_batch", "batch", "id"),
        Index("ix_qualifications_source", "source", "id"),
        Index("ix_qualifications_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    kind: Mapped[QualificationKind] = mapped_column(Choice(QualificationKind))
    label_id: Mapped[int | None] = mapped_column(
        ForeignKey("qualification_labels.id"), index=True
    )  # of kind LABEL only
    number: Mapped[str] = mapped_column(String(60))
    name_on_it: Mapped[str] = mapped_column(String(120), default="")
    authority: Mapped[str] = mapped_column(
        String(80), default=""
    )  # who gave it; for 挂牌/上市 the board
    level: Mapped[Level | None] = mapped_column(Choice(Level))
    batch: Mapped[str] = mapped_column(String(60), default="")
    announced_on: Mapped[date | None]  # 公示/公告
    issued_on: Mapped[date]  # of 规上 the day of approval
    received_on: Mapped[date | None]  # 领证
    valid_to: Mapped[date | None]  # last day printed on it, where one is
    revoked_on: Mapped[date | None]  # 取消, 退库, 退市, once verified (Revocation)
    reason: Mapped[str] = mapped_column(String(120), default="")  # why it was revoked
    counts_from: Mapped[date]
    counts_to: Mapped[date | None]
    is_renewal: Mapped[bool] = mapped_column(default=False)  # 重新认定
    is_moved_in: Mapped[bool] = mapped_column(default=False)  # 整体迁移: never newly certified here
    renewal_filed_on: Mapped[date | None]  # 到期待重新认定: the next one was applied for
    reports_from_on: Mapped[date | None]  # 规上 起报月: its first day
    specialty: Mapped[Specialty | None] = mapped_column(Choice(Specialty))  # 规上 专业
    source: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[VerificationState] = mapped_column(
        Choice(VerificationState), default=VerificationState.PENDING
    )
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    review_note: Mapped[str] = mapped_column(String(200), default="")  # why it was returned

    company: Mapped[Company] = relationship()
    label: Mapped[QualificationLabel | None] = relationship()
    reported_by: Mapped[User | None] = relationship(foreign_keys=[reported_by_id])
    verified_by: Mapped[User | None] = relationship(foreign_keys=[verified_by_id])

    @property
    def title(self) -> str:
        """What it is called: a msgid, or a label's own name."""
        return self.label.name if self.label else self.kind.label

    @property
    def last_day(self) -> date | None:
        """The last day on which it counts; None while that is open."""
        return self.counts_to - timedelta(days=1) if self.counts_to else None


class Revocation(Versioned, Recorded, Base):
    """The end of a proof before its time (取消, 退库, 摘牌, 退市) as it was reported.

    The proof counts on until a second person has verified it: only then is its day the proof's `revoked_on`.
    """

    __tablename__ = "revocations"
    __table_args__ = (
        Index(
            "uq_revocations_waiting",
            "qualification_id",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_revocations_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    qualification_id: Mapped[int] = mapped_column(ForeignKey("qualifications.id"), index=True)
    revoked_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(120), default="")  # the notice that says so
    state: Mapped[VerificationState] = mapped_column(
        Choice(VerificationState), default=VerificationState.PENDING
    )
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    review_note: Mapped[str] = mapped_column(String(200), default="")  # why it was returned

    qualification: Mapped[Qualification] = relationship()
    reported_by: Mapped[User | None] = relationship(foreign_keys=[reported_by_id])
    verified_by: Mapped[User | None] = relationship(foreign_keys=[verified_by_id])


class Match(LabelledEnum):
    """How a name of a published list was found among our firms."""

    USCC = "uscc", N_("信用代码一致")
    NAME = "name", N_("名称一致")
    FORMER = "former", N_("曾用名一致")
    ALIKE = "alike", N_("名称相近")
    BY_HAND = "by_hand", N_("人工指定")
    NONE = "none", N_("未匹配")


class RowState(LabelledEnum):
    """What became of a name of a published list."""

    OPEN = "open", N_("待处理")
    TAKEN = "taken", N_("已登记")
    NOT_OURS = "not_ours", N_("非本园企业")


class OfficialList(Recorded, Base):
    """A published list of names (a batch of 高企, a 规上 list …) as it was read in; its file is attached to it.

    `key` tells whether the same list was read before. Its rows touch no firm before they are confirmed.
    """

    __tablename__ = "official_lists"
    __table_args__ = (UniqueConstraint("unit_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))  # whose reader took it in
    kind: Mapped[QualificationKind] = mapped_column(Choice(QualificationKind))
    label_id: Mapped[int | None] = mapped_column(ForeignKey("qualification_labels.id"))
    name: Mapped[str] = mapped_column(String(120))  # of the document: the source of its proofs
    authority: Mapped[str] = mapped_column(String(80), default="")
    batch: Mapped[str] = mapped_column(String(60), default="")
    issued_on: Mapped[date]
    announced_on: Mapped[date | None]
    read_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    label: Mapped[QualificationLabel | None] = relationship()
    read_by: Mapped[User | None] = relationship()

    @property
    def title(self) -> str:
        return self.label.name if self.label else self.kind.label


class OfficialRow(Base):
    """One name of a published list, as it stands there, and the firm of ours that it is taken for."""

    __tablename__ = "official_rows"
    __table_args__ = (Index("ix_official_rows_list_id_state", "list_id", "state", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("official_lists.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    uscc: Mapped[str] = mapped_column(String(18), default="")
    number: Mapped[str] = mapped_column(String(60), default="")
    match: Mapped[Match] = mapped_column(Choice(Match), default=Match.NONE)
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"), index=True)
    state: Mapped[RowState] = mapped_column(Choice(RowState), default=RowState.OPEN)
    qualification_id: Mapped[int | None] = mapped_column(ForeignKey("qualifications.id"))

    company: Mapped[Company | None] = relationship()
