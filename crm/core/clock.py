"""The one clock. Business days are dates in Asia/Shanghai; instants are UTC.

`set_business_date` fixes what "today" means (demo mode runs inside the plan's year); time stamps always stay real.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PARK_ZONE = ZoneInfo("Asia/Shanghai")

_business_date: date | None = None


def now() -> datetime:
    """This instant, UTC and aware."""
    return datetime.now(UTC)


def today() -> date:
    """The business date: the fixed one if there is one, else today's date in the park."""
    return _business_date or now().astimezone(PARK_ZONE).date()


def is_business_date_set() -> bool:
    return _business_date is not None


def set_business_date(day: date | None) -> None:
    global _business_date  # noqa: PLW0603 - one process, one clock
    _business_date = day


def park_date(instant: datetime) -> date:
    """The park's calendar date at that instant: 2020-12-31 16:00 UTC is already 2021-01-01 in the park."""
    return instant.astimezone(PARK_ZONE).date()


def opening_date(year: int) -> date:
    """The date on which a plan's year is shown: today inside it, its 31 December once it is past."""
    return min(today(), date(year, 12, 31))
