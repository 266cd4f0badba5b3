"""A project is registered and edited. Its page is in show, the list, the board and the moves are the pipeline's."""

from typing import Any

from flask import Flask, flash, render_template, request
from flask_babel import gettext as _

from crm.companies import queries as companies
from crm.companies.models import Company
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError, StaleRecord
from crm.core.words import N_
from crm.followup.handlers import leaders
from crm.people import queries as people
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.projects import (
    approval_pages,
    importing,
    papers,
    queries,
    rooms,
    services,
    subject,
    timeline,
)
from crm.projects import company_panel as company_panel  # its page is the blueprint's
from crm.projects import keeping_pages as keeping_pages
from crm.projects.duplicates import twins
from crm.projects.forms import EditProjectForm, NewProjectForm, Offered, ProjectForm
from crm.projects.log_words import LOG_WORDS
from crm.projects.models import Nature, Project
from crm.projects.pages import bp, original_of, project_in_scope
from crm.projects.show import project_page
from crm.web.addresses import record_number
from crm.web.forms import blame
from crm.web.guards import may, me, my_scope, needs
from crm.web.htmx import go_back, go_to

SUGGESTED = 10


@bp.get("/new")
@needs(Action.PROJECTS_WRITE)
def new() -> Any:
    mine = {"unit_id": me().unit_id, "reporting_unit_id": me().unit_id, "owner_id": me().id}
    return _form_page("projects/new.html", NewProjectForm(first_reported_on=clock.today(), **mine))


@bp.post("")
@needs(Action.PROJECTS_WRITE)
def create() -> Any:
    form = NewProjectForm()
    _offer(form)
    status, found = 422, ()
    if form.validate_on_submit():
        try:
            with writing():
                project = services.register(
                    form.to_details(),
                    by=me(),
                    on=form.first_reported_on.data,
                    despite_twins=form.is_another.data,
                )
        except DomainError as error:
            status, found = blame(form, error), getattr(error, "found", ())
        else:
            flash(_("已登记项目“%(name)s”。", name=project.name), "success")
            return go_to("projects.show", project_id=project.id)
    return _form_page("projects/new.html", form, twins=found), status


@bp.get("/<int:project_id>/edit")
@needs(Action.PROJECTS_WRITE)
def edit(project_id: int) -> Any:
    project = project_in_scope(project_id)
    return _form_page("projects/edit.html", _edit_form(project), project=project)


@bp.post("/<int:project_id>/edit")
@needs(Action.PROJECTS_WRITE)
def update(project_id: int) -> Any:
    project = project_in_scope(project_id)
    form = _edit_form(project)
    _offer(form)
    status, theirs, found = 422, [], ()
    if form.validate_on_submit():
        details = form.to_details(project)
        try:
            with writing():
                services.change(
                    project_in_scope(project_id),
                    details,
                    version=form.version.data or 0,
                    by=me(),
                    despite_twins=form.is_another.data,
                )
        except StaleRecord as error:
            status = blame(form, error)
            theirs = _differences(project_in_scope(project_id), details)
            form.version.data = project_in_scope(project_id).version
        except DomainError as error:
            status, found = blame(form, error), getattr(error, "found", ())
        else:
            flash(_("已保存。"), "success")
            return _to_the_project(project_id)
    project = project_in_scope(project_id)
    page = _form_page("projects/edit.html", form, project=project, theirs=theirs, twins=found)
    return page, status


def _to_the_project(project_id: int) -> Any:
    """Who handed a sealed project on does not see it any more."""
    there = session.scalar(queries.visible_to(my_scope()).where(Project.id == project_id))
    return go_back("projects.show", project_id=project_id) if there else go_to("pipeline.board")


def _edit_form(project: Project) -> EditProjectForm:
    return EditProjectForm.of(project, original_of(project))


def _differences(project: Project, typed: services.ProjectDetails) -> list[tuple[str, Any]]:
    """What the record now says where it is not what was typed: label and value."""
    return [
        (words, timeline.readable(field, getattr(project, field)))
        for field, words in timeline.FIELDS.items()
        if getattr(project, field) != getattr(typed, field)
    ]


