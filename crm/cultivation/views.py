"""Pages of 重点企业培育库: the list, one firm's plan, taking it in and letting it out."""

from datetime import date
from typing import Any

from flask import Blueprint, Flask, abort, flash, render_template
from flask_babel import gettext as _

from crm.companies.listing import COMPANIES
from crm.companies.models import Company
from crm.companies.pages import company_in_scope
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.cultivation import intake_pages, mine, queries, services
from crm.cultivation.course import RULE, Course
from crm.cultivation.forms import ClosingForm, CultivationForm, plan_form
from crm.cultivation.listing import CULTIVATIONS
from crm.cultivation.log_words import LOG_WORDS
from crm.cultivation.models import Cultivation, Result
from crm.cultivation.queries import Progress
from crm.ladder.history import COUNTED
from crm.ladder.queries import standings_of
from crm.ladder.rungs import Rung
from crm.lists import pages
from crm.people.roles import Action
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment

bp = Blueprint("cultivation", __name__, url_prefix="/cultivation")


# The library


@bp.get("")
@needs(Action.COMPANIES_READ)
def index() -> Any:
    """The list, with a table of each library's courses above it."""
    return pages.answer(
        CULTIVATIONS,
        "cultivation/index.html",
        "cultivation/_list.html",
        tally=queries.tally(my_scope(), clock.today()),
        courses=tuple(Course),
        rule=RULE,
    )


@bp.post("/files")
@needs(Action.REPORTS_EXPORT)
def create_file() -> Any:
    """What the list shows as a file. Posted, because taking it out is written to the log."""
    return pages.answer_file(CULTIVATIONS)


@bp.get("/<int:cultivation_id>")
@needs(Action.COMPANIES_READ)
def show(cultivation_id: int) -> Any:
    cultivation = _cultivation(cultivation_id)
    return render_template(
        "cultivation/show.html",
        cultivation=cultivation,
        progress=_progress(cultivation),
        rule=RULE,
    )


@bp.get("/companies/<int:record_id>")
@needs(Action.COMPANIES_READ)
def company(record_id: int) -> Any:
    """A firm's plans: the panel on its page, or a page of its own."""
    firm = company_in_scope(record_id)
    found = session.scalars(queries.of_firm(firm.id)).all()
    template = "cultivation/_company.html" if wants_fragment() else "cultivation/company.html"
    progress = queries.progress_of(found, clock.today())
    return render_template(template, firm=firm, found=[(one, progress[one.id]) for one in found])


# One firm in, changed, out


@bp.get("/companies/<int:company_id>/new")
@needs(Action.COMPANIES_WRITE)
def new(company_id: int) -> Any:
    firm, today = company_in_scope(company_id), clock.today()
    form = plan_form(
        my_scope(), target_rung=_next_rung(firm, today), target_year=today.year, entered_on=today
    )
    return _new_page(firm, form)


@bp.post("/companies/<int:company_id>")
@needs(Action.COMPANIES_WRITE)
def create(company_id: int) -> Any:
    firm, form, status = company_in_scope(company_id), plan_form(my_scope()), 422
    if form.validate_on_submit():
        try:
            with writing():
                fresh = company_in_scope(company_id)
                services.take_in(fresh, form.to_details(), by=me())
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(_("已列入培育库。"), "success")
            return go_to("companies.show", company_id=company_id)
    return _new_page(firm, form), status


@bp.get("/<int:cultivation_id>/edit")
@needs(Action.COMPANIES_WRITE)
def edit(cultivation_id: int) -> Any:
    found = _cultivation(cultivation_id)
    form = plan_form(my_scope(), obj=found)
    form.leader.data, form.officer.data = found.leader_id, found.officer_id
    return _edit_page(found, form)


