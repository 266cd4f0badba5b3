"""Reports as they were issued: their figures and words never change again."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.db import Base, Recorded
from crm.people.models import Unit, User


class IssuedReport(Recorded, Base):
    """A report of a month as it went out: all of it as JSON, with its digest and who approved it. Rows are only added."""

    __tablename__ = "issued_reports"
    __table_args__ = (
        Index(
            "uq_issued_reports_park", "kind", "month", unique=True,
            sqlite_where=text("unit_id IS NULL"), postgresql_where=text("unit_id IS NULL"),
        ),
        Index(
            "uq_issued_reports_unit", "kind", "month", "unit_id", unique=True,
            sqlite_where=text("unit_id IS NOT NULL"), postgresql_where=text("unit_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    month: Mapped[date]  # its first day
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))  # none: the whole park
    as_of: Mapped[date]
    issued_on: Mapped[date]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))

    unit: Mapped[Unit | None] = relationship()
    approved_by: Mapped[User | None] = relationship()
