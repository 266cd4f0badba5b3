"""Making and changing units and users. Rules only: pages and password prompts are elsewhere."""

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.people.models import Unit, UnitKind, User
from crm.people.roles import Right, Role


class AlreadyTaken(Conflict):
    """Another unit or account has this name."""


@dataclass(frozen=True)
class UnitDetails:
    """What a unit is."""

    code: str
    name: str
    kind: UnitKind
    parent: Unit | None = None
    is_national_incubator: bool = False
    position: int = 0


@dataclass(frozen=True)
class UserDetails:
    """Who a user is and what they may do."""

    username: str
    name: str
    unit: Unit
    roles: frozenset[Role]
    rights: frozenset[Right] = frozenset()


def add_unit(details: UnitDetails, *, by: Actor) -> Unit:
    """Put a unit into the tree. Raises AlreadyTaken."""
    unit = Unit(
        code=details.code,
        name=details.name,
        kind=details.kind,
        parent_id=details.parent.id if details.parent else None,
        is_national_incubator=details.is_national_incubator,
        position=details.position,
        path="",
    )
    try:
        with session.begin_nested():
            session.add(unit)
    except IntegrityError:
        raise AlreadyTaken(N_("已有同名或同代码的单位。"), field="name") from None
    unit.path = f"{details.parent.path if details.parent else '/'}{unit.id}/"
    record("unit.added", unit, by=by, kind=unit.kind)
    return unit


def change_unit(
    unit: Unit, *, name: str, is_national_incubator: bool, version: int, by: Actor
) -> None:
    """Rename a unit or mark it. Raises StaleRecord, AlreadyTaken."""
    unit.expect_version(version)
    changes = {}
    try:
        with session.begin_nested():
            unit.name, unit.is_national_incubator = name, is_national_incubator
            changes = changes_of(unit)
    except IntegrityError:
        raise AlreadyTaken(N_("已有同名的单位。"), field="name") from None
    record("unit.changed", unit, by=by, changes=changes)


def add_user(
    details: UserDetails, password_hash: str, *, by: Actor, must_change_password: bool = True
) -> User:
    """Open an account. Raises AlreadyTaken, DomainError when no role is given."""
    if not details.roles:
        raise DomainError(N_("请至少选择一个角色。"), field="roles")
    user = User(
        username=details.username,
        name=details.name,
        unit_id=details.unit.id,
        roles=details.roles,
        rights=details.rights,
        password_hash=password_hash,
        must_change_password=must_change_password,
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:
        raise AlreadyTaken(N_("用户名已被使用。"), field="username") from None
    record("user.added", user, by=by, roles=user.roles, rights=user.rights)
    return user


def change_user(user: User, details: UserDetails, *, version: int, by: Actor) -> None:
    """Change a user's name, unit, roles or rights. Raises StaleRecord, DomainError."""
    if not details.roles:
        raise DomainError(N_("请至少选择一个角色。"), field="roles")
    power = (details.roles, details.rights, details.unit.id)
    if user.id == by.id and power != (user.roles, user.rights, user.unit_id):
        message = N_("不能修改自己的角色、权利和单位，请由另一位管理员修改。")
        raise DomainError(message, field="roles")
    user.expect_version(version)
    user.name, user.unit_id = details.name, details.unit.id
    user.roles, user.rights = details.roles, details.rights
    record("user.changed", user, by=by, changes=changes_of(user))


def set_password(user: User, password_hash: str, *, by: Actor) -> None:
    """A password that the person chose."""
    user.password_hash = password_hash
    user.must_change_password = False
    record("user.password_changed", user, by=by)


def reset_password(user: User, password_hash: str, *, by: Actor) -> None:
    """A password that somebody else chose, to be changed at the next login. Raises DomainError for one's own."""
    if user.id == by.id:
        raise DomainError(N_("自己的密码请在“修改密码”中修改。"))
    user.password_hash = password_hash
    user.must_change_password = True
    record("user.password_reset", user, by=by)


def disable(user: User, *, by: Actor) -> None:
    """Close an account; whoever is signed in with it is out at the next click."""
    if user.id == by.id:
        raise DomainError(N_("不能停用自己的账号。"))
    user.disabled_at = user.disabled_at or clock.now()
    record("user.disabled", user, by=by)


def enable(user: User, *, by: Actor) -> None:
    user.disabled_at = None
    record("user.enabled", user, by=by)
