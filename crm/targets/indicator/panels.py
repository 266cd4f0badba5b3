"""What the page of one target shows beside its figure: curve, months, parts by unit, and the rows that make it up."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, request
from flask_babel import gettext as _

from crm.carriers.wording import entrants
from crm.ladder.wording import above_scale
from crm.metrics import figures
from crm.metrics.figures import DrillRow, Question
from crm.people.models import Unit
from crm.people.queries import unit_by_code
from crm.people.scope import Scope
from crm.targets.board import Board
from crm.targets.indicator import chart, levels
from crm.targets.indicator.by_unit import by_unit
from crm.targets.indicator.forecast import forecast
from crm.targets.indicator.history import history
from crm.targets.indicator.months import months, quarters
from crm.targets.standing import Row, question_of
from crm.targets.wording import forecast_text, sentence
from crm.web import locale

PAGE_SIZE = 50
OLDEST_FIRST = "asc"


@dataclass(frozen=True)
class Rows:
    """A page of the rows behind a figure. `figure` is what all of them come to: the target's, or one unit's part of it."""

    unit: Unit | None
    figure: Any
    rows: list[DrillRow]
    count: int
    number: int
    last: int
    oldest_first: bool


def context(board: Board, row: Row) -> dict[str, Any]:
    """All that the template wants of a target; what nobody can know is none."""
    year = months(board, row)
    before, expected = chart.last_year(board, row), forecast(board, row, year)
    found = {
        "row": row,
        "sentence": sentence(row, board.as_of),
        "stages": levels.stages(board, row),
        "months": year,
        "quarters": quarters(year),
        "last_year": before,
        "option": chart.option(row, year, before, expected),
        "forecast": forecast_text(row, expected) if expected else None,
        "milestone": next(
            (m for m in board.milestones if m.milestone.same_as is row.indicator), None
        ),
        "history": history(row.indicator) if board.scope.covers(row.indicator.unit) else [],
        "rule": rule_of(board, row),
        "shown": None,
        "parts": None,
        "doubtful": [],
    }
    if row.metric is None:
        return found
    whole = question_asked(board, row, board.scope)
    unit = unit_asked(board.scope)
    return found | {
        "shown": _rows(board, row, unit),
        "parts": by_unit(whole, board.scope.of_units, unit),
        "doubtful": figures.doubtful(whole),
    }


def question_asked(board: Board, row: Row, scope: Scope) -> Question:
    return question_of(row.indicator, board.plan.year, board.as_of, scope)


def unit_asked(scope: Scope) -> Unit | None:
    """The unit that the rows are narrowed to; 404 for one that lies outside the scope."""
    code = request.args.get("unit", "")
    if not code:
        return None
    unit = unit_by_code(code)
    return unit if unit and scope.covers(unit) else abort(404)


def rule_of(board: Board, row: Row) -> str | None:
    """How the metric counts, by the version of the rule that was in force."""
    if row.metric is None:
        return None
    if row.metric.key == "companies.new_entrants":
        start = date(board.plan.year, 1, 1)
        return " ".join(entrants(start, max(start, board.as_of)))
    sentence = str(locale.label(row.metric.sentence))
    if row.metric.key == "ladder.above_scale_holders":
        return sentence + above_scale(board.as_of)
    return sentence


def scope_words(board: Board, unit: Unit | None) -> str:
    return unit.name if unit else str(_(board.scope.label))


def _rows(board: Board, row: Row, unit: Unit | None) -> Rows:
    scope = board.scope.within(unit) if unit else board.scope
    question = question_asked(board, row, scope)
    count = figures.count(question)
    last = max(1, -(-count // PAGE_SIZE))
    number = min(max(request.args.get("page", 1, type=int), 1), last)
    is_ascending = request.args.get("order") == OLDEST_FIRST
    rows = figures.drill_down(
        question, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE, oldest_first=is_ascending
    )
    figure = figures.figure(question) if unit else row.actual
    return Rows(unit, figure, rows, count, number, last, is_ascending)
