"""Whether a firm is on course, on both sides of each edge."""

from datetime import date

import pytest

from crm.cultivation.course import Course, course
from crm.ladder.rungs import Proof, Reason, Rung, Standing

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
