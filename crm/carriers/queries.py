"""What we ask about space: rooms, who has them, what stands empty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from crm.carriers.models import Building, Let, Room
from crm.companies.models import Company
from crm.core.db import session
from crm.people.scope import Scope

NOTHING = Decimal(0)


def visible_buildings(scope: Scope) -> Select[Building]:
    return select(Building).where(scope.includes(Building.carrier_id))


def visible_rooms(scope: Scope) -> Select[Room]:
    return select(Room).join(Building).where(scope.includes(Building.carrier_id))


def visible_lets(scope: Scope) -> Select[Let]:
    """Lets of the rooms in this scope, whoever keeps the firm's record."""
    return select(Let).join(Room).join(Building).where(scope.includes(Building.carrier_id))


def holds_on(day: ColumnElement[date] | date) -> ColumnElement[bool]:
    """Whether a let includes a day: from its first day until, not including, the day it ended."""
    return and_(Let.from_on <= day, or_(Let.to_on.is_(None), Let.to_on > day))


def is_open_on(day: date) -> ColumnElement[bool]:
    return or_(Room.closed_on.is_(None), Room.closed_on > day)


@dataclass(frozen=True)
class Space:
    """Area of open rooms and what of it is let. Rooms without any let are counted too."""

    area: Decimal = NOTHING
    let: Decimal = NOTHING
    rooms: int = 0
    empty_rooms: int = 0

    @property
    def vacant(self) -> Decimal:
        return self.area - self.let

    @property
    def vacancy(self) -> Decimal | None:
        """The vacant share of the open area; None where there is none."""
        return self.vacant / self.area if self.area else None

    def __add__(self, other: "Space") -> "Space":
        return Space(
            self.area + other.area,
            self.let + other.let,
            self.rooms + other.rooms,
            self.empty_rooms + other.empty_rooms,
        )


def space_by_building(scope: Scope, on: date) -> Mapping[int, tuple[int, Space]]:
    """Building → (its carrier, its space) as of a day, in one statement."""
    taken = (
        select(Let.room_id, func.sum(Let.area).label("area"))
        .where(holds_on(on))
        .group_by(Let.room_id)
        .subquery()
    )
    found = session.execute(
        select(
            Building.id,
            Building.carrier_id,
            func.sum(Room.area),
            func.sum(taken.c.area),
            func.count(Room.id),
            func.count(taken.c.room_id),
        )
        .join(Room, Room.building_id == Building.id)
        .outerjoin(taken, taken.c.room_id == Room.id)
        .where(scope.includes(Building.carrier_id), is_open_on(on))
        .group_by(Building.id, Building.carrier_id)
    )
    return {
        id_: (carrier_id, Space(area or NOTHING, let or NOTHING, rooms, rooms - taken_rooms))
        for id_, carrier_id, area, let, rooms, taken_rooms in found
    }


def space_by_carrier(scope: Scope, on: date) -> Mapping[int, Space]:
    """Carrier → the space of its buildings."""
    spaces: dict[int, Space] = {}
    for carrier_id, space in space_by_building(scope, on).values():
        spaces[carrier_id] = spaces.get(carrier_id, Space()) + space
    return spaces


def occupants(room_ids: Sequence[int], scope: Scope, on: date) -> Mapping[int, Sequence[Row[Any]]]:
    """Room → who has it on that day or later, the earliest first."""
    found: dict[int, list[Row[Any]]] = {}
    is_not_over = or_(Let.to_on.is_(None), Let.to_on > on)
    query = lets_shown(scope).where(Let.room_id.in_(room_ids), is_not_over)
    for row in session.execute(query.order_by(Let.from_on, Let.id)):
        found.setdefault(row.room_id, []).append(row)
    return found


def lets_shown(scope: Scope) -> Select[*tuple[Any, ...]]:
    """Lets with their firm, as plain rows; `is_mine`: the firm's record is in the scope."""
    return select(
        Let.id,
        Let.room_id,
        Let.company_id,
        Company.name.label("company"),
        scope.includes(Company.unit_id).label("is_mine"),
        Let.kind,
        Let.from_on,
        Let.to_on,
        Let.agreed_to_on,
        Let.area,
        Let.desks,
        Let.rent_note,
    ).join(Company, Company.id == Let.company_id)


def ending_within(
    days: int, carrier_ids: Select[Any], scope: Scope, on: date
) -> Select[*tuple[Any, ...]]:
    """What is let at carriers and ends within the next days, soonest first, as plain rows."""
    return (
        select(
            Let.id,
            Let.room_id,
            Building.name.label("building"),
            Room.number,
            Let.company_id,
            Company.name.label("company"),
            scope.includes(Company.unit_id).label("is_mine"),
            Let.area,
            Let.to_on,
        )
        .join(Room, Room.id == Let.room_id)
        .join(Building, Building.id == Room.building_id)
        .join(Company, Company.id == Let.company_id)
        .where(
            Building.carrier_id.in_(carrier_ids),
            Let.from_on <= on,
            Let.to_on > on,
            Let.to_on <= on + timedelta(days=days),
        )
        .order_by(Let.to_on, Let.id)
    )


def lets_of(company_id: int) -> Select[Let]:
    """A firm's rooms, the present ones first."""
    return (
        select(Let)
        .where(Let.company_id == company_id)
        .order_by(Let.to_on.desc().nulls_first(), Let.from_on.desc(), Let.id.desc())
    )


def overlapping(room_id: int, from_on: date, to_on: date | None) -> Select[Let]:
    """Lets of a room that share at least one day with the period (open where `to_on` is None)."""
    query = select(Let).where(Let.room_id == room_id, or_(Let.to_on.is_(None), Let.to_on > from_on))
    return query if to_on is None else query.where(Let.from_on < to_on)
