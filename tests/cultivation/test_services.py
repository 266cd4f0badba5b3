"""Rules of the library: who may enter, once; what can be said of the result; nothing written where one is refused."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.cultivation.models import Cultivation, Result
from crm.cultivation.services import (
    AlreadyTakenIn,
    CultivationDetails,
    change,
    let_out,
    take_in,
    take_in_many,
    take_in_selection,
)
from crm.ladder.models import QualificationKind
from crm.ladder.rungs import Rung
from tests import factories

PLAN = CultivationDetails(Rung.HIGH_TECH, 2020, date(2020, 3, 2))


@pytest.fixture
def firm(cast):
    return resident(cast)


def resident(cast):
    company = factories.make_company(cast.carrier_a)
    factories.make_residence(company, cast.carrier_a, date(2018, 3, 1))
    return company


def certify(company, on=date(2020, 9, 2)):
    return factories.make_qualification(
        company, QualificationKind.HIGH_TECH, on, on.replace(year=2023)
    )


def enter(firm, cast, **values):
    with writing():
        return take_in(session.merge(firm), replace(PLAN, **values), by=cast.a)


def leave(plan, cast, **values):
    usual = {"on": date(2020, 9, 30), "result": Result.WITHDRAWN, "note": "", "version": None}
    with writing():
        let_out(session.get_one(Cultivation, plan.id), **usual | values, by=cast.a)


def test_a_firm_is_in_a_library_once_at_a_time(cast, firm):
    first = enter(firm, cast)
    with pytest.raises(AlreadyTakenIn):
        enter(firm, cast)
    enter(firm, cast, target_rung=Rung.ABOVE_SCALE)
    leave(first, cast)
    enter(firm, cast)
    assert len(session.scalars(select(Cultivation)).all()) == 3


def test_who_holds_the_rung_needs_no_cultivation(cast, firm):
    certify(firm)
    with pytest.raises(DomainError):
        enter(firm, cast)
    enter(firm, cast, target_rung=Rung.ABOVE_SCALE)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"target_rung": Rung.STARTUP}, "target_rung"),
        ({"target_year": 2019}, "target_year"),
        ({"target_year": 2031}, "target_year"),
        ({"entered_on": date(2020, 10, 1)}, "entered_on"),
        ({"leader_id": 987654}, "leader"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(cast, firm, values, field):
    with pytest.raises(DomainError) as refused:
        enter(firm, cast, **values)
    assert refused.value.field == field
    assert session.scalars(select(Cultivation)).all() == []


def test_the_edges_of_the_target_year_are_accepted(cast, firm):
    assert enter(firm, cast, target_year=2030).target_year == 2030


def test_reached_is_said_only_where_it_is_proved_on_that_day(cast, firm):
    plan = enter(firm, cast)
    certify(firm)
    with pytest.raises(DomainError):
        leave(plan, cast, result=Result.REACHED, on=date(2020, 9, 1))
    leave(plan, cast, result=Result.REACHED, on=date(2020, 9, 2))
    with pytest.raises(Conflict):
        leave(plan, cast)


def test_nobody_leaves_before_entering_or_after_today(cast, firm):
    plan = enter(firm, cast)
    for day in (date(2020, 3, 1), date(2020, 10, 1)):
        with pytest.raises(DomainError):
            leave(plan, cast, on=day)
    leave(plan, cast, on=date(2020, 3, 2))


def test_a_plan_is_changed_by_who_saw_it_and_not_once_it_is_closed(cast, firm):
    plan = enter(firm, cast)
    later = replace(PLAN, target_year=2021, measures="辅导", leader_id=cast.leader.id)
    with writing():
        change(session.get_one(Cultivation, plan.id), later, version=1, by=cast.a)
    with pytest.raises(StaleRecord), writing():
        change(session.get_one(Cultivation, plan.id), later, version=1, by=cast.a)
    found = session.get_one(Cultivation, plan.id)
    assert (found.target_year, found.leader.name) == (2021, cast.leader.name)
    leave(plan, cast)
    with pytest.raises(Conflict), writing():
        change(session.get_one(Cultivation, plan.id), later, version=None, by=cast.a)


def test_of_a_selection_those_that_need_it_are_taken_in(cast, firm):
    there, reached, fresh = firm, resident(cast), resident(cast)
    enter(there, cast)
    certify(reached)
    with writing():
        intake = take_in_selection([there.id, reached.id, fresh.id], PLAN, by=cast.a)
    assert (intake.taken, intake.present, intake.reached) == (1, 1, 1)
    with writing():
        assert take_in_selection([there.id, reached.id, fresh.id], PLAN, by=cast.a).taken == 0


def test_many_go_in_all_or_none_with_one_entry_in_the_log(cast, firm):
    other = resident(cast)
    with writing():
        take_in_many([(firm.id, PLAN), (other.id, PLAN)], by=cast.a)
    third = resident(cast)
    with pytest.raises(AlreadyTakenIn), writing():
        take_in_many([(third.id, PLAN), (other.id, PLAN)], by=cast.a)
    assert len(session.scalars(select(Cultivation)).all()) == 2
    actions = session.scalars(select(AuditEntry.action)).all()
    assert actions == ["cultivation.taken_in_many"]