def _offer(form: ProjectForm) -> None:
    open_projects = queries.visible_to(my_scope()).where(Project.nature != Nature.ADDITION)
    form.offer(
        Offered(
            units=session.scalars(people.units(my_scope())).all(),
            all_units=session.scalars(people.units()).all(),
            carriers=session.scalars(people.carriers(WHOLE_PARK_SCOPE)).all(),
            people=session.scalars(people.users().where(User.disabled_at.is_(None))).all(),
            leaders=leaders(),
            firms=companies.visible_to(my_scope()),
            projects=open_projects,
        )
    )


def _form_page(template: str, form: ProjectForm, **context: Any) -> str:
    _offer(form)
    return render_template(template, form=form, **{"theirs": [], "twins": (), **context})


@bp.get("/twins")
@needs(Action.PROJECTS_WRITE)
def look_for_twins() -> Any:
    """What may be the same project as the one whose name and investor are being typed."""
    name, investor = (request.args.get(word, "").strip()[:120] for word in ("name", "investor"))
    leave_out = request.args.get("record", type=record_number)
    found = twins(name, investor, my_scope(), leave_out=leave_out)
    return render_template("projects/_twins.html", twins=found)


@bp.get("/originals")
@needs(Action.PROJECTS_WRITE)
def originals() -> Any:
    """Projects that match what is being typed as the one that is added to."""
    words = request.args.get("adds_to_id", "").strip()[:140]
    open_ones = queries.visible_to(my_scope()).where(Project.nature != Nature.ADDITION)
    found = queries.search(open_ones, words)
    rows = session.execute(found.with_only_columns(Project.name).limit(SUGGESTED)).all()
    return render_template("projects/_suggested.html", id="originals", rows=rows if words else ())


@bp.get("/rooms")
@needs(Action.PROJECTS_WRITE)
def look_for_rooms() -> Any:
    """Rooms of the chosen carrier that match the last of the names being typed."""
    typed = request.args.get("rooms", "")[:120]
    carrier_id = request.args.get("carrier_id", type=record_number)
    found = rooms.suggested(typed, carrier_id, my_scope(), SUGGESTED) if carrier_id else []
    return render_template("projects/_suggested.html", id="rooms-known", rows=[(n,) for n in found])


@bp.get("/builders")
@needs(Action.PROJECTS_WRITE)
def builders() -> Any:
    """Firms that match what is being typed as the builder, or as the firm that the project became."""
    field = "became_id" if "became_id" in request.args else "builder_id"
    words = request.args.get(field, "").strip()[:140]
    query = companies.search(companies.visible_to(my_scope()), words)
    query = query.with_only_columns(Company.name, Company.uscc)
    rows = session.execute(query.limit(SUGGESTED)).all() if words else []
    return render_template("projects/_suggested.html", id=f"firms-{field}", rows=rows)


@bp.get("/<int:project_id>")
@needs(Action.PROJECTS_READ)
def show(project_id: int) -> Any:
    return project_page(project_in_scope(project_id))


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    registry.children |= {
        "projects.builder_id": registry.ChildKind(N_("作为建设单位的项目"), subject="project"),
        "projects.became_id": registry.ChildKind(N_("转化为本企业的项目"), subject="project"),
    }
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
    registry.timeline_sources.setdefault("company", []).append(
        lambda company_id: timeline.of_company(company_id, my_scope())
    )
    registry.room_seekers.append(
        lambda ids: rooms.seekers(ids, my_scope()) if may(Action.PROJECTS_READ) else {}
    )
    registry.unknown_rooms.append(
        lambda id_: rooms.unknown(id_, my_scope()) if may(Action.PROJECTS_READ) else []
    )
    registry.upkeep.append(rooms.link_daily)
    registry.subjects["project"] = subject.PROJECT
    registry.import_kinds[importing.PROJECTS.key] = importing.PROJECTS
    registry.file_owners["project"] = registry.FileOwner(
        N_("项目"), Action.PROJECTS_READ, (Action.PROJECTS_WRITE,), subject.PROJECT.find
    )
    registry.panels.append(
        registry.Panel("company", N_("关联项目"), "projects.of_company", Action.PROJECTS_READ, 30)
    )
