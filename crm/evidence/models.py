"""What every record of evidence is, whatever its kind: whose it is, when it happened, where it counts, who verified it."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.people.models import Unit, User

PRESENT = text("archived_at IS NULL")
LONGEST_HOLDER = 300
LONGEST_KEY = 400


class Evidence(Versioned, Recorded, Base):
    """One record of a register. It counts once a second person has verified it, in the unit `counted_unit_id`.

    That is the 统计归属 of its firm on the day it happened, and none where the firm had none: then it counts nowhere. Of a
    record without a firm it is the unit that keeps it, where the kind allows that. Only services/counting set it.
    `title` is what the record is called, in the words of its kind; `holder` whose it is, as written.
    """

    __abstract__ = True

    FILTERS: ClassVar[tuple[str, ...]] = ()  # what metrics of the kind are narrowed by
    AMOUNT: ClassVar[tuple[str, ...]] = ()  # what metrics of the kind add up
    ORDERS: ClassVar[tuple[str, ...]] = ()  # what its list is sorted by beside the usual
    LATER: ClassVar[tuple[str, str] | None] = None  # a second date that counts, and where it does

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    holder: Mapped[str] = mapped_column(String(LONGEST_HOLDER), default="")
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))  # who keeps it: its firm's, if any
    counted_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    happened_on: Mapped[date]
    natural_key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    source: Mapped[str] = mapped_column(String(120), default="")  # the document that says so
    author: Mapped[str] = mapped_column(String(60), default="")  # 经办人 as written
    note: Mapped[str] = mapped_column(String(400), default="")
    state: Mapped[VerificationState] = mapped_column(
        Choice(VerificationState), default=VerificationState.PENDING
    )
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    review_note: Mapped[str] = mapped_column(String(200), default="")  # why it was returned
    archived_at: Mapped[datetime | None]

    @declared_attr
    def company(cls) -> Mapped[Company | None]:  # noqa: N805
        return relationship(Company)

    @declared_attr
    def unit(cls) -> Mapped[Unit]:  # noqa: N805
        return relationship(Unit, foreign_keys=[cls.unit_id])  # type: ignore[list-item]

    @declared_attr
    def counted_unit(cls) -> Mapped[Unit | None]:  # noqa: N805
        return relationship(Unit, foreign_keys=[cls.counted_unit_id])  # type: ignore[list-item]

    @declared_attr
    def reported_by(cls) -> Mapped[User | None]:  # noqa: N805
        return relationship(User, foreign_keys=[cls.reported_by_id])  # type: ignore[list-item]

    @declared_attr
    def verified_by(cls) -> Mapped[User | None]:  # noqa: N805
        return relationship(User, foreign_keys=[cls.verified_by_id])  # type: ignore[list-item]

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        name = cls.__tablename__
        listed = ("title", "happened_on", "recorded_at", *cls.ORDERS)
        return (
            _present(f"uq_{name}_natural_key", "natural_key", unique=True),
            *(cls.counting(day, unit) for day, unit in cls.days()),
            Index(f"ix_{name}_waiting", "state", "source", "id"),
            Index(f"ix_{name}_company_id", "company_id", "state"),
            Index(f"ix_{name}_unit_id", "unit_id", "id"),
            *(Index(f"ix_{name}_{column}", column, "id") for column in listed),
        )

    @classmethod
    def days(cls) -> tuple[tuple[str, str], ...]:
        """The dates that count, each with the column of the unit in which it does."""
        first = ("happened_on", "counted_unit_id")
        return (first, cls.LATER) if cls.LATER else (first,)

    @classmethod
    def counting(cls, day: str, unit: str) -> Index:
        """All that a figure by that day reads, in one index: the year's verified ones lie together, whatever narrows them.

        With archived_at, although all in it are present: SQLite asks for it once more.
        """
        columns = ("state", day, *cls.FILTERS, unit, *cls.AMOUNT, "company_id", "archived_at", "id")
        return _present(f"ix_{cls.__tablename__}_counts_{day}", *columns)


def _present(name: str, *columns: str, unique: bool = False) -> Index:
    """An index of what is not archived."""
    return Index(name, *columns, unique=unique, sqlite_where=PRESENT, postgresql_where=PRESENT)


class CoHolder(Base):
    """A further park firm of a record that several hold: it counts 1 in the park, and 1 in each carrier of theirs.

    `kind` is the key of the register, `record_id` its record there. `later_unit_id` belongs to the second date of a kind that
    has one (the grant of a patent).
    """

    __tablename__ = "evidence_co_holders"
    __table_args__ = (
        UniqueConstraint("kind", "record_id", "company_id"),
        Index("ix_evidence_co_holders_company_id", "company_id", "kind", "record_id"),
        Index(
            "ix_evidence_co_holders_units", "kind", "record_id", "counted_unit_id", "later_unit_id"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    counted_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    later_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))

    company: Mapped[Company] = relationship()
