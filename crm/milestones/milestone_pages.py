"""Pages of milestones: the panel on a project's page, a new one, and one with all that was said of it."""

from typing import Any

from flask import Blueprint, abort, flash, render_template
from flask_babel import gettext as _

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.milestones import queries, services
from crm.milestones.forms import DatesForm, DropForm, NewMilestoneForm
from crm.milestones.models import PROVED, Milestone
from crm.people.roles import Action
from crm.projects.pages import project_in_scope
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment

bp = Blueprint("milestones", __name__, url_prefix="/projects")


@bp.get("/<int:record_id>/milestones")
@needs(Action.PROJECTS_READ)
def of_project(record_id: int) -> Any:
    """The panel on a project's page: its milestones and its problems."""
    project = project_in_scope(record_id)
    return render_template(
        "milestones/_of_project.html" if wants_fragment() else "milestones/of_project.html",
        project=project,
        marks=queries.marks_of([record_id]).get(record_id, []),
        problems=session.scalars(queries.problems_of([record_id])).all(),
    )


@bp.get("/<int:project_id>/milestones/new")
@needs(Action.PROJECTS_WRITE)
def new(project_id: int) -> Any:
    return _new_page(project_id, NewMilestoneForm(formdata=None))


@bp.post("/<int:project_id>/milestones")
@needs(Action.PROJECTS_WRITE)
def create(project_id: int) -> Any:
    project_in_scope(project_id)
    form, status = NewMilestoneForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                services.promise(project_in_scope(project_id), form.to_details(), by=me())
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(_("已加节点。"), "success")
            return go_to("projects.show", project_id=project_id, _anchor="milestones")
    return _new_page(project_id, form), status


def _new_page(project_id: int, form: NewMilestoneForm) -> str:
    return render_template("milestones/new.html", project=project_in_scope(project_id), form=form)


@bp.get("/milestones/<int:milestone_id>")
@needs(Action.PROJECTS_READ)
def show(milestone_id: int) -> Any:
    milestone = milestone_in_scope(milestone_id)
    return _page(milestone, DatesForm(formdata=None, obj=milestone))


@bp.post("/milestones/<int:milestone_id>")
@needs(Action.PROJECTS_WRITE)
def update(milestone_id: int) -> Any:
    milestone = milestone_in_scope(milestone_id)
    form, status = DatesForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                milestone = milestone_in_scope(milestone_id)
                services.change_dates(
                    milestone,
                    form.to_details(milestone),
                    form.reason.data or "",
                    version=form.version.data or 0,
                    by=me(),
                )
        except DomainError as refused:
            milestone = milestone_in_scope(milestone_id)
            status = blame(form, refused, milestone)
        else:
            flash(_("已保存。"), "success")
            return go_to("milestones.show", milestone_id=milestone_id)
    return _page(milestone, form), status


@bp.post("/milestones/<int:milestone_id>/droppings")
@needs(Action.PROJECTS_WRITE)
def drop(milestone_id: int) -> Any:
    milestone = milestone_in_scope(milestone_id)
    form, status = DropForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                milestone = milestone_in_scope(milestone_id)
                project_id = milestone.project_id
                version = form.version.data or 0
                services.drop(milestone, form.reason.data or "", version=version, by=me())
        except DomainError as refused:
            milestone = milestone_in_scope(milestone_id)
            status = blame(form, refused, milestone)
        else:
            flash(_("节点已取消，历史仍保留在历程中。"), "success")
            return go_to("projects.show", project_id=project_id, _anchor="milestones")
    return _page(milestone, DatesForm(formdata=None, obj=milestone), form), status


def milestone_in_scope(milestone_id: int) -> Milestone:
    query = queries.visible_milestones(my_scope()).where(Milestone.id == milestone_id)
    return session.scalar(query) or abort(404)


def _page(milestone: Milestone, form: DatesForm, drop_form: DropForm | None = None) -> str:
    marks = queries.marks_of([milestone.project_id])[milestone.project_id]
    return render_template(
        "milestones/show.html",
        milestone=milestone,
        mark=next(mark for mark in marks if mark.id == milestone.id),
        is_proved=milestone.kind in PROVED,
        changes=session.scalars(queries.changes_of(milestone)).all(),
        form=form,
        drop_form=drop_form or DropForm(formdata=None),
        is_drop_refused=drop_form is not None,
        is_late=any(m.id == milestone.id and m.is_late(clock.today()) for m in marks),
    )
