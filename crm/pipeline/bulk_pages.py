"""Many projects, selected in their list, are moved at once: each by the same rules, those that are refused told by name."""

from typing import Any

from flask import flash, redirect, render_template
from flask_babel import gettext as _

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.lists import selection
from crm.lists.selection import Selection
from crm.people.roles import Action
from crm.pipeline.board_pages import bp
from crm.pipeline.forms import MoveForm
from crm.pipeline.listing import PROJECTS
from crm.projects import moves
from crm.projects.models import Project
from crm.web.forms import blame
from crm.web.guards import me, needs
from crm.web.locale import label, sentence

SHOWN_OF_REFUSED = 50


@bp.post("/moves/preview")
@needs(Action.PROJECTS_WRITE)
def preview_moves() -> Any:
    """The form for the selected projects. Posted because of the selection; it changes nothing."""
    form = MoveForm(formdata=None, effective_on=clock.today())
    return _page(selection.of_request(PROJECTS), form)


@bp.post("/moves")
@needs(Action.PROJECTS_WRITE)
def move_many() -> Any:
    chosen, form, status, refused = selection.of_request(PROJECTS), MoveForm(), 422, []
    if form.validate_on_submit():
        move = moves.Move(**form.asked())
        try:
            with writing():
                moved = moves.move_many(chosen.asked.query, move, by=me())
        except DomainError as error:
            status = blame(form, error)
        else:
            said = _(
                "已移动 %(n)s 个项目到“%(stage)s”。", n=len(moved.steps), stage=label(move.to_stage)
            )
            if not moved.refused:
                flash(said, "success")
                return redirect(chosen.asked.state.address(), 303)
            if moved.steps:
                flash(said, "success")
            refused = [
                (session.get_one(Project, project.id), sentence(error))
                for project, error in moved.refused[:SHOWN_OF_REFUSED]
            ]
    return _page(chosen, form, refused), status


def _page(
    chosen: Selection, form: MoveForm, refused: list[tuple[Project, str]] | None = None
) -> str:
    return render_template(
        "pipeline/move_many.html",
        form=form,
        pairs=chosen.pairs,
        count=chosen.asked.probe().count,
        back=chosen.asked.state.address(),
        refused=refused or [],
    )
