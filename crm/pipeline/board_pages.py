"""Pages of the board. The moves on it are in move_pages.py, the list and what other pages show in views.py."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, render_template, request

from crm.core import clock
from crm.core.db import session
from crm.people import queries as people
from crm.people.roles import Action
from crm.pipeline import board as boards
from crm.projects import queries
from crm.projects.models import PIPELINE, Origin, ProjectKind, Stage
from crm.web.addresses import record_number
from crm.web.guards import me, my_scope, needs

bp = Blueprint("pipeline", __name__, url_prefix="/projects")


def chosen_filters() -> queries.Filters:
    args = request.args
    return queries.Filters(
        text=args.get("q", "").strip()[:60],
        unit_id=args.get("unit", type=record_number),
        owner_id=me().id if args.get("mine") else None,
        kind=args.get("kind", type=ProjectKind),
        origin=args.get("origin", type=Origin),
    )


def _past_day() -> date | None:
    """The day that the address asks to look back to; None for today."""
    day = request.args.get("as_of", type=date.fromisoformat)
    return day if day and day < clock.today() else None


def kept_query() -> str:
    """The filters of this address, for the addresses made from it."""
    names = ("q", "unit", "mine", "kind", "origin", "as_of")
    return urlencode([(name, request.args[name]) for name in names if request.args.get(name)])


@bp.get("/board")
@needs(Action.PROJECTS_READ)
def board() -> Any:
    past = _past_day()
    return render_template(
        "pipeline/board.html",
        board=boards.build(my_scope(), as_of=past, filters=chosen_filters()),
        kinds=ProjectKind,
        units=session.scalars(people.units(my_scope())).all(),
        kept=kept_query(),
        is_update=False,
    )


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
    rows = session.execute(
        boards.more_cards(Stage(stage), after, my_scope(), as_of=past, filters=chosen_filters())
    ).all()
    cards = boards.as_cards(rows, past or clock.today())
    has_more = len(cards) == boards.CARDS_PER_COLUMN
    return render_template(
        "pipeline/_cards.html",
        cards=cards,
        last=cards[-1] if has_more else None,
        stage=Stage(stage),
        is_past=past is not None,
        kept=kept_query(),
    )
