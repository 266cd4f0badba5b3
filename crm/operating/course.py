"""One firm's year: 累计 as reported, 本月 and 本季 derived from it, last year beside. What is not known is never guessed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm.audit.verification import VerificationState
from crm.core.money import to_wan
from crm.operating.figures import FIGURES, Figure, Number, value_of
from crm.operating.models import OperatingReport
from crm.operating.periods import Period

QUARTERS = range(3, 13, 3)


@dataclass(frozen=True)
class Cell:
    """A figure through a month: 累计, what the month or quarter itself added (None: not known), 累计 a year before."""

    figure: Figure
    through: Number | None
    own: Number | None
    last_year: Number | None


@dataclass(frozen=True)
class Line:
    """A period with all its figures; a line without a report has none of its own."""

    period: Period
    report: OperatingReport | None
    cells: Sequence[Cell]


class Course:
    """A firm's reports by period; those that were sent back are not among them."""

    def __init__(self, reports: Iterable[OperatingReport]) -> None:
        good = (r for r in reports if r.state != VerificationState.RETURNED)
        self._reports: Mapping[Period, OperatingReport] = {r.period: r for r in good}

    @property
    def years(self) -> list[int]:
        return sorted({period.year for period in self._reports}, reverse=True)

    def months(self, year: int) -> list[Line]:
        """From January to the last month that was reported."""
        last = max((p.through_month for p in self._reports if p.year == year), default=0)
        return [self._line(Period(year, month), 1) for month in range(1, last + 1)]

    def quarters(self, year: int) -> list[Line]:
        """Up to the last quarter whose end was reported."""
        there = [m for m in QUARTERS if Period(year, m) in self._reports]
        return [self._line(Period(year, m), 3) for m in QUARTERS if m <= max(there, default=0)]

    def whole_years(self) -> list[Line]:
        """Each year as far as it was reported; beside it the year before through the same month."""
        last = [max(p for p in self._reports if p.year == year) for year in self.years]
        return [self._line(period, period.through_month) for period in last]

    def beside_last_year(
        self, year: int, name: str
    ) -> list[tuple[int, Decimal | None, Decimal | None]]:
        """An amount in 万元 through each month that this or the last year reported: month, this year's, last year's."""
        months = sorted({p.through_month for p in self._reports if p.year in (year, year - 1)})
        return [
            (month, self._wan(Period(year, month), name), self._wan(Period(year - 1, month), name))
            for month in months
        ]

    def _wan(self, period: Period, name: str) -> Decimal | None:
        value = self._value(period, name)
        return None if value is None else to_wan(Decimal(value))

    def _line(self, period: Period, months: int) -> Line:
        before = Period(period.year - 1, period.through_month)
        cells = [
            Cell(
                figure,
                self._value(period, figure.name),
                self._own(period, figure, months),
                self._value(before, figure.name),
            )
            for figure in FIGURES
        ]
        return Line(period, self._reports.get(period), cells)

    def _own(self, period: Period, figure: Figure, months: int) -> Number | None:
        """What the last `months` added. Not known where the period before them was not reported; a stock adds nothing."""
        through = self._value(period, figure.name)
        if not figure.is_flow or through is None or months == period.through_month:
            return through if figure.is_flow else None
        before = self._value(Period(period.year, period.through_month - months), figure.name)
        return None if before is None else through - before

    def _value(self, period: Period, name: str) -> Number | None:
        report = self._reports.get(period)
        return None if report is None else value_of(report, name)
