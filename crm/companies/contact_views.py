"""Pages of a firm's contacts. Personal data: shown masked; in full only by right, and each look is logged."""

from typing import Any

from flask import Blueprint, abort, flash, render_template
from flask_babel import gettext as _
from sqlalchemy import select

from crm.audit.services import record
from crm.companies import contacts
from crm.companies.contact_forms import ContactForm, EditContactForm
from crm.companies.masking import masked_email, masked_id_number, masked_phone
from crm.companies.models import Company, Contact
from crm.companies.pages import company_in_scope
from crm.companies.queries import visible_to
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.roles import Action
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment

bp = Blueprint("contacts", __name__, url_prefix="/companies")


@bp.post("/<int:company_id>/contacts/reveals")
@needs(Action.CONTACTS_REVEAL)
def reveal(company_id: int) -> Any:
    """The contacts in full. A POST, because the look itself is logged."""
    with writing():
        company = company_in_scope(company_id)
        record("contacts.revealed", company, by=me())
    template = "companies/_contacts.html" if wants_fragment() else "companies/contacts.html"
    return render_template(template, company=company, contacts=company.contacts, is_masked=False)


@bp.get("/contacts/<int:contact_id>")
@needs(Action.COMPANIES_READ)
def show(contact_id: int) -> Any:
    """A contact is read on the page of its firm."""
    mine = visible_to(my_scope()).with_only_columns(Company.id).order_by(None)
    query = select(Contact.company_id).where(
        Contact.id == contact_id, Contact.archived_at.is_(None), Contact.company_id.in_(mine)
    )
    company_id = session.scalar(query) or abort(404)
    return go_to("companies.show", company_id=company_id, _anchor="contacts")


@bp.get("/<int:company_id>/contacts/new")
@needs(Action.COMPANIES_WRITE)
def new(company_id: int) -> Any:
    return _page(company_in_scope(company_id), ContactForm())


@bp.post("/<int:company_id>/contacts")
@needs(Action.COMPANIES_WRITE)
def create(company_id: int) -> Any:
    company, form = company_in_scope(company_id), ContactForm()
    if not form.validate_on_submit():
        return _page(company, form), 422
    try:
        with writing():
            contacts.add_contact(
                company_in_scope(company_id),
                form.to_details(),
                by=me(),
                is_primary=form.is_primary.data,
            )
    except DomainError as refused:
        status = blame(form, refused)
        return _page(company, form), status
    return _done(company_id, _("已新增联系人“%(name)s”。", name=form.name.data))


@bp.get("/<int:company_id>/contacts/<int:contact_id>/edit")
@needs(Action.COMPANIES_WRITE)
def edit(company_id: int, contact_id: int) -> Any:
    company, contact = _contact(company_id, contact_id)
    return _page(company, EditContactForm(contact), contact)


@bp.post("/<int:company_id>/contacts/<int:contact_id>/edit")
@needs(Action.COMPANIES_WRITE)
def update(company_id: int, contact_id: int) -> Any:
    company, contact = _contact(company_id, contact_id)
    form = EditContactForm(contact)
    if not form.validate_on_submit():
        return _page(company, form, contact), 422
    try:
        with writing():
            _company, contact = _contact(company_id, contact_id)
            contacts.change_contact(
                contact,
                form.details_for(contact),
                version=form.version.data or 0,
                by=me(),
                is_primary=form.is_primary.data,
            )
    except DomainError as refused:
        company, contact = _contact(company_id, contact_id)
        status = blame(form, refused)
        return _page(company, form, contact), status
    return _done(company_id, _("已保存。"))


@bp.post("/<int:company_id>/contacts/<int:contact_id>/archivings")
@needs(Action.COMPANIES_WRITE)
def archive(company_id: int, contact_id: int) -> Any:
    company, contact = _contact(company_id, contact_id)
    form = EditContactForm(contact)
    try:
        with writing():
            _company, contact = _contact(company_id, contact_id)
            contacts.archive_contact(contact, version=form.version.data or 0, by=me())
    except DomainError as refused:
        company, contact = _contact(company_id, contact_id)
        form.version.data = contact.version
        status = blame(form, refused)
        return _page(company, form, contact), status
    return _done(company_id, _("已移除联系人“%(name)s”。", name=contact.name))


def masked(company: Company) -> list[dict[str, Any]]:
    """A firm's contacts as they may be shown to anybody who sees the firm."""
    return [
        {
            "id": contact.id,
            "name": contact.name,
            "position": contact.position,
            "phone": masked_phone(contact.phone),
            "email": masked_email(contact.email),
            "id_number": masked_id_number(contact.id_number),
            "is_primary": contact.is_primary,
        }
        for contact in company.contacts
    ]


def _contact(company_id: int, contact_id: int) -> tuple[Company, Contact]:
    """A contact of a firm in the reader's scope; 404 otherwise."""
    company = company_in_scope(company_id)
    return company, session.scalar(contacts.contact_of(company, contact_id)) or abort(404)


def _page(company: Company, form: ContactForm, contact: Contact | None = None) -> str:
    there = None
    if contact is not None:
        there = next((one for one in masked(company) if one["id"] == contact.id), None)
    return render_template("companies/contact.html", company=company, form=form, there=there)


def _done(company_id: int, said: str) -> Any:
    flash(said, "success")
    return go_to("companies.show", company_id=company_id, _anchor="contacts")
