"""Pages of firms."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask, abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select

from crm.audit.services import record
from crm.companies import queries, residence, services, timeline
from crm.companies.forms import (
    CompanyForm,
    DepartureForm,
    EditForm,
    RegistrationForm,
    ResidenceForm,
    TransferForm,
)
from crm.companies.list_pages import bp
from crm.companies.listing import COMPANIES
from crm.companies.masking import masked_email, masked_phone
from crm.companies.models import Company
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError, StaleRecord
from crm.core.identifiers import clean_uscc
from crm.core.words import N_
from crm.people.models import Unit, User
from crm.people.queries import carriers
from crm.people.roles import Action
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from crm.reference import industries
from crm.web.addresses import record_number
from crm.web.guards import may, me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment
from crm.web.locale import sentence
from crm.web.timeline import timeline as shown_timeline

NEWEST_SHOWN = 6


@bp.get("/new")
@needs(Action.COMPANIES_WRITE)
def new() -> Any:
    form = RegistrationForm(formdata=None, from_on=clock.today())
    return _registration_page(form)


@bp.post("")
@needs(Action.COMPANIES_WRITE)
def create() -> Any:
    form = RegistrationForm()
    form.offer(session.scalars(carriers(my_scope())).all())
    if not form.validate_on_submit():
        return _registration_page(form, 422)
    try:
        with writing():
            company = services.register(
                form.to_registration(), by=me(), despite_lookalikes=form.is_another.data
            )
            company_id = company.id
    except services.LooksAlike as refused:
        form.is_another.errors = [sentence(refused)]
        return _registration_page(form, refused.status, alike=refused.found)
    except DomainError as refused:
        _blame(form, refused)
        known = getattr(refused, "company_id", None)
        return _registration_page(form, refused.status, known=known)
    flash(_("已登记“%(name)s”。", name=form.name.data), "success")
    return go_to("companies.show", company_id=company_id)


@bp.get("/checks")
@needs(Action.COMPANIES_WRITE)
def checks() -> Any:
    """What can be said of a name and a code while they are being typed."""
    code_error, code, typed = None, None, request.args.get("uscc", "").strip()[:60]
    if typed:
        try:
            code = clean_uscc(typed)
        except DomainError as error:
            code_error = sentence(error)
    alike = queries.look_alikes(
        request.args.get("name", "").strip()[:120],
        code,
        my_scope(),
        leave_out=request.args.get("company_id", type=record_number),
    )
    return render_template("companies/_checks.html", code=code, code_error=code_error, alike=alike)


@bp.get("/<int:company_id>")
@needs(Action.COMPANIES_READ)
def show(company_id: int) -> Any:
    return _company_page(_company(company_id))


@bp.post("/<int:company_id>/contacts/reveals")
@needs(Action.CONTACTS_REVEAL)
def reveal_contacts(company_id: int) -> Any:
    """The contacts in full. A POST, because the look itself is logged."""
    with writing():
        company = _company(company_id)
        record("contacts.revealed", company, by=me())
    if wants_fragment():
        return render_template(
            "companies/_contacts.html", company=company, contacts=company.contacts, is_masked=False
        )
    return _company_page(company, is_masked=False)


@bp.get("/<int:company_id>/edit")
@needs(Action.COMPANIES_WRITE)
def edit(company_id: int) -> Any:
    company = _company(company_id)
    return render_template(
        "companies/edit.html", company=company, form=EditForm(company), theirs=[]
    )


@bp.post("/<int:company_id>/edit")
@needs(Action.COMPANIES_WRITE)
def update(company_id: int) -> Any:
    company = _company(company_id)
    form, theirs, status = EditForm(company), [], 422
    if form.validate_on_submit():
        try:
            with writing():
                services.change(
                    _company(company_id), form.to_details(), version=form.version.data or 0, by=me()
                )
            flash(_("已保存。"), "success")
            return go_to("companies.show", company_id=company_id)
        except StaleRecord as stale:
            company, status = _company(company_id), stale.status
            theirs = _differences(company, form)
            form.form_errors = [sentence(stale)]
            form.version.data = company.version
        except DomainError as refused:
            status = refused.status
            _blame(form, refused)
    return render_template("companies/edit.html", company=company, form=form, theirs=theirs), status


@bp.get("/<int:company_id>/residences/new")
@needs(Action.COMPANIES_WRITE)
def new_residence(company_id: int) -> Any:
    form = ResidenceForm(from_on=clock.today())
    form.offer(session.scalars(carriers(my_scope())).all())
    return render_template("companies/residence.html", company=_company(company_id), form=form)


@bp.post("/<int:company_id>/residences")
@needs(Action.COMPANIES_WRITE)
def move_in(company_id: int) -> Any:
    form = ResidenceForm()
    form.offer(session.scalars(carriers(my_scope())).all())

    def act(company: Company) -> Any:
        residence.move_in(company, form.to_residence(), by=me())
        return _("已登记入驻。")

    return _carry_out(act, form, "companies/residence.html", company_id)


@bp.get("/<int:company_id>/transfers/new")
@needs(Action.COMPANIES_WRITE)
def new_transfer(company_id: int) -> Any:
    company, form = _company(company_id), TransferForm(on=clock.today())
    form.offer(session.scalars(carriers(WHOLE_PARK_SCOPE)).all(), company)
    return render_template("companies/transfer.html", company=company, form=form)


@bp.post("/<int:company_id>/transfers")
@needs(Action.COMPANIES_WRITE)
def transfer(company_id: int) -> Any:
    form = TransferForm()
    form.offer(session.scalars(carriers(WHOLE_PARK_SCOPE)).all(), _company(company_id))

    def act(company: Company) -> Any:
        carrier = session.get_one(Unit, form.carrier.data)
        residence.transfer(company, carrier, by=me(), on=form.on.data)
        return _("已转往“%(carrier)s”，档案由其维护。", carrier=carrier.name)

    return _carry_out(act, form, "companies/transfer.html", company_id)


@bp.get("/<int:company_id>/departures/new")
@needs(Action.COMPANIES_WRITE)
def new_departure(company_id: int) -> Any:
    form = DepartureForm(on=clock.today())
    return render_template("companies/departure.html", company=_company(company_id), form=form)


@bp.post("/<int:company_id>/departures")
@needs(Action.COMPANIES_WRITE)
def depart(company_id: int) -> Any:
    form = DepartureForm()

    def act(company: Company) -> Any:
        residence.leave(company, on=form.on.data, reason=form.reason.data, by=me())
        return _("已登记离园，企业档案保留。")

    return _carry_out(act, form, "companies/departure.html", company_id)


def _carry_out(act: Callable[[Company], Any], form: Any, template: str, company_id: int) -> Any:
    """Do to a firm what the form asks and go to its page; a refusal keeps all that was typed."""
    company, status = _company(company_id), 422
    if form.validate_on_submit():
        try:
            with writing():
                said = act(_company(company_id))
        except DomainError as refused:
            _blame(form, refused)
            status = refused.status
        else:
            flash(said, "success")
            if session.scalar(_visible(company_id)):
                return go_to("companies.show", company_id=company_id)
            return go_to("companies.index")  # handed over to a unit outside the reader's scope
    return render_template(template, company=company, form=form), status


def _visible(company_id: int) -> Select[Company]:
    return queries.visible_to(my_scope()).where(Company.id == company_id)


def _company(company_id: int) -> Any:
    """The firm, if it lies in the reader's scope; 404 otherwise."""
    return session.scalar(_visible(company_id)) or abort(404)


