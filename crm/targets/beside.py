"""What stands beside a target's figure: its month, the year before, and what its unit expects of the year.

A figure of the same day a year before is set beside it (同比) only where both were counted alike: the metric and the filters
are the same, and the records give for the whole of last year what was published for it (the baseline). What is reported by
hand is set beside the report of last year's same day.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from crm.core import registry
from crm.metrics.figures import Question, figures
from crm.targets import queries
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
    is_by_records: bool = False  # nothing was published of last year
    expected: Decimal | None = None  # 预计全年


ALL = frozenset({"in_month", "last_year", "growth", "expected"})


def beside(board: Board, wanted: Collection[str] = ALL) -> Mapping[int, Beside]:
    """For each visible target of the board by its id what of these is wanted, in a few statements however many there are."""
    rows = [row for row in board.rows if row.is_visible]
    found = _computed(board, [row for row in rows if row.indicator.is_computed], wanted)
    found |= _reported(board, [row for row in rows if not row.indicator.is_computed], wanted)
    expected = _expected(list(found), board.as_of) if "expected" in wanted else {}
    return {number: replace(one, expected=expected.get(number)) for number, one in found.items()}


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


def _computed(board: Board, rows: list[Row], wanted: Collection[str]) -> dict[int, Beside]:
    """Only what the columns need, all in one statement."""
    asked = {
        (row.indicator.id, name): question
        for row in rows
        for name, question in _questions(board, row, wanted)
    }
    answers = dict(zip(asked, figures(list(asked.values())), strict=True))
    return {row.indicator.id: _of_records(row, answers) for row in rows}


def _questions(board: Board, row: Row, wanted: Collection[str]) -> Iterator[tuple[str, Question]]:
    """A stock's opening is known already; the whole of last year is asked to stand for what was published, or to prove it."""
    question = question_of(row.indicator, board.plan.year, board.as_of, board.scope)
    same_day = same_day_last_year(question) if "growth" in wanted else None
    if "in_month" in wanted and _is_in_year(board):
        yield "month_before", replace(question, as_of=_eve_of_month(board))
    if same_day:
        yield "same_day", same_day
    needs_whole = "last_year" in wanted if _published(row) is None else same_day is not None
    if needs_whole and not question.metric.is_stock:
        yield "last_year", question.opening


def _of_records(row: Row, answers: Mapping[tuple[int, str], Decimal]) -> Beside:
    number, actual, published = row.indicator.id, row.actual or Decimal(0), _published(row)
    month_before = answers.get((number, "month_before"))
    same_day = answers.get((number, "same_day"))
    last_year = answers.get((number, "last_year"), row.opening)
    growth = None
    # What was there by the day was there by the year's end: where nothing was published that is all there is to know.
    if same_day and is_counted_alike(row, same_day if last_year is None else last_year):
        growth = Fraction(actual) / Fraction(same_day) - 1
    return Beside(
        in_month=None if month_before is None else actual - month_before,
        last_year=published if published is not None else last_year or None,
        growth=growth,
        is_by_records=growth is not None and row.indicator.baseline is None,
    )


def _published(row: Row) -> Decimal | None:
    """Last year's figure as it was published, which is the whole park's."""
    return None if row.is_part else row.indicator.baseline


def _reported(board: Board, rows: list[Row], wanted: Collection[str]) -> dict[int, Beside]:
    before = Reports(board.plan, _eve_of_month(board)) if rows and "in_month" in wanted else None
    earlier = queries.told_by_hand(board.plan.year - 1) if rows and "growth" in wanted else {}
    return {
        row.indicator.id: Beside(
            in_month=_reported_in_month(board, row, before) if before else None,
            last_year=row.indicator.baseline,
            growth=_reported_growth(row, earlier),
        )
        for row in rows
    }


def _reported_growth(row: Row, earlier: Mapping[Any, Decimal]) -> Fraction | None:
    """Against what was verified for the same day of last year, where that plan's target meant the same."""
    if row.verified is None:
        return None
    was = earlier.get((queries.meaning(row.indicator), a_year_before(row.verified.as_of_on)))
    return Fraction(row.verified.value) / Fraction(was) - 1 if was else None


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
