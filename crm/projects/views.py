"""One project's page and its forms. The list, the board and the moves are the pipeline's."""

from typing import Any

from flask import Blueprint, Flask, flash, render_template, request, url_for
from flask_babel import gettext as _

from crm.companies import queries as companies
from crm.companies.models import Company
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError, StaleRecord
from crm.core.words import N_
from crm.people import queries as people
from crm.people.models import User
from crm.people.roles import Action
from crm.projects import (
    approval_pages,
    gates,
    papers,
    queries,
    services,
    subject,
    timeline,
)
from crm.projects.forms import EditProjectForm, NewProjectForm, ProjectForm
from crm.projects.models import PIPELINE, Project
from crm.projects.pages import filled_in_at, project_in_scope
from crm.reference import settings
from crm.web.forms import blame
from crm.web.guards import may, me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.timeline import timeline as shown_timeline

bp = Blueprint("projects", __name__, url_prefix="/projects")
SUGGESTED_FIRMS = 10


@bp.get("/new")
@needs(Action.PROJECTS_WRITE)
def new() -> Any:
    form = NewProjectForm(first_reported_on=clock.today(), unit_id=me().unit_id, owner_id=me().id)
    return _form_page("projects/new.html", form)


@bp.post("")
@needs(Action.PROJECTS_WRITE)
def create() -> Any:
    form = NewProjectForm()
    _offer(form)
    status = 422
    if form.validate_on_submit():
        details = form.to_details()
        try:
            with writing():
                project = services.register(details, by=me(), on=form.first_reported_on.data)
        except DomainError as error:
            status = blame(form, error)
        else:
            flash(_("已登记项目“%(name)s”。", name=project.name), "success")
            return go_to("projects.show", project_id=project.id)
    return _form_page("projects/new.html", form), status


@bp.get("/<int:project_id>/edit")
@needs(Action.PROJECTS_WRITE)
def edit(project_id: int) -> Any:
    project = project_in_scope(project_id)
    form = EditProjectForm.of(project)
    return _form_page("projects/edit.html", form, project=project, theirs=[])


@bp.post("/<int:project_id>/edit")
@needs(Action.PROJECTS_WRITE)
def update(project_id: int) -> Any:
    form = EditProjectForm.of(project_in_scope(project_id))
    _offer(form)
    status, theirs = 422, []
    if form.validate_on_submit():
        details = form.to_details()
        try:
            with writing():
                project = project_in_scope(project_id)
                services.change(project, details, version=form.version.data or 0, by=me())
        except StaleRecord as error:
            status = blame(form, error)
            theirs = _differences(project_in_scope(project_id), details)
            form.version.data = project_in_scope(project_id).version
        except DomainError as error:
            status = blame(form, error)
        else:
            flash(_("已保存。"), "success")
            return go_to("projects.show", project_id=project_id)
    project = project_in_scope(project_id)
    return _form_page("projects/edit.html", form, project=project, theirs=theirs), status


def _differences(project: Project, typed: services.ProjectDetails) -> list[tuple[str, Any]]:
    """What the record now says where it is not what was typed: label and value."""
    return [
        (words, timeline.readable(field, getattr(project, field)))
        for field, words in timeline.FIELDS.items()
        if getattr(project, field) != getattr(typed, field)
    ]


def _offer(form: ProjectForm) -> None:
    form.offer(
        session.scalars(people.units(my_scope())).all(),
        session.scalars(people.users().where(User.disabled_at.is_(None))).all(),
        companies.visible_to(my_scope()),
    )


def _form_page(template: str, form: ProjectForm, **context: Any) -> str:
    _offer(form)
    return render_template(template, form=form, **context)


@bp.get("/builders")
@needs(Action.PROJECTS_WRITE)
def builders() -> Any:
    """Firms that match what is being typed as the builder."""
    words = request.args.get("builder_id", "").strip()[:140]
    query = companies.search(companies.visible_to(my_scope()), words)
    query = query.with_only_columns(Company.name, Company.uscc)
    firms = session.execute(query.limit(SUGGESTED_FIRMS)).all() if words else []
    return render_template("projects/_builders.html", firms=firms)


@bp.get("/<int:project_id>")
@needs(Action.PROJECTS_READ)
def show(project_id: int) -> Any:
    project = project_in_scope(project_id)
    days = (clock.today() - project.stage_entered_on).days
    usual_days = settings.get("projects.stalled_days").get(project.stage)
    stood_at = queries.stood_at(project)
    following = PIPELINE[PIPELINE.index(stood_at) + 1 :][:1]
    return render_template(
        "projects/show.html",
        project=project,
        builder=session.scalar(
            companies.visible_to(my_scope()).where(Company.id == project.builder_id)
        ),
        days=days,
        is_stalled=usual_days is not None and days > usual_days,
        stood_at=stood_at,
        pipeline=PIPELINE,
        next_stage=following[0] if following else None,
        gate=gates.checked(project, following[0], clock.today()) if following else [],
        filled_in_at=filled_in_at,
        events=shown_timeline("project", project_id),
        panels=[
            (panel.label, url_for(panel.endpoint, record_id=project_id))
            for panel in registry.panels_of("project")
            if may(panel.action)
        ],
    )


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(approval_pages.bp)
    reading = Action.PROJECTS_READ.value
    registry.panels.append(
        registry.Panel("project", N_("审批事项"), "approvals.of_project", reading, 20)
    )
    registry.panels.append(
        registry.Panel("project", N_("关口材料"), "approvals.papers_of_project", reading, 25)
    )
    registry.todo_sources.append(approval_pages.todos)
    registry.file_owners |= {**papers.owners(), "project_approval": approval_pages.owner()}
    registry.timeline_sources.setdefault("project", []).append(timeline.of_project)
    registry.subjects["project"] = subject.PROJECT
