"""Every figure of the carriers: day before, day, day after; year edge, leap day, returns, moves, both carriers and the park."""

from datetime import date
from typing import Any

import pytest

from crm.carriers.figures import FIGURES, TOTAL, Place, by_reason, recent, rows, table
from crm.carriers.periods import Period
from crm.companies.models import LEAVING, Company, CompanyKind, EndReason, ResidenceKind
from crm.core import clock
from crm.core.db import session, writing
from crm.people.models import Unit
from crm.people.scope import WHOLE_PARK_SCOPE, Scope, scope_of
from tests import factories
from tests.factories import make_residence

JAN_1, MAR_10, JUN_1, SEP_30 = (
    date(2020, 1, 1),
    date(2020, 3, 10),
    date(2020, 6, 1),
    date(2020, 9, 30),
)
YEAR = Period(JAN_1, SEP_30)
INCUBATED = ResidenceKind.INCUBATED


def firm_at(carrier: Unit, from_on: date, to_on: date | None = None, **values: Any) -> Company:
    """A firm that has its licence, registered at a carrier; `kind` and `uscc` are the firm's."""
    company = {key: values.pop(key) for key in ("kind", "uscc") if key in values}
    firm = factories.make_company(carrier, **company)
    if "residence_kind" in values:
        values["kind"] = values.pop("residence_kind")
    make_residence(firm, carrier, from_on, to_on, **values)
    return firm


def value(
    key: str,
    unit: Unit | None = None,
    period: Period = YEAR,
    scope: Scope = WHOLE_PARK_SCOPE,
) -> int:
    """The figure, once it is sure that the rows behind it are as many."""
    number = table(scope, [unit] if unit else [], period).value(key, unit.id if unit else TOTAL)
    listed = session.execute(rows(FIGURES[key], Place(scope, unit), period)).all()
    assert number == len(listed) == len({row.id for row in listed})
    return number


def _days(first: date, until: date) -> Period:
    return Period(first, until)


# 新增入驻


@pytest.mark.parametrize(
    ("from_on", "counted"),
    [
        (date(2019, 12, 31), 0),
        (JAN_1, 1),
        (date(2020, 2, 29), 1),
        (SEP_30, 1),
        (date(2020, 10, 1), 0),
    ],
)
def test_an_entrant_counts_from_the_first_to_the_last_day(
    cast: Any, from_on: date, counted: int
) -> None:
    firm_at(cast.carrier_a, from_on)
    assert value("new") == value("new", cast.carrier_a) == counted
    assert value("new", cast.carrier_b) == 0


@pytest.mark.parametrize(("signed_on", "counted"), [(SEP_30, 1), (date(2020, 10, 1), 0), (None, 0)])
def test_an_agreement_signed_after_the_period_is_none(
    cast: Any, signed_on: date | None, counted: int
) -> None:
    firm_at(cast.carrier_a, MAR_10, agreement_on=signed_on)
    assert value("new") == counted


def test_two_licences_at_one_address_are_two_entrants(cast: Any) -> None:
    for _ in range(2):
        firm_at(cast.carrier_a, MAR_10, rooms="A座301")
    assert value("new") == 2


def test_incubation_without_registration_is_no_entry_but_incubation(cast: Any) -> None:
    firm_at(cast.carrier_a, MAR_10, residence_kind=INCUBATED)
    assert (value("new"), value("incubated"), value("resident")) == (0, 1, 1)


def test_a_transfer_on_the_day_of_entry_counts_where_it_was_first(cast: Any) -> None:
    """Of two registrations of one day the first is the entry; the firm belongs to whom it belonged that day."""
    firm = firm_at(cast.carrier_a, MAR_10, date(2020, 3, 11), reason=EndReason.TRANSFERRED)
    make_residence(firm, cast.carrier_b, date(2020, 3, 11))
    assert (value("new"), value("new", cast.carrier_a), value("new", cast.carrier_b)) == (1, 1, 0)


# 迁出注销


@pytest.mark.parametrize(
    ("to_on", "counted"),
    [
        (date(2019, 12, 31), 0),
        (JAN_1, 1),
        (date(2020, 2, 29), 1),
        (SEP_30, 1),
        (date(2020, 10, 1), 0),
    ],
)
def test_a_firm_leaves_on_the_first_day_on_which_it_is_gone(
    cast: Any, to_on: date, counted: int
) -> None:
    firm_at(cast.carrier_a, date(2018, 1, 1), to_on, reason=EndReason.MOVED_OUT)
    assert value("left") == value("left", cast.carrier_a) == counted
    assert value("resident") == (1 if to_on > SEP_30 else 0)


