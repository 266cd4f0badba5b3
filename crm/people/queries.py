"""What we ask about people and units."""

from sqlalchemy import Select, select

from crm.core.db import session
from crm.people.models import Unit, UnitKind, User
from crm.people.scope import Scope


def units(scope: Scope | None = None) -> Select[Unit]:
    """The open units in tree order, limited to a scope where one is given."""
    query = select(Unit).where(Unit.closed_at.is_(None)).order_by(Unit.position, Unit.id)
    return query.where(scope.includes(Unit.id)) if scope else query


def carriers(scope: Scope) -> Select[Unit]:
    """The places where firms can reside: carriers, gardens, colleges and the park itself."""
    kinds = (UnitKind.PARK, UnitKind.CARRIER, UnitKind.GARDEN, UnitKind.COLLEGE)
    return units(scope).where(Unit.kind.in_(kinds))


def unit_by_code(code: str) -> Unit | None:
    return session.scalar(select(Unit).where(Unit.code == code))


def user_by_username(username: str) -> User | None:
    return session.scalar(select(User).where(User.username == username))


def users() -> Select[User]:
    return select(User).order_by(User.username)


def staff(scope: Scope) -> Select[User]:
    """Who can be put in charge of something within a scope: the open accounts of its units, by name."""
    return (
        select(User)
        .where(User.disabled_at.is_(None), scope.includes(User.unit_id))
        .order_by(User.name, User.id)
    )
