"""What the pages of every feature about projects begin with, and where a gate's requirements are filled in."""

from urllib.parse import urlencode

from flask import Blueprint, abort

from crm.core.db import session
from crm.projects.gate_models import DocumentKind
from crm.projects.models import Project
from crm.projects.queries import visible_to
from crm.projects.requirements import Asks, Requirement
from crm.web.guards import my_scope

bp = Blueprint("projects", __name__, url_prefix="/projects")


def project_in_scope(project_id: int) -> Project:
    """The project, or 404 for one that is not there for the reader."""
    found = session.scalar(visible_to(my_scope()).where(Project.id == project_id))
    return found or abort(404)


def filled_in_at(requirement: Requirement, project_id: int, back: str = "") -> str:
    """The page on which what a gate asks for is filled in; it leads on to `back` when that is done."""
    query = f"?{urlencode({'next': back})}" if back else ""
    match requirement.asks:
        case Asks.FIELD:
            return f"/projects/{project_id}/edit{query}#{requirement.key}"
        case Asks.DOCUMENT:
            return f"/files/{DocumentKind(requirement.key).owner}/{project_id}{query}"
        case Asks.APPROVAL:
            return f"/projects/{project_id}/approvals{query}"
        case Asks.ACTIVITY:
            return f"/followup/projects/{project_id}{query}"


def original_of(project: Project) -> Project | None:
    """The project that this one adds to, where it is there for the reader."""
    return session.scalar(visible_to(my_scope()).where(Project.id == project.adds_to_id))