@pytest.mark.parametrize("reason", list(EndReason))
def test_only_leaving_is_leaving(cast: Any, reason: EndReason) -> None:
    firm_at(cast.carrier_a, date(2018, 1, 1), JUN_1, reason=reason)
    assert value("left") == (1 if reason in LEAVING else 0)


def test_who_left_is_told_by_reason(cast: Any) -> None:
    for reason, count in ((EndReason.MOVED_OUT, 2), (EndReason.DISSOLVED, 1)):
        for _ in range(count):
            firm_at(cast.carrier_a, date(2018, 1, 1), JUN_1, reason=reason)
    found = by_reason(Place(WHOLE_PARK_SCOPE, cast.carrier_a), YEAR)
    assert found == [(EndReason.MOVED_OUT, 2), (EndReason.DISSOLVED, 1)]
    assert by_reason(Place(WHOLE_PARK_SCOPE, cast.carrier_b), YEAR) == []
    place = Place(WHOLE_PARK_SCOPE)
    for reason, count in found:
        query = rows(FIGURES["left"], place, YEAR, reason=reason)
        assert len(session.execute(query).all()) == count


def test_a_branch_neither_comes_nor_goes_in_these_figures(cast: Any) -> None:
    firm_at(cast.carrier_a, MAR_10, JUN_1, reason=EndReason.MOVED_OUT, kind=CompanyKind.BRANCH)
    assert [value(key) for key in ("new", "left", "ever")] == [0, 0, 0]


def test_net_is_new_less_left(cast: Any) -> None:
    firm_at(cast.carrier_a, MAR_10)
    for _ in range(3):
        firm_at(cast.carrier_a, date(2018, 1, 1), JUN_1, reason=EndReason.MOVED_OUT)
    assert table(WHOLE_PARK_SCOPE, [], YEAR).value("net", TOTAL) == -2


def test_a_firm_that_leaves_twice_is_one_firm(cast: Any) -> None:
    firm = firm_at(cast.carrier_a, date(2018, 1, 1), MAR_10, reason=EndReason.MOVED_OUT)
    make_residence(firm, cast.carrier_b, JUN_1, date(2020, 7, 1), reason=EndReason.MOVED_OUT)
    assert (value("left"), value("left", cast.carrier_a), value("left", cast.carrier_b)) == (
        1,
        1,
        1,
    )


# Moves between carriers


def moved(cast: Any, on: date) -> Company:
    firm = firm_at(cast.carrier_a, date(2018, 1, 1), on, reason=EndReason.TRANSFERRED)
    make_residence(firm, cast.carrier_b, on)
    return firm


@pytest.mark.parametrize(
    ("on", "counted"),
    [(date(2019, 12, 31), 0), (JAN_1, 1), (SEP_30, 1), (date(2020, 10, 1), 0)],
)
def test_a_move_has_columns_of_its_own_and_is_nothing_in_the_park(
    cast: Any, on: date, counted: int
) -> None:
    moved(cast, on)
    assert value("out", cast.carrier_a) == value("in", cast.carrier_b) == counted
    assert value("in", cast.carrier_a) == value("out", cast.carrier_b) == 0
    for key in ("in", "out", "new", "left"):
        assert value(key) == 0


def test_who_sees_one_carrier_sees_the_move_in_its_total(cast: Any) -> None:
    moved(cast, JUN_1)
    assert value("out", scope=scope_of(cast.a)) == 1
    assert value("in", scope=scope_of(cast.a)) == 0


def test_a_gap_between_two_carriers_is_no_move(cast: Any) -> None:
    firm = firm_at(cast.carrier_a, date(2018, 1, 1), JUN_1, reason=EndReason.TRANSFERRED)
    make_residence(firm, cast.carrier_b, date(2020, 6, 2))
    assert value("in", cast.carrier_b) == 0


# 再入驻


@pytest.mark.parametrize(("back_on", "counted"), [(JUN_1, 1), (SEP_30, 1), (date(2020, 10, 1), 0)])
def test_a_return_is_no_entry(cast: Any, back_on: date, counted: int) -> None:
    firm = firm_at(cast.carrier_a, date(2018, 1, 1), JUN_1, reason=EndReason.MOVED_OUT)
    make_residence(firm, cast.carrier_b, back_on)
    assert (value("returned"), value("new")) == (counted, 0)


def test_a_move_after_a_return_is_not_a_second_return(cast: Any) -> None:
    firm = firm_at(cast.carrier_a, date(2018, 1, 1), date(2019, 6, 1), reason=EndReason.MOVED_OUT)
    make_residence(firm, cast.carrier_a, date(2019, 8, 1), JUN_1, reason=EndReason.TRANSFERRED)
    make_residence(firm, cast.carrier_b, JUN_1)
    assert (value("returned"), value("in", cast.carrier_b)) == (0, 1)


