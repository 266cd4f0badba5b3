"""Very many rows of one table are written as few would be."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from crm.companies.models import FormerName
from crm.core import clock
from crm.core.bulk import MANY, insert_many
from crm.core.db import session, writing
from crm.people.models import User
from tests import factories


def a_person(cast: factories.Cast, username: str, **facts: Any) -> dict[str, Any]:
    return {
        "username": username, "name": "甲\t乙\\n", "password_hash": "!", "unit_id": cast.a.unit_id,
        "roles": cast.a.roles, **facts,
    }  # fmt: skip


def test_rows_are_written_with_their_types_and_defaults(cast: factories.Cast) -> None:
    with writing():
        insert_many(User, [a_person(cast, "x"), a_person(cast, "y")])
    one, other = session.scalars(
        select(User).where(User.username.in_(("x", "y"))).order_by(User.username)
    )
    assert (one.name, one.roles, one.rights) == ("甲\t乙\\n", cast.a.roles, frozenset())
    assert (one.must_change_password, one.version, one.disabled_at) == (False, 1, None)
    assert one.id != other.id
    assert clock.now() - one.created_at < timedelta(minutes=1)


def test_what_breaks_a_constraint_is_refused_as_always(cast: factories.Cast) -> None:
    with pytest.raises(IntegrityError), writing():
        insert_many(User, [a_person(cast, "x"), a_person(cast, "x")])
    assert session.scalar(select(User).where(User.username == "x")) is None


def test_instants_keep_their_zone_and_nothing_of_nothing_is_nothing(cast: factories.Cast) -> None:
    now = clock.now()
    company = factories.make_company(cast.a.unit)
    day = clock.today()
    row = {"company_id": company.id, "name": "甲", "name_key": "甲", "until_on": day, "reason": ""}
    with writing():
        insert_many(FormerName, [])
        insert_many(FormerName, [{**row, "recorded_at": now}])
    kept = session.scalars(select(FormerName)).one()
    assert isinstance(kept.recorded_at, datetime)
    assert (kept.recorded_at, kept.until_on) == (now, day)


def test_a_table_that_fills_is_no_longer_empty_to_the_planner(cast: factories.Cast) -> None:
    company = factories.make_company(cast.a.unit)
    row = {
        "company_id": company.id, "name": "甲", "name_key": "甲", "until_on": clock.today(),
        "reason": "", "recorded_at": clock.now(),
    }  # fmt: skip
    with writing():
        insert_many(FormerName, [row])
        session.execute(delete(FormerName))
        session.execute(text("ANALYZE former_names"))
    with writing():
        insert_many(FormerName, [row] * MANY)
        if session.get_bind().dialect.name == "postgresql":
            known = "SELECT reltuples FROM pg_class WHERE oid = 'former_names'::regclass"
            assert session.scalar(text(known)) == MANY
    assert len(session.scalars(select(FormerName)).all()) == MANY
