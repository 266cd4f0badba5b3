"""The days over which a figure is asked, and the same months of the year before."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from crm.core.words import N_, LabelledEnum


class Span(LabelledEnum):
    """The periods that a person chooses among; all end on the day as of which the page is shown."""

    YEAR = "year", N_("本年累计")
    QUARTER = "quarter", N_("本季")
    MONTH = "month", N_("本月")
    CUSTOM = "custom", N_("自定义")


@dataclass(frozen=True)
class Period:
    """From a day through another, both included."""

    start: date
    until: date

    @property
    def year_before(self) -> "Period":
        """The same months a year earlier: a month's last day stays the last day, on 29 February as well."""
        return Period(_year_before(self.start), _year_before(self.until, is_end=True))


def period_of(span: Span, as_of: date, start: date | None = None) -> Period:
    """The span's days up to `as_of`; a custom one begins at `start`."""
    month = as_of.replace(day=1)
    match span:
        case Span.YEAR:
            return Period(date(as_of.year, 1, 1), as_of)
        case Span.QUARTER:
            return Period(month.replace(month=(as_of.month - 1) // 3 * 3 + 1), as_of)
        case Span.MONTH:
            return Period(month, as_of)
        case Span.CUSTOM:
            return Period(min(start or month, as_of), as_of)


def _year_before(day: date, *, is_end: bool = False) -> date:
    year = day.year - 1
    last = monthrange(year, day.month)[1]
    is_last = (day + timedelta(days=1)).month != day.month
    return date(year, day.month, last if is_end and is_last else min(day.day, last))
