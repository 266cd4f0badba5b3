"""What we do with space: buildings and their rooms. Who has a room is in letting.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record
from crm.carriers.bulk import digest, insert_many, stamp
from crm.carriers.letting import expect_fit
from crm.carriers.models import Building, Room, RoomKind
from crm.carriers.queries import overlapping
from crm.companies.residence import expect_carrier_in, scope_for
from crm.core import clock
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_


class NameTaken(Conflict):
    """The carrier has such a building, or the building such a room."""


@dataclass(frozen=True)
class BuildingDetails:
    """What a building is. Area in ㎡."""

    carrier_id: int
    name: str
    address: str = ""
    floors: int | None = None
    total_area: Decimal | None = None


@dataclass(frozen=True)
class RoomDetails:
    """What a room is. Area in ㎡."""

    number: str
    area: Decimal
    kind: RoomKind = RoomKind.OFFICE
    floor: int | None = None


def add_building(details: BuildingDetails, *, by: Actor) -> Building:
    """Raises NameTaken, DomainError for a carrier outside the writer's scope."""
    expect_carrier_in(scope_for(by), details.carrier_id)
    building = Building(**vars(details))
    _store(building, N_("该载体已有同名的楼。"), "name")
    record("building.added", building, by=by, **vars(details))
    return building


def change_building(
    building: Building, details: BuildingDetails, *, version: int | None, by: Actor
) -> None:
    """Raises StaleRecord, NameTaken."""
    building.expect_version(version)
    building.name, building.address = details.name, details.address
    building.floors, building.total_area = details.floors, details.total_area
    changes = changes_of(building)
    _store(building, N_("该载体已有同名的楼。"), "name")
    record("building.changed", building, by=by, changes=changes)


def add_room(building: Building, details: RoomDetails, *, by: Actor) -> Room:
    """Raises NameTaken, DomainError."""
    _expect_area(details.area)
    room = Room(building_id=building.id, **vars(details))
    _store(room, N_("这座楼已有同号的房间。"), "number")
    record("room.added", room, by=by, name=f"{building.name} {room.number}", **vars(details))
    return room


def change_room(room: Room, details: RoomDetails, *, version: int | None, by: Actor) -> None:
    """Raises StaleRecord, NameTaken, DomainError when what is let would no longer fit in."""
    room.expect_version(version)
    _expect_area(details.area)
    room.number, room.floor = details.number, details.floor
    room.area, room.kind = details.area, details.kind
    changes = changes_of(room)
    _store(room, N_("这座楼已有同号的房间。"), "number")
    expect_fit(room, clock.today(), None, field="area")
    record("room.changed", room, by=by, changes=changes)


def close_room(room: Room, *, on: date, version: int | None, by: Actor) -> None:
    """From that day on the room is not for let. Refused while somebody has it then or later."""
    room.expect_version(version)
    if session.scalar(overlapping(room.id, on, None).limit(1)):
        raise DomainError(N_("该房间在这一天或之后仍有企业使用，请先结束用房。"), field="on")
    room.closed_on = on
    record("room.closed", room, by=by, on=on)


def reopen_room(room: Room, *, version: int | None, by: Actor) -> None:
    room.expect_version(version)
    room.closed_on = None
    record("room.reopened", room, by=by)


def rooms_many(rows: Sequence[tuple[BuildingDetails, RoomDetails]], *, by: Actor) -> list[int]:
    """Put many rooms into the ledger at once, with the buildings that are missing; their ids in order, all or none.

    One audit entry with the count and the SHA-256 of all rows. Raises NameTaken, DomainError.
    """
    scope = scope_for(by)
    for carrier_id in {building.carrier_id for building, _ in rows}:
        expect_carrier_in(scope, carrier_id)
    buildings = _buildings(rows)
    values = []
    for building, details in rows:
        _expect_area(details.area)
        building_id = buildings[building.carrier_id, building.name]
        values.append({**stamp(), "building_id": building_id, **vars(details), "closed_on": None})
    try:
        with session.begin_nested():
            insert_many(Room, values)
    except IntegrityError:
        raise NameTaken(N_("其中有房间已经登记，或在这批中重复。"), field="lines") from None
    ids = {
        (building_id, number): id_
        for building_id, number, id_ in session.execute(
            select(Room.building_id, Room.number, Room.id).where(
                Room.building_id.in_(buildings.values())
            )
        )
    }
    record("rooms.added", None, by=by, count=len(values), sha256=digest(values))
    return [ids[value["building_id"], value["number"]] for value in values]


def _expect_area(area: Decimal) -> None:
    if area <= 0:
        raise DomainError(N_("面积须大于0。"), field="area")


def _store(new: Building | Room, taken: str, field: str) -> None:
    try:
        with session.begin_nested():
            session.add(new)
            session.flush()
    except IntegrityError:
        raise NameTaken(taken, field=field) from None


def _buildings(
    rows: Sequence[tuple[BuildingDetails, RoomDetails]],
) -> dict[tuple[int, str], int]:
    """(carrier, name) → id of every building named, the missing ones added."""
    named = {(b.carrier_id, b.name): b for b, _ in rows}
    query = select(Building.carrier_id, Building.name, Building.id).where(
        Building.carrier_id.in_({carrier_id for carrier_id, _ in named})
    )
    there = {(carrier_id, name): id_ for carrier_id, name, id_ in session.execute(query)}
    insert_many(Building, [{**stamp(), **vars(b)} for key, b in named.items() if key not in there])
    return {(carrier_id, name): id_ for carrier_id, name, id_ in session.execute(query)}
