"""A remembered figure is never stale: it is counted anew as soon as the log has an entry that could matter."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from crm.audit import remembered
from crm.audit.services import SYSTEM, record
from crm.carriers import figures
from crm.carriers.periods import Period
from crm.companies import residence
from crm.companies.models import Company, EndReason
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.models import Unit
from crm.people.scope import WHOLE_PARK_SCOPE
from tests import factories

PERIOD = Period(date(2020, 1, 1), date(2020, 9, 30))


@pytest.fixture(autouse=True)
def _on(app) -> Iterator[None]:
    remembered.forget()
    remembered.is_on = True
    yield
    remembered.is_on = False
    remembered.forget()


@pytest.fixture
def asked():
    """A figure that says how often it was counted."""
    calls = []

    @remembered.remembered
    def firms(unit_id):
        calls.append(unit_id)
        return session.scalar(select(func.count(Company.id)).where(Company.unit_id == unit_id))

    firms.calls = calls
    return firms


def test_it_is_counted_once_for_equal_arguments_until_something_is_written(cast, asked):
    unit, other = cast.carrier_a, cast.carrier_b
    assert [asked(unit.id), asked(unit.id), asked(other.id)] == [0, 0, 0]
    assert asked.calls == [unit.id, other.id]
    company = factories.make_company(unit)
    with writing():
        record("company.changed", session.get_one(Company, company.id), by=SYSTEM)
    assert [asked(unit.id), asked(other.id)] == [1, 0]
    assert asked.calls == [unit.id, other.id] * 2


def test_what_no_figure_rests_on_leaves_it_as_it_is(cast, asked):
    asked(cast.carrier_a.id)
    with writing():
        record("user.changed", cast.a, by=cast.a)
    asked(cast.carrier_a.id)
    assert len(asked.calls) == 1


def test_what_is_not_yet_committed_is_counted_but_not_kept(cast, asked):
    company, there = factories.make_company(cast.carrier_a), cast.carrier_b
    assert asked(there.id) == 0
    try:
        with writing():
            session.get_one(Company, company.id).unit_id = there.id
            session.flush()
            seen = asked(there.id)
            raise DomainError("undone")
    except DomainError:
        assert seen == 1
    assert asked(there.id) == 0


def test_only_so_many_are_kept(cast, asked, monkeypatch):
    monkeypatch.setattr(remembered, "MOST_KEPT", 2)
    for number in (1, 2, 3, 3, 2, 1):
        asked(number)
    assert asked.calls == [1, 2, 3, 1]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["transfer", "leave", "come back"]), st.integers(0, 1), st.integers(1, 90)
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_after_any_steps_it_equals_what_is_counted_anew(cast, steps):
    """The carriers' table through the services that the pages use; a step that is refused changes nothing."""
    company, on = factories.make_company(cast.carrier_a), date(2020, 1, 1)
    factories.make_residence(company, cast.carrier_a, on)
    remembered.forget()
    units = session.scalars(select(Unit)).all()
    for what, carrier, days in steps:
        on = min(on + timedelta(days), date(2020, 9, 30))
        _take(what, company.id, (cast.carrier_a, cast.carrier_b)[carrier], on, cast)
        kept = figures.table(WHOLE_PARK_SCOPE, units, PERIOD)
        remembered.is_on = False
        fresh = figures.table(WHOLE_PARK_SCOPE, units, PERIOD)
        remembered.is_on = True
        assert kept == fresh


def _take(what, company_id, carrier, on, cast):
    try:
        with writing():
            firm = session.get_one(Company, company_id)
            if what == "transfer":
                residence.transfer(firm, carrier, by=cast.a, on=on)
            elif what == "leave":
                residence.leave(firm, on=on, reason=EndReason.MOVED_OUT, by=cast.a)
            else:
                details = residence.ResidenceDetails(
                    cast.carrier_a.id, residence.ResidenceKind.REGISTERED, on
                )
                residence.come_back(firm, details, by=cast.a)
    except DomainError:
        session.rollback()
