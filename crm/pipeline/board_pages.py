"""Pages of the board. The moves on it are in move_pages.py, the list and what other pages show in views.py."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, render_template, request

from crm.core import clock
from crm.lists import pages, state
from crm.lists.asking import Asked, ask, units_seen
from crm.people.roles import Action
from crm.pipeline import board as boards
from crm.pipeline import queries
from crm.pipeline.listing import face
from crm.projects.models import PIPELINE, Stage
from crm.web.addresses import record_number
from crm.web.dates import day_of
from crm.web.guards import needs

bp = Blueprint("pipeline", __name__, url_prefix="/projects")

BOARD = face("/projects/board", "as_of")


@dataclass(frozen=True, kw_only=True)
class BoardPage(pages.Tools):
    """The board with the tools of the list over it; `query` is its filter and day, for the addresses of what is on it."""

    board: boards.Board
    query: str


def kept_query() -> str:
    """What the board is narrowed to, for the address of something on it."""
    return _query_of(_shown(), _past_day())


def _shown() -> state.State:
    """What the board is narrowed to by the address of something on it."""
    units = units_seen() if request.args.get("unit") else ()
    return state.read(BOARD, request.args, unit_ids=units)


def _query_of(shown: state.State, past: date | None) -> str:
    day = [("as_of", past.isoformat())] if past else []
    return state.query_string([*shown.pairs(), *day])


@bp.get("/board")
@needs(Action.PROJECTS_READ)
def board() -> Any:
    past = _past_day()

    def drawn(asked: Asked, tools: dict[str, Any]) -> BoardPage:
        board = boards.build(asked.query, as_of=past)
        return BoardPage(**tools, board=board, query=_query_of(asked.state, past))

    return pages.answer(BOARD, "pipeline/board.html", "pipeline/board.html", drawn, is_update=False)


@bp.get("/board/columns/<stage>")
@needs(Action.PROJECTS_READ)
def column(stage: str) -> Any:
    """The next cards of a column, behind the one that `after` names by its day and id."""
    if stage not in PIPELINE:
        abort(404)
    day, __, number = request.args.get("after", "").partition(",")
    try:
        after = (date.fromisoformat(day), record_number(number))
    except ValueError:
        abort(404)
    past = _past_day()
    following = queries.more_cards(Stage(stage), after, ask(_shown()).query, as_of=past)
    rows = queries.rows_of(following)
    cards = boards.as_cards(rows, past) if past else boards.as_cards_of_today(rows)
    has_more = len(cards) == queries.CARDS_PER_COLUMN
    return render_template(
        "pipeline/_cards.html",
        cards=cards,
        last=cards[-1] if has_more else None,
        stage=Stage(stage),
        is_past=past is not None,
        kept=kept_query(),
    )


@bp.get("/board/heads")
@needs(Action.PROJECTS_READ)
def heads() -> Any:
    """The heads of all columns and what stands beside, as they are after a move: asked for when it was made."""
    found = boards.totals_by_stage(ask(_shown()).query)
    return render_template(
        "pipeline/_heads.html",
        columns=[found[stage] for stage in PIPELINE],
        aside=[found[stage] for stage in boards.ASIDE],
        is_update=True,
    )


def _past_day() -> date | None:
    """The day that the address asks to look back to; None for today."""
    day = day_of("as_of")
    return day if day and day < clock.today() else None
