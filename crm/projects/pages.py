"""What the pages of every feature about projects begin with."""

from flask import abort

from crm.core.db import session
from crm.projects.models import Project
from crm.projects.queries import visible_to
from crm.web.guards import my_scope


def project_in_scope(project_id: int) -> Project:
    """The project, or 404 for one that is not there for the reader."""
    found = session.scalar(visible_to(my_scope()).where(Project.id == project_id))
    return found or abort(404)
