"""What the annual plan has promised of a project, on the project's page."""

from typing import Any

from flask import Blueprint, render_template

from crm.people.roles import Action
from crm.projects.pages import project_in_scope
from crm.targets.board import milestones_of
from crm.web.guards import my_scope, needs
from crm.web.htmx import wants_fragment

bp = Blueprint("project_targets", __name__, url_prefix="/targets")


@bp.get("/projects/<int:record_id>")
@needs(Action.TARGETS_READ)
def of_project(record_id: int) -> Any:
    project = project_in_scope(record_id)
    return render_template(
        "targets/_of_project.html" if wants_fragment() else "targets/of_project.html",
        project=project,
        rows=milestones_of(record_id, my_scope()),
    )
