"""Sums over firms: the latest 本年累计 of each, where it was then; how many reported beside how many owe."""

from datetime import date
from decimal import Decimal

from crm.audit.verification import VerificationState
from crm.companies.models import CompanyKind
from crm.core.db import session
from crm.operating.queries import latest_of_year, owing_by_carrier, sums
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from tests import factories

TODAY = date(2020, 9, 30)


def make_firm(carrier, from_on=date(2019, 1, 1), to_on=None, **values):
    firm = factories.make_company(carrier, **values)
    factories.make_residence(firm, carrier, from_on, to_on)
    return firm


def report(firm, month, revenue, year=2020, **values):
    end = date(year, month, {3: 31, 6: 30, 9: 30, 12: 31}[month])
    factories.make_operating_report(
        firm, year, month, end, revenue=None if revenue is None else Decimal(revenue), **values
    )


def by_carrier(as_of=TODAY, scope=WHOLE_PARK_SCOPE):
    rows = session.execute(sums(scope, as_of.year, as_of))
    return {
        row.carrier_id: (row.revenue, row.revenue_firms, row.reported, row.present, row.through)
        for row in rows
    }


def test_months_and_quarters_are_never_added_up(cast):
    firm = make_firm(cast.carrier_a)
    for month, revenue in ((3, 100), (6, 250), (9, 380)):
        report(firm, month, revenue)
    assert by_carrier() == {cast.carrier_a.id: (380, 1, 1, 1, 1)}
    assert by_carrier(date(2020, 9, 29)) == {cast.carrier_a.id: (250, 1, 1, 1, 0)}
    assert by_carrier(date(2020, 3, 30)) == {}


def test_each_year_is_its_own(cast):
    firm = make_firm(cast.carrier_a)
    report(firm, 12, 900, year=2019)
    report(firm, 3, 100)
    assert by_carrier() == {cast.carrier_a.id: (100, 1, 1, 1, 0)}
    (row,) = session.execute(latest_of_year(2019, date(2019, 12, 31)))
    assert (row.through_month, row.revenue) == (12, 900)


def test_a_missing_figure_is_not_nothing(cast):
    report(make_firm(cast.carrier_a), 9, 100)
    report(make_firm(cast.carrier_a), 9, None, staff=3)
    make_firm(cast.carrier_a)
    report(make_firm(cast.carrier_b), 9, None, staff=3)
    found = by_carrier()
    assert found[cast.carrier_a.id] == (100, 1, 2, 2, 2)
    assert found[cast.carrier_b.id] == (None, 0, 1, 1, 1)
    owed = session.execute(owing_by_carrier(WHOLE_PARK_SCOPE, TODAY))
    assert {row.carrier_id: row.owing for row in owed} == {
        cast.carrier_a.id: 3,
        cast.carrier_b.id: 1,
    }


def test_a_firm_counts_where_it_was_on_its_figures_last_day(cast):
    moved = factories.make_company(cast.carrier_b)
    factories.make_residence(moved, cast.carrier_a, date(2019, 1, 1), date(2020, 7, 1))
    factories.make_residence(moved, cast.carrier_b, date(2020, 7, 1))
    report(moved, 6, 250)
    gone = make_firm(cast.carrier_a, to_on=date(2020, 6, 30))
    report(gone, 6, 70)  # dated after it left: counts nowhere
    assert by_carrier() == {cast.carrier_a.id: (250, 1, 1, 0, 0)}
    assert by_carrier(scope=scope_of(cast.b)) == {}
    assert by_carrier(scope=scope_of(cast.a)) == {cast.carrier_a.id: (250, 1, 1, 0, 0)}


def test_what_was_sent_back_and_what_is_no_enterprise_does_not_count(cast):
    report(make_firm(cast.carrier_a), 9, 100, state=VerificationState.RETURNED)
    report(make_firm(cast.carrier_a, kind=CompanyKind.INSTITUTE), 9, 100)
    assert by_carrier() == {}
    owed = session.execute(owing_by_carrier(WHOLE_PARK_SCOPE, TODAY))
    assert [row.owing for row in owed] == [1]


def test_the_page_says_how_many_reported_beside_every_sum(cast, browser_of):
    report(make_firm(cast.carrier_a), 9, 1_234_500)
    make_firm(cast.carrier_a)
    page = browser_of("a").get("/operating").text
    assert "1／2" in page
    assert "123.45" in page
    assert "1／2" in browser_of("leader").get("/operating").text
    assert "123.45" not in browser_of("leader").get("/operating").text
    assert "1／2" not in browser_of("b").get("/operating").text
    assert browser_of("admin").get("/operating").status_code == 403
    assert browser_of("a").get("/operating?as_of=2020-13-01").status_code == 422
