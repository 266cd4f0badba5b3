"""An indicator's year month by month: what was done in each, what that came to, what was planned, and the gap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from crm.core.db import session
from crm.core.pace import planned_share
from crm.metrics.figures import CurvePoint, curve
from crm.targets.board import Board
from crm.targets.models import Indicator
from crm.targets.pace import Comparator, Kind
from crm.targets.queries import verified_reports
from crm.targets.standing import Row, question_of, terms_of

MONTHS_OF_A_QUARTER = 3


@dataclass(frozen=True)
class Month:
    """A month of the plan's year, or a quarter by its last one; None where nothing is known or planned.

    `done` is what the period added (of a stock: by how much it changed), `actual` what it had come to by the end.
    """

    number: int
    end: date
    done: Decimal | None
    actual: Decimal | None
    planned: Fraction | None

    @property
    def gap(self) -> Fraction | None:
        if self.actual is None or self.planned is None:
            return None
        return Fraction(self.actual) - self.planned


def months(board: Board, row: Row) -> list[Month]:
    """The twelve months of the plan's year. What the months added is the figure (of a stock: its growth)."""
    actual = {point.on.month: point.value for point in _points(board, row)}
    before = row.opening if row.indicator.kind == Kind.STOCK else Decimal(0)
    found = []
    for end in month_ends(board.plan.year):
        value = actual.get(end.month)
        done = None if value is None or before is None else value - before
        found.append(Month(end.month, end, done, value, _planned(row, end)))
        before = value
    return found


def quarters(found: Sequence[Month]) -> list[Month]:
    """The same by quarter; one that has begun is shown as far as it has come."""
    return [
        _quarter(n, found[start : start + MONTHS_OF_A_QUARTER])
        for n, start in enumerate(range(0, len(found), MONTHS_OF_A_QUARTER), 1)
    ]


def month_ends(year: int) -> list[date]:
    ends = [date(year, month + 1, 1) - timedelta(days=1) for month in range(1, 12)]
    return [*ends, date(year, 12, 31)]


def is_flat(indicator: Indicator) -> bool:
    """Neither a ceiling nor a window is due by instalments."""
    return indicator.comparator == Comparator.AT_MOST or indicator.kind == Kind.MILESTONE


def _quarter(number: int, found: Sequence[Month]) -> Month:
    known = [month for month in found if month.actual is not None]
    added = [month.done for month in known]
    is_known = bool(known) and len(known) == len(found[: found.index(known[-1]) + 1])
    done = None
    if is_known and None not in added:
        done = sum((part for part in added if part is not None), Decimal(0))
    last = known[-1].actual if known else None
    return Month(number, found[-1].end, done, last, found[-1].planned)


def _points(board: Board, row: Row) -> list[CurvePoint]:
    indicator, year = row.indicator, board.plan.year
    if indicator.is_computed:
        return curve(question_of(indicator, year, board.as_of, board.scope))
    reports = session.scalars(verified_reports(indicator, board.as_of))
    return [CurvePoint(report.as_of_on, report.value) for report in reports]


def _planned(row: Row, month_end: date) -> Fraction | None:
    indicator = row.indicator
    if row.is_part:
        return None  # the plan is the park's, not a unit's
    target = Fraction(row.standing.floor or indicator.target)
    if is_flat(indicator):
        return target if month_end >= indicator.starts_on else None
    terms = terms_of(indicator, row.opening)
    share = planned_share(month_end, indicator.due_on.year, terms.curve)
    if indicator.kind != Kind.STOCK:
        return target * share
    if row.opening is None:
        return target
    opening = Fraction(row.opening)
    return opening + max(target - opening, Fraction(0)) * share
