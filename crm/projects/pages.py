"""What the pages of every feature about projects begin with."""

from flask import Blueprint, abort

from crm.core.db import session
from crm.projects.models import Project
from crm.projects.queries import visible_to
from crm.web.guards import my_scope

bp = Blueprint("projects", __name__, url_prefix="/projects")


def project_in_scope(project_id: int) -> Project:
    """The project, or 404 for one that is not there for the reader."""
    found = session.scalar(visible_to(my_scope()).where(Project.id == project_id))
    return found or abort(404)


def original_of(project: Project) -> Project | None:
    """The project that this one adds to, where it is there for the reader."""
    return session.scalar(visible_to(my_scope()).where(Project.id == project.adds_to_id))
