"""Signing in and out, and one's own password.

`sign_in` and `change_password` open their own short transactions, as nothing else in a service does: an attempt counts
whatever comes after it, and no lock is held while a password is hashed.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, bindparam, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crm.accounts import passwords
from crm.accounts.models import ABSOLUTE_LIMIT, AuthSession, LoginAttempts
from crm.audit.services import SYSTEM, Actor, record
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people import services as people
from crm.people.models import User
from crm.people.queries import user_by_username

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


def sign_in(
    username: str, password: str, *, address: str, agent: str, replaces: str | None = None
) -> str:
    """Check name and password and open a session; returns the token for the cookie.

    `replaces` is the token that the browser came with: its session ends. Raises LoginRefused, TooManyAttempts.
    """
    keys = (_account_key(username), f"address:{address[:60]}")
    _count_attempts({keys[0]: ACCOUNT_LIMIT, keys[1]: ADDRESS_LIMIT})

    user = user_by_username(username)
    stored = user.password_hash if user and user.disabled_at is None else None
    session.rollback()  # nothing is held while the hash is computed
    is_right = passwords.matches(stored, password)

    token = secrets.token_urlsafe(32)
    with writing():
        if user and is_right and user.disabled_at is None and user.password_hash == stored:
            _forget_attempts(*keys)
            _forget_what_has_ended(replaces)
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
        record("login.refused", None, by=SYSTEM, name=username[:60])
    raise LoginRefused(N_("用户名或密码不正确。"), field="password")


def sign_out(token: str, *, by: User) -> None:
    """End one session."""
    session.execute(delete(AuthSession).where(AuthSession.token_hash == token_hash(token)))
    record("logout", by, by=by)


def end_session(auth_session: AuthSession, *, by: User) -> None:
    """End one session of a list."""
    session.delete(auth_session)
    record("sessions.ended", auth_session.user, by=by, address=auth_session.address)


def end_sessions(user: User, *, by: Actor, keep: str | None = None) -> None:
    """End all of a person's sessions, but for the one whose token is `keep`."""
    query = delete(AuthSession).where(AuthSession.user_id == user.id)
    if keep:
        query = query.where(AuthSession.token_hash != token_hash(keep))
    session.execute(query)
    record("sessions.ended", user, by=by)


def user_of(token: str, *, at: datetime) -> User | None:
    """The person behind a cookie's token, with the unit, in one query; None once the session has ended."""
    asked = {"token_hash": token_hash(token), "since": at - ABSOLUTE_LIMIT}
    return session.scalar(_signed_in(), asked)


@cache  # every request asks
def _signed_in() -> Select[User]:
    return (
        select(User)
        .join(AuthSession, AuthSession.user_id == User.id)
        .where(
            AuthSession.token_hash == bindparam("token_hash"),
            AuthSession.created_at > bindparam("since"),
            User.disabled_at.is_(None),
        )
    )


def change_password(user: User, present: str, new: str, *, token: str) -> None:
    """Set one's own password, having shown the present one; ends one's other sessions.

    Guesses at the present one count as failed logins. Raises DomainError, LoginRefused, TooManyAttempts.
    """
    passwords.check_new(new, username=user.username)
    if new == present:
        raise DomainError(N_("新密码不能与当前密码相同。"), field="password")
    key = _account_key(user.username)
    _count_attempts({key: ACCOUNT_LIMIT})

    stored = user.password_hash
    session.rollback()
    is_right = passwords.matches(stored, present)
    password_hash = passwords.hash_password(new) if is_right else ""

    with writing():
        if is_right and user.password_hash == stored:
            _forget_attempts(key)
            people.set_password(user, password_hash, by=user)
            end_sessions(user, by=user, keep=token)
            return
        record("user.password_refused", user, by=user)
    raise LoginRefused(N_("当前密码不正确。"), field="present")


def _account_key(username: str) -> str:
    return f"account:{username.casefold()[:60]}"


def _count_attempts(limits: dict[str, int]) -> None:
    """Count one attempt for each key. Raises TooManyAttempts past a limit; the log notes where it was crossed."""
    with writing():
        counts = {key: _count_attempt(key) for key in limits}
        for key, limit in limits.items():
            if counts[key] == limit + 1:
                record("login.locked", None, by=SYSTEM, name=key)
    if any(counts[key] > limit for key, limit in limits.items()):
        minutes = int(WINDOW.total_seconds() // 60)
        raise TooManyAttempts(
            N_("失败次数过多，请在%(minutes)s分钟后再试。"), field="password", minutes=minutes
        )


def _count_attempt(key: str) -> int:
    """One more attempt for this key, in one statement; a window that has ended begins anew."""
    now = clock.now()
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    ended = LoginAttempts.window_began_at < now - WINDOW
    first = insert(LoginAttempts).values(key=key, window_began_at=now, count=1)
    statement = first.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((ended, 1), else_=LoginAttempts.count + 1),
            "window_began_at": case((ended, now), else_=LoginAttempts.window_began_at),
        },
    ).returning(LoginAttempts.count)
    return int(session.execute(statement).scalar_one())


def _forget_attempts(account: str, address: str | None = None) -> None:
    """A success clears its account and does not count for its address: a whole office may share one."""
    session.execute(delete(LoginAttempts).where(LoginAttempts.key == account))
    if address:
        session.execute(
            update(LoginAttempts)
            .where(LoginAttempts.key == address)
            .values(count=LoginAttempts.count - 1)
        )


def _forget_what_has_ended(replaced: str | None) -> None:
    now = clock.now()
    session.execute(delete(LoginAttempts).where(LoginAttempts.window_began_at < now - WINDOW))
    session.execute(delete(AuthSession).where(AuthSession.created_at < now - ABSOLUTE_LIMIT))
    if replaced:
        session.execute(delete(AuthSession).where(AuthSession.token_hash == token_hash(replaced)))
