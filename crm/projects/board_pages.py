"""Pages of the board and of the moves on it; views.py adds the other pages of projects."""

import json
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, make_response, render_template, request
from flask_babel import gettext as _

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError, NotAllowed, StaleRecord
from crm.people import queries as people
from crm.people.roles import Action
from crm.projects import board as boards
from crm.projects import gates, queries, services
from crm.projects.forms import MoveForm
from crm.projects.models import PIPELINE, Origin, Project, ProjectKind, Stage
from crm.web.addresses import record_number
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment
from crm.web.locale import label, sentence

bp = Blueprint("projects", __name__, url_prefix="/projects")


def project_in_scope(project_id: int) -> Project:
    """The project, or 404 for one that is not there or lies outside the reader's scope."""
    found = session.scalar(queries.visible_to(my_scope()).where(Project.id == project_id))
    return found or abort(404)


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


def _kept_query() -> str:
    """The filters of this address, for the addresses made from it."""
    names = ("q", "unit", "mine", "kind", "origin", "as_of")
    return urlencode([(name, request.args[name]) for name in names if request.args.get(name)])


@bp.get("/board")
@needs(Action.PROJECTS_READ)
def board() -> Any:
    past = _past_day()
    return render_template(
        "projects/board.html",
        board=boards.build(my_scope(), as_of=past, filters=chosen_filters()),
        kinds=ProjectKind,
        units=session.scalars(people.units(my_scope())).all(),
        kept=_kept_query(),
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
        "projects/_cards.html",
        cards=cards,
        last=cards[-1] if has_more else None,
        stage=Stage(stage),
        is_past=past is not None,
        kept=_kept_query(),
    )


@bp.get("/<int:project_id>/moves/new")
@needs(Action.PROJECTS_WRITE)
def new_move(project_id: int) -> Any:
    form = MoveForm(request.args, meta={"csrf": False})
    return _gate(project_in_scope(project_id), form)


@bp.post("/<int:project_id>/moves")
@needs(Action.PROJECTS_WRITE)
def move(project_id: int) -> Any:
    form = MoveForm()
    if not form.validate_on_submit():
        return _gate(project_in_scope(project_id), form), 422
    try:
        with writing():
            step = services.move_to_stage(
                project_in_scope(project_id),
                form.to_stage.data,
                by=me(),
                on=form.effective_on.data or clock.today(),
                reason=form.reason.data,
                waive=form.waive.data,
                version=form.version.data,
            )
    except NotAllowed:
        raise
    except DomainError as error:
        return _gate(project_in_scope(project_id), form, error), error.status
    if wants_fragment():
        return _moved(project_id, (step.from_stage, step.to_stage))
    flash(_("已移到“%(stage)s”。", stage=label(step.to_stage)), "success")
    return go_to("projects.show", project_id=project_id)


def _gate(project: Project, form: MoveForm, error: DomainError | None = None) -> str:
    """The gate dialog: where the project can go and all that is missing on the way."""
    stood_at = queries.stood_at(project)
    to_stage = form.to_stage.data if form.to_stage.data != project.stage else None
    day = form.effective_on.data = form.effective_on.data or clock.today()
    form.version.data = project.version
    if error and error.field in form:
        form[error.field].errors = [sentence(error)]
    reason_needed = gates.needs_reason(project.stage, stood_at, to_stage) if to_stage else False
    form.reason.flags.required = reason_needed
    lacks = {s: gates.missing(project, s, stood_at=stood_at, on=day) for s in Stage}
    return render_template(
        "projects/_gate.html" if wants_fragment() else "projects/move.html",
        project=project,
        form=form,
        to_stage=to_stage,
        lacks={stage: len(missing) for stage, missing in lacks.items() if stage != project.stage},
        missing=lacks[to_stage] if to_stage else [],
        refusal=sentence(error) if error and error.field not in form else None,
        is_stale=isinstance(error, StaleRecord),
        on_board=wants_fragment(),
        kept=_kept_query(),
    )


def _moved(project_id: int, stages: tuple[Stage | None, Stage]) -> Response:
    """What changes on the board: the card, the heads of both columns, what stands beside."""
    row = session.execute(boards.card(project_id, my_scope())).one()
    card = boards.as_cards([row], clock.today())[0]
    figures = boards.totals_by_stage(my_scope(), filters=chosen_filters())
    fragment = render_template(
        "projects/_moved.html",
        card=card,
        is_on_board=card.stage in PIPELINE,
        columns=[boards.column_of(stage, figures) for stage in PIPELINE if stage in stages],
        aside=[boards.column_of(stage, figures) for stage in boards.ASIDE],
        is_past=False,
        is_update=True,
        kept=_kept_query(),
    )
    word = _("“%(name)s”已移到“%(stage)s”。", name=card.name, stage=label(card.stage))
    response = make_response(fragment)
    response.headers["HX-Trigger"] = json.dumps({"toast": {"text": word, "tone": "ok"}})
    return response
