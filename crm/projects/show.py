"""A project's page: where it stands, what its next stage asks for, its facts, and what other features show of it."""

from typing import Any

from flask import render_template

from crm.companies import queries as companies
from crm.companies.models import Company
from crm.core import clock, registry
from crm.core.db import session
from crm.projects import gates, queries, rooms
from crm.projects.amounts import sums_of
from crm.projects.forms import PartnerForm
from crm.projects.models import PIPELINE, Nature, Project
from crm.projects.pages import filled_in_at, original_of
from crm.projects.sealing import may_seal
from crm.reference import settings
from crm.web.guards import my_scope
from crm.web.panels import panels_on
from crm.web.timeline import timeline


def project_page(project: Project, partner_form: PartnerForm | None = None) -> str:
    days = (clock.today() - project.stage_entered_on).days
    usual_days = settings.get("projects.stalled_days").get(project.stage)
    stood_at = queries.stood_at(project)
    following = PIPELINE[PIPELINE.index(stood_at) + 1 :][:1]
    return render_template(
        "projects/show.html",
        project=project,
        firms=_firms(project),
        rooms=rooms.named(project, my_scope()),
        days=days,
        marks=_marks(project),
        is_stalled=usual_days is not None and days > usual_days,
        stood_at=stood_at,
        pipeline=PIPELINE,
        next_stage=following[0] if following else None,
        gate=gates.checked(project, following[0], clock.today()) if following else [],
        filled_in_at=filled_in_at,
        original=original_of(project),
        **_additions(project),
        may_seal=may_seal(project, my_scope()),
        partner_form=partner_form or PartnerForm(formdata=None),
        events=timeline("project", project.id),
        panels=panels_on("project", project.id),
    )


def _marks(project: Project) -> list[str]:
    """What higher rooms say of it on its card stands on its page too."""
    found = (source([project.id], clock.today()) for source in registry.project_marks)
    return [marks[project.id] for marks in found if project.id in marks]


def _firms(project: Project) -> dict[int, Company]:
    """The builder and the firm that the project became, where they are there for the reader."""
    ids = [project.builder_id, project.became_id]
    found = session.scalars(companies.visible_to(my_scope()).where(Company.id.in_(ids)))
    return {firm.id: firm for firm in found}


def _additions(project: Project) -> dict[str, Any]:
    """What was added to the project: the records, and their sum, which the project's own figures leave out."""
    if project.nature is Nature.ADDITION:
        return {"additions": [], "added": {}}
    found = session.scalars(
        queries.visible_to(my_scope()).where(Project.adds_to_id == project.id).order_by(Project.id)
    ).all()
    return {"additions": found, "added": sums_of((p.currency, p.agreed_investment) for p in found)}
