"""Pages of targets: the board, each target and milestone, and what waits for review."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from crm.carriers.wording import entrants
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.ladder.wording import above_scale
from crm.metrics import figures
from crm.people.roles import Action, Role
from crm.targets import chart, project_panel, queries, services, subject, widgets
from crm.targets.forms import MilestoneForm, ReportForm, ReviewForm, SendBackForm
from crm.targets.models import AnnualPlan, Indicator, PlanMilestone, ProgressReport
from crm.targets.pace import Light, last_month_end
from crm.targets.standing import Board, board, question_of
from crm.targets.tree import branches
from crm.targets.wording import plan_word, sentence, target_text
from crm.web import locale
from crm.web.dates import as_of
from crm.web.guards import may, me, my_scope, needs
from crm.web.htmx import go_to

bp = Blueprint("targets", __name__, url_prefix="/targets")

PAGE_SIZE = 50


@bp.get("")
@needs(Action.TARGETS_READ)
def index() -> Any:
    """The board as a tree of chapters and tasks; one light's targets where the address names a light."""
    years = queries.years()
    if not years:
        return render_template("targets/none.html")
    found = _board()
    light = next((light for light in Light if light == request.args.get("light")), None)
    return render_template(
        "targets/index.html",
        board=found,
        light=light,
        lights=widgets.lights_of(found),
        tree=branches(found, session.scalars(queries.chapters(found.plan)).all(), light),
        milestones=[row for row in found.milestones if row.is_visible],
        years=years,
    )


@bp.get("/reviews")
@needs(Action.TARGETS_SIGN, Action.TARGETS_VERIFY)
def reviews() -> Any:
    """What waits for my signature or verification."""
    waiting = queries.awaiting(
        me(),
        my_scope(),
        signs=may(Action.TARGETS_SIGN),
        verifies=may(Action.TARGETS_VERIFY),
    )
    reports = session.scalars(waiting).all()
    return render_template("targets/reviews.html", reports=reports, step_of=_step_of)


@bp.get("/<code>")
@needs(Action.TARGETS_READ)
def show(code: str) -> Any:
    """One target with its rows and reports, or one milestone; a repeat leads to its original."""
    found = _board()
    original = _original(found, code)
    if original != code:
        address = url_for(".show", code=original)
        query = request.query_string.decode()
        return redirect(f"{address}?{query}" if query else address, 302)
    return _page(found, code)


@bp.post("/<code>/reports")
@needs(Action.TARGETS_REPORT)
def report(code: str) -> Any:
    """Enter a figure by hand, or that a milestone was reached."""
    form = ReportForm() if isinstance(_thing(code), Indicator) else MilestoneForm()
    if not form.validate_on_submit():
        return _page(_board(), code, form, 422)
    try:
        with writing():
            thing = _thing(code)
            year = thing.plan.year
            services.report(thing, form.to_details(), by=me(), on=clock.today())
    except services.NotReportable:
        raise
    except DomainError as error:
        if error.field not in form:
            raise
        form[error.field].errors = [locale.sentence(error)]
        return _page(_board(), code, form, error.status)
    flash(_("填报已提交，核验后计入完成数。"), "success")
    return go_to(".show", code=code, year=year)


@bp.post("/reports/<int:report_id>/signatures")
@needs(Action.TARGETS_SIGN)
def sign(report_id: int) -> Any:
    """The head of the unit stands for a report."""
    form = _review(ReviewForm())
    return _decide(report_id, form, services.sign, _("已签审，等待督查核验。"))


@bp.post("/reports/<int:report_id>/verifications")
@needs(Action.TARGETS_VERIFY)
def verify(report_id: int) -> Any:
    """督查 confirms a report: from now on it counts."""
    form = _review(ReviewForm())
    return _decide(report_id, form, services.verify, _("已核验，计入完成数。"))


@bp.post("/reports/<int:report_id>/returns")
@needs(Action.TARGETS_SIGN, Action.TARGETS_VERIFY)
def send_back(report_id: int) -> Any:
    """A report goes back to who entered it, with the reason."""
    form = _review(SendBackForm())
    decide = partial(services.send_back, reason=form.reason.data)
    return _decide(report_id, form, decide, _("已退回填报人。"))


def _page(found: Board, code: str, form: Any = None, status: int = 200) -> Any:
    thing = _found(found, code)
    if isinstance(thing, PlanMilestone):
        context: dict[str, Any] = {"row": found.milestone(code)}
    else:
        context = _indicator_context(found, code)
    if form is None:
        empty = ReportForm if isinstance(thing, Indicator) else MilestoneForm
        form = empty(formdata=None, as_of_on=_usual_day(found))
    answer = render_template(
        "targets/show.html" if isinstance(thing, Indicator) else "targets/milestone.html",
        board=found,
        form=form if services.may_report(thing, me()) else None,
        reports=session.scalars(queries.reports_about(thing)).all(),
        step_of=_step_of,
        panels=_panels(thing),
        **context,
    )
    return answer, status


def _panels(thing: Indicator | PlanMilestone) -> list[tuple[str, str]]:
    """What higher and lower rooms show about a target of one's own scope: label, address."""
    if isinstance(thing, PlanMilestone) or not my_scope().covers(thing.unit):
        return []
    return [
        (panel.label, url_for(panel.endpoint, record_id=thing.id))
        for panel in registry.panels_of("target")
        if may(panel.action)
    ]


