"""Pages on which a firm's facts are edited: all of them, one in place, or field by field after somebody else's edit."""

from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _

from crm.companies import completeness
from crm.companies.changes import change_merging
from crm.companies.conflict import EditConflict, Merge, Side
from crm.companies.facts import FIELDS, readable
from crm.companies.forms import FACTS, EditForm, FactForm
from crm.companies.models import Company
from crm.companies.pages import company_in_scope
from crm.companies.show import fact_of
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.queries import staff
from crm.people.roles import Action
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment
from crm.web.locale import label

bp = Blueprint("facts", __name__, url_prefix="/companies")

ON_WHOLE_PAGE = ("name", "kind")  # the page's head and what is asked of the firm follow from them


@bp.get("/<int:company_id>/edit")
@needs(Action.COMPANIES_WRITE)
def edit(company_id: int) -> Any:
    company = company_in_scope(company_id)
    return _edit_page(company, EditForm(company))


@bp.post("/<int:company_id>/edit")
@needs(Action.COMPANIES_WRITE)
def update(company_id: int) -> Any:
    """Save all facts; what others saved meanwhile is merged, and where both changed a field, asked about."""
    company = company_in_scope(company_id)
    form = EditForm(company)
    _offer_staff(form, company)
    if not form.validate_on_submit():
        return _edit_page(company, form), 422
    try:
        _tell(_save(company_id, form))
    except EditConflict as conflict:
        form.seen.data = conflict.merge.version
        status = blame(form, conflict)
        return _edit_page(company_in_scope(company_id), form, conflict.merge), status
    except DomainError as refused:
        status = blame(form, refused)
        return _edit_page(company, form), status
    return go_to("companies.show", company_id=company_id)


@bp.get("/<int:company_id>/facts/<fact>")
@needs(Action.COMPANIES_WRITE)
def edit_fact(company_id: int, fact: str) -> Any:
    """The small form in a fact's place, or with ?shown the fact again: what Esc and Cancel ask for."""
    company = company_in_scope(company_id)
    if fact not in FACTS:
        abort(404)
    if "shown" in request.args:
        return _fact(company, fact)
    return _fact_form(company, fact, FactForm(company, fact))


@bp.post("/<int:company_id>/facts/<fact>")
@needs(Action.COMPANIES_WRITE)
def update_fact(company_id: int, fact: str) -> Any:
    company = company_in_scope(company_id)
    if fact not in FACTS:
        abort(404)
    form = FactForm(company, fact)
    _offer_staff(form, company)
    if not form.validate_on_submit():
        return _fact_form(company, fact, form), 422
    try:
        _save(company_id, form)
    except EditConflict as conflict:
        status = blame(form, conflict)
        form.seen.data = conflict.merge.version
        return _fact_form(company_in_scope(company_id), fact, form, conflict.merge), status
    except DomainError as refused:
        status = blame(form, refused)
        return _fact_form(company, fact, form), status
    if fact in ON_WHOLE_PAGE or not wants_fragment():
        flash(_("已保存。"), "success")
        return go_to("companies.show", company_id=company_id)
    return _fact(company_in_scope(company_id), fact, is_saved=True)


def _save(company_id: int, form: EditForm) -> tuple[str, ...]:
    with writing():
        company = company_in_scope(company_id)
        return change_merging(
            company,
            form.details_for(company),
            version=form.version.data or 0,
            by=me(),
            renaming=form.renaming(),
            choices=_choices(),
            seen=form.seen.data,
        )


def _choices() -> dict[str, Side]:
    """Whose value was chosen for each field on the conflict page."""
    chosen = {name: request.form.get(f"choice-{name}") for name in FIELDS}
    return {name: Side(side) for name, side in chosen.items() if side in list(Side)}


def _tell(taken: tuple[str, ...]) -> None:
    if taken:
        fields = _("、").join(label(FIELDS[name]) for name in taken)
        flash(_("已保存，并保留了他人同时修改的：%(fields)s。", fields=fields), "success")
    else:
        flash(_("已保存。"), "success")


def _offer_staff(form: EditForm, company: Company) -> None:
    if form.staff_contact_id is not None:
        form.offer_staff(session.scalars(staff(my_scope())).all(), company.staff_contact)


def _edit_page(company: Company, form: EditForm, merge: Merge | None = None) -> str:
    _offer_staff(form, company)
    return render_template("companies/edit.html", company=company, form=form, **_both_sides(merge))


def _fact(company: Company, fact: str, *, is_saved: bool = False) -> str:
    return render_template(
        "companies/_fact_saved.html" if is_saved else "companies/_fact.html",
        company=company,
        fact=fact_of(company, fact),
        missing=completeness.missing(company) if is_saved else [],
    )


def _fact_form(company: Company, fact: str, form: FactForm, merge: Merge | None = None) -> str:
    _offer_staff(form, company)
    return render_template(
        "companies/_fact_form.html" if wants_fragment() else "companies/fact.html",
        company=company,
        fact=fact_of(company, fact),
        form=form,
        fields=[form[name] for name in FACTS[fact]],
        **_both_sides(merge),
    )


def _both_sides(merge: Merge | None) -> dict[str, Any]:
    """What the conflict page offers: for each clash whose value is which; and what is merged without being asked."""
    if merge is None:
        return {"clashes": [], "taken": []}
    sides = [side for side in Side if merge.is_history_known or side is not Side.BEFORE]
    clashes = [
        {
            "field": clash.field,
            "label": clash.label,
            "by": clash.by,
            "offers": [(side, readable(clash.field, clash.value(side))) for side in sides],
        }
        for clash in merge.clashes
    ]
    return {"clashes": clashes, "taken": [FIELDS[name] for name in merge.taken]}
