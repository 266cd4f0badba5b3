"""Signing in and out. Hashing happens outside any transaction; each write here is a short one of its own."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from crm.accounts import passwords
from crm.accounts.models import AuthSession, LoginAttempts
from crm.audit.services import SYSTEM, record
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.models import User
from crm.people.queries import user_by_username

ABSOLUTE_LIMIT = timedelta(hours=12)
IDLE_LIMIT = timedelta(minutes=60)
WINDOW = timedelta(minutes=15)
ACCOUNT_LIMIT = 8
ADDRESS_LIMIT = 60


class LoginRefused(DomainError):
    """Wrong name or password: never says which."""


class TooManyAttempts(DomainError):
    """The account or the address has failed too often; waits out the window."""

    status = 429


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(username: str, password: str, *, address: str, agent: str) -> str:
    """Check name and password and open a session; returns the token for the cookie.

    The one service that opens its own transactions: the attempt is counted whatever comes after, and the lock is not
    held while the hash is computed. Raises LoginRefused, TooManyAttempts.
    """
    keys = (f"account:{username.casefold()[:60]}", f"address:{address[:60]}")
    with writing():
        counts = [_count_attempt(key) for key in keys]
    if counts[0] > ACCOUNT_LIMIT or counts[1] > ADDRESS_LIMIT:
        minutes = int(WINDOW.total_seconds() // 60)
        raise TooManyAttempts(N_("登录失败次数过多，请在%(minutes)s分钟后再试。"), minutes=minutes)

    user = user_by_username(username)
    stored = user.password_hash if user and user.disabled_at is None else None
    session.rollback()  # nothing is held while the hash is computed
    if not passwords.matches(stored, password) or user is None:
        with writing():
            record("login.refused", None, by=SYSTEM, name=username[:60])
        raise LoginRefused(N_("用户名或密码不正确。"))

    token = secrets.token_urlsafe(32)
    with writing():
        _forget_attempts(keys)
        session.execute(
            delete(AuthSession).where(AuthSession.created_at < clock.now() - ABSOLUTE_LIMIT)
        )
        session.add(
            AuthSession(
                token_hash=token_hash(token),
                user_id=user.id,
                address=address[:60],
                agent=agent[:200],
            )
        )
        record("login.accepted", user, by=user)
    return token


def sign_out(token: str, *, by: User) -> None:
    """End one session."""
    session.execute(delete(AuthSession).where(AuthSession.token_hash == token_hash(token)))
    record("logout", by, by=by)


def end_sessions(user: User, *, by: User, keep: str | None = None) -> None:
    """End all of a person's sessions, but for the one whose token is `keep`."""
    query = delete(AuthSession).where(AuthSession.user_id == user.id)
    if keep:
        query = query.where(AuthSession.token_hash != token_hash(keep))
    session.execute(query)
    record("sessions.ended", user, by=by)


def session_of(token: str, *, at: datetime) -> AuthSession | None:
    """The living session behind a cookie's token, with its user and unit, in one query."""
    found = session.scalar(
        select(AuthSession).where(
            AuthSession.token_hash == token_hash(token),
            AuthSession.created_at > at - ABSOLUTE_LIMIT,
        )
    )
    return found if found and found.user.disabled_at is None else None


def _count_attempt(key: str) -> int:
    """One more attempt for this key, in one statement; a window that has ended begins anew."""
    now = clock.now()
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    ended = LoginAttempts.window_began_at < now - WINDOW
    statement = insert(LoginAttempts).values(key=key, window_began_at=now, count=1)
    counted = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((ended, 1), else_=LoginAttempts.count + 1),
            "window_began_at": case((ended, now), else_=LoginAttempts.window_began_at),
        },
    ).returning(LoginAttempts.count)
    return int(session.execute(counted).scalar_one())


def _forget_attempts(keys: tuple[str, ...]) -> None:
    session.execute(delete(LoginAttempts).where(LoginAttempts.key == keys[0]))
