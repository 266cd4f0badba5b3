"""Who can be given something to do."""

from sqlalchemy import select

from crm.core.db import session
from crm.core.errors import DomainError, NotAllowed
from crm.core.registry import SubjectRef
from crm.core.words import N_
from crm.followup import subjects
from crm.followup.models import Task
from crm.people.models import Unit, User
from crm.people.queries import users
from crm.people.roles import Action, Role
from crm.people.scope import Scope, scope_of

ANYBODY = ("company",)  # a firm's matter may go to any office of the park


def able() -> list[User]:
    """Everybody who can have a task."""
    people = session.scalars(users().where(User.disabled_at.is_(None)))
    return [person for person in people if person.may(Action.FOLLOWUP_WRITE)]


def colleagues(scope: Scope) -> list[User]:
    """Who can be given a task that is about no record: the people of the giver's scope."""
    return [person for person in able() if scope.covers(person.unit)]


def handlers_of(ref: SubjectRef, *, is_open_to_all: bool = False) -> list[User]:
    """Who can be given a task about a record: those who see it, or (a request, an instruction on a firm) all."""
    if is_open_to_all:
        return able()
    unit = session.get_one(Unit, ref.unit_id)
    return [person for person in able() if scope_of(person).covers(unit)]


def may_handle(task: Task, person: User) -> bool:
    """Who does, answers or drops a task: its owner, a colleague of the unit, or the unit's head."""
    is_of_unit = person.unit_id == task.unit_id or Role.UNIT_HEAD in person.roles
    return task.owner_id == person.id or (
        is_of_unit and scope_of(person).covers(session.get_one(Unit, task.unit_id))
    )


def expect_may_handle(task: Task, person: User) -> None:
    """Raises NotAllowed."""
    if not may_handle(task, person):
        raise NotAllowed(N_("由办理人或其单位办理；需要换人的，请移交。"))


def leaders() -> list[User]:
    """Whose instructions a supervisor may enter."""
    people = session.scalars(users().where(User.disabled_at.is_(None)))
    return [person for person in people if Role.LEADER in person.roles]


def expect_handler(
    owner_id: int, key: subjects.Key | None, giver_scope: Scope, *, is_open_to_all: bool = False
) -> User:
    """The person with this id, if they may be given a task about this record. Raises DomainError."""
    person = session.scalar(select(User).where(User.id == owner_id, User.disabled_at.is_(None)))
    if person is None or not person.may(Action.FOLLOWUP_WRITE):
        raise DomainError(N_("请选择能办理的人。"), field="owner")
    if key is None:
        if not giver_scope.covers(person.unit):
            raise DomainError(N_("只能交给您数据范围内的人。"), field="owner")
    elif not is_open_to_all and subjects.find(*key, scope_of(person)) is None:
        raise DomainError(
            N_("%(name)s看不到这条记录，不能交给他办理。"), field="owner", name=person.name
        )
    return person
