"""What a firm's page shows of projects: those that it builds, and those that it grew out of."""

from typing import Any

from flask import render_template
from sqlalchemy.orm import joinedload

from crm.companies.pages import company_in_scope
from crm.core.db import session
from crm.people.roles import Action
from crm.projects.models import Project
from crm.projects.pages import bp
from crm.projects.queries import of_company as projects_of
from crm.web.guards import my_scope, needs
from crm.web.htmx import wants_fragment


@bp.get("/companies/<int:record_id>")
@needs(Action.PROJECTS_READ)
def of_company(record_id: int) -> Any:
    company = company_in_scope(record_id)
    found = projects_of(company.id, my_scope()).options(joinedload(Project.unit))
    return render_template(
        "projects/_of_company.html" if wants_fragment() else "projects/of_company.html",
        company=company,
        projects=session.scalars(found.order_by(Project.id)).all(),
    )
