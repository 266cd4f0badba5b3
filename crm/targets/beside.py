"""What stands beside a target's figure: its month, the year before, and what its unit expects of the year.

A figure of the same day a year before is set beside it (同比) only where both were counted alike: the metric and the filters
are the same, and the records give for the whole of last year what was published for it (the baseline).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from crm.core import registry
from crm.metrics.figures import Question, figures
from crm.targets.board import Board
from crm.targets.pace import Kind
from crm.targets.reported import Reports
from crm.targets.standing import Row, question_of


@dataclass(frozen=True)
class Beside:
    """None is not known, and prints "–"."""

    in_month: Decimal | None = None  # of a stock: by how much it changed
    last_year: Decimal | None = None  # 上年实绩
    growth: Fraction | None = None  # 同比
    expected: Decimal | None = None  # 预计全年


def beside(board: Board) -> Mapping[int, Beside]:
    """For each visible target of the board by its id, in two statements however many there are."""
    rows = [row for row in board.rows if row.is_visible]
    computed = _computed(board, [row for row in rows if row.indicator.is_computed])
    reported = [row for row in rows if not row.indicator.is_computed]
    found = computed | _reported(board, reported)
    expected = _expected([row.indicator.id for row in rows], board.as_of)
    return {
        number: Beside(one.in_month, one.last_year, one.growth, expected.get(number))
        for number, one in found.items()
    }


def a_year_before(day: date) -> date:
    """The same day of the year before; the end of a month stays one."""
    tomorrow = day + timedelta(days=1)
    if tomorrow.day == 1:
        return tomorrow.replace(year=tomorrow.year - 1) - timedelta(days=1)
    return day.replace(year=day.year - 1)


def same_day_last_year(question: Question) -> Question | None:
    """What was asked, a year earlier; None where the filters name days of their own."""
    if any(name in ("from", "to") for name, _ in question.filters):
        return None
    earlier = a_year_before(question.as_of)
    return Question(question.metric, earlier, question.year - 1, question.scope, question.filters)


def is_counted_alike(row: Row, whole_last_year: Decimal) -> bool:
    """Whether last year's figure of the records is the one that was published; nothing recorded is no figure."""
    baseline = row.indicator.baseline
    return whole_last_year > 0 and (baseline is None or row.is_part or baseline == whole_last_year)


def _computed(board: Board, rows: list[Row]) -> dict[int, Beside]:
    """Three questions of each, all in one statement: the month before, the day a year before, last year."""
    year, eve = board.plan.year, _eve_of_month(board)
    asked: list[Question] = []
    for row in rows:
        question = question_of(row.indicator, year, board.as_of, board.scope)
        before = Question(question.metric, eve, year, question.scope, question.filters)
        asked += (before, question.opening, same_day_last_year(question) or question.opening)
    answers = figures(asked)
    return {
        row.indicator.id: _of_records(board, row, *answers[3 * n : 3 * n + 3])
        for n, row in enumerate(rows)
    }


def _of_records(
    board: Board, row: Row, month_before: Decimal, last_year: Decimal, same_day: Decimal
) -> Beside:
    actual = row.actual or Decimal(0)
    in_month = actual - month_before if _is_in_year(board) else None
    question = question_of(row.indicator, board.plan.year, board.as_of, board.scope)
    growth = None
    if same_day_last_year(question) and same_day > 0 and is_counted_alike(row, last_year):
        growth = Fraction(actual) / Fraction(same_day) - 1
    published = None if row.is_part else row.indicator.baseline
    return Beside(in_month, published if published is not None else last_year or None, growth)


def _reported(board: Board, rows: list[Row]) -> dict[int, Beside]:
    if not rows:
        return {}
    before = Reports(board.plan, _eve_of_month(board))
    return {
        row.indicator.id: Beside(
            in_month=_reported_in_month(board, row, before), last_year=row.indicator.baseline
        )
        for row in rows
    }


def _reported_in_month(board: Board, row: Row, before: Reports) -> Decimal | None:
    """Only where this month and the one before are both reported; January's is the year's so far."""
    eve = _eve_of_month(board)
    if not _is_in_year(board) or row.verified is None or row.verified.as_of_on <= eve:
        return None
    value = row.verified.value
    if eve.year < board.plan.year:
        if row.indicator.kind != Kind.STOCK:
            return value
        return None if row.opening is None else value - row.opening
    earlier = before.verified(row.indicator)
    if earlier is None or (earlier.as_of_on.year, earlier.as_of_on.month) != (eve.year, eve.month):
        return None
    return value - earlier.value


def _eve_of_month(board: Board) -> date:
    """The last day before the month that is shown: after the year's end, before its December."""
    last = min(board.as_of, date(board.plan.year, 12, 31))
    return last.replace(day=1) - timedelta(days=1)


def _is_in_year(board: Board) -> bool:
    return board.as_of.year >= board.plan.year


def _expected(ids: list[int], as_of: date) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for declared in registry.year_ends:
        found.update(declared(ids, as_of))
    return found
