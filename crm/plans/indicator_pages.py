"""Pages where a target of an adopted plan is bound to what proves it, put right, or added."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.metrics import figures
from crm.metrics.catalogue import METRICS
from crm.metrics.figures import Metric, Question
from crm.people import queries as people
from crm.people.roles import Action
from crm.plans import amending
from crm.plans.forms import BindingForm, IndicatorForm, curve_text
from crm.plans.narrowing import NarrowingForm, narrowing
from crm.plans.wording import rule
from crm.targets import queries
from crm.targets.models import AnnualPlan, Indicator
from crm.targets.standing import question_of
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment

bp = Blueprint("plan_indicators", __name__, url_prefix="/targets")

FIRST_ROWS = 5


@bp.get("/metrics")
@needs(Action.TARGETS_PLAN)
def options() -> Any:
    """What a chosen metric can be narrowed by, and at once what it comes to: the part of a form that htmx fills in."""
    metric = METRICS.get(request.args.get("metric", ""))
    form = narrowing(metric, typed=request.args, filters={})
    return render_template("plans/_narrowing.html", **shown(metric, form, _year()))


@bp.get("/<code>/metric")
@needs(Action.TARGETS_PLAN)
def edit_metric(code: str) -> Any:
    """Choose what proves a target."""
    indicator = _indicator(code)
    kept = narrowing(METRICS.get(indicator.metric), typed=None, filters=indicator.filters)
    return _binding_page(indicator, BindingForm(formdata=None, obj=indicator), kept)


@bp.post("/<code>/metric")
@needs(Action.TARGETS_PLAN)
def bind(code: str) -> Any:
    """Let what was chosen prove the target, or nothing: then it is reported by hand again."""
    indicator, form = _indicator(code), BindingForm()
    narrowed = narrowing(METRICS.get(form.metric.data), typed=request.form, filters={})
    if "look" in request.form:  # where there is no script that shows it at once
        return _binding_page(indicator, form, narrowed)
    if not form.validate_on_submit() or not narrowed.validate():
        return _binding_page(indicator, form, narrowed), 422
    try:
        with writing():
            indicator = _indicator(code)
            amending.bind(
                indicator, form.metric.data, narrowed.to_filters(), by=me(), version=form.version.data
            )  # fmt: skip
            year = indicator.plan.year
    except DomainError as error:
        indicator = _indicator(code)
        status = blame(narrowed if error.field in narrowed else form, error, indicator)
        return _binding_page(indicator, form, narrowed), status
    flash(_("已保存取数口径。") if form.metric.data else _("已改为人工填报。"), "success")
    return go_to("targets.show", code=code, year=year)


@bp.get("/<code>/terms")
@needs(Action.TARGETS_PLAN)
def edit_terms(code: str) -> Any:
    indicator = _indicator(code)
    form = IndicatorForm(formdata=None, obj=indicator)
    form.curve.data = curve_text(indicator.curve)
    return _terms_page(indicator.plan, form, indicator)


@bp.post("/<code>/terms")
@needs(Action.TARGETS_PLAN)
def change_terms(code: str) -> Any:
    indicator = _indicator(code)
    form = _offered(IndicatorForm(), indicator.plan, indicator)
    if not form.validate_on_submit():
        return _terms_page(indicator.plan, form, indicator), 422
    try:
        with writing():
            indicator = _indicator(code)
            amending.change_terms(indicator, form.to_terms(), by=me(), version=form.version.data)
            year = indicator.plan.year
    except DomainError as error:
        indicator = _indicator(code)
        status = blame(form, error, indicator)
        return _terms_page(indicator.plan, form, indicator), status
    flash(_("已保存“%(name)s”。", name=indicator.name), "success")
    return go_to("targets.show", code=code, year=year)


@bp.get("/new")
@needs(Action.TARGETS_PLAN)
def new() -> Any:
    """A target for a year's plan; where the year has none, to where plans come in."""
    plan = queries.find_plan(_year())
    if plan is None:
        return go_to("plan_drafts.index")
    first, last = date(plan.year, 1, 1), date(plan.year, 12, 31)
    form = IndicatorForm(formdata=None, starts_on=first, due_on=last)
    return _terms_page(plan, form)


