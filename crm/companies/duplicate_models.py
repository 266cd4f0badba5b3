"""Firms that may be one: what they share, the pairs that were found, and the merges of those that were."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.core.columns import Choice, ChoiceSet
from crm.core.db import Base, Recorded
from crm.core.words import N_, LabelledEnum
from crm.people.models import User


class Reason(LabelledEnum):
    """Why two firms may be one."""

    NAME = "name", N_("名称相同")
    CODE = "code", N_("信用代码相近")
    FORMER = "former", N_("曾用名相同")
    PHONE = "phone", N_("电话相同且名称相近")
    REGION = "region", N_("名称仅地区不同")
    READING = "reading", N_("名称读音相同")


class PairState(LabelledEnum):
    """What became of a pair."""

    OPEN = "open", N_("待核对")
    DISMISSED = "dismissed", N_("不是同一家")
    MERGED = "merged", N_("已合并")


class LikenessKey(Base):
    """A name, a reading, a telephone or a code of a firm as a number; firms that share one are looked at.

    Repeats the firm; only duplicates.py sets it. Archived firms have none.
    """

    __tablename__ = "likeness_keys"

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    company_id: Mapped[int] = mapped_column(
        ForeignKey("companies.id"), primary_key=True, index=True
    )


class DuplicatePair(Recorded, Base):
    """Two firms that may be one. `seen` is of their names and codes: a dismissed pair comes back when these changed."""

    __tablename__ = "duplicate_pairs"
    __table_args__ = (
        UniqueConstraint("lower_id", "higher_id"),
        CheckConstraint("lower_id < higher_id", name="in_order"),
        Index("ix_duplicate_pairs_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lower_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    higher_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    reasons: Mapped[frozenset[Reason]] = mapped_column(ChoiceSet(Reason))
    score: Mapped[int]
    seen: Mapped[str] = mapped_column(String(32))
    state: Mapped[PairState] = mapped_column(Choice(PairState), default=PairState.OPEN)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]

    decided_by: Mapped[User | None] = relationship()


class Merge(Recorded, Base):
    """One firm's record taken into another's. `written` is JSON, from which it is undone (ledger.py)."""

    __tablename__ = "merges"
    __table_args__ = (CheckConstraint("winner_id <> loser_id", name="joins_two"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    winner_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    loser_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    written: Mapped[str] = mapped_column(Text)
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    winner: Mapped[Company] = relationship(foreign_keys=[winner_id])
    loser: Mapped[Company] = relationship(foreign_keys=[loser_id])
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])
    undone_by: Mapped[User | None] = relationship(foreign_keys=[undone_by_id])