def _indicator_context(found: Board, code: str) -> dict[str, Any]:
    row = found.row(code)
    months = chart.months(found, row)
    context = {
        "row": row,
        "sentence": sentence(row, found.as_of),
        "months": months,
        "option": chart.option(row, months),
        "milestone": next(
            (m for m in found.milestones if m.milestone.same_as is row.indicator), None
        ),
        "rows": [],
        "doubtful": [],
        "rule": locale.label(row.metric.sentence) if row.metric else None,
    }
    if row.metric is None:
        return context
    if row.metric.key == "companies.new_entrants":
        start = date(found.plan.year, 1, 1)
        context["rule"] = " ".join(entrants(start, max(start, found.as_of)))
    elif row.metric.key == "ladder.above_scale_holders":
        context["rule"] = locale.label(row.metric.sentence) + above_scale(found.as_of)
    question = question_of(row.indicator, found.plan.year, found.as_of, found.scope)
    count = figures.count(question)
    last = max(1, -(-count // PAGE_SIZE))
    number = min(max(request.args.get("page", 1, type=int), 1), last)
    rows = figures.drill_down(question, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    found_out = {"rows": rows, "count": count, "number": number, "last": last}
    return context | found_out | {"doubtful": figures.doubtful(question)}


def _usual_day(found: Board) -> date | None:
    """The day that is mostly reported for: the end of the last month."""
    day = last_month_end(clock.today(), found.plan.year)
    return day or clock.today()


def _step_of(entered: ProgressReport) -> str | None:
    """'sign' or 'verify' where that is mine to do."""
    step = services.next_step(entered, me())
    return (
        {Action.TARGETS_SIGN: "sign", Action.TARGETS_VERIFY: "verify"}.get(step) if step else None
    )


def _review(form: Any) -> Any:
    if not form.validate_on_submit():
        raise DomainError(
            N_("请写明退回原因。") if "reason" in form.errors else N_("请刷新页面后重试。")
        )
    return form


def _decide(report_id: int, form: Any, decide: Callable[..., None], done: str) -> Any:
    """Take one step of the review, then back to the page it was taken from."""
    with writing():
        entered = _report(report_id)
        decide(entered, by=me(), version=form.version.data)
        thing = services.subject_of(entered)
        code, year, is_share = thing.code, thing.plan.year, entered.unit_id is not None
    flash(done, "success")
    if is_share or form.back.data == "reviews":
        return go_to(".reviews")
    return go_to(".show", code=code, year=year)


def _report(report_id: int) -> ProgressReport:
    """A report of my scope, held until the change is written; anybody else's is not found."""
    found = session.scalar(
        queries.reports_in(my_scope())
        .where(ProgressReport.id == report_id)
        .with_for_update(of=ProgressReport)
    )
    return found or abort(404)


def _board() -> Board:
    plan = _plan()
    return board(plan, as_of(clock.opening_date(plan.year)), my_scope())


def _thing(code: str) -> Indicator | PlanMilestone:
    """The target or milestone of that code, where its unit lies in my scope."""
    plan = _plan()
    found: Indicator | PlanMilestone | None = session.scalar(
        queries.by_code(PlanMilestone if code.startswith("M") else Indicator, plan, code)
    )
    if found is None or not my_scope().covers(found.unit):
        abort(404)
    return found


def _found(found: Board, code: str) -> Indicator | PlanMilestone:
    """The one of the board that I may see: computed ones everybody, reported ones in scope."""
    seen: dict[str, Indicator | PlanMilestone] = {
        row.indicator.code: row.indicator for row in found.rows if row.is_visible
    }
    seen |= {row.milestone.code: row.milestone for row in found.milestones if row.is_visible}
    return seen.get(code) or abort(404)


def _original(found: Board, code: str) -> str:
    for row in found.rows:
        if any(mention.code == code for mention in row.indicator.mentions):
            return row.indicator.code
    return code


def _plan() -> AnnualPlan:
    """The plan of the year in the address, else this year's, else the newest."""
    year = request.args.get("year", type=int)
    if year and not 1900 <= year < 2200:
        abort(404)
    plan = queries.plan_of(year) if year else widgets.current_plan()
    return plan or queries.plan_of(clock.today().year)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(project_panel.bp)
    app.jinja_env.filters.update(plan_word=plan_word, target_text=target_text)
    reading = Action.TARGETS_READ.value
    registry.navigation.append(
        registry.NavigationEntry(
            N_("指标"),
            "targets.index",
            "target",
            40,
            reading,
            roles=(Role.UNIT_STAFF, Role.UNIT_HEAD, Role.SUPERVISOR, Role.LEADER),
        )
    )
    for template, build, position, action in (
        ("targets/_summary.html", widgets.summary, 10, Action.TARGETS_READ),
        ("targets/_own.html", widgets.own, 12, Action.TARGETS_REPORT),
        ("targets/_waiting.html", widgets.reviews, 11, Action.TARGETS_READ),
    ):
        registry.widgets.append(registry.Widget(template, build, position, action.value))
    registry.panels.append(
        registry.Panel("project", N_("年度计划节点"), "project_targets.of_project", reading, 12)
    )
    registry.subjects["target"] = subject.TARGET
