"""Pages of a move: the gate dialog, and what changes on the board when the move was made."""

import json
from typing import Any

from flask import Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError, NotAllowed, StaleRecord
from crm.people.roles import Action
from crm.pipeline import board as boards
from crm.pipeline import queries as pipeline
from crm.pipeline.board_pages import bp, chosen, kept_query
from crm.pipeline.forms import MoveForm
from crm.projects import gates, moves, queries
from crm.projects.models import PIPELINE, Project, Stage
from crm.projects.pages import project_in_scope
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment
from crm.web.locale import label, sentence


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
            step = moves.move_to_stage(
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
        "pipeline/_gate.html" if wants_fragment() else "pipeline/move.html",
        project=project,
        form=form,
        to_stage=to_stage,
        lacks={stage: len(missing) for stage, missing in lacks.items() if stage != project.stage},
        missing=lacks[to_stage] if to_stage else [],
        refusal=sentence(error) if error and error.field not in form else None,
        is_stale=isinstance(error, StaleRecord),
        on_board=wants_fragment(),
        kept=kept_query(),
    )


def _moved(project_id: int, stages: tuple[Stage | None, Stage]) -> Response:
    """What changes on the board: the card, the heads of both columns, what stands beside."""
    found = queries.visible_to(my_scope()).where(Project.id == project_id)
    row = session.execute(pipeline.cards(found)).one()
    card = boards.as_cards([row], clock.today())[0]
    heads = boards.totals_by_stage(chosen().query)
    fragment = render_template(
        "pipeline/_moved.html",
        card=card,
        is_on_board=card.stage in PIPELINE,
        columns=[heads[stage] for stage in PIPELINE if stage in stages],
        aside=[heads[stage] for stage in boards.ASIDE],
        is_past=False,
        is_update=True,
        kept=kept_query(),
    )
    word = _("“%(name)s”已移到“%(stage)s”。", name=card.name, stage=label(card.stage))
    response = make_response(fragment)
    response.headers["HX-Trigger"] = json.dumps({"toast": {"text": word, "tone": "ok"}})
    return response
