"""Pages of a move: the gate dialog, and what changes on the board when the move was made."""

import json
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from crm.core import clock
from crm.core.db import writing
from crm.core.errors import DomainError, NotAllowed, StaleRecord
from crm.people.roles import Action
from crm.pipeline import board as boards
from crm.pipeline import queries
from crm.pipeline.board_pages import bp, kept_query
from crm.pipeline.forms import MoveForm
from crm.projects import gate_rules, gates, history, moves
from crm.projects import queries as projects
from crm.projects.models import PIPELINE, Project, Stage, StageChange
from crm.projects.moves import GateNotMet
from crm.projects.pages import filled_in_at, project_in_scope
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment
from crm.web.locale import label, sentence
from crm.web.undo import flash_undo


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
            project = project_in_scope(project_id)
            step = moves.move_to_stage(project, **form.asked(), by=me(), version=form.version.data)
    except NotAllowed:
        raise
    except DomainError as error:
        return _gate(project_in_scope(project_id), form, error), error.status
    undo = url_for("pipeline.undo_move", project_id=project_id, step_id=step.id)
    if wants_fragment():
        return moved(step, undo=undo)
    said = _("已移到“%(stage)s”。", stage=label(step.to_stage))
    flash_undo(said, _("撤销"), undo)
    return go_to("projects.show", project_id=project_id)


def _gate(project: Project, form: MoveForm, error: DomainError | None = None) -> str:
    """The gate dialog: where the project can go and all that is missing on the way."""
    day = form.effective_on.data = form.effective_on.data or clock.today()
    stage, stood_at = history.standing(project, day)
    to_stage = form.to_stage.data if form.to_stage.data != stage else None
    form.version.data = project.version
    if error and error.field in form:
        form[error.field].errors = [sentence(error)]
    reason_needed = gates.needs_reason(stage, stood_at, to_stage) if to_stage else False
    form.reason.flags.required = reason_needed or form.insert.data
    form.loss_reason.flags.required = to_stage is Stage.LOST
    known: dict[str, Any] = {
        "rules": gate_rules.rules_on(day),
        "evidence": gates.evidence_of([project.id])[project.id],
    }
    lacks = {
        s: gates.missing(project, s, stood_at=stood_at, on=day, **known)
        for s in Stage
        if s != stage
    }
    return render_template(
        "pipeline/_gate.html" if wants_fragment() else "pipeline/move.html",
        project=project,
        form=form,
        to_stage=to_stage,
        is_ahead=bool(to_stage and gates.stages_between(stood_at, to_stage)),
        is_loss=to_stage is Stage.LOST,
        is_before=day < project.stage_entered_on,
        lacks={stage: len(missing) for stage, missing in lacks.items()},
        missing=[
            (requirement, filled_in_at(requirement, project.id, _this_dialog(project, form)))
            for requirement in (lacks[to_stage] if to_stage else ())
        ],
        refusal=_told_above(error, form),
        is_stale=isinstance(error, StaleRecord),
        is_refused=isinstance(error, GateNotMet),
        on_board=wants_fragment(),
        kept=kept_query(),
    )


def _told_above(error: DomainError | None, form: MoveForm) -> str | None:
    """A refusal that tells more than its field does, or than the list of what is missing."""
    if error is None or error.field in form or isinstance(error, GateNotMet):
        return None
    return sentence(error)


def _this_dialog(project: Project, form: MoveForm) -> str:
    """Where to come back to when what is missing was filled in: over the board, if the dialog was opened there."""
    typed = {
        "to_stage": form.to_stage.data,
        "effective_on": form.effective_on.data,
        "reason": form.reason.data,
        "insert": "y" if form.insert.data else "",
    }
    query = urlencode({k: v for k, v in typed.items() if v})
    if not wants_fragment():
        return f"/projects/{project.id}/moves/new?{query}"
    return "/projects/board?" + "&".join(filter(None, (kept_query(), f"move={project.id}", query)))


def moved(step: StageChange, *, undo: str = "") -> Response:
    """The card in its place, and a word with its undo. The board asks for its heads by itself: they walk over all projects."""
    found = projects.visible_to(my_scope()).where(Project.id == step.project_id)
    (card,) = boards.as_cards_of_today(queries.rows_of(queries.cards(found)))
    kept = kept_query()
    fragment = render_template(
        "pipeline/_moved.html",
        card=card,
        is_on_board=card.stage in PIPELINE,
        is_past=False,
        kept=kept,
    )
    toast: dict[str, Any] = {
        "text": _("“%(name)s”已移到“%(stage)s”。", name=card.name, stage=label(card.stage)),
        "tone": "ok",
    }
    if undo:
        address = f"{undo}?{kept}" if kept else undo
        toast["undo"] = {"word": _("撤销"), "address": address, "target": "#gate"}
    response = make_response(fragment)
    response.headers["HX-Trigger"] = json.dumps({"toast": toast, "projectmoved": None})
    return response
