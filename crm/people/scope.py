"""数据范围: whose records a person may see. The one place where it is decided; every query of every feature starts from it."""

from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from crm.core.words import N_
from crm.people.models import Unit, User
from crm.people.roles import OWN_UNIT, WHOLE_PARK, Role


@dataclass(frozen=True)
class Scope:
    """Units whose records are seen, as prefixes of `Unit.path`; None is the whole park, an empty tuple nothing.

    A sealed (保密) record is seen by its owner, the head of its unit and the leaders: `reader_id` is who reads, `unsealed`
    the units whose sealed records are open to that person, as prefixes as well.
    """

    prefixes: tuple[str, ...] | None
    label: str
    reader_id: int | None = None
    unsealed: tuple[str, ...] | None = ()

    @property
    def is_whole_park(self) -> bool:
        return self.prefixes is None

    def includes(
        self, unit_id: InstrumentedAttribute[int] | ColumnElement[int]
    ) -> ColumnElement[bool]:
        """The condition that a row's unit lies inside this scope."""
        return _inside(unit_id, self.prefixes)

    def opens(
        self, unit_id: InstrumentedAttribute[int], owner_id: InstrumentedAttribute[int | None]
    ) -> ColumnElement[bool]:
        """The condition that a row of this scope is open to the reader even though it is sealed."""
        if self.unsealed is None or self.reader_id is None:
            return _inside(unit_id, self.unsealed)
        return or_(owner_id == self.reader_id, _inside(unit_id, self.unsealed))

    @property
    def of_units(self) -> "Scope":
        """The same units for anybody: what is asked of it may be kept and shown to all who share them."""
        return Scope(self.prefixes, self.label)

    def covers(self, unit: Unit) -> bool:
        return self.prefixes is None or any(unit.path.startswith(p) for p in self.prefixes)

    def within(self, unit: Unit) -> "Scope":
        """This scope narrowed to one unit and those below it; nothing when the unit lies outside."""
        prefixes = (unit.path,) if self.covers(unit) else ()
        return replace(self, prefixes=prefixes, label=unit.name)


WHOLE_PARK_SCOPE = Scope(None, N_("全园区"))  # nobody's: nothing sealed is in it


def _inside(
    unit_id: InstrumentedAttribute[int] | ColumnElement[int], prefixes: tuple[str, ...] | None
) -> ColumnElement[bool]:
    if prefixes is None:
        return true()
    if not prefixes:
        return false()
    inside = or_(*(Unit.path.startswith(prefix) for prefix in prefixes))
    return unit_id.in_(select(Unit.id).where(inside))


def scope_of(user: User) -> Scope:
    """What this person's roles let them see: the whole park, the own unit and those below, or (an admin) nothing."""
    if user.roles & WHOLE_PARK:
        return Scope(None, WHOLE_PARK_SCOPE.label, user.id, _unsealed(user))
    if user.roles & OWN_UNIT:
        return Scope((user.unit.path,), user.unit.name, user.id, _unsealed(user))
    return Scope((), "")


def _unsealed(user: User) -> tuple[str, ...] | None:
    if Role.LEADER in user.roles:
        return None
    return (user.unit.path,) if Role.UNIT_HEAD in user.roles else ()
