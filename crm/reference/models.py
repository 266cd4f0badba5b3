"""Settings that an administrator may change; their defaults and meaning are in settings.py."""

from datetime import datetime
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
