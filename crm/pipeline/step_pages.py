"""Pages of a project's steps: all that was written, and how a wrong one is corrected, taken back or undone."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, render_template
from flask_babel import gettext as _

from crm.core.db import session, writing
from crm.core.errors import DomainError, NotAllowed
from crm.people.roles import Action
from crm.pipeline.board_pages import bp
from crm.pipeline.forms import CorrectionForm, WithdrawalForm
from crm.pipeline.move_pages import moved
from crm.projects import corrections, queries
from crm.projects.models import StageChange
from crm.projects.moves import GateNotMet
from crm.projects.pages import filled_in_at, project_in_scope
from crm.projects.requirements import Requirement
from crm.web.forms import blame
from crm.web.guards import me, needs
from crm.web.htmx import go_to, wants_fragment
from crm.web.locale import label


@bp.get("/<int:project_id>/steps")
@needs(Action.PROJECTS_READ)
def steps(project_id: int) -> Any:
    """Every row of the project's history: those that count, and those that were corrected."""
    return render_template(
        "pipeline/steps.html",
        project=project_in_scope(project_id),
        steps=session.execute(queries.steps(project_id)).all(),
    )


@bp.get("/<int:project_id>/steps/<int:step_id>")
@needs(Action.PROJECTS_WRITE)
def step(project_id: int, step_id: int) -> Any:
    found = _step(project_id, step_id)
    return _page(found, CorrectionForm.of(found), _withdrawal(found))


@bp.post("/<int:project_id>/steps/<int:step_id>/corrections")
@needs(Action.PROJECTS_WRITE)
def correct(project_id: int, step_id: int) -> Any:
    found, form, status = _step(project_id, step_id), CorrectionForm(), 422
    missing: Sequence[Requirement] = ()
    if form.validate_on_submit():
        try:
            with writing():
                corrections.correct_step(
                    _step(project_id, step_id),
                    to_stage=form.to_stage.data,
                    on=form.effective_on.data,
                    loss_reason=form.loss_reason.data,
                    waive=form.waive.data,
                    reason=form.reason.data,
                    version=form.version.data,
                    by=me(),
                )
        except NotAllowed:
            raise
        except DomainError as error:
            found = _step(project_id, step_id)
            status = blame(form, error, found.project)
            if isinstance(error, GateNotMet):
                missing = error.missing
        else:
            flash(_("已更正，原记录保留在历程中。"), "success")
            return go_to("pipeline.steps", project_id=project_id)
    return _page(found, form, _withdrawal(found), missing), status


@bp.post("/<int:project_id>/steps/<int:step_id>/withdrawals")
@needs(Action.PROJECTS_WRITE)
def withdraw(project_id: int, step_id: int) -> Any:
    found, form, status = _step(project_id, step_id), WithdrawalForm(prefix="withdrawal-"), 422
    if form.validate_on_submit():
        try:
            with writing():
                corrections.withdraw_step(
                    _step(project_id, step_id),
                    reason=form.reason.data,
                    version=form.version.data,
                    by=me(),
                )
        except DomainError as error:
            found = _step(project_id, step_id)
            status = blame(form, error, found.project)
        else:
            flash(_("已撤回，原记录保留在历程中。"), "success")
            return go_to("pipeline.steps", project_id=project_id)
    return _page(found, CorrectionForm.of(found), form), status


@bp.post("/<int:project_id>/steps/<int:step_id>/undo")
@needs(Action.PROJECTS_WRITE)
def undo_move(project_id: int, step_id: int) -> Any:
    """The move that was just made is taken back, from the word that told of it."""
    with writing():
        taken_back = corrections.undo_move(_step(project_id, step_id), by=me())
    if wants_fragment():
        return moved(taken_back)
    stage = taken_back.project.stage
    flash(_("已撤销，项目回到“%(stage)s”。", stage=label(stage)), "success")
    return go_to("projects.show", project_id=project_id)


def _step(project_id: int, step_id: int) -> StageChange:
    """The step of a project that is there for the reader, or 404."""
    project_in_scope(project_id)
    found = session.get(StageChange, step_id)
    return found if found and found.project_id == project_id else abort(404)


def _withdrawal(found: StageChange) -> WithdrawalForm:
    return WithdrawalForm(formdata=None, prefix="withdrawal-", version=found.project.version)


def _page(
    found: StageChange,
    form: CorrectionForm,
    withdrawal: WithdrawalForm,
    missing: Sequence[Requirement] = (),
) -> str:
    back = f"/projects/{found.project_id}/steps/{found.id}"
    return render_template(
        "pipeline/step.html",
        project=found.project,
        step=found,
        form=form,
        withdrawal=withdrawal,
        missing=[(one, filled_in_at(one, found.project_id, back)) for one in missing],
        is_refused=bool(missing),
    )
