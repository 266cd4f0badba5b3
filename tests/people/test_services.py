"""Rules about people and units, without pages."""

import pytest
from flask import Flask
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.queries import verify
from crm.audit.services import SYSTEM, record
from crm.core.db import session, writing
from crm.people.models import Unit, UnitKind
from crm.people.roles import ALLOWED, GRANTED, Action, Right, Role, actions_of
from crm.people.scope import scope_of
from crm.people.services import AlreadyTaken, UnitDetails, add_unit
from tests import factories


def _unit(code: str, name: str) -> UnitDetails:
    return UnitDetails(code=code, name=name, kind=UnitKind.OFFICE)


def test_a_refused_unit_leaves_what_was_done_before_it_in_the_log(app: Flask) -> None:
    """A savepoint that is rolled back takes its own entries along, and no others."""
    factories.make_unit("甲", code="a")
    with writing():
        add_unit(_unit("b", "乙"), by=SYSTEM)
        with pytest.raises(AlreadyTaken):
            add_unit(_unit("c", "甲"), by=SYSTEM)
        savepoint = session.begin_nested()
        record("thing.undone", None, by=SYSTEM, name="x")
        savepoint.rollback()
        add_unit(_unit("d", "丁"), by=SYSTEM)

    assert session.scalars(select(AuditEntry.subject).order_by(AuditEntry.id)).all() == ["乙", "丁"]
    assert session.scalars(select(Unit.code).order_by(Unit.id)).all() == ["a", "b", "d"]
    assert verify().checked == 2


def test_the_scope_of_a_unit_is_the_unit_and_all_below_it(app: Flask, cast: factories.Cast) -> None:
    below = factories.make_unit("园中园", cast.carrier_a)
    mine = scope_of(cast.a)

    inside = session.scalars(
        select(Unit.name).where(mine.includes(Unit.id)).order_by(Unit.id)
    ).all()
    assert inside == ["国家大学科技园", "园中园"]
    assert mine.covers(below)
    assert not mine.covers(cast.carrier_b)
    assert scope_of(cast.leader).is_whole_park
    assert not scope_of(cast.admin).covers(cast.park)


def test_a_path_is_no_prefix_of_its_neighbours(app: Flask, cast: factories.Cast) -> None:
    """Unit 1 must not take in unit 11, 12 …"""
    units = [factories.make_unit(f"邻{n}") for n in range(12)]
    scope = scope_of(factories.make_user(Role.UNIT_HEAD, unit=units[0]))

    assert session.scalars(select(Unit.id).where(scope.includes(Unit.id))).all() == [units[0].id]


def test_every_action_is_somebodys_and_every_right_grants_one() -> None:
    by_role = frozenset().union(*ALLOWED.values())
    assert by_role | set(GRANTED.values()) == set(Action)
    assert set(GRANTED) == set(Right)
    assert by_role.isdisjoint(GRANTED.values())


def test_an_auditor_changes_nothing_and_an_admin_sees_no_business() -> None:
    assert all(a.value.endswith(".read") for a in actions_of([Role.AUDITOR], []))
    assert actions_of([Role.ADMIN], []) == {Action.USERS_MANAGE, Action.RULES_MANAGE}