# Stocks


def test_ever_in_the_park_and_in_business_are_three_figures(cast: Any) -> None:
    firm_at(cast.carrier_a, date(2018, 1, 1), date(2019, 1, 1), reason=EndReason.MOVED_OUT)
    firm_at(cast.carrier_a, date(2018, 1, 1))
    firm_at(cast.carrier_a, date(2018, 1, 1), uscc=None)
    revoked = firm_at(cast.carrier_a, date(2018, 1, 1))
    make_residence(
        revoked,
        cast.carrier_a,
        date(2018, 1, 1),
        JUN_1,
        kind=INCUBATED,
        is_counted=False,
        reason=EndReason.LICENCE_REVOKED,
    )
    assert [value(key) for key in ("ever", "resident", "in_business")] == [4, 3, 1]
    eve = Period(JAN_1, date(2020, 5, 31))
    assert value("in_business", period=eve) == 2


def test_parts_may_exceed_the_park(cast: Any) -> None:
    moved(cast, JUN_1)
    parts = [value("ever", unit) for unit in (cast.carrier_a, cast.carrier_b)]
    assert (parts, value("ever")) == ([1, 1], 1)
    assert [value("resident", unit) for unit in (cast.carrier_a, cast.carrier_b)] == [0, 1]


@pytest.mark.parametrize(
    ("until", "in_incubation", "graduates"),
    [(date(2020, 5, 31), 1, 0), (JUN_1, 0, 1), (date(2020, 6, 2), 0, 1)],
)
def test_graduation_ends_incubation_and_nothing_else(
    cast: Any, until: date, in_incubation: int, graduates: int
) -> None:
    firm = firm_at(cast.carrier_a, MAR_10)
    make_residence(
        firm,
        cast.carrier_a,
        MAR_10,
        JUN_1,
        kind=INCUBATED,
        is_counted=False,
        reason=EndReason.GRADUATED,
    )
    period = Period(JAN_1, until)
    assert value("incubated", period=period) == in_incubation
    assert value("graduated", period=period) == graduates
    assert value("resident", period=period) == 1
    assert value("left", period=period) == 0


def test_an_archived_firm_counts_nowhere(cast: Any) -> None:
    firm = firm_at(cast.carrier_a, MAR_10)
    with writing():
        session.get_one(Company, firm.id).archived_at = clock.now()
    assert {value(key) for key in FIGURES} == {0}


def test_firms_that_reside_with_the_park_itself_have_a_row(cast: Any) -> None:
    firm_at(cast.park, MAR_10)
    firm_at(cast.carrier_a, MAR_10)
    assert (value("new", cast.park), value("new")) == (1, 2)


def test_a_carriers_row_includes_the_units_below_it(cast: Any) -> None:
    below = factories.make_unit("二期", cast.carrier_a)
    firm = firm_at(cast.carrier_a, date(2018, 1, 1), JUN_1, reason=EndReason.TRANSFERRED)
    make_residence(firm, below, JUN_1)
    assert value("resident", cast.carrier_a) == value("resident", below) == 1
    assert (value("out", cast.carrier_a), value("in", below)) == (0, 1)


# Scope, comparison, cost


def test_staff_of_b_see_no_row_of_a(cast: Any) -> None:
    firm = firm_at(cast.carrier_a, MAR_10, JUN_1, reason=EndReason.MOVED_OUT)
    make_residence(firm, cast.carrier_a, date(2020, 7, 1))
    make_residence(firm, cast.carrier_a, date(2020, 7, 1), kind=INCUBATED, is_counted=False)
    assert {value(key, scope=scope_of(cast.b)) for key in FIGURES} == {0}
    assert recent(Place(scope_of(cast.b)), YEAR, 10) == []
    assert sum(value(key, scope=scope_of(cast.a)) for key in FIGURES) > 5


def test_the_year_before_stands_beside(cast: Any) -> None:
    for day in (date(2019, 9, 30), date(2019, 10, 1), date(2020, 5, 5)):
        firm_at(cast.carrier_a, day)
    found = table(WHOLE_PARK_SCOPE, [cast.carrier_a], YEAR)
    assert (found.value("new", TOTAL), found.value_before("new", TOTAL)) == (1, 1)
    assert found.value_before("resident", cast.carrier_a.id) == 1


def test_the_table_costs_the_same_whatever_is_in_it(cast: Any, query_count: Any) -> None:
    costs = []
    for number in (1, 9):
        for _ in range(number):
            moved(cast, JUN_1)
        with query_count() as queries:
            table(WHOLE_PARK_SCOPE, [cast.carrier_a, cast.carrier_b], YEAR)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 4  # two, and the two carriers read again
