"""Pages on which the last step is undone and a residence is corrected."""

from typing import Any

from flask import Blueprint, abort, render_template
from flask_babel import gettext as _

from crm.companies.models import Company, Residence
from crm.companies.pages import company_in_scope
from crm.companies.queries import last_move
from crm.companies.residence_corrections import correct, undo
from crm.companies.residence_forms import CorrectionForm, UndoForm
from crm.companies.residence_views import go_on, show_refusal
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.models import Unit
from crm.people.queries import carriers
from crm.people.roles import Action
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs

bp = Blueprint("residence_corrections", __name__, url_prefix="/companies")


@bp.get("/<int:company_id>/undos/new")
@needs(Action.COMPANIES_WRITE)
def new_undo(company_id: int) -> Any:
    company, form = company_in_scope(company_id), UndoForm()
    form.show(company)
    return _undo_page(company, form)


@bp.post("/<int:company_id>/undos")
@needs(Action.COMPANIES_WRITE)
def create_undo(company_id: int) -> Any:
    company, form, status = company_in_scope(company_id), UndoForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                undo(
                    company_in_scope(company_id),
                    by=me(),
                    reason=form.note.data,
                    seen=form.seen.data,
                )
        except DomainError as refused:
            company, status = company_in_scope(company_id), refused.status
            show_refusal(form, refused, company)
        else:
            return go_on(_("已撤销。"), company_id)
    return _undo_page(company, form), status


@bp.get("/<int:company_id>/residences/<int:residence_id>/edit")
@needs(Action.COMPANIES_WRITE)
def edit_residence(company_id: int, residence_id: int) -> Any:
    stay = _residence(company_id, residence_id)
    return _correction_page(stay, CorrectionForm(stay))


@bp.post("/<int:company_id>/residences/<int:residence_id>")
@needs(Action.COMPANIES_WRITE)
def correct_residence(company_id: int, residence_id: int) -> Any:
    stay, status = _residence(company_id, residence_id), 422
    form = CorrectionForm(stay)
    if form.validate_on_submit():
        try:
            with writing():
                correct(
                    _residence(company_id, residence_id),
                    form.to_correction(),
                    reason=form.why.data,
                    version=form.version.data or 0,
                    by=me(),
                )
        except DomainError as refused:
            stay, status = _residence(company_id, residence_id), refused.status
            blame(form, refused, stay)
        else:
            return go_on(_("已更正入驻记录。"), company_id)
    return _correction_page(stay, form), status


def _residence(company_id: int, residence_id: int) -> Any:
    """A residence of a visible firm at a carrier in the reader's scope."""
    company = company_in_scope(company_id)
    found = session.scalar(
        carriers(my_scope())
        .join(Residence, Residence.carrier_id == Unit.id)
        .with_only_columns(Residence)
        .where(Residence.id == residence_id, Residence.company_id == company.id)
    )
    return found or abort(404)


def _undo_page(company: Company, form: UndoForm) -> str:
    last = last_move(company.id)
    return render_template("companies/residence_undo.html", company=company, form=form, last=last)


def _correction_page(stay: Residence, form: CorrectionForm) -> str:
    return render_template(
        "companies/residence_correction.html", company=stay.company, residence=stay, form=form
    )
