"""What an administrator may change: settings, counting rules, the calendar; their meaning is in the files named after them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core import clock
from crm.core.columns import Choice
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum
from crm.people.models import User


class Setting(Base):
    """One named value, as JSON."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


class EntrantRule(Versioned, Recorded, Base):
    """What counts as 新增入驻企业 from a day on, until the next version begins. `kinds`: values of CompanyKind, by spaces."""

    __tablename__ = "entrant_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(unique=True)
    kinds: Mapped[str] = mapped_column(String(200))
    needs_licence: Mapped[bool]
    needs_agreement: Mapped[bool]
    counts_returns: Mapped[bool]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    changed_by: Mapped[User | None] = relationship()


class CountsBy(LabelledEnum):
    """The day from which a firm counts as 规上."""

    APPROVED = "approved", N_("批准日期")
    REPORTS = "reports", N_("起报月")
    ENTERED = "entered", N_("入库日期")


class AboveScaleRule(Recorded, Base):
    """By which day a 规上 firm counts, if it was approved from `valid_from` on, until the next version begins."""

    __tablename__ = "above_scale_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(unique=True)
    counts_by: Mapped[CountsBy] = mapped_column(Choice(CountsBy))
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    changed_by: Mapped[User | None] = relationship()


class CalendarDay(Base):
    """A day that is not what its weekday says: a holiday from Monday to Friday, or a weekend day that is worked (调休)."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    name: Mapped[str] = mapped_column(String(40), default="")  # 国庆节