def _company_page(company: Company, *, is_masked: bool = True) -> Any:
    as_of = _as_of()
    panels = [
        (panel.label, url_for(panel.endpoint, record_id=company.id, as_of=as_of.isoformat()))
        for panel in registry.panels_of("company")
        if may(panel.action)
    ]
    return render_template(
        "companies/show.html",
        company=company,
        industry=industries.get(company.industry_code) if company.industry_code else None,
        contacts=_masked(company) if is_masked else company.contacts,
        is_masked=is_masked,
        is_resident=any(r.to_on is None or r.to_on > clock.today() for r in company.residences),
        panels=panels,
        events=shown_timeline("company", company.id),
        as_of=as_of,
    )


def _masked(company: Company) -> list[dict[str, str]]:
    return [
        {
            "name": contact.name,
            "position": contact.position,
            "phone": masked_phone(contact.phone),
            "email": masked_email(contact.email),
        }
        for contact in company.contacts
    ]


def _as_of() -> date:
    try:
        return date.fromisoformat(request.args.get("as_of", ""))
    except ValueError:
        return clock.today()


def _registration_page(form: RegistrationForm, status: int = 200, **found: Any) -> Any:
    form.offer(session.scalars(carriers(my_scope())).all())
    context = {"alike": [], "known": None, **found}
    return render_template("companies/new.html", form=form, **context), status


def _blame(form: Any, error: DomainError) -> None:
    """Put a refusal on the field that the person can mend, else on the form."""
    if error.field and error.field in form:
        form[error.field].errors = [sentence(error)]
    else:
        form.form_errors = [sentence(error)]


def _differences(company: Company, form: CompanyForm) -> list[tuple[str, Any]]:
    """What the register says now where it differs from what was typed: label, value."""
    now, typed = services.details_of(company), form.to_details()
    return [
        (label, timeline.readable(name, getattr(now, name)))
        for name, label in timeline.FIELDS.items()
        if getattr(now, name) != getattr(typed, name)
    ]


def _newest(user: User) -> Any:
    """The home widget: the firms registered last in one's own unit."""
    query = queries.listed(queries.visible_to(scope_of(user)))
    return session.execute(query.order_by(Company.id.desc()).limit(NEWEST_SHOWN)).all()


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    registry.lists[COMPANIES.key] = COMPANIES
    reading, keeping = Action.COMPANIES_READ.value, Action.COMPANIES_WRITE.value
    registry.navigation.append(
        registry.NavigationEntry(N_("企业"), "companies.index", "building", 10, reading)
    )
    registry.widgets.append(registry.Widget("companies/_newest.html", _newest, 20, keeping))
    registry.timeline_sources.setdefault("company", []).append(timeline.of_company)
