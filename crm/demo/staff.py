"""Who did it: the people with accounts where there are any, and invented colleagues who cannot sign in."""

from collections.abc import Sequence
from random import Random

from sqlalchemy import select

from crm.audit.services import Actor
from crm.core.db import session
from crm.demo.names import person
from crm.people.models import Unit, UnitKind, User
from crm.people.queries import user_by_username
from crm.people.roles import Role
from crm.people.services import UserDetails, add_user

NO_PASSWORD = "!"  # matches nothing; an administrator may give one
_INVESTMENT_STAFF = 4
_SUFFIXES = {
    Role.INCUBATOR_STAFF: "staff",
    Role.INVESTMENT: "staff",
    Role.UNIT_STAFF: "liaison",
    Role.UNIT_HEAD: "head",
    Role.SUPERVISOR: "supervisor",
    Role.LEADER: "leader",
}


class Staff:
    """The one person of each unit who holds a role, engaged where nobody does."""

    def __init__(self, rng: Random, *, by: Actor) -> None:
        self._rng, self._by = rng, by
        self.engaged = 0
        self._people: dict[tuple[int, Role], list[int]] = {}
        for user in session.scalars(
            select(User).where(User.disabled_at.is_(None)).order_by(User.id)
        ):
            for role in user.roles:
                self._people.setdefault((user.unit_id, role), []).append(user.id)

    def of(self, unit: Unit, role: Role) -> int:
        """That unit's first person with the role."""
        return self.several(unit, role, 1)[0]

    def find(self, unit: Unit, role: Role) -> int | None:
        """That unit's first person with the role, if there is one."""
        people = self._people.get((unit.id, role))
        return people[0] if people else None

    def several(self, unit: Unit, role: Role, count: int) -> Sequence[int]:
        people = self._people.setdefault((unit.id, role), [])
        while len(people) < count:
            people.append(self._engage(unit, role))
        return people

    def investors(self, unit: Unit) -> Sequence[int]:
        """招商投资专员, who own the projects."""
        return self.several(unit, Role.INVESTMENT, _INVESTMENT_STAFF)

    def supervisor(self, unit: Unit) -> int:
        """Any 督查专员 of the park; `unit` gets one where there is none."""
        found = [ids[0] for (_, role), ids in self._people.items() if role is Role.SUPERVISOR]
        return min(found) if found else self.of(unit, Role.SUPERVISOR)

    def _engage(self, unit: Unit, role: Role) -> int:
        number, username = 1, f"{unit.code}.{_SUFFIXES[role]}"
        while user_by_username(username) is not None:
            number += 1
            username = f"{unit.code}.{_SUFFIXES[role]}{number}"
        details = UserDetails(username, person(self._rng), unit, frozenset({role}))
        self.engaged += 1
        return add_user(details, NO_PASSWORD, by=self._by, must_change_password=False).id


def has_clerks(unit: Unit) -> bool:
    """Whether firms of this unit are kept by staff of its own."""
    return unit.kind in (UnitKind.CARRIER, UnitKind.GARDEN)
