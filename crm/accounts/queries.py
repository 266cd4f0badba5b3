"""What the pages of accounts ask."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Select, func, or_, select

from crm.accounts.models import ABSOLUTE_LIMIT, AuthSession
from crm.audit.models import AuditEntry
from crm.core.db import session
from crm.people import queries as people
from crm.people.models import Unit, User


def living_sessions(user: User, *, at: datetime) -> Select[AuthSession]:
    """A person's sessions that have not run out, newest first."""
    return (
        select(AuthSession)
        .where(AuthSession.user_id == user.id, AuthSession.created_at > at - ABSOLUTE_LIMIT)
        .order_by(AuthSession.created_at.desc())
    )


def users(*, search: str = "", after: str = "") -> Select[User]:
    """People by user name, disabled ones too; `search` looks in name, user name and unit, `after` continues a page."""
    query = people.users().where(User.username > after)
    if search:
        found = (
            column.contains(search, autoescape=True)
            for column in (User.name, User.username, Unit.name)
        )
        query = query.join(Unit, Unit.id == User.unit_id).where(or_(*found))
    return query


def unit_tree() -> list[Unit]:
    """The open units, each before those below it; brothers by position."""
    below: dict[int | None, list[Unit]] = defaultdict(list)
    open_units = list(session.scalars(people.units()))
    ids = {unit.id for unit in open_units}
    for unit in open_units:
        below[unit.parent_id if unit.parent_id in ids else None].append(unit)

    def walk(parent_id: int | None) -> list[Unit]:
        return [line for unit in below[parent_id] for line in (unit, *walk(unit.id))]

    return walk(None)


def people_by_unit() -> dict[int, int]:
    """Unit → its people with an open account."""
    query = select(User.unit_id, func.count()).where(User.disabled_at.is_(None))
    return dict(session.execute(query.group_by(User.unit_id)).all())


def actors() -> Select[int | None, str]:
    """Who stands in the audit log, by the number and name they acted under last."""
    last = select(func.max(AuditEntry.id)).where(AuditEntry.actor_id.is_not(None))
    last = last.group_by(AuditEntry.actor_id)
    query = select(AuditEntry.actor_id, AuditEntry.actor).where(AuditEntry.id.in_(last))
    return query.order_by(AuditEntry.actor)
