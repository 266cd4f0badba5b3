"""Pages of the archive: taking a firm out of lists and figures, finding it there, putting it back."""

from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_babel import gettext as _

from crm.companies import queries
from crm.companies.archive import archive, restore
from crm.companies.link_forms import ArchiveForm
from crm.companies.models import Company
from crm.companies.pages import company_in_scope
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.models import Unit, User
from crm.people.roles import Action
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.paging import count, page
from crm.web.undo import flash_undo

bp = Blueprint("archive", __name__, url_prefix="/companies")


@bp.get("/archived")
@needs(Action.COMPANIES_WRITE)
def index() -> Any:
    """已归档: what is in no list any more, with who, when and why."""
    words = request.args.get("q", "").strip()[:100]
    query = queries.search(queries.archived(my_scope()), words)
    listed = (
        query.join(Unit, Unit.id == Company.unit_id)
        .outerjoin(User, User.id == Company.archived_by_id)
        .with_only_columns(
            Company.id,
            Company.name,
            Company.uscc,
            Company.archived_at,
            Company.archive_reason,
            Unit.name.label("unit"),
            User.name.label("by"),
        )
    )
    return render_template(
        "companies/archived.html",
        firms=page(listed, Company.id),
        count=count(query.with_only_columns(Company.id)),
        words=words,
    )


@bp.get("/<int:company_id>/archivings/new")
@needs(Action.COMPANIES_WRITE)
def new(company_id: int) -> Any:
    company = company_in_scope(company_id)
    form = ArchiveForm(formdata=None, version=company.version)
    return render_template("companies/archiving.html", company=company, form=form)


@bp.post("/<int:company_id>/archivings")
@needs(Action.COMPANIES_WRITE)
def create(company_id: int) -> Any:
    company, form, status = company_in_scope(company_id), ArchiveForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                archive(
                    company_in_scope(company_id),
                    reason=form.reason.data or "",
                    version=form.version.data or 0,
                    by=me(),
                )
        except DomainError as refused:
            status = blame(form, refused)
            company = company_in_scope(company_id)
            form.version.data = company.version
        else:
            undo = url_for("archive.create_restoration", company_id=company_id)
            said = _("已归档“%(name)s”。", name=company.name)
            flash_undo(said, _("撤销归档"), undo)
            return go_to("companies.index")
    return render_template("companies/archiving.html", company=company, form=form), status


@bp.post("/<int:company_id>/restorations")
@needs(Action.COMPANIES_WRITE)
def create_restoration(company_id: int) -> Any:
    """Also the undo of the archiving; once more, where somebody was faster, says so and leads to the firm."""
    with writing():
        archived = session.scalar(archived_firm(company_id))
        if archived:
            restore(archived, by=me())
    company = company_in_scope(company_id)
    said = _("已恢复“%(name)s”。") if archived else _("“%(name)s”没有归档，无需恢复。")
    flash(said % {"name": company.name}, "success" if archived else "info")
    return go_to("companies.show", company_id=company_id)


def archived_firm(company_id: int) -> Any:
    return queries.archived(my_scope()).where(Company.id == company_id)


def archived_page(company_id: int) -> str:
    """What is shown at an archived firm's address to who may restore it; 404 when it is none of the reader's."""
    company = session.scalar(archived_firm(company_id)) or abort(404)
    return render_template("companies/archived_firm.html", company=company)
