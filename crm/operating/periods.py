"""Periods of operating figures: always from January through a month (本年累计)."""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

_QUARTER_ENDS = (3, 6, 9, 12)


class Period(NamedTuple):
    """Figures from January through a month."""

    year: int
    through_month: int

    @property
    def end_on(self) -> date:
        return date(self.year, self.through_month, monthrange(self.year, self.through_month)[1])


def period_due(today: date, due_days: int) -> Period:
    """The last quarter whose figures are due: its end lies at least `due_days` back."""
    quarters = (Period(y, m) for y in (today.year - 1, today.year) for m in _QUARTER_ENDS)
    return max(q for q in quarters if q.end_on + timedelta(days=due_days) <= today)
