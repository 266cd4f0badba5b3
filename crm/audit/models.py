"""The audit log: one row for each thing done, chained so that a removed or changed row shows."""

from sqlalchemy import BigInteger, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base

BigId = BigInteger().with_variant(Integer, "sqlite")


class AuditEntry(Base):
    """What one person did at one moment. Rows are only ever added; `hash` covers the stored text and the hash before it.

    `at` is ISO text in UTC, exactly as hashed. The actor is kept by name as well and
    without a foreign key: the log outlives accounts.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_subject", "subject_type", "subject_id", "id"),
        Index("ix_audit_entries_actor", "actor_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)  # address and request, or the command line
    action: Mapped[str] = mapped_column(Text)  # "project.moved"
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int | None]
    subject: Mapped[str] = mapped_column(Text)  # its name at the time
    details: Mapped[str] = mapped_column(Text)  # JSON: {"field": [before, after]}
    previous_hash: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
