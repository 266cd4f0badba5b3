"""Where the year will probably end, with its range. A reckoning beside the figures, never one of them, and off official paper.

Where two or more past years are known under the same 口径 the shares of the year that they had reached by this day tell;
else the months so far go on as they went, the slower half and the faster half of them giving the range.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from crm.metrics.figures import Question, figures
from crm.targets.beside import same_day_last_year
from crm.targets.board import Board
from crm.targets.indicator.months import Month, is_flat
from crm.targets.pace import Kind
from crm.targets.standing import Row, question_of

YEARS_LOOKED_BACK = 4
YEARS_NEEDED = 2
MONTHS_NEEDED = 3
MONTHS = 12


@dataclass(frozen=True)
class Forecast:
    """`years` are those that it rests on; none: the months of this year do."""

    low: Fraction
    middle: Fraction
    high: Fraction
    years: tuple[int, ...] = ()
    months: int = 0


def forecast(board: Board, row: Row, months: Sequence[Month]) -> Forecast | None:
    """None where it would say nothing: a part, a window, a year that is over, too few months."""
    is_over = board.as_of >= months[-1].end
    if row.is_part or row.actual is None or is_flat(row.indicator) or is_over:
        return None
    return _of_past_years(board, row) or _of_months(row, months, board)


def _of_past_years(board: Board, row: Row) -> Forecast | None:
    indicator = row.indicator
    if not indicator.is_computed or indicator.kind == Kind.STOCK or not row.actual:
        return None
    asked: list[Question] = []
    question = question_of(indicator, board.plan.year, board.as_of, board.scope)
    for _ in range(YEARS_LOOKED_BACK):
        earlier = same_day_last_year(question)
        if earlier is None:
            return None
        asked += (earlier, question.opening)
        question = earlier
    answers = figures(asked)
    shares = {
        asked[n].year: Fraction(answers[n]) / Fraction(answers[n + 1])
        for n in range(0, len(asked), 2)
        if answers[n] > 0
    }
    if len(shares) < YEARS_NEEDED:
        return None
    actual, reached = Fraction(row.actual), list(shares.values())
    mean = sum(reached, Fraction(0)) / len(reached)
    years = tuple(sorted(shares))
    return Forecast(actual / max(reached), actual / mean, actual / min(reached), years)


def _of_months(row: Row, months: Sequence[Month], board: Board) -> Forecast | None:
    """From the last month that has ended: the rest of the year like the months so far."""
    ended = [month for month in months if month.end <= board.as_of]
    added = sorted(Fraction(month.done) for month in ended if month.done is not None)
    if len(ended) < MONTHS_NEEDED or len(added) < len(ended) or row.actual is None:
        return None
    half = (len(added) + 1) // 2
    base, rest = Fraction(ended[-1].actual or Decimal(0)), MONTHS - len(ended)
    low, middle, high = (base + rest * _mean(part) for part in (added[:half], added, added[-half:]))
    if row.indicator.kind != Kind.STOCK:  # what was done this month is not undone
        least = Fraction(row.actual)
        low, middle, high = max(low, least), max(middle, least), max(high, least)
    return Forecast(low, middle, high, months=len(ended))


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)
