"""Coming and going, step by step: the rules on both sides of each date, two people at once, undo and correction."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.queries import details_of as details_of_entry
from crm.companies.incubation import graduate, incubate
from crm.companies.models import (
    Company,
    EndReason,
    MoveKind,
    Residence,
    ResidenceKind,
    ResidenceMove,
)
from crm.companies.queries import counted_residence_on, last_move
from crm.companies.residence import (
    ResidenceDetails,
    come_back,
    details_of,
    leave,
    move_in,
    transfer,
)
from crm.companies.residence_corrections import Correction, correct, undo
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.people.models import Unit, User
from tests.factories import make_company, make_residence

REGISTERED, INCUBATED = ResidenceKind.REGISTERED, ResidenceKind.INCUBATED
MAR_4, JUL_7, JUL_8, JUL_9 = (
    date(2020, 3, 4),
    date(2020, 7, 7),
    date(2020, 7, 8),
    date(2020, 7, 9),
)


@pytest.fixture
def firm(cast: Any) -> Company:
    """A firm at carrier A since 4 March."""
    company = make_company(cast.carrier_a)
    make_residence(company, cast.carrier_a, MAR_4, rooms="A座301")
    return company


def _stays(company: Company) -> list[tuple[Any, ...]]:
    rows = session.scalars(
        select(Residence)
        .where(Residence.company_id == company.id)
        .order_by(Residence.from_on, Residence.id)
    )
    return [(r.carrier_id, r.kind, r.from_on, r.to_on, r.reason) for r in rows]


def _entries(action: str) -> list[dict[str, Any]]:
    query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
    return [details_of_entry(entry) for entry in session.scalars(query)]


# 在孵 and 毕业


def test_incubation_begins_beside_the_counted_residence(cast: Any, firm: Company) -> None:
    with writing():
        incubate(firm, on=JUL_8, by=cast.a, agreement_number="孵3", note="入孵评审")
    new = session.scalars(select(Residence).where(Residence.kind == INCUBATED)).one()
    assert (new.carrier_id, new.from_on, new.is_counted) == (cast.carrier_a.id, JUL_8, False)
    home = counted_residence_on(firm, JUL_8)
    assert home is not None
    assert home.kind == REGISTERED
    assert last_move(firm.id).note == "入孵评审"  # type: ignore[union-attr]


@pytest.mark.parametrize(("on", "is_fine"), [(date(2020, 3, 3), False), (MAR_4, True)])
def test_incubation_needs_a_residence_that_day(
    cast: Any, firm: Company, on: date, is_fine: bool
) -> None:
    if is_fine:
        with writing():
            incubate(firm, on=on, by=cast.a)
    else:
        with pytest.raises(DomainError, match="统计归属"), writing():
            incubate(firm, on=on, by=cast.a)


def test_nobody_is_in_incubation_twice(cast: Any, firm: Company) -> None:
    with writing():
        incubate(firm, on=JUL_8, by=cast.a)
    for on in (JUL_7, JUL_8, JUL_9):
        with pytest.raises(DomainError, match="已有在孵"), writing():
            incubate(firm, on=on, by=cast.a)


def test_graduation_ends_incubation_only(cast: Any, firm: Company) -> None:
    with writing():
        incubate(firm, on=date(2020, 4, 1), by=cast.a)
    with writing():
        graduate(firm, on=JUL_8, by=cast.a)
    assert _stays(firm) == [
        (cast.carrier_a.id, REGISTERED, MAR_4, None, None),
        (cast.carrier_a.id, INCUBATED, date(2020, 4, 1), JUL_8, EndReason.GRADUATED),
    ]
    with pytest.raises(DomainError, match="不是在孵"), writing():
        graduate(firm, on=JUL_9, by=cast.a)


def test_a_firm_whose_incubation_counted_stays_in_the_park_after_graduation(cast: Any) -> None:
    company = make_company(cast.carrier_a)
    make_residence(company, cast.carrier_a, MAR_4, kind=INCUBATED, rooms="B座2")
    with writing():
        graduate(company, on=JUL_8, by=cast.a)
    assert _stays(company) == [
        (cast.carrier_a.id, INCUBATED, MAR_4, JUL_8, EndReason.GRADUATED),
        (cast.carrier_a.id, REGISTERED, JUL_8, None, None),
    ]
    home = counted_residence_on(company, JUL_8)
    assert home is not None
    assert home.rooms == "B座2"


# Moves, departures, returns


def test_a_transfer_ends_the_incubation_at_the_old_carrier_too(cast: Any, firm: Company) -> None:
    with writing():
        incubate(firm, on=date(2020, 4, 1), by=cast.a)
    with writing():
        transfer(firm, cast.carrier_b, by=cast.a, on=JUL_8)
    assert _stays(firm) == [
        (cast.carrier_a.id, REGISTERED, MAR_4, JUL_8, EndReason.TRANSFERRED),
        (cast.carrier_a.id, INCUBATED, date(2020, 4, 1), JUL_8, EndReason.TRANSFERRED),
        (cast.carrier_b.id, REGISTERED, JUL_8, None, None),
    ]


def test_a_departure_never_rewrites_an_end_that_is_recorded(cast: Any, firm: Company) -> None:
    with writing():
        incubate(firm, on=date(2020, 4, 1), by=cast.a)
    with writing():
        graduate(firm, on=JUL_8, by=cast.a)
    with pytest.raises(DomainError, match="2020-07-08"), writing():
        leave(firm, on=JUL_7, reason=EndReason.MOVED_OUT, by=cast.a)
    with writing():
        leave(firm, on=JUL_8, reason=EndReason.MOVED_OUT, by=cast.a)
    assert {stay[3:] for stay in _stays(firm)} == {
        (JUL_8, EndReason.MOVED_OUT),
        (JUL_8, EndReason.GRADUATED),
    }


def _return(carrier: Unit, on: date) -> ResidenceDetails:
    return ResidenceDetails(carrier.id, REGISTERED, on, is_counted=False)


@pytest.mark.parametrize(("on", "is_fine"), [(JUL_7, False), (JUL_8, True), (JUL_9, True)])
def test_a_firm_comes_back_on_the_day_it_left_or_later_under_the_same_record(
    cast: Any, firm: Company, on: date, is_fine: bool
) -> None:
    with writing():
        leave(firm, on=JUL_8, reason=EndReason.MOVED_OUT, by=cast.a)
    if is_fine:
        with writing():
            come_back(firm, _return(cast.carrier_a, on), by=cast.a)
        home = counted_residence_on(firm, on)
        assert home is not None
        assert home.from_on == on  # a return counts, whatever the form said
        assert last_move(firm.id).kind == MoveKind.RETURNED  # type: ignore[union-attr]
    else:
        with pytest.raises(DomainError), writing():
            come_back(firm, _return(cast.carrier_a, on), by=cast.a)


def test_only_a_firm_that_was_here_comes_back(cast: Any) -> None:
    company = make_company(cast.carrier_a)
    with pytest.raises(DomainError, match="此前没有"), writing():
        come_back(company, _return(cast.carrier_a, JUL_8), by=cast.a)


def test_a_firm_comes_back_to_a_carrier_of_the_writer_only(cast: Any, firm: Company) -> None:
    with writing():
        leave(firm, on=JUL_8, reason=EndReason.MOVED_OUT, by=cast.a)
    with pytest.raises(DomainError, match="数据范围"), writing():
        come_back(firm, _return(cast.carrier_b, JUL_9), by=cast.a)


# Two people at once


def test_who_acts_on_an_older_state_is_told_what_was_done(cast: Any, firm: Company) -> None:
    with writing():
        transfer(firm, cast.carrier_b, by=cast.a, on=JUL_8, seen=0)
    with pytest.raises(Conflict, match="安一刚刚已为这家企业办理") as refused, writing():
        leave(firm, on=JUL_9, reason=EndReason.MOVED_OUT, by=cast.b, seen=0)
    assert refused.value.status == 409
    move = last_move(firm.id)
    assert move is not None
    with writing():
        undo(firm, by=cast.b, reason="办错了", seen=move.id)
    with pytest.raises(StaleRecord), writing():
        leave(firm, on=JUL_9, reason=EndReason.MOVED_OUT, by=cast.b, seen=move.id)


def test_of_two_actions_at_once_one_wins_and_the_other_is_told(
    app: Any, cast: Any, firm: Company, at_once: Any
) -> None:
    firm_id, user_id, carrier_id = firm.id, cast.a.id, cast.carrier_b.id

    def go() -> str:
        with writing():
            company, by = session.get_one(Company, firm_id), session.get_one(User, user_id)
            transfer(company, session.get_one(Unit, carrier_id), by=by, on=JUL_8, seen=0)
        return "transferred"

    def quit_() -> str:
        with writing():
            company, by = session.get_one(Company, firm_id), session.get_one(User, user_id)
            leave(company, on=JUL_8, reason=EndReason.MOVED_OUT, by=by, seen=0)
        return "left"

    said = at_once(go, quit_)

    assert sorted(type(answer).__name__ for answer in said) == ["Conflict", "str"]
    counted = session.scalars(select(Residence).where(Residence.is_counted)).all()
    assert len(counted) == (2 if "transferred" in said else 1)


def test_of_two_corrections_at_once_one_keeps_the_rule(app: Any, cast: Any, at_once: Any) -> None:
    """Each alone is fine; together they would put two counted residences on one day."""
    company = make_company(cast.carrier_a)
    first = make_residence(company, cast.carrier_a, date(2020, 1, 1), date(2020, 2, 1))
    second = make_residence(company, cast.carrier_a, date(2020, 4, 1))
    user_id, ids = cast.a.id, (first.id, second.id)

    def lengthen() -> None:
        with writing():
            stay = session.get_one(Residence, ids[0])
            changed = _correction(stay, to_on=date(2020, 3, 15))
            correct(stay, changed, reason="录错", version=1, by=session.get_one(User, user_id))

    def advance() -> None:
        with writing():
            stay = session.get_one(Residence, ids[1])
            changed = _correction(stay, from_on=date(2020, 3, 1))
            correct(stay, changed, reason="录错", version=1, by=session.get_one(User, user_id))

    said = at_once(lengthen, advance)

    assert sorted(type(answer).__name__ for answer in said) == ["DomainError", "NoneType"]


# Undo


@pytest.mark.parametrize("step", ["transfer", "leave", "incubate", "graduate", "move_in"])
def test_the_last_step_is_undone_as_if_it_had_not_been(cast: Any, firm: Company, step: str) -> None:
    if step == "graduate":
        make_residence(firm, cast.carrier_a, MAR_4, kind=INCUBATED, is_counted=False)
    if step == "move_in":
        extra = ResidenceDetails(cast.carrier_a.id, REGISTERED, JUL_8, is_counted=False)
    before = _stays(firm)
    with writing():
        match step:
            case "transfer":
                transfer(firm, cast.carrier_b, by=cast.a, on=JUL_8)
            case "leave":
                leave(firm, on=JUL_8, reason=EndReason.DISSOLVED, by=cast.a)
            case "incubate":
                incubate(firm, on=JUL_8, by=cast.a)
            case "graduate":
                graduate(firm, on=JUL_8, by=cast.a)
            case "move_in":
                move_in(firm, extra, by=cast.a)
    assert _stays(firm) != before
    with writing():
        undo(firm, by=cast.a, reason="办错了")
    assert _stays(firm) == before
    assert session.get_one(Company, firm.id).unit_id == cast.carrier_a.id
    move = session.scalars(select(ResidenceMove)).one()
    assert move.undone_at is not None
    assert _entries("company.step_undone")[0]["reason"] == "办错了"
    with pytest.raises(Conflict, match="没有可以撤销"), writing():
        undo(firm, by=cast.a, reason="再撤销")


def test_steps_are_undone_one_by_one_the_last_first(cast: Any, firm: Company) -> None:
    before = _stays(firm)
    with writing():
        transfer(firm, cast.carrier_b, by=cast.a, on=JUL_7)
    with writing():
        leave(firm, on=JUL_8, reason=EndReason.MOVED_OUT, by=cast.b)
    for _ in range(2):
        with writing():
            undo(firm, by=cast.a, reason="办错了")
    assert _stays(firm) == before


def test_a_step_whose_residence_was_corrected_is_not_undone(cast: Any, firm: Company) -> None:
    with writing():
        new = transfer(firm, cast.carrier_b, by=cast.a, on=JUL_8)
    with writing():
        fresh = session.get_one(Residence, new.id)
        correct(fresh, _correction(fresh, rooms="C座1"), reason="补录", version=1, by=cast.b)
    with pytest.raises(DomainError, match="已被更正"), writing():
        undo(firm, by=cast.b, reason="办错了")


# Corrections


def _correction(residence: Residence, **values: Any) -> Correction:
    now = details_of(residence)
    kept = {name: getattr(now, name) for name in Correction.__dataclass_fields__}
    return Correction(**{**kept, **values})


def _home(company: Company) -> Residence:
    return session.scalars(select(Residence).where(Residence.company_id == company.id)).one()


def test_a_correction_is_logged_old_and_new_with_its_reason(cast: Any, firm: Company) -> None:
    stay = _home(firm)
    changed = _correction(stay, from_on=date(2020, 3, 1), rooms="A座302", agreement_number="协9")
    with writing():
        correct(stay, changed, reason="协议日期看错", version=1, by=cast.a)
    entry = _entries("company.residence_corrected")[0]
    assert entry["changes"] == {
        "from_on": ["2020-03-04", "2020-03-01"],
        "rooms": ["A座301", "A座302"],
        "agreement_number": ["协议1", "协9"],
    }
    assert entry["reason"] == "协议日期看错"
    with pytest.raises(StaleRecord), writing():
        correct(stay, changed, reason="再改", version=1, by=cast.a)


def test_a_correction_neither_ends_nor_reopens_a_residence(cast: Any, firm: Company) -> None:
    stay = _home(firm)
    with pytest.raises(DomainError, match="不能结束"), writing():
        correct(stay, _correction(stay, to_on=JUL_8), reason="错", version=1, by=cast.a)


@pytest.mark.parametrize(("on", "is_fine"), [(date(2020, 9, 30), True), (date(2020, 10, 1), False)])
def test_nothing_is_corrected_into_the_future(
    cast: Any, firm: Company, on: date, is_fine: bool
) -> None:
    stay = _home(firm)
    if is_fine:
        with writing():
            correct(stay, _correction(stay, from_on=on), reason="错", version=1, by=cast.a)
    else:
        with pytest.raises(DomainError, match="不能晚于今天"), writing():
            correct(stay, _correction(stay, from_on=on), reason="错", version=1, by=cast.a)


def test_the_day_of_a_transfer_moves_on_both_sides(cast: Any, firm: Company) -> None:
    with writing():
        new = transfer(firm, cast.carrier_b, by=cast.a, on=JUL_8)
    with writing():
        fresh = session.get_one(Residence, new.id)
        correct(fresh, _correction(fresh, from_on=JUL_7), reason="早一天", version=1, by=cast.b)
    assert [stay[2:4] for stay in _stays(firm)] == [(MAR_4, JUL_7), (JUL_7, None)]
    with pytest.raises(DomainError), writing():
        correct(fresh, _correction(fresh, from_on=MAR_4), reason="太早", version=2, by=cast.b)
    assert [stay[2:4] for stay in _stays(firm)] == [(MAR_4, JUL_7), (JUL_7, None)]


def test_the_day_of_a_departure_is_corrected_for_all_that_it_ended(
    cast: Any, firm: Company
) -> None:
    make_residence(firm, cast.carrier_a, date(2020, 5, 1), kind=INCUBATED, is_counted=False)
    with writing():
        leave(firm, on=JUL_8, reason=EndReason.MOVED_OUT, by=cast.a)
    stay = counted_residence_on(firm, JUL_7)
    assert stay is not None
    changed = _correction(stay, to_on=JUL_9, reason=EndReason.EVICTED)
    with writing():
        correct(stay, changed, reason="错", version=stay.version, by=cast.a)
    assert {row[3:] for row in _stays(firm)} == {(JUL_9, EndReason.EVICTED)}


def test_the_reason_of_a_transfer_is_not_corrected_into_a_departure(
    cast: Any, firm: Company
) -> None:
    with writing():
        transfer(firm, cast.carrier_b, by=cast.a, on=JUL_8)
    stay = counted_residence_on(firm, JUL_7)
    assert stay is not None
    changed = _correction(stay, reason=EndReason.MOVED_OUT)
    with pytest.raises(DomainError, match="只有离园的原因"), writing():
        correct(stay, changed, reason="错", version=stay.version, by=cast.a)


def test_a_residence_at_another_carrier_is_that_carriers_to_correct(cast: Any) -> None:
    company = make_company(cast.carrier_b)
    stay = make_residence(company, cast.carrier_a, MAR_4, JUL_8, reason=EndReason.TRANSFERRED)
    changed, stranger = _correction(stay, rooms="换"), cast.b
    with pytest.raises(DomainError, match="数据范围"), writing():
        correct(stay, changed, reason="错", version=1, by=stranger)
