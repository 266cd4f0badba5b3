"""Pages of firms: the list, registration, a firm's page. PARTS has the pages of what hangs on a firm."""

from datetime import date
from typing import Any

from flask import Flask, abort, flash, render_template, request
from flask_babel import gettext as _

from crm.companies import (
    archive_views,
    completeness,
    contact_views,
    duplicate_pages,
    edit_views,
    importing,
    link_views,
    merge_pages,
    neglected,
    queries,
    residence_correction_views,
    residence_timeline,
    residence_views,
    services,
    subject,
    timeline,
)
from crm.companies.archive_views import archived_page
from crm.companies.codes import corrections
from crm.companies.comparing import compare_daily
from crm.companies.contact_importing import CONTACTS
from crm.companies.contact_views import masked
from crm.companies.duplicate_queries import number_of
from crm.companies.forms import RegistrationForm
from crm.companies.forwarding import forward
from crm.companies.links import links_of
from crm.companies.list_pages import bp
from crm.companies.listing import COMPANIES
from crm.companies.log_words import LOG_WORDS
from crm.companies.models import Company
from crm.companies.pages import company_in_scope, visible
from crm.companies.show import facts_of
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.identifiers import clean_uscc
from crm.core.words import N_
from crm.people.models import User
from crm.people.queries import carriers, staff
from crm.people.roles import Action, Role
from crm.people.scope import scope_of
from crm.web.addresses import record_number
from crm.web.forms import blame
from crm.web.guards import may, me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment
from crm.web.locale import sentence
from crm.web.panels import panels_on
from crm.web.timeline import timeline as shown_timeline

NEWEST_SHOWN = 6
PARTS = (
    edit_views,
    contact_views,
    link_views,
    archive_views,
    residence_views,
    residence_correction_views,
    neglected,
    duplicate_pages,
    merge_pages,
)
EVENTS_SHOWN = 30  # of a timeline at a time


@bp.get("/new")
@needs(Action.COMPANIES_WRITE)
def new() -> Any:
    form = RegistrationForm(formdata=None, from_on=clock.today(), staff_contact_id=me().id)
    return _registration_page(form)


@bp.post("")
@needs(Action.COMPANIES_WRITE)
def create() -> Any:
    form = RegistrationForm()
    _offer(form)
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
        blame(form, refused)
        known = getattr(refused, "company_id", None)
        return _registration_page(form, refused.status, known=known)
    flash(_("已登记“%(name)s”。", name=form.name.data), "success")
    return go_to("companies.show", company_id=company_id)


@bp.get("/checks")
@needs(Action.COMPANIES_WRITE)
def checks() -> Any:
    """What can be said of a name and a code while they are being typed."""
    code_error, code, typed = None, None, request.args.get("uscc", "").strip()[:60]
    company_id = request.args.get("company_id", type=record_number)
    if typed:
        try:
            code = clean_uscc(typed)
        except DomainError as error:
            code_error = sentence(error)
    alike = queries.look_alikes(
        request.args.get("name", "").strip()[:120],
        code,
        my_scope(),
        leave_out=company_id,
        meant=corrections(typed.upper()) if code_error else (),
    )
    return render_template(
        "companies/_checks.html",
        code=code,
        code_error=code_error,
        alike=alike,
        company_id=company_id,
    )


@bp.get("/<int:company_id>")
@needs(Action.COMPANIES_READ)
def show(company_id: int) -> Any:
    company = session.scalar(visible(company_id))
    if company is None:
        return archived_page(company_id) if may(Action.COMPANIES_WRITE) else abort(404)
    return _company_page(company)


@bp.get("/<int:company_id>/timeline")
@needs(Action.COMPANIES_READ)
def history(company_id: int) -> Any:
    """A part of the timeline: a fragment for htmx, which the firm's page pulls in, else a page of its own."""
    company = company_in_scope(company_id)
    start = request.args.get("start", 0, type=record_number)
    template = "companies/_timeline.html" if wants_fragment() else "companies/timeline.html"
    return render_template(template, company=company, **_events(company.id, start))


def _company_page(company: Company) -> Any:
    as_of = _as_of()
    panels = panels_on("company", company.id, as_of=as_of.isoformat())
    return render_template(
        "companies/show.html",
        company=company,
        facts=list(facts_of(company)),
        missing=completeness.missing(company),
        contacts=masked(company),
        is_masked=True,
        links=session.execute(links_of(company.id, my_scope())).all(),
        alike=number_of(company.id),
        is_resident=any(r.to_on is None or r.to_on > clock.today() for r in company.residences),
        panels=panels,
        as_of=as_of,
    )


def _events(company_id: int, start: int) -> dict[str, Any]:
    """A part of the timeline, newest first, and where the next one begins (None at its end)."""
    events = shown_timeline("company", company_id)
    more = start + EVENTS_SHOWN if len(events) > start + EVENTS_SHOWN else None
    return {"events": events[start : start + EVENTS_SHOWN], "more": more, "total": len(events)}


def _as_of() -> date:
    try:
        return date.fromisoformat(request.args.get("as_of", ""))
    except ValueError:
        return clock.today()


def _registration_page(form: RegistrationForm, status: int = 200, **found: Any) -> Any:
    _offer(form)
    context = {"alike": [], "known": None, **found}
    return render_template("companies/new.html", form=form, **context), status


def _offer(form: RegistrationForm) -> None:
    form.offer(session.scalars(carriers(my_scope())).all())
    form.offer_staff(session.scalars(staff(my_scope())).all())


def _newest(user: User) -> Any:
    """The home widget: the firms registered last in one's own unit."""
    query = queries.listed(queries.visible_to(scope_of(user)))
    return session.execute(query.order_by(Company.id.desc()).limit(NEWEST_SHOWN)).all()


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    for pages in (bp, *(part.bp for part in PARTS)):
        app.register_blueprint(pages)
    registry.lists[COMPANIES.key] = COMPANIES
    registry.import_kinds[importing.COMPANIES.key] = importing.COMPANIES
    registry.import_kinds[CONTACTS.key] = CONTACTS
    reading, keeping = Action.COMPANIES_READ.value, Action.COMPANIES_WRITE.value
    registry.navigation.append(
        registry.NavigationEntry(
            N_("企业"),
            "companies.index",
            "building",
            10,
            reading,
            roles=(Role.INCUBATOR_STAFF, Role.AUDITOR),
        )
    )
    registry.widgets += [
        registry.Widget("companies/_neglected.html", neglected.at_home, 25, keeping),
        registry.Widget("companies/_newest.html", _newest, 50, keeping),
    ]
    registry.subjects["company"] = subject.COMPANY
    registry.file_owners["company"] = registry.FileOwner(
        N_("企业"), reading, (keeping,), subject.COMPANY.find
    )
    registry.children |= subject.CHILDREN
    registry.forwardings.append(forward)
    registry.upkeep.append(compare_daily)
    registry.todo_sources.append(duplicate_pages.todo)
    registry.list_actions.setdefault(COMPANIES.key, []).append(
        registry.ListAction(N_("合并"), "merges.select_two", "copy", Action.COMPANIES_MERGE.value)
    )
    registry.timeline_sources.setdefault("company", []).extend(
        (timeline.of_company, residence_timeline.of_company)
    )
