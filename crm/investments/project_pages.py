"""A project's money: its four figures apart, each with its dated rows, who said them, and the form for the next one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.money import Currency
from crm.investments import queries, services
from crm.investments.asking import asked_month
from crm.investments.forms import PaymentForm, PlanForm, ValuationForm, WorksForm
from crm.investments.models import FundSource, PaidInFund, WorksReport
from crm.investments.pages import bp
from crm.investments.progress import done_in, progress_of
from crm.investments.rates import converted
from crm.people.roles import Action
from crm.projects import valuations
from crm.projects.amounts import sums_of
from crm.projects.models import Figure, Project
from crm.projects.pages import project_in_scope
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment


@dataclass(frozen=True)
class PaidIn:
    """到账资金 of one source: the sum of each currency."""

    source: FundSource
    sums: dict[Currency, Decimal]


@bp.get("/projects/<int:record_id>")
@needs(Action.PROJECTS_READ)
def of_project(record_id: int) -> Any:
    """A panel for the project's page, which pulls it in; else the page with all rows and forms."""
    project = project_in_scope(record_id)
    if wants_fragment():
        return render_template("investments/_of_project.html", **_figures(project))
    return _page(project)


@bp.post("/projects/<int:project_id>/valuations")
@needs(Action.PROJECTS_WRITE)
def value(project_id: int) -> Any:
    def say(project: Project, form: ValuationForm) -> None:
        valuations.say(
            project,
            form.figure.data,
            form.amount.data,
            valid_from=form.valid_from.data,
            note=form.note.data,
            by=me(),
            version=form.version.data or 0,
        )

    return _save(project_id, "valuation", ValuationForm(), say)


@bp.post("/projects/<int:project_id>/payments")
@needs(Action.PROJECTS_WRITE)
def pay_in(project_id: int) -> Any:
    def pay(project: Project, form: PaymentForm) -> None:
        services.pay_in(project, form.to_details(), by=me())

    return _save(project_id, "payment", PaymentForm(), pay)


@bp.post("/projects/<int:project_id>/plans")
@needs(Action.PROJECTS_WRITE)
def plan(project_id: int) -> Any:
    def plan_year(project: Project, form: PlanForm) -> None:
        seen = form.version.data
        services.plan_year(project, form.to_details(), by=me(), version=seen)

    return _save(project_id, "plan", PlanForm(), plan_year)


@bp.post("/projects/<int:project_id>/works")
@needs(Action.PROJECTS_WRITE)
def report_works(project_id: int) -> Any:
    def report(project: Project, form: WorksForm) -> None:
        services.report_works(
            project,
            form.to_details(),
            by=me(),
            version=form.version.data,
            is_confirmed=form.is_confirmed.data,
        )

    return _save(project_id, "works", WorksForm(), report)


def _save(project_id: int, name: str, form: FlaskForm, act: Callable[[Project, Any], None]) -> Any:
    project = project_in_scope(project_id)
    status = 422
    if form.validate_on_submit():
        try:
            with writing():
                act(project_in_scope(project_id), form)
        except DomainError as refused:
            status = blame(form, refused)
            project = project_in_scope(project_id)
        else:
            flash(_("已保存。"), "success")
            return go_to("investments.of_project", record_id=project_id)
    return _page(project, **{name: form}), status


def _page(project: Project, **forms: FlaskForm) -> str:
    """All rows and the four forms; one that was refused comes as it was typed."""
    shown = _figures(project)
    month = asked_month()
    plans = {plan.year: plan for plan in shown["plans"]}
    works = {report.month: report for report in shown["works"]}
    year = request.args.get("year", month.year, type=int)
    planned, reported = plans.get(year), works.get(month)
    fresh: dict[str, Callable[[], FlaskForm]] = {
        "valuation": lambda: ValuationForm(
            formdata=None,
            version=project.version,
            valid_from=clock.today(),
            figure=Figure.EXPECTED if project.agreed_investment is None else Figure.AGREED,
        ),
        "payment": lambda: PaymentForm(
            formdata=None, paid_on=clock.today(), currency=project.currency
        ),
        "plan": lambda: PlanForm(
            formdata=None, obj=planned, year=year, version=planned.version if planned else None
        ),
        "works": lambda: WorksForm(
            formdata=None, obj=reported, month=month, version=reported.version if reported else None
        ),
    }
    made = {name: forms.get(name) or make() for name, make in fresh.items()}
    return render_template("investments/project.html", forms=made, **shown)


def _figures(project: Project) -> dict[str, Any]:
    """The four figures of a project, apart, with the rows behind them."""
    rows = session.scalars(
        queries.payments(my_scope()).where(PaidInFund.project_id == project.id)
    ).all()
    counted = [row for row in rows if row.counts]
    paid_in = [
        PaidIn(source, sums_of((r.currency, r.amount) for r in counted if r.source is source))
        for source in FundSource
    ]
    month = asked_month()
    works = session.scalars(queries.works_of(project.id)).all()
    whole = project.agreed_investment or project.expected_investment
    return {
        "project": project,
        "reader": me(),
        "month": month,
        "valuations": [
            (figure, session.scalars(valuations.of_project(project.id, figure)).all())
            for figure in Figure
        ],
        "payments": rows,
        "paid_in": paid_in,
        "waiting": sum(row.is_waiting for row in counted),
        "plans": session.scalars(queries.plans_of(project.id)).all(),
        "works": works,
        "done": {one.id: done_in(one.month, _of_year(works, one.month.year)) for one in works},
        "stands": progress_of([project.id], month)[project.id],
        "converted": converted(sums_of([(project.currency, whole)]), clock.today()),
    }


def _of_year(works: Sequence[WorksReport], year: int) -> dict[date, Decimal]:
    return {one.month: one.completed for one in works if one.month.year == year}
