"""A firm in the library of those that are to climb."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum
from crm.ladder.rungs import Rung
from crm.people.models import User


class Result(LabelledEnum):
    """How a cultivation ended; a person says so."""

    REACHED = "reached", N_("达成")
    NOT_REACHED = "not_reached", N_("到期未达成")
    LEFT_THE_PARK = "left_the_park", N_("企业离园")
    WITHDRAWN = "withdrawn", N_("调整出库")


class Cultivation(Versioned, Recorded, Base):
    """A firm in the library of one rung until the end of a year; in each library once at a time.

    `left_on` and `result` come together. Who is in which library is asked by the rung: there is no table of libraries.
    """

    __tablename__ = "cultivations"
    __table_args__ = (
        Index(
            "ix_cultivations_company_id_target_rung", "company_id", "target_rung", unique=True,
            sqlite_where=text("left_on IS NULL"), postgresql_where=text("left_on IS NULL"),
        ),
        CheckConstraint("left_on IS NULL OR left_on >= entered_on", name="ends_after_it_begins"),
        CheckConstraint("(left_on IS NULL) = (result IS NULL)", name="ends_with_a_result"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    target_rung: Mapped[Rung] = mapped_column(Choice(Rung))
    target_year: Mapped[int] = mapped_column(index=True)
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)  # 挂钩领导
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)  # 服务专员
    measures: Mapped[str] = mapped_column(Text, default="")
    entered_on: Mapped[date] = mapped_column(index=True)
    left_on: Mapped[date | None]
    result: Mapped[Result | None] = mapped_column(Choice(Result))
    note: Mapped[str] = mapped_column(String(200), default="")  # what there is to say of the result

    company: Mapped[Company] = relationship()
    leader: Mapped[User | None] = relationship(foreign_keys=[leader_id])
    officer: Mapped[User | None] = relationship(foreign_keys=[officer_id])
