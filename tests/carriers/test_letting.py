"""Space: no room is let beyond its area on any day, whoever comes first; leaving ends what a firm has, undo restores it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.audit.services import SYSTEM
from crm.carriers import queries
from crm.carriers.letting import LetDetails, end_let, extend_let, let_room, lets_many
from crm.carriers.models import Building, Let, LetKind, Room, RoomKind
from crm.carriers.services import (
    BuildingDetails,
    NameTaken,
    RoomDetails,
    add_building,
    add_room,
    change_room,
    close_room,
    reopen_room,
    rooms_many,
)
from crm.companies.models import Company, EndReason, ResidenceKind, ResidenceMove
from crm.companies.residence import ResidenceDetails, leave, move_in
from crm.companies.residence_corrections import Correction, correct, undo
from crm.core.db import session, writing
from crm.core.errors import DomainError, StaleRecord
from crm.people.models import User
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from tests.factories import make_company, make_let, make_residence, make_room

MAR_4, JUN_30, JUL_1, SEP_30 = (
    date(2020, 3, 4),
    date(2020, 6, 30),
    date(2020, 7, 1),
    date(2020, 9, 30),
)


@pytest.fixture
def firm(cast: Any) -> Company:
    company = make_company(cast.carrier_a)
    make_residence(company, cast.carrier_a, MAR_4)
    return company


def details(firm: Company, from_on: date, until: date | None = None, **values: Any) -> LetDetails:
    return LetDetails(firm.id, from_on, until, **{"area": Decimal(60), **values})


def _let(room: Room, terms: LetDetails, by: Any) -> Let:
    with writing():
        return let_room(room, terms, by=by)


@pytest.mark.parametrize(
    ("from_on", "until", "is_fine"),
    [
        (MAR_4, JUL_1, True),  # ends on the day the other begins
        (MAR_4, date(2020, 7, 2), False),
        (MAR_4, None, False),
        (date(2020, 8, 1), None, True),  # begins on the day the other ended
        (date(2020, 7, 31), None, False),
    ],
)
def test_no_room_is_let_beyond_its_area_on_any_day(
    cast: Any, firm: Company, from_on: date, until: date | None, is_fine: bool
) -> None:
    room = make_room(cast.carrier_a, area=100)
    make_let(room, firm, JUL_1, date(2020, 8, 1))
    if is_fine:
        _let(room, details(firm, from_on, until), cast.a)
    else:
        with pytest.raises(DomainError, match="超出了房间面积") as refused:
            _let(room, details(firm, from_on, until), cast.a)
        assert refused.value.field == "area"


def test_a_room_is_shared_up_to_its_area_and_an_address_takes_none(
    cast: Any, firm: Company
) -> None:
    room = make_room(cast.carrier_a, area=100)
    for area in (50, 50):
        _let(room, details(firm, MAR_4, area=Decimal(area)), cast.a)
    address = _let(room, details(firm, MAR_4, kind=LetKind.ADDRESS), cast.a)
    assert address.area == 0
    with pytest.raises(DomainError, match="超出"):
        _let(room, details(firm, MAR_4, area=Decimal("0.01")), cast.a)


def test_of_two_who_let_the_last_space_at_once_one_gets_it(
    app: Any, cast: Any, firm: Company, at_once: Any
) -> None:
    room_id, user_id = make_room(cast.carrier_a, area=100).id, cast.a.id
    terms = details(firm, MAR_4)

    def act() -> None:
        with writing():
            by = session.get_one(User, user_id)
            let_room(session.get_one(Room, room_id), terms, by=by)

    said = at_once(act, act)

    assert sorted(type(answer).__name__ for answer in said) == ["DomainError", "NoneType"]
    assert session.scalar(select(func.count()).select_from(Let)) == 1


@pytest.mark.parametrize(("from_on", "is_fine"), [(date(2020, 3, 3), False), (MAR_4, True)])
def test_only_a_firm_that_is_here_gets_a_room(
    cast: Any, firm: Company, from_on: date, is_fine: bool
) -> None:
    room = make_room(cast.carrier_a)
    if is_fine:
        _let(room, details(firm, from_on), cast.a)
    else:
        with pytest.raises(DomainError, match="不在园"):
            _let(room, details(firm, from_on), cast.a)


def test_a_firm_that_left_gets_a_room_for_the_time_it_was_here_only(
    cast: Any, firm: Company
) -> None:
    room = make_room(cast.carrier_a)
    with writing():
        leave(firm, on=JUL_1, reason=EndReason.MOVED_OUT, by=cast.a)
    for until in (date(2020, 7, 2), None):
        with pytest.raises(DomainError, match="不在园"):
            _let(room, details(firm, MAR_4, until), cast.a)
    _let(room, details(firm, MAR_4, JUL_1), cast.a)


def test_giving_back_and_extending(cast: Any, firm: Company) -> None:
    room = make_room(cast.carrier_a, area=100)
    let = make_let(room, firm, MAR_4, SEP_30, area=Decimal(60))
    make_let(room, firm, date(2020, 12, 1), area=Decimal(60))
    for until, match in ((SEP_30, "晚于现在"), (date(2020, 12, 2), "超出"), (None, "超出")):
        with pytest.raises(DomainError, match=match), writing():
            extend_let(session.get_one(Let, let.id), agreed_to_on=until, version=1, by=cast.a)
    with writing():
        fresh = session.get_one(Let, let.id)
        extend_let(fresh, agreed_to_on=date(2020, 12, 1), version=1, by=cast.a)
    with pytest.raises(StaleRecord), writing():
        end_let(session.get_one(Let, let.id), on=JUL_1, version=1, by=cast.a)
    with pytest.raises(DomainError, match="须晚于"), writing():
        end_let(session.get_one(Let, let.id), on=MAR_4, version=2, by=cast.a)
    with writing():
        end_let(session.get_one(Let, let.id), on=JUL_1, version=2, by=cast.a)
    kept = session.get_one(Let, let.id)
    assert (kept.to_on, kept.agreed_to_on) == (JUL_1, date(2020, 12, 1))


def test_leaving_the_park_ends_its_lets_that_day_and_undo_restores_them(
    cast: Any, firm: Company
) -> None:
    room = make_room(cast.carrier_a)
    going = make_let(room, firm, MAR_4, date(2021, 3, 4))
    over = make_let(room, firm, MAR_4, date(2020, 5, 1))
    with writing():
        leave(firm, on=JUL_1, reason=EndReason.MOVED_OUT, by=cast.a)
    assert session.get_one(Let, going.id).to_on == JUL_1
    assert session.get_one(Let, over.id).to_on == date(2020, 5, 1)
    with writing():
        undo(firm, by=cast.a, reason="办错了")
    assert session.get_one(Let, going.id).to_on == date(2021, 3, 4)


def test_the_corrected_day_of_a_departure_is_the_day_its_rooms_ended(
    cast: Any, firm: Company
) -> None:
    room = make_room(cast.carrier_a)
    let = make_let(room, firm, MAR_4, date(2021, 3, 4))
    with writing():
        leave(firm, on=JUL_1, reason=EndReason.MOVED_OUT, by=cast.a)
    _correct_departure(firm, date(2020, 7, 9), cast.a)
    assert session.get_one(Let, let.id).to_on == date(2020, 7, 9)
    assert session.scalars(select(ResidenceMove.happened_on)).one() == date(2020, 7, 9)
    with pytest.raises(DomainError, match="须晚于|先更正用房"):
        _correct_departure(firm, MAR_4, cast.a)
    assert session.get_one(Let, let.id).to_on == date(2020, 7, 9)


def _correct_departure(firm: Company, on: date, by: User) -> None:
    session.expire_all()
    with writing():
        stay = session.get_one(Company, firm.id).residences[0]
        right = Correction(stay.from_on, on, EndReason.MOVED_OUT, "", None, "")
        correct(stay, right, reason="看错", version=stay.version, by=by)


def test_a_departure_is_not_put_off_into_the_time_of_who_has_the_room_since(
    cast: Any, firm: Company
) -> None:
    room = make_room(cast.carrier_a)
    let = make_let(room, firm, MAR_4, area=Decimal(100))
    with writing():
        leave(firm, on=JUL_1, reason=EndReason.MOVED_OUT, by=cast.a)
    other = make_company(cast.carrier_a)
    make_residence(other, cast.carrier_a, MAR_4)
    make_let(room, other, JUL_1, area=Decimal(100))
    with pytest.raises(DomainError, match="超出了房间面积"):
        _correct_departure(firm, date(2020, 7, 9), cast.a)
    assert session.get_one(Let, let.id).to_on == JUL_1


def test_a_departure_before_a_let_begins_is_refused_as_a_whole(cast: Any, firm: Company) -> None:
    make_let(make_room(cast.carrier_a), firm, JUL_1)
    with pytest.raises(DomainError, match="先更正用房"), writing():
        leave(firm, on=JUL_1, reason=EndReason.MOVED_OUT, by=cast.a)
    assert all(stay.to_on is None for stay in session.get_one(Company, firm.id).residences)


def test_a_departure_is_not_undone_when_the_room_is_let_to_another(
    cast: Any, firm: Company
) -> None:
    room = make_room(cast.carrier_a, area=100)
    make_let(room, firm, MAR_4, area=Decimal(100))
    other = make_company(cast.carrier_a)
    make_residence(other, cast.carrier_a, MAR_4)
    with writing():
        leave(firm, on=JUL_1, reason=EndReason.MOVED_OUT, by=cast.a)
    _let(room, details(other, date(2020, 8, 1)), cast.a)
    with pytest.raises(DomainError, match="超出"), writing():
        undo(firm, by=cast.a, reason="办错了")


def test_an_arrival_is_not_undone_once_the_firm_has_a_room(cast: Any) -> None:
    firm = make_company(cast.carrier_a)
    arrival = ResidenceDetails(cast.carrier_a.id, ResidenceKind.REGISTERED, MAR_4)
    with writing():
        move_in(firm, arrival, by=cast.a)
    _let(make_room(cast.carrier_a), details(firm, MAR_4), cast.a)
    with pytest.raises(DomainError, match="已登记用房"), writing():
        undo(firm, by=cast.a, reason="办错了")


# Rooms


@pytest.mark.parametrize(("on", "is_fine"), [(JUN_30, False), (JUL_1, True)])
def test_a_room_closes_once_nobody_has_it(
    cast: Any, firm: Company, on: date, is_fine: bool
) -> None:
    room = make_room(cast.carrier_a)
    make_let(room, firm, MAR_4, JUL_1)
    if is_fine:
        with writing():
            close_room(room, on=on, version=1, by=cast.a)
        with pytest.raises(DomainError, match="停止使用"):
            _let(room, details(firm, on), cast.a)
        with writing():
            reopen_room(session.get_one(Room, room.id), version=2, by=cast.a)
        _let(room, details(firm, on), cast.a)
    else:
        with pytest.raises(DomainError, match="仍有企业使用"), writing():
            close_room(room, on=on, version=1, by=cast.a)


def test_a_room_never_shrinks_below_what_is_let(cast: Any, firm: Company) -> None:
    room = make_room(cast.carrier_a, "301", area=100)
    make_let(room, firm, MAR_4, area=Decimal(60))
    small, enough = RoomDetails("301", Decimal("59.99")), RoomDetails("301", Decimal(60))
    with pytest.raises(DomainError, match="超出"), writing():
        change_room(session.get_one(Room, room.id), small, version=1, by=cast.a)
    with writing():
        change_room(session.get_one(Room, room.id), enough, version=1, by=cast.a)


def test_names_are_taken_once(cast: Any) -> None:
    building = BuildingDetails(cast.carrier_a.id, "A座")
    with writing():
        new = add_building(building, by=cast.a)
        add_room(new, RoomDetails("301", Decimal(50)), by=cast.a)
    with pytest.raises(NameTaken), writing():
        add_building(building, by=cast.a)
    with pytest.raises(NameTaken), writing():
        add_room(session.get_one(Building, new.id), RoomDetails("301", Decimal(60)), by=cast.a)
    with pytest.raises(DomainError, match="数据范围"), writing():
        add_building(BuildingDetails(cast.carrier_b.id, "B座"), by=cast.a)


def test_many_rooms_and_lets_cost_few_statements_and_one_entry_each(
    cast: Any, firm: Company, query_count: Any
) -> None:
    building = BuildingDetails(cast.carrier_a.id, "A座")
    rows = [(building, RoomDetails(str(n), Decimal(50))) for n in range(300)]
    with query_count() as statements, writing():
        ids = rooms_many(rows, by=SYSTEM)
        lets_many([(id_, details(firm, MAR_4, area=Decimal(50))) for id_ in ids], by=SYSTEM)
    assert len(statements) < 16
    assert session.get_one(Room, ids[7]).number == "7"
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["rooms.added", "rooms.let"]
    with pytest.raises(NameTaken), writing():
        rooms_many(rows[:1], by=SYSTEM)


# What stands empty


def test_vacancy_is_open_area_less_let_area_as_of_the_day(cast: Any, firm: Company) -> None:
    room = make_room(cast.carrier_a, area=100)
    make_let(room, firm, JUL_1, date(2020, 8, 1), area=Decimal(60))
    make_room(cast.carrier_a, area=40, kind=RoomKind.MEETING)
    make_room(cast.carrier_a, area=500, closed_on=JUL_1)
    make_room(cast.carrier_b, area=10)

    def space(on: date) -> Any:
        return queries.space_by_carrier(WHOLE_PARK_SCOPE, on)[cast.carrier_a.id]

    assert (space(JUN_30).area, space(JUN_30).vacant) == (640, 640)
    assert (space(JUL_1).area, space(JUL_1).let, space(JUL_1).vacant) == (140, 60, 80)
    assert (space(JUL_1).rooms, space(JUL_1).empty_rooms) == (2, 1)
    assert space(date(2020, 7, 31)).let == 60
    assert space(date(2020, 8, 1)).let == 0
    assert cast.carrier_a.id not in queries.space_by_carrier(scope_of(cast.b), JUL_1)


@pytest.mark.parametrize(
    ("to_on", "is_soon"),
    [
        (SEP_30, False),  # over that day
        (date(2020, 10, 1), True),
        (date(2020, 12, 29), True),
        (date(2020, 12, 30), False),
    ],
)
def test_what_ends_within_ninety_days(cast: Any, firm: Company, to_on: date, is_soon: bool) -> None:
    make_let(make_room(cast.carrier_a), firm, MAR_4, to_on)
    here = select(Building.carrier_id)
    found = session.execute(queries.ending_within(90, here, WHOLE_PARK_SCOPE, SEP_30)).all()
    assert len(found) == int(is_soon)
