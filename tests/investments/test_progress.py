"""What a project's year planned and completed, and how that stands to 序时."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select

from crm.core.money import Currency
from crm.investments.models import InvestmentPlan
from crm.investments.progress import progress_of
from crm.projects.amounts import sum_columns, sums_in, sums_of
from crm.projects.models import Project
from tests import factories

WAN = 10_000


def month(number: int) -> date:
    return date(2020, number, 1)


@pytest.fixture
def project(cast):
    return factories.make_project(cast.office)


def test_a_month_is_what_it_added_to_the_year_so_far(project):
    factories.make_plan_of(project, 2020, 1200)
    for number, wan in ((7, 500), (8, 620), (9, 900)):
        factories.make_works_report(project, month(number), wan)
    found = progress_of([project.id], date(2020, 9, 18))[project.id]
    assert (found.planned, found.month_done, found.cumulative) == (
        Decimal(1200 * WAN),
        Decimal(280 * WAN),
        Decimal(900 * WAN),
    )
    assert (found.share, found.pace_share, found.ahead) == (Fraction(3, 4), Fraction(3, 4), 0)
    earlier = progress_of([project.id], month(8))[project.id]
    assert (earlier.month_done, earlier.ahead) == (
        Decimal(120 * WAN),
        (Fraction(620, 1200) - Fraction(8, 12)) * 100,
    )


def test_a_month_is_not_known_when_the_one_before_was_not_reported(project):
    factories.make_works_report(project, month(1), 10)
    factories.make_works_report(project, month(3), 40)
    assert progress_of([project.id], month(1))[project.id].month_done == 10 * WAN
    assert progress_of([project.id], month(3))[project.id].month_done is None
    april = progress_of([project.id], month(4))[project.id]
    assert (april.month_done, april.cumulative, april.reported_through) == (
        None,
        Decimal(40 * WAN),
        month(3),
    )
    assert (april.planned, april.share, april.pace_share, april.ahead) == (None,) * 4


def test_another_year_begins_at_nothing(project):
    factories.make_works_report(project, date(2019, 12, 1), 300)
    found = progress_of([project.id], month(1))[project.id]
    assert (found.month_done, found.cumulative) == (None, None)


@pytest.mark.parametrize(
    ("number", "share"),
    [(1, Fraction(1, 30)), (3, Fraction(1, 10)), (4, Fraction(1, 5)), (9, Fraction(1, 2)), (12, 1)],
)
def test_a_plan_by_quarter_has_its_own_pace(project, number, share):
    quarters = {"through_q1": 100, "through_q2": 400, "through_q3": 500}
    factories.make_plan_of(
        project, 2020, 1000, **{name: Decimal(wan * WAN) for name, wan in quarters.items()}
    )
    assert progress_of([project.id], month(number))[project.id].pace_share == share


def test_half_a_plan_by_quarter_is_a_straight_line():
    plan = InvestmentPlan(amount=Decimal(100), through_q1=Decimal(1), through_q2=None)
    assert plan.curve is None


def test_many_projects_cost_as_many_queries_as_one(cast, query_count):
    ids = [factories.make_project(cast.office).id for _ in range(5)]
    counts = []
    for some in (ids[:1], ids):
        with query_count() as queries:
            progress_of(some, month(9))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_currencies_are_never_added_up(cast):
    for currency, wan in ((Currency.CNY, 100), (Currency.CNY, 30), (Currency.USD, 7)):
        factories.make_project(
            cast.office, currency=currency, expected_investment=Decimal(wan * WAN)
        )
    factories.make_project(cast.office, currency=Currency.USD)
    query = select(*sum_columns(Project.expected_investment, "expected"))
    row = factories.session.execute(query).one()
    expected = {Currency.CNY: Decimal(130 * WAN), Currency.USD: Decimal(7 * WAN)}
    assert sums_in(row, "expected") == expected
    pairs = factories.session.execute(select(Project.currency, Project.expected_investment))
    assert sums_of((currency, amount) for currency, amount in pairs) == expected
