"""Pages of one application: what it says, its materials and errands. The desk is in desk_pages, the moves in move_pages."""

from collections.abc import Iterator
from typing import Any

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from crm.audit.services import record
from crm.companies.masking import masked_email, masked_phone
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError, StaleRecord
from crm.core.words import N_
from crm.entry import (
    desk,
    limits,
    papers,
    rules_pages,
    services,
    timeline,
)
from crm.entry.desk_pages import application_in_scope, at_home, todos
from crm.entry.forms import ApplicationForm, EditApplicationForm, ErrandForm, ReceiptForm
from crm.entry.log_words import LOG_WORDS
from crm.entry.models import CLOSED, PATH, EntryApplication, EntryErrand, EntryMaterial
from crm.entry.move_pages import bp  # the desk's, with the moves on it
from crm.people.queries import carriers
from crm.people.roles import Action, Role
from crm.reference import industries
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment
from crm.web.locale import sentence


@bp.get("/new")
@needs(Action.ENTRY_WRITE)
def new() -> Any:
    form = ApplicationForm(formdata=None, carrier_id=me().unit_id)
    return _form_page("entry/new.html", form)


@bp.post("")
@needs(Action.ENTRY_WRITE)
def create() -> Any:
    form, status = ApplicationForm(), 422
    _offer(form)
    if form.validate_on_submit():
        try:
            with writing():
                application = services.draft(form.to_details(), by=me())
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(_("草稿已保存：%(name)s", name=application.name), "success")
            return go_to("entry.show", application_id=application.id)
    return _form_page("entry/new.html", form), status


@bp.get("/<int:application_id>")
@needs(Action.ENTRY_READ)
def show(application_id: int) -> Any:
    return _page(application_in_scope(application_id))


@bp.get("/<int:application_id>/edit")
@needs(Action.ENTRY_WRITE)
def edit(application_id: int) -> Any:
    application = application_in_scope(application_id)
    if application.state in CLOSED:
        abort(404)
    form = EditApplicationForm.of(application)
    return _form_page("entry/edit.html", form, application=application, theirs=[])


@bp.post("/<int:application_id>/edit")
@needs(Action.ENTRY_WRITE)
def update(application_id: int) -> Any:
    form = EditApplicationForm.of(application_in_scope(application_id))
    _offer(form)
    status, theirs = 422, []
    if form.validate_on_submit():
        try:
            with writing():
                application = application_in_scope(application_id)
                details = form.to_details_of(application)
                services.change(application, details, version=form.version.data or 0, by=me())
        except StaleRecord as stale:
            status = blame(form, stale)
            application = application_in_scope(application_id)
            theirs = _differences(application, form)
            form.version.data = application.version
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(_("已保存。"), "success")
            return go_to("entry.show", application_id=application_id)
    application = application_in_scope(application_id)
    return _form_page("entry/edit.html", form, application=application, theirs=theirs), status


@bp.post("/<int:application_id>/contacts/reveals")
@needs(Action.CONTACTS_REVEAL)
def reveal_contact(application_id: int) -> Any:
    """The contact in full. A POST, because the look itself is logged."""
    with writing():
        application = application_in_scope(application_id)
        record("entry.contact_revealed", application, by=me())
    if wants_fragment():
        return render_template(
            "entry/_contact.html", application=application, contact=_contact(application, False)
        )
    return _page(application, is_masked=False)


@bp.post("/<int:application_id>/owners")
@needs(Action.ENTRY_WRITE)
def take_over(application_id: int) -> Any:
    """The signed-in person keeps the application from now on."""
    version = request.form.get("version", type=int)
    with writing():
        services.take_over(application_in_scope(application_id), version=version or 0, by=me())
    flash(_("已由您经办。"), "success")
    return go_to("entry.show", application_id=application_id)


@bp.post("/<int:application_id>/materials/<int:material_id>")
@needs(Action.ENTRY_WRITE)
def tick(application_id: int, material_id: int) -> Any:
    """Note what became of one material; htmx gets the checklist and the next step anew."""
    application_in_scope(application_id)
    form = ReceiptForm()
    if not form.validate_on_submit():
        return _checklist_page(application_id, 422, " ".join(map(str, _errors(form))))
    try:
        with writing():
            application = application_in_scope(application_id)
            material = session.get(EntryMaterial, material_id)
            if material is None or material.application_id != application.id:
                abort(404)
            services.tick(material, form.to_receipt(clock.today()), by=me())
    except DomainError as refused:
        return _checklist_page(application_id, refused.status, sentence(refused))
    return _checklist_page(application_id)


@bp.post("/<int:application_id>/errands/<int:errand_id>")
@needs(Action.ENTRY_WRITE)
def do_errand(application_id: int, errand_id: int) -> Any:
    """An errand is done, or (`skip`) need not be done, for the reason in the note."""
    application_in_scope(application_id)
    form = ErrandForm()
    if not form.validate_on_submit():
        return _errands_page(application_id, 422, " ".join(map(str, _errors(form))))
    note, today = form.note.data or "", clock.today()
    try:
        with writing():
            application = application_in_scope(application_id)
            errand = session.get(EntryErrand, errand_id)
            if errand is None or errand.application_id != application.id:
                abort(404)
            if "skip" in request.form:
                services.skip([errand], application, reason=note, by=me())
            else:
                on = form.on.data or today
                services.carry_out(errand, application, on=on, note=note, by=me())
    except DomainError as refused:
        return _errands_page(application_id, refused.status, sentence(refused))
    return _errands_page(application_id)