@bp.post("/<int:cultivation_id>/edit")
@needs(Action.COMPANIES_WRITE)
def update(cultivation_id: int) -> Any:
    """The rung and the day it entered stay as they are."""
    found, form, status = _cultivation(cultivation_id), plan_form(my_scope()), 422
    del form.target_rung, form.entered_on
    if form.validate_on_submit():
        try:
            with writing():
                fresh = _cultivation(cultivation_id)
                details = form.to_details(fresh.target_rung, fresh.entered_on)
                services.change(fresh, details, version=form.version.data or 0, by=me())
        except DomainError as refused:
            found = _cultivation(cultivation_id)
            status = blame(form, refused, found)
        else:
            flash(_("已保存培育计划。"), "success")
            return go_to("cultivation.show", cultivation_id=cultivation_id)
    return _edit_page(found, form), status


@bp.get("/<int:cultivation_id>/closings/new")
@needs(Action.COMPANIES_WRITE)
def new_closing(cultivation_id: int) -> Any:
    """With the result that today's facts suggest; a person confirms it."""
    found = _cultivation(cultivation_id)
    progress = _progress(found)
    form = ClosingForm(formdata=None, on=clock.today(), version=found.version)
    form.result.data = _suggested(progress)
    return _closing_page(found, form, progress)


@bp.post("/<int:cultivation_id>/closings")
@needs(Action.COMPANIES_WRITE)
def create_closing(cultivation_id: int) -> Any:
    found, form, status = _cultivation(cultivation_id), ClosingForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                services.let_out(
                    _cultivation(cultivation_id),
                    on=form.on.data,
                    result=form.result.data,
                    note=form.note.data or "",
                    version=form.version.data or 0,
                    by=me(),
                )
        except DomainError as refused:
            found = _cultivation(cultivation_id)
            status = blame(form, refused, found)
        else:
            flash(_("已出库。"), "success")
            return go_to("cultivation.show", cultivation_id=cultivation_id)
    return _closing_page(found, form, _progress(found)), status


# What the pages share


def _cultivation(cultivation_id: int) -> Cultivation:
    """404 for one that is not there, or whose firm lies outside the reader's scope."""
    query = queries.visible_to(my_scope()).where(Cultivation.id == cultivation_id)
    return session.scalar(query) or abort(404)


def _progress(cultivation: Cultivation) -> Progress:
    return queries.progress_of([cultivation], clock.today())[cultivation.id]


def _next_rung(firm: Company, today: date) -> Rung:
    level = standings_of([firm.id], today)[firm.id].level
    return next((rung for rung in COUNTED if rung.order > level), COUNTED[-1])


def _suggested(progress: Progress) -> Result:
    if progress.course is Course.REACHED:
        return Result.REACHED
    return Result.NOT_REACHED if progress.standing.rung else Result.LEFT_THE_PARK


def _new_page(firm: Company, form: CultivationForm) -> str:
    return render_template("cultivation/new.html", firm=firm, form=form)


def _edit_page(cultivation: Cultivation, form: CultivationForm) -> str:
    return render_template("cultivation/edit.html", cultivation=cultivation, form=form)


def _closing_page(cultivation: Cultivation, form: ClosingForm, progress: Progress) -> str:
    return render_template(
        "cultivation/closing.html", cultivation=cultivation, form=form, progress=progress
    )


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    registry.children["cultivations"] = registry.ChildKind(N_("重点培育"), href="/cultivation/{id}")
    app.register_blueprint(bp)
    app.register_blueprint(intake_pages.bp)
    reading, position = Action.COMPANIES_READ.value, 25
    registry.within["cultivation"] = "ladder.index"
    registry.panels.append(
        registry.Panel("company", N_("重点培育"), "cultivation.company", reading, position)
    )
    registry.lists[CULTIVATIONS.key] = CULTIVATIONS
    registry.list_actions.setdefault(COMPANIES.key, []).append(
        registry.ListAction(
            N_("列入培育库"), "intakes.preview", "target", Action.COMPANIES_WRITE.value
        )
    )
    registry.widgets.append(
        registry.Widget("cultivation/_widget.html", mine.build, position, reading)
    )
