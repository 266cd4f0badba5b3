"""The lines of 规模以上: by industry, and in the version of the day."""

from datetime import date
from decimal import Decimal

import pytest

from crm.reference.above_scale import HIGHEST, LineMeasure, line_of, lines_on

NOW, NEW_YEARS_EVE, NEW_YEAR = date(2020, 9, 30), date(2019, 12, 31), date(2020, 1, 1)


@pytest.mark.parametrize(
    ("code", "wan"),
    [
        ("C38", 2000), ("C3812", 2000), ("F51", 2000), ("F52", 500), ("H61", 200), ("I65", 2000), ("I6513", 2000),
        ("M73", 1000), ("L72", 1000), ("K7020", 1000), ("R88", 500), ("Q84", 2000), ("Q85", 500), ("G59", 2000),
    ],
)  # fmt: skip
def test_each_industry_has_its_line(code, wan):
    line = line_of(code, NOW)
    assert (line.measure, line.at_least, line.or_staff) == (LineMeasure.REVENUE, wan * 10_000, None)


def test_building_and_property_development_have_no_line_of_revenue():
    assert line_of("E47", NOW).measure is LineMeasure.LICENCE
    assert line_of("K7010", NOW).measure is LineMeasure.ACTIVITY


@pytest.mark.parametrize("code", ["", "A01", "K70", "J66", "S91", "x"])
def test_where_the_table_has_no_line_none_is_made_up(code):
    assert line_of(code, NOW) is None


@pytest.mark.parametrize("code", ["I65", "M73"])
def test_services_had_another_line_until_the_last_day_of_2019(code):
    before = line_of(code, NEW_YEARS_EVE)
    assert (before.at_least, before.or_staff) == (Decimal(10_000_000), 50)
    assert line_of(code, NEW_YEAR).or_staff is None
    assert line_of("I65", NEW_YEAR).at_least == Decimal(20_000_000)
    assert line_of("M73", NEW_YEAR).at_least == Decimal(10_000_000)


def test_industry_kept_its_line():
    assert line_of("C38", NEW_YEARS_EVE) == line_of("C38", NEW_YEAR)


@pytest.mark.parametrize("day", [NEW_YEARS_EVE, NEW_YEAR])
def test_no_line_of_a_day_is_higher_than_the_highest_and_none_says_the_same_twice(day):
    prefixes = [prefix for line in lines_on(day) for prefix in line.prefixes]
    assert len(prefixes) == len(set(prefixes))
    assert max(line.at_least for line in lines_on(day) if line.at_least) <= HIGHEST