@bp.post("")
@needs(Action.TARGETS_PLAN)
def create() -> Any:
    plan = queries.plan_of(_year())
    form = _offered(IndicatorForm(), plan)
    if not form.validate_on_submit():
        return _terms_page(plan, form), 422
    try:
        with writing():
            plan = queries.plan_of(plan.year)
            added = amending.add(plan, form.to_terms(), task_id=form.task_id.data, by=me())
            code = added.code
    except DomainError as error:
        status = blame(form, error)
        return _terms_page(queries.plan_of(_year()), form), status
    flash(_("已新增“%(name)s”，请选择由什么证明。", name=form.name.data), "success")
    return go_to(".edit_metric", code=code, year=_year())


@bp.get("/metrics/targets/<int:record_id>")
@needs(Action.TARGETS_READ)
def of_target(record_id: int) -> Any:
    """What stands beside a computed figure: how it is narrowed, what waits, what lacks a day; the panel of a target's page."""
    indicator = session.get(Indicator, record_id)
    if indicator is None or not my_scope().covers(indicator.unit):
        abort(404)
    context: dict[str, Any] = {"one": indicator, "metric": METRICS.get(indicator.metric)}
    if indicator.is_computed:
        year = indicator.plan.year
        question = question_of(indicator, year, clock.opening_date(year), my_scope())
        beside = question.unverified
        context |= {
            "rule": rule(question.metric, indicator.filters),
            "waiting": figures.figure(beside) if beside else None,
            "waiting_rows": figures.drill_down(beside, limit=FIRST_ROWS) if beside else [],
            "undated": figures.undated(question),
        }
    return render_template(
        "plans/_of_target.html" if wants_fragment() else "plans/of_target.html", **context
    )


def shown(metric: Metric | None, form: NarrowingForm, year: int) -> dict[str, Any]:
    """A metric with its options, its sentence, its figure as of the day on which the year is shown, and first rows."""
    found: dict[str, Any] = {"metric": metric, "narrowing": form, "year": year, "figure": None}
    if metric is None:
        return found
    try:
        filters = metric.checked(form.to_filters())
    except DomainError as error:
        blame(form, error)
        return found
    as_of = clock.opening_date(year)
    question = Question(metric, as_of, year, my_scope().of_units, tuple(sorted(filters.items())))
    beside = question.unverified
    asked = [question, beside] if beside else [question]
    answers = figures.figures(asked)
    return found | {
        "rule": rule(metric, filters),
        "as_of": as_of,
        "figure": answers[0],
        "waiting": answers[1] if beside else None,
        "count": figures.count(question),
        "rows": figures.drill_down(question, limit=FIRST_ROWS),
    }


def _binding_page(indicator: Indicator, form: BindingForm, narrowed: NarrowingForm) -> str:
    found = shown(METRICS.get(form.metric.data), narrowed, indicator.plan.year)
    return render_template("plans/metric.html", one=indicator, form=form, **found)


def _terms_page(plan: AnnualPlan, form: IndicatorForm, indicator: Indicator | None = None) -> str:
    return render_template(
        "plans/terms.html", plan=plan, one=indicator, form=_offered(form, plan, indicator)
    )


def _offered(
    form: IndicatorForm, plan: AnnualPlan, indicator: Indicator | None = None
) -> IndicatorForm:
    others = [one for one in plan.indicators if one is not indicator]
    tasks = session.scalars(amending.tasks(plan)).all()
    return form.offer(session.scalars(people.units()).all(), others, tasks)


def _indicator(code: str) -> Indicator:
    plan = queries.plan_of(_year())
    found: Indicator | None = session.scalar(queries.by_code(Indicator, plan, code))
    return found or abort(404)


def _year() -> int:
    """The year in the address, else this one."""
    year = request.args.get("year", type=int) or clock.today().year
    if not 1900 <= year < 2200:
        abort(404)
    return year
