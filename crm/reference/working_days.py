"""The working calendar: Monday to Friday, but for the days that the State Council's yearly notice (放假调休) exchanges.

The exceptions stand in the database, where an administrator edits them. They begin with what the package
chinesecalendar knows; a year of which the database has none is reckoned by weekdays alone, and whoever shows a limit
in it says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chinese_calendar.constants import holidays, workdays
from sqlalchemy import extract, insert, select

from crm.audit.services import Actor, record
from crm.core import registry
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.reference.models import CalendarDay

FIRST_YEAR, LAST_YEAR = 2015, 2099
_NAMES = {  # as the package calls them, and as the notices do
    "New Year's Day": N_("元旦"),
    "Spring Festival": N_("春节"),
    "Tomb-sweeping Day": N_("清明节"),
    "Labour Day": N_("劳动节"),
    "Dragon Boat Festival": N_("端午节"),
    "Mid-autumn Festival": N_("中秋节"),
    "National Day": N_("国庆节"),
    "Anti-Fascist 70th Day": N_("抗战胜利纪念日"),
}
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """Some years' exceptions, and the years of which there are any."""

    exceptions: Mapping[date, bool]
    years: frozenset[int]

    def is_working(self, day: date) -> bool:
        return self.exceptions.get(day, is_weekday(day))

    def after(self, day: date, working_days: int) -> date:
        """The n-th working day after a day; for none, the day itself or the next working one."""
        while working_days > 0 or not self.is_working(day):
            day += _ONE_DAY
            working_days -= self.is_working(day)
        return day

    def count(self, after: date, through: date) -> int:
        """The working days after one day through another; negative when they lie the other way round."""
        if through < after:
            return -self.count(through, after)
        days = (after + timedelta(n) for n in range(1, (through - after).days + 1))
        return sum(map(self.is_working, days))

    def knows(self, day: date) -> bool:
        """Whether the holidays of that day's year have been entered."""
        return day.year in self.years


def calendar(first_year: int, last_year: int) -> Calendar:
    """The calendar of these years, in one query."""
    query = select(CalendarDay.day, CalendarDay.is_working).where(
        CalendarDay.day.between(date(first_year, 1, 1), date(last_year, 12, 31))
    )
    exceptions = {row.day: row.is_working for row in session.execute(query)}
    return Calendar(exceptions, frozenset(day.year for day in exceptions))


def calendar_around(days: Iterable[date]) -> Calendar:
    """The calendar from the year of the earliest to the year after the latest of some days."""
    years = [day.year for day in days]
    return calendar(min(years), max(years) + 1)


def is_weekday(day: date) -> bool:
    return day.weekday() < _SATURDAY


def set_day(day: date, *, is_working: bool, name: str, by: Actor) -> None:
    """Say that a day is worked, or not. As its weekday has it, it is no exception any more. Raises DomainError.

    Whoever has reckoned by the calendar (registry.calendar_listeners) reckons anew.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise DomainError(
            N_("日历的年份为 %(first)s—%(last)s。"), field="day", first=FIRST_YEAR, last=LAST_YEAR
        )
    found = session.get(CalendarDay, day, with_for_update=True)
    before = found.is_working if found else is_weekday(day)
    if is_working == is_weekday(day):
        if found:
            session.delete(found)
    else:
        session.merge(CalendarDay(day=day, is_working=is_working, name=name))
    session.flush()
    changes = {"is_working": (before, is_working)}
    record("calendar.changed", None, by=by, name=day.isoformat(), changes=changes, note=name)
    for reckon_anew in registry.calendar_listeners:
        reckon_anew()


def missing_years() -> list[int]:
    """The years that the package knows and the database does not."""
    present = set(session.scalars(select(extract("year", CalendarDay.day)).distinct()))
    return sorted({day.year for day in _published()} - present)


def seed(*, by: Actor) -> int:
    """Enter the exceptions of every year that is missing; returns how many days."""
    years = missing_years()
    rows = [
        {"day": day, "is_working": is_working, "name": name}
        for day, (is_working, name) in sorted(_published().items())
        if day.year in years
    ]
    if rows:
        session.execute(insert(CalendarDay), rows)
        record("calendar.seeded", None, by=by, name=f"{years[0]}—{years[-1]}", count=len(rows))
    return len(rows)


def _published() -> dict[date, tuple[bool, str]]:
    """What was published of each exception: worked or not, and the holiday's name."""
    days = [(day, False, name) for day, name in holidays.items() if is_weekday(day)]
    days += [(day, True, name) for day, name in workdays.items() if not is_weekday(day)]
    return {
        day: (is_working, _NAMES.get(name, name))
        for day, is_working, name in days
        if day.year >= FIRST_YEAR
    }
