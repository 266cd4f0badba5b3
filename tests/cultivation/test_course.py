"""Whether a firm is on course, on both sides of each edge."""

from datetime import date
from decimal import Decimal

import pytest

from crm.cultivation.course import Course, course
from crm.cultivation.outlook import Outlook, outlook
from crm.ladder.rungs import Proof, Reason, Rung, Standing
from crm.readiness.criteria import Facts, Tick, YearFigures

JUNE, JULY, DECEMBER = date(2020, 6, 30), date(2020, 7, 1), date(2020, 12, 31)
REASON = Reason("")


def on(*rungs):
    ordered = sorted(rungs, key=lambda rung: -rung.order)
    return Standing(REASON, tuple(Proof(rung, REASON) for rung in ordered))


@pytest.mark.parametrize(
    ("standing", "year", "today", "expected"),
    [
        (on(Rung.MICRO_SMALL), 2020, JUNE, Course.ON_COURSE),
        (on(Rung.MICRO_SMALL), 2020, JULY, Course.BEHIND),
        (on(Rung.MICRO_SMALL), 2020, DECEMBER, Course.BEHIND),
        (on(Rung.MICRO_SMALL), 2020, date(2021, 1, 1), Course.OVERDUE),
        (on(Rung.MICRO_SMALL), 2021, DECEMBER, Course.ON_COURSE),
        (on(Rung.STARTUP), 2020, JUNE, Course.BEHIND),
        (on(Rung.STARTUP), 2021, JUNE, Course.ON_COURSE),
        (on(Rung.STARTUP), 2021, JULY, Course.BEHIND),
        (on(), 2022, JUNE, Course.ON_COURSE),
        (on(), 2022, JULY, Course.BEHIND),
        (on(Rung.HIGH_TECH), 2020, DECEMBER, Course.REACHED),
        (on(Rung.HIGH_TECH, Rung.ABOVE_SCALE), 2019, DECEMBER, Course.REACHED),
        (on(Rung.ABOVE_SCALE), 2020, JUNE, Course.ON_COURSE),
        (on(Rung.ABOVE_SCALE), 2020, JULY, Course.BEHIND),
    ],
)
def test_one_rung_a_year_and_this_year_s_by_the_end_of_june(standing, year, today, expected):
    assert course(standing, Rung.HIGH_TECH, year, today) is expected


@pytest.mark.parametrize(
    ("found", "year", "today", "expected"),
    [
        (Outlook.READY, 2020, DECEMBER, Course.ON_COURSE),
        (Outlook.READY, 2020, date(2021, 1, 1), Course.OVERDUE),
        (Outlook.LACKING, 2020, JUNE, Course.BEHIND),
        (Outlook.LACKING, 2021, DECEMBER, Course.ON_COURSE),
        (Outlook.UNKNOWN, 2020, JUNE, Course.ON_COURSE),
        (Outlook.UNKNOWN, 2020, JULY, Course.BEHIND),
    ],
)
def test_what_the_figures_say_goes_before_the_pace(found, year, today, expected):
    assert course(on(Rung.MICRO_SMALL), Rung.HIGH_TECH, year, today, found) is expected


def _through(month, revenue):
    """A manufacturer, whose line is 2000万元 a year."""
    figures = YearFigures(2020, month, revenue=Decimal(revenue))
    return Facts(industry_code="C3491", years={2020: figures})


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (_through(6, 20_000_000), Outlook.READY),
        (_through(6, 10_000_000), Outlook.UNKNOWN),
        (_through(6, 9_999_999), Outlook.LACKING),
        (_through(12, 19_999_999), Outlook.LACKING),
        (Facts(industry_code="C3491"), Outlook.UNKNOWN),
        (Facts(), Outlook.UNKNOWN),
    ],
)
def test_the_line_of_a_year_that_runs_is_reckoned_by_its_months(facts, expected):
    assert outlook(facts, Rung.ABOVE_SCALE, JUNE) is expected


def test_an_unmet_condition_is_lacking_and_a_rung_without_a_rule_unknown():
    young = Facts(established_on=date(2019, 7, 1))
    assert outlook(young, Rung.HIGH_TECH, JUNE) is Outlook.LACKING
    assert outlook(young, Rung.HIGH_TECH, JULY) is Outlook.UNKNOWN
    breached = Facts(ticks={"no_breach": Tick(False, "通报", JUNE)})
    assert outlook(breached, Rung.HIGH_TECH, JULY) is Outlook.LACKING
    assert outlook(breached, Rung.LISTED, JULY) is Outlook.UNKNOWN
