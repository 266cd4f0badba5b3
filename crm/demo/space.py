"""The rooms that the firms' residences speak of, who has them since when, and some that stand empty."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from random import Random

from crm.carriers.letting import LetDetails
from crm.carriers.models import LetKind, RoomKind
from crm.carriers.services import BuildingDetails, RoomDetails
from crm.companies.residence import ResidenceDetails
from crm.demo.firms import BUILDINGS

_FLOORS = 15
_AREAS = (45, 60, 60, 80, 100, 120, 120, 150, 200, 260, 320, 480)
_KINDS = (RoomKind.OFFICE,) * 6 + (RoomKind.RESEARCH,) * 3 + (RoomKind.PLANT, RoomKind.DESKS)
_TERMS = (1, 2, 3)  # years for which a room is let, again and again
_DESK = 6  # ㎡ for each
_PER_EMPTY = 7  # rooms in use for each that stands empty


@dataclass(frozen=True, order=True)
class Place:
    """A room by name."""

    carrier_id: int
    building: str
    number: str


Row = tuple[BuildingDetails, RoomDetails]


@dataclass(frozen=True)
class Plan:
    """New rooms and, in the same order, who has them; then who else has an address in rooms that were there."""

    places: Sequence[Place]
    rooms: Sequence[Row]
    lets: Sequence[tuple[Place, LetDetails]]


def plan(
    stays: Iterable[tuple[int, ResidenceDetails]],
    there: Mapping[Place, int],
    rng: Random,
    today: date,
) -> Plan:
    """One firm has a room at a time; whoever shares it has its address only (集群注册)."""
    by_place: dict[Place, list[tuple[int, ResidenceDetails]]] = {}
    for company_id, stay in stays:
        place = place_of(stay)
        if stay.is_counted and place:
            by_place.setdefault(place, []).append((company_id, stay))
    places, rooms, lets = [], [], []
    for place in sorted(by_place):
        room = None
        if place not in there:
            room = _room(place.number, rng)
            places.append(place)
            rooms.append((_building(place), room))
        lets += [(place, let) for let in _lets(by_place[place], room, rng, today)]
    for place in _empty(set(by_place) | set(there), len(places) // _PER_EMPTY, rng):
        places.append(place)
        rooms.append((_building(place), _room(place.number, rng)))
    return Plan(places, rooms, lets)


def place_of(stay: ResidenceDetails) -> Place | None:
    """The room that a residence's text names: A座1203室."""
    building = next((name for name in BUILDINGS if stay.rooms.startswith(name)), None)
    if building is None:
        return None
    return Place(stay.carrier_id, building, stay.rooms.removeprefix(building).removesuffix("室"))


def _building(place: Place) -> BuildingDetails:
    return BuildingDetails(place.carrier_id, place.building, floors=_FLOORS)


def _room(number: str, rng: Random) -> RoomDetails:
    return RoomDetails(
        number, Decimal(rng.choice(_AREAS)), rng.choice(_KINDS), floor=int(number[:-2])
    )


def _lets(
    stays: Sequence[tuple[int, ResidenceDetails]],
    room: RoomDetails | None,
    rng: Random,
    today: date,
) -> Iterable[LetDetails]:
    free_on = date.min if room else date.max
    for company_id, stay in sorted(stays, key=lambda each: (each[1].from_on, each[0])):
        until = stay.to_on or _next_end(stay.from_on, rng.choice(_TERMS), today)
        let = LetDetails(company_id, stay.from_on, until, LetKind.ADDRESS)
        if room and stay.from_on >= free_on:
            free_on = until
            let = replace(let, kind=LetKind.SPACE, area=room.area, rent_note="按合同（演示）")
            if room.kind == RoomKind.DESKS:
                let = replace(let, kind=LetKind.DESKS, desks=int(room.area) // _DESK)
        yield let


def _next_end(from_on: date, years: int, today: date) -> date:
    """The end of the running term: the terms follow one another from the first day on."""
    year = from_on.year + years
    while _in_year(from_on, year) <= today:
        year += years
    return _in_year(from_on, year)


def _in_year(day: date, year: int) -> date:
    return day.replace(year=year, day=min(day.day, 28) if day.month == 2 else day.day)


def _empty(taken: set[Place], count: int, rng: Random) -> Iterable[Place]:
    blocks = sorted({(place.carrier_id, place.building) for place in taken})
    for _ in range(count):
        number = f"{rng.randrange(1, _FLOORS + 1)}{rng.randrange(1, 25):02d}"
        place = Place(*rng.choice(blocks), number)
        if place not in taken:
            taken.add(place)
            yield place
