"""Pages of a project's list of approvals: the panel on its page, one item's form. Its papers are kept with the item."""

from typing import Any

from flask import Blueprint, abort, flash, render_template
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField

from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.registry import TODOS_OF_A_SOURCE, FileOwner, SubjectRef, Todo
from crm.core.words import N_
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import Scope, scope_of
from crm.projects import approvals, papers
from crm.projects.approvals import ApprovalDetails
from crm.projects.gate_models import ApprovalKind, ProjectApproval
from crm.projects.models import Project
from crm.projects.pages import project_in_scope
from crm.web.fields import choice_field, day_field, lines_field, text_field, version_field
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_back, wants_fragment

bp = Blueprint("approvals", __name__, url_prefix="/projects")


class ApprovalForm(FlaskForm):
    """One item of the list."""

    kind = choice_field(_("事项"), ApprovalKind)
    name = text_field(_("说明是哪一项"), 80, description=_("选“其他”时须写明。"))
    due_on = day_field(_("办理时限"), future=True)
    granted_on = day_field(_("批准日期"))
    number = text_field(_("批准文号"), 60)
    is_inapplicable = BooleanField(_("不适用于本项目"))
    note = lines_field(_("备注"), 1000, rows=2, description=_("标为不适用时须说明理由。"))
    version = version_field()

    def to_details(self) -> ApprovalDetails:
        names = ApprovalDetails.__dataclass_fields__
        return ApprovalDetails(**{name: self[name].data for name in names})


class ListForm(FlaskForm):
    """The usual items at once, with one time limit to begin with."""

    due_on = day_field(_("办理时限"), required=True, future=True)


@bp.get("/<int:record_id>/approvals")
@needs(Action.PROJECTS_READ)
def of_project(record_id: int) -> Any:
    """The list: a panel on the project's page, or a page of its own."""
    return _list(project_in_scope(record_id), ListForm())


@bp.post("/<int:record_id>/approvals/lists")
@needs(Action.PROJECTS_WRITE)
def begin(record_id: int) -> Any:
    """The usual items of the project's kind; what does not apply is marked so afterwards."""
    project, form = project_in_scope(record_id), ListForm()
    if not form.validate_on_submit():
        return _list(project, form), 422
    with writing():
        project = project_in_scope(record_id)
        count = approvals.begin_list(project, form.due_on.data, by=me())
    flash(gettext("已列入 %(n)s 项，请逐项核对时限。", n=count), "success")
    return go_back("approvals.of_project", record_id=record_id)


@bp.get("/<int:record_id>/approvals/new")
@needs(Action.PROJECTS_WRITE)
def new(record_id: int) -> Any:
    return _page(project_in_scope(record_id), ApprovalForm())


@bp.post("/<int:record_id>/approvals")
@needs(Action.PROJECTS_WRITE)
def create(record_id: int) -> Any:
    project, form, status = project_in_scope(record_id), ApprovalForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                project = project_in_scope(record_id)
                approvals.add_approval(project, form.to_details(), by=me())
        except DomainError as error:
            status = blame(form, error)
        else:
            flash(gettext("已保存。"), "success")
            return go_back("approvals.of_project", record_id=record_id)
    return _page(project, form), status


@bp.get("/approvals/<int:approval_id>")
@needs(Action.PROJECTS_READ)
def show(approval_id: int) -> Any:
    item = _item(approval_id)
    return _page(item.project, ApprovalForm(obj=item), item)


@bp.post("/approvals/<int:approval_id>")
@needs(Action.PROJECTS_WRITE)
def update(approval_id: int) -> Any:
    item, form, status = _item(approval_id), ApprovalForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                approvals.change_approval(
                    _item(approval_id), form.to_details(), version=form.version.data, by=me()
                )
        except DomainError as error:
            item = _item(approval_id)
            status = blame(form, error, item)
        else:
            flash(gettext("已保存。"), "success")
            return go_back("approvals.of_project", record_id=item.project_id)
    return _page(item.project, form, item), status


def _item(approval_id: int) -> ProjectApproval:
    found = approvals.visible_to(my_scope()).where(ProjectApproval.id == approval_id)
    return session.scalar(found) or abort(404)


@bp.get("/<int:record_id>/papers")
@needs(Action.PROJECTS_READ)
def papers_of_project(record_id: int) -> Any:
    """The papers that gates ask for, by kind: a panel on the project's page, or a page of its own."""
    project, found = project_in_scope(record_id), papers.of_project(record_id)
    return render_template(
        "projects/_papers.html" if wants_fragment() else "projects/papers.html",
        project=project,
        there=[(kind, files) for kind, files in found if files],
        lacking=[kind for kind, files in found if not files],
    )


def _list(project: Project, form: ListForm) -> str:
    items = session.scalars(approvals.of_project(project.id)).all()
    there = {item.kind for item in items}
    return render_template(
        "projects/_approvals.html" if wants_fragment() else "projects/approvals.html",
        project=project,
        items=items,
        usual=[kind for kind in approvals.USUAL[project.kind] if kind not in there],
        form=form,
    )


def _page(project: Project, form: ApprovalForm, item: ProjectApproval | None = None) -> str:
    return render_template("projects/approval.html", project=project, form=form, item=item)


def owner() -> FileOwner:
    """An item as an owner of files."""
    return FileOwner(
        N_("审批事项"), Action.PROJECTS_READ.value, (Action.PROJECTS_WRITE.value,), find
    )


def find(approval_id: int, scope: Scope) -> SubjectRef | None:
    """An item of a project that is there for a reader."""
    item = session.scalar(approvals.visible_to(scope).where(ProjectApproval.id == approval_id))
    if item is None:
        return None
    name = f"{item.project.name} {item.name or item.kind.label}"
    return SubjectRef(item.id, name, item.project.unit_id, f"/projects/approvals/{item.id}")


def todos(user: User) -> list[Todo]:
    """What my projects wait for from authorities, soonest first."""
    if not user.may(Action.PROJECTS_WRITE):
        return []
    rows = session.execute(approvals.due_of(user, scope_of(user)).limit(TODOS_OF_A_SOURCE))
    return [
        Todo(
            due_on=row.due_on,
            icon="clipboard-check",
            text=N_("办理%(what)s"),
            values=(("what", row.name or row.kind),),
            subject=row.project,
            href=f"/projects/approvals/{row.id}",
        )
        for row in rows
    ]
