"""数据范围: whose records a person may see. The one place where it is decided; every query of every feature starts from it."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from crm.core.words import N_
from crm.people.models import Unit, User
from crm.people.roles import OWN_UNIT, WHOLE_PARK


@dataclass(frozen=True)
class Scope:
    """Units whose records are seen, as prefixes of `Unit.path`; None is the whole park, an empty tuple nothing."""

    prefixes: tuple[str, ...] | None
    label: str

    @property
    def is_whole_park(self) -> bool:
        return self.prefixes is None

    def includes(
        self, unit_id: InstrumentedAttribute[int] | ColumnElement[int]
    ) -> ColumnElement[bool]:
        """The condition that a row's unit lies inside this scope."""
        if self.prefixes is None:
            return true()
        if not self.prefixes:
            return false()
        inside = or_(*(Unit.path.startswith(prefix) for prefix in self.prefixes))
        return unit_id.in_(select(Unit.id).where(inside))

    def covers(self, unit: Unit) -> bool:
        return self.prefixes is None or any(unit.path.startswith(p) for p in self.prefixes)

    def within(self, unit: Unit) -> "Scope":
        """This scope narrowed to one unit and those below it; nothing when the unit lies outside."""
        return Scope((unit.path,) if self.covers(unit) else (), unit.name)


WHOLE_PARK_SCOPE = Scope(None, N_("全园区"))


def scope_of(user: User) -> Scope:
    """What this person's roles let them see: the whole park, the own unit and those below, or (an admin) nothing."""
    if user.roles & WHOLE_PARK:
        return WHOLE_PARK_SCOPE
    if user.roles & OWN_UNIT:
        return Scope((user.unit.path,), user.unit.name)
    return Scope((), "")