@bp.post("/<int:application_id>/errands/skips")
@needs(Action.ENTRY_WRITE)
def skip_errands(application_id: int) -> Any:
    """None of the errands that are left need be done, for one reason."""
    application_in_scope(application_id)
    form = ErrandForm()
    if not form.validate_on_submit():
        return _errands_page(application_id, 422, " ".join(map(str, _errors(form))))
    try:
        with writing():
            application = application_in_scope(application_id)
            left = [errand for errand in application.errands if errand.is_open]
            services.skip(left, application, reason=form.note.data or "", by=me())
    except DomainError as refused:
        return _errands_page(application_id, refused.status, sentence(refused))
    return _errands_page(application_id)


def _errors(form: Any) -> Iterator[Any]:
    return (error for field in form for error in field.errors)


def _checklist_page(application_id: int, status: int = 200, refusal: str | None = None) -> Any:
    return _part("entry/_checklist.html", "checklist", application_id, status, refusal)


def _errands_page(application_id: int, status: int = 200, refusal: str | None = None) -> Any:
    return _part("entry/_errands.html", "errands", application_id, status, refusal)


def _part(template: str, place: str, application_id: int, status: int, refusal: str | None) -> Any:
    """One part of the page with the next step beside it; without htmx back to that place of the page."""
    application = application_in_scope(application_id)
    if wants_fragment():
        context = _context(application)
        return render_template(template, refusal=refusal, is_update=True, **context), status
    if refusal:
        return _page(application, refusal=refusal), status
    return redirect(url_for("entry.show", application_id=application_id, _anchor=place), 303)


def _page(
    application: EntryApplication, *, is_masked: bool = True, refusal: str | None = None
) -> Any:
    return render_template(
        "entry/show.html",
        contact=_contact(application, is_masked),
        industry=industries.get(application.industry_code) if application.industry_code else None,
        path=PATH,
        stood_at=_stood_at(application),
        events=timeline.of_application(application),
        papers=papers.available(application),
        refusal=refusal,
        is_update=False,
        **_context(application),
    )


def _context(application: EntryApplication) -> dict[str, Any]:
    """What the parts that are swapped need as well."""
    today = clock.today()
    calendar = desk.calendar_for([application], today)
    return {
        "application": application,
        "standing": limits.standing(application, today, calendar),
        "step": desk.next_step(application, me()),
        "others": desk.other_moves(application, me()),
        "is_open": application.state not in CLOSED,
        "takes_materials": application.state in services.CHECKED_IN,
    }


def _stood_at(application: EntryApplication) -> Any:
    """The last state of the path where it stood."""
    stood = [step.to_state for step in application.steps if step.to_state in PATH]
    return stood[-1] if stood else PATH[0]


def _contact(application: EntryApplication, is_masked: bool) -> dict[str, Any]:
    phone, email = application.contact_phone, application.contact_email
    return {
        "name": application.contact_name,
        "position": application.contact_position,
        "phone": masked_phone(phone) if is_masked else phone,
        "email": masked_email(email) if is_masked else email,
        "is_masked": is_masked,
    }


def _differences(application: EntryApplication, form: EditApplicationForm) -> list[tuple[str, Any]]:
    """What the record says now where it is not what was typed: label and value."""
    now, typed = services.details_of(application), form.to_details_of(application)
    return [
        (words, timeline.readable(field, getattr(now, field)))
        for field, words in timeline.FIELDS.items()
        if getattr(now, field) != getattr(typed, field)
    ]


def _offer(form: ApplicationForm) -> None:
    form.offer(session.scalars(carriers(my_scope())).all())


def _form_page(template: str, form: ApplicationForm, **context: Any) -> str:
    _offer(form)
    return render_template(template, form=form, alike=[], **context)


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    registry.children["entry_applications"] = registry.ChildKind(N_("入驻申请"))
    app.register_blueprint(bp)
    app.register_blueprint(rules_pages.bp)
    reading, keeping = Action.ENTRY_READ.value, Action.ENTRY_WRITE.value
    registry.navigation += [
        registry.NavigationEntry(
            N_("入驻受理"),
            "entry.index",
            "inbox",
            12,
            reading,
            roles=(Role.INCUBATOR_STAFF, Role.UNIT_HEAD),
        ),
        registry.NavigationEntry(
            N_("入驻规则"), "entry_rules.show", "checklist", 84, Action.RULES_MANAGE.value
        ),
    ]
    registry.widgets.append(registry.Widget("entry/_widget.html", at_home, 5, keeping))
    registry.todo_sources.append(todos)
    registry.calendar_listeners.append(limits.recount)
    registry.timeline_sources.setdefault("company", []).append(timeline.of_company)
