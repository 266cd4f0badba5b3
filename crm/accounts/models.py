"""Sessions that can be revoked, and the counting of failed logins."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core import clock
from crm.core.db import Base
from crm.people.models import User

ABSOLUTE_LIMIT = timedelta(hours=12)
IDLE_LIMIT = timedelta(minutes=60)  # kept by the age of the cookie


class AuthSession(Base):
    """One signed-in browser. The cookie holds a random token, this row its SHA-256; deleting the row ends the session."""

    __tablename__ = "auth_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    address: Mapped[str] = mapped_column(String(60), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class LoginAttempts(Base):
    """Failed logins in the current window, by account and by address ("account:wang", "address:10.0.0.7")."""

    __tablename__ = "login_attempts"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    window_began_at: Mapped[datetime] = mapped_column(index=True)
    count: Mapped[int] = mapped_column(default=0)
