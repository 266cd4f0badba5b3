"""The weeks and months for which progress is noted: 2020-W39 begins on a Monday, 2020-09 on the first."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from crm.progress.models import Cadence

WEEK = timedelta(days=7)
_NAME = re.compile(r"(?P<year>(?:19|20|21)\d\d)-(?:W(?P<week>\d\d)|(?P<month>\d\d))", re.ASCII)


@dataclass(frozen=True)
class Period:
    """One week or month by its first day."""

    cadence: Cadence
    starts_on: date

    @property
    def ends_on(self) -> date:
        return self.following.starts_on - timedelta(days=1)

    @property
    def following(self) -> "Period":
        is_week = self.cadence == Cadence.WEEK
        return period_of(self.cadence, self.starts_on + (WEEK if is_week else timedelta(days=31)))

    @property
    def previous(self) -> "Period":
        return period_of(self.cadence, self.starts_on - timedelta(days=1))

    @property
    def name(self) -> str:
        """As addresses say it."""
        if self.cadence == Cadence.MONTH:
            return f"{self.starts_on:%Y-%m}"
        year, week, _ = self.starts_on.isocalendar()
        return f"{year}-W{week:02d}"


def period_of(cadence: Cadence, day: date) -> Period:
    """The week or month in which a day lies."""
    if cadence == Cadence.WEEK:
        return Period(cadence, day - timedelta(days=day.weekday()))
    return Period(cadence, day.replace(day=1))


def period_named(name: str) -> Period:
    """The period of that name. Raises ValueError for what is none."""
    found = _NAME.fullmatch(name)
    try:
        if found is None:
            raise ValueError
        year = int(found["year"])
        if found["week"]:
            return Period(Cadence.WEEK, date.fromisocalendar(year, int(found["week"]), 1))
        return Period(Cadence.MONTH, date(year, int(found["month"]), 1))
    except ValueError:
        raise ValueError(f"no period is named {name!r}") from None
