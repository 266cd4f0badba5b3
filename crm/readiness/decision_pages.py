"""What a person decides about a suggestion, and what they say of a criterion that no record proves."""

from typing import Any

from flask import Blueprint, abort, flash, render_template
from flask_babel import gettext as _

from crm.companies.models import Company
from crm.companies.pages import company_in_scope
from crm.companies.subject import COMPANY
from crm.core import clock
from crm.core.db import writing
from crm.core.errors import DomainError
from crm.followup.forms import by_unit
from crm.followup.handlers import handlers_of
from crm.people.roles import Action
from crm.readiness import services
from crm.readiness.criteria import Criterion
from crm.readiness.forms import DismissForm, PostponeForm, TakeForm, TickForm
from crm.readiness.judging import RULES, Suggested, judged
from crm.readiness.models import Kind, SuggestionState
from crm.readiness.pages import kind_or_404, words
from crm.readiness.queries import facts_of, ticks_of
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.locale import label

bp = Blueprint("readiness_decisions", __name__, url_prefix="/readiness/companies/<int:company_id>")

FORMS = {
    SuggestionState.TAKEN: TakeForm,
    SuggestionState.POSTPONED: PostponeForm,
    SuggestionState.DISMISSED: DismissForm,
}


@bp.get("/<rule>/decisions/<decision>")
@needs(Action.COMPANIES_WRITE)
def new_decision(company_id: int, rule: str, decision: str) -> Any:
    firm, found, chosen = company_in_scope(company_id), kind_or_404(rule), _decision(decision)
    one = judged([firm.id], found, my_scope(), clock.today())[0]
    given: dict[str, Any] = {"version": one.decision.version if one.decision else None}
    if chosen is SuggestionState.TAKEN:
        what = _("%(kind)s：%(name)s", kind=label(found), name=firm.name)
        given |= {"what": what[:200], "owner": me().id, "due_on": one.judgement.due_on}
    return _decision_page(firm, found, chosen, FORMS[chosen](formdata=None, **given), one)


@bp.post("/<rule>/decisions/<decision>")
@needs(Action.COMPANIES_WRITE)
def create_decision(company_id: int, rule: str, decision: str) -> Any:
    firm, found, chosen = company_in_scope(company_id), kind_or_404(rule), _decision(decision)
    form: Any = FORMS[chosen]()
    one = judged([firm.id], found, my_scope(), clock.today())[0]
    if chosen is SuggestionState.TAKEN:
        _offer(form, firm)
    if not form.validate():
        return _decision_page(firm, found, chosen, form, one), 422
    try:
        with writing():
            fresh = company_in_scope(company_id)
            figures = judged([firm.id], found, my_scope(), clock.today())[0].judgement.figures()
            seen = {"figures": figures, "version": form.version.data, "by": me()}
            if chosen is SuggestionState.TAKEN:
                work = services.Work(form.what.data, form.owner.data, form.due_on.data)
                services.take_up(fresh, found, work, **seen)
            elif chosen is SuggestionState.POSTPONED:
                until_on, reason = form.until_on.data, form.reason.data
                services.postpone(fresh, found, until_on=until_on, reason=reason, **seen)
            else:
                services.dismiss(fresh, found, reason=form.reason.data, **seen)
    except DomainError as error:
        status = blame(form, error)
        return _decision_page(firm, found, chosen, form, one), status
    flash(_("%(name)s：%(state)s。", name=firm.name, state=label(chosen)), "success")
    return go_to("readiness.index", rule=found.value)


def _decision(text: str) -> SuggestionState:
    return next((state for state in SuggestionState if state.value == text), None) or abort(404)


def _offer(form: TakeForm, firm: Company) -> None:
    ref = COMPANY.find(firm.id, my_scope()) or abort(404)
    form.owner.choices = by_unit(handlers_of(ref))


def _decision_page(
    firm: Company, kind: Kind, decision: SuggestionState, form: Any, one: Suggested
) -> str:
    if decision is SuggestionState.TAKEN:
        _offer(form, firm)
    return render_template(
        "readiness/decision.html",
        firm=firm,
        kind=kind,
        decision=decision,
        form=form,
        one=one,
        **words(),
    )


# What a person says of a criterion


@bp.get("/ticks/<criterion>")
@needs(Action.COMPANIES_WRITE)
def new_tick(company_id: int, criterion: str) -> Any:
    firm = company_in_scope(company_id)
    asked = _criterion(firm, criterion)
    row = ticks_of([firm.id]).get(firm.id, {}).get(criterion)
    given = {}
    if row:
        word = {True: "yes", False: "no", None: "none"}[row[0].is_met]
        given = {"is_met": word, "note": row[0].note, "version": row[0].version}
    return _tick_page(firm, asked, TickForm(formdata=None, **given))


@bp.post("/ticks/<criterion>")
@needs(Action.COMPANIES_WRITE)
def create_tick(company_id: int, criterion: str) -> Any:
    firm, form = company_in_scope(company_id), TickForm()
    asked = _criterion(firm, criterion)
    if not form.validate():
        return _tick_page(firm, asked, form), 422
    is_met = {"yes": True, "no": False, "none": None}[form.is_met.data]
    try:
        with writing():
            services.tick(
                company_in_scope(company_id),
                criterion,
                is_met,
                note=form.note.data,
                version=form.version.data,
                by=me(),
            )
    except DomainError as error:
        status = blame(form, error)
        return _tick_page(firm, asked, form), status
    flash(_("已保存。"), "success")
    return go_to("companies.show", company_id=company_id)


def _criterion(firm: Company, key: str) -> Criterion:
    """The criterion that the rules leave to a person's word; 404 where they ask for no such thing of this firm."""
    on = clock.today()
    facts = facts_of([firm.id], on)[firm.id]
    asked = (c for judge in RULES.values() for c in judge(facts, on).criteria if c.can_tick)
    return next((c for c in asked if c.key == key), None) or abort(404)


def _tick_page(firm: Company, asked: Criterion, form: TickForm) -> str:
    return render_template("readiness/tick.html", firm=firm, criterion=asked, form=form)
