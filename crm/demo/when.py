"""Days and instants of the generated world: working days, and when a fact would have been written down."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random

from crm.core.clock import PARK_ZONE

LAST_HOUR = time(17, 30)


def between(rng: Random, start: date, end: date) -> date:
    """A working day from `start` through `end`; `end` itself where they leave none."""
    if end <= start:
        return end
    day = start + timedelta(rng.randrange((end - start).days + 1))
    return max(start, day - timedelta(max(0, day.weekday() - 4)))


def recorded(rng: Random, day: date, today: date, *, within: int = 5) -> datetime:
    """When something that happened on `day` was written down: days later in office hours, never after today."""
    written = min(day + timedelta(rng.randrange(within + 1)), today)
    hour = time(rng.randrange(9, 17), rng.randrange(60))
    return at(written, hour)


def at(day: date, hour: time = LAST_HOUR) -> datetime:
    """That hour of that day in the park, as a UTC instant."""
    return datetime.combine(day, hour, PARK_ZONE).astimezone(UTC)
