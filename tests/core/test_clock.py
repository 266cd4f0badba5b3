"""What day it is, in the park."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine

from crm.core import clock


@pytest.fixture(autouse=True)
def _own_clock() -> Iterator[None]:
    before = clock.today() if clock.is_business_date_set() else None
    clock.set_business_date(None)
    yield
    clock.set_business_date(before)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2020, 12, 31, 15, 59, 59, tzinfo=UTC), date(2020, 12, 31)),
        (datetime(2020, 12, 31, 16, 0, 0, tzinfo=UTC), date(2021, 1, 1)),
        (datetime(2020, 2, 28, 16, 0, 0, tzinfo=UTC), date(2020, 2, 29)),
    ],
)
def test_the_day_turns_at_midnight_in_the_park(instant: datetime, day: date) -> None:
    with time_machine.travel(instant, tick=False):
        assert clock.today() == day
        assert clock.park_date(clock.now()) == day


def test_the_business_date_moves_today_but_not_time_stamps() -> None:
    clock.set_business_date(date(2020, 9, 30))
    with time_machine.travel(datetime(2026, 11, 23, tzinfo=UTC), tick=False):
        assert clock.today() == date(2020, 9, 30)
        assert clock.now().year == 2026


def test_a_past_year_opens_at_its_last_day_and_this_year_today() -> None:
    with time_machine.travel(datetime(2021, 3, 5, tzinfo=UTC), tick=False):
        assert clock.opening_date(2020) == date(2020, 12, 31)
        assert clock.opening_date(2021) == date(2021, 3, 5)
