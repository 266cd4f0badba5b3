"""新增亿元企业: on both sides of 100 million, of the register, of the year, and where last year is not known."""

from datetime import date
from decimal import Decimal

import pytest

from crm.audit.verification import VerificationState
from crm.core.db import session
from crm.ladder.models import QualificationKind
from crm.ladder.revenue import doubtful_large_earners, new_large_earners
from tests import factories

YEAR = (date(2020, 1, 1), date(2020, 9, 30))
YI = Decimal(100_000_000)
ENDS = {3: date(2020, 3, 31), 6: date(2020, 6, 30), 9: date(2020, 9, 30)}


@pytest.fixture
def firm(cast):
    company = factories.make_company(cast.carrier_a)
    factories.make_residence(company, cast.carrier_a, date(2018, 3, 1), date(2020, 7, 1))
    factories.make_residence(company, cast.carrier_b, date(2020, 7, 1))
    factories.make_qualification(company, QualificationKind.ABOVE_SCALE, date(2019, 3, 25))
    return company


def last_year(company, revenue, month=12, **values):
    day = date(2019, month, 31 if month == 12 else 30)
    factories.make_operating_report(company, 2019, month, day, revenue=revenue, **values)


def this_year(company, revenue, month=6, **values):
    factories.make_operating_report(company, 2020, month, ENDS[month], revenue=revenue, **values)


def counted(start=YEAR[0], until=YEAR[1]):
    return [
        (row.happened_on, row.unit_id) for row in session.execute(new_large_earners(start, until))
    ]


def doubted():
    return [row.company_id for row in session.execute(doubtful_large_earners(*YEAR))]


@pytest.mark.parametrize(
    ("before", "now", "number"),
    [
        (YI - 1, YI, 1),
        (YI - 1, YI - 1, 0),
        (YI, YI + 1, 0),
        (Decimal(0), YI, 1),
    ],
)
def test_the_line_is_met_this_year_and_was_not_last_year(firm, before, now, number):
    last_year(firm, before)
    this_year(firm, now)
    assert len(counted()) == number
    assert doubted() == []


def test_it_is_dated_by_the_first_period_that_shows_it_and_counted_where_the_firm_was(cast, firm):
    last_year(firm, YI - 1)
    this_year(firm, YI - 1, 3)
    this_year(firm, YI, 6)
    this_year(firm, YI * 2, 9)
    assert counted() == [(date(2020, 6, 30), cast.carrier_a.id)]
    assert counted(until=date(2020, 6, 29)) == []
    assert counted(until=date(2020, 6, 30)) == [(date(2020, 6, 30), cast.carrier_a.id)]


def test_the_last_figure_of_the_year_so_far_decides(firm):
    last_year(firm, YI - 1)
    this_year(firm, YI, 6)
    this_year(firm, YI - 1, 9)
    assert counted() == []
    assert len(counted(until=date(2020, 9, 29))) == 1


def test_without_last_year_s_whole_figure_it_is_doubtful(firm):
    this_year(firm, YI)
    assert (counted(), doubted()) == ([], [firm.id])
    last_year(firm, YI - 1, month=9)
    assert (counted(), doubted()) == ([], [firm.id])


def test_enough_in_a_part_of_last_year_is_enough(firm):
    last_year(firm, YI, month=9)
    this_year(firm, YI)
    assert (counted(), doubted()) == ([], [])


def test_only_verified_reports_tell(firm):
    last_year(firm, YI - 1)
    this_year(firm, YI, state=VerificationState.PENDING)
    assert (counted(), doubted()) == ([], [])


def test_a_firm_off_the_register_or_out_of_the_park_is_none(cast, firm):
    other = factories.make_company(cast.carrier_a)
    factories.make_residence(other, cast.carrier_a, date(2018, 3, 1))
    gone = factories.make_company(cast.carrier_a)
    factories.make_residence(gone, cast.carrier_a, date(2018, 3, 1), date(2020, 6, 30))
    factories.make_qualification(gone, QualificationKind.ABOVE_SCALE, date(2019, 3, 25))
    for company in (other, gone):
        last_year(company, YI - 1)
        this_year(company, YI)
    assert (counted(), doubted()) == ([], [])
    factories.make_qualification(other, QualificationKind.ABOVE_SCALE, date(2020, 9, 30))
    assert len(counted()) == 1
