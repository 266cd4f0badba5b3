"""Operating figures that have not come in: which quarter is due, and who owes it."""

from datetime import date

import pytest

from crm.core.db import session
from crm.operating.missing import missing_reports
from crm.operating.periods import Period, period_due
from crm.people.scope import scope_of
from tests import factories

TODAY, HALF_YEAR = date(2020, 9, 30), Period(2020, 6)


@pytest.mark.parametrize(
    ("today", "period"),
    [
        (date(2020, 7, 14), Period(2020, 3)),
        (date(2020, 7, 15), Period(2020, 6)),
        (date(2020, 9, 30), Period(2020, 6)),
        (date(2021, 1, 14), Period(2020, 9)),
        (date(2021, 1, 15), Period(2020, 12)),
    ],
)
def test_a_quarter_is_due_fifteen_days_after_its_end(today, period):
    assert period_due(today, 15) == period


def owing(user):
    query = missing_reports(scope_of(user), HALF_YEAR, TODAY)
    return [row.name for row in session.execute(query)]


def make_firm(cast, name, from_on=date(2019, 1, 1), to_on=None):
    firm = factories.make_company(cast.carrier_a, name)
    factories.make_residence(firm, cast.carrier_a, from_on, to_on)
    return firm


def test_a_later_figure_of_the_year_covers_the_quarter_an_earlier_one_does_not(cast):
    for name, month in (("到三月", 3), ("到六月", 6), ("到八月", 8)):
        firm = make_firm(cast, name)
        factories.make_operating_report(firm, 2020, month, date(2020, month, 28))
    assert owing(cast.a) == ["到三月"]


def test_who_came_after_the_quarter_or_has_left_owes_nothing(cast):
    make_firm(cast, "六月底来", date(2020, 6, 30))
    make_firm(cast, "七月来", date(2020, 7, 1))
    make_firm(cast, "已走", to_on=date(2020, 9, 30))
    assert owing(cast.a) == ["六月底来"]
    assert owing(cast.b) == []


def test_the_widgets_figure_opens_the_rows(cast, browser_of):
    firm = make_firm(cast, "常州甲公司")
    assert "填报1—6月" in browser_of("a").get("/").text
    page = browser_of("a").get("/operating/missing").text
    assert f"/operating/companies/{firm.id}/reports/new" in page
    assert "常州甲公司" not in browser_of("b").get("/operating/missing").text
    assert browser_of("admin").get("/operating/missing").status_code == 403
