"""What an administrator may change: settings, with their defaults and meaning in settings.py, and the calendar."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock
from crm.core.db import Base


class Setting(Base):
    """One named value, as JSON."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


class CalendarDay(Base):
    """A day that is not what its weekday says: a holiday from Monday to Friday, or a weekend day that is worked (调休)."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    name: Mapped[str] = mapped_column(String(40), default="")  # 国庆节
