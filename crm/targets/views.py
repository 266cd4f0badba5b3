"""Pages of one target or milestone. The board is in table/, two days in compare/, the review of reports in review_pages.py."""

from datetime import date
from typing import Any

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from crm.audit.services import record
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.metrics import figures
from crm.people.roles import Action
from crm.targets import project_panel, queries, review_pages, services, subject, widgets
from crm.targets.board import Board
from crm.targets.compare import pages as compare_pages
from crm.targets.forms import LevelsForm, MilestoneForm, ReportForm
from crm.targets.indicator import levels, panels
from crm.targets.log_words import LOG_WORDS
from crm.targets.models import Indicator, PlanMilestone
from crm.targets.pace import last_month_end
from crm.targets.pages import board_asked, bp, plan_asked
from crm.targets.table import faces
from crm.targets.table import pages as board_pages
from crm.targets.wording import plan_word, target_text
from crm.web import locale
from crm.web.forms import blame
from crm.web.guards import may, me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.panels import panels_on

MOST_ROWS_OF_A_FILE = 100_000


@bp.get("/<code>")
@needs(Action.TARGETS_READ)
def show(code: str) -> Any:
    """One target with its rows and reports, or one milestone; a repeat leads to its original."""
    found = board_asked()
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
        return _page(board_asked(), code, form, 422)
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
        return _page(board_asked(), code, form, error.status)
    flash(_("填报已提交，核验后计入完成数。"), "success")
    return go_to(".show", code=code, year=year)


@bp.post("/<code>/levels")
@needs(Action.TARGETS_PLAN)
def set_levels(code: str) -> Any:
    """Set the floor and the stretch beside the target."""
    form = LevelsForm()
    _indicator(code)
    if not form.validate_on_submit():
        return _page(board_asked(), code, levels_form=form, status=422)
    try:
        with writing():
            indicator = _indicator(code)
            year = indicator.plan.year
            levels.set_levels(
                indicator, form.floor.data, form.stretch.data, by=me(), version=form.version.data
            )
    except DomainError as refused:
        status = blame(form, refused)
        return _page(board_asked(), code, levels_form=form, status=status)
    flash(_("已保存。"), "success")
    return go_to(".show", code=code, year=year)


@bp.post("/<code>/files")
@needs(Action.REPORTS_EXPORT)
def create_rows_file(code: str) -> Response:
    """The rows behind a figure, of all units or one. Posted, because taking them out is written to the log."""
    found, kind = board_asked(), request.form.get("format", "")
    thing = _found(found, code)
    if kind not in faces.ROW_FORMATS or not isinstance(thing, Indicator) or not thing.is_computed:
        abort(422)
    row, unit = found.row(code), panels.unit_asked(found.scope)
    scope = found.scope.within(unit) if unit else found.scope
    question = panels.question_asked(found, row, scope)
    if figures.count(question) > MOST_ROWS_OF_A_FILE:
        message = N_("超过 %(most)s 行，请先按单位收窄，或从相应的台账导出。")
        raise DomainError(message, most=f"{MOST_ROWS_OF_A_FILE:,}")
    rows = figures.drill_down(question)
    file = faces.rows_file(found, row, rows, panels.scope_words(found, unit), kind)
    with writing():
        record(
            "report.exported", None, by=me(), name=f"{thing.code} {thing.name}", format=kind, as_of=found.as_of,
            scope=scope.label, rows=len(rows),
        )  # fmt: skip
    return faces.as_download(file)


def _page(
    found: Board, code: str, form: Any = None, status: int = 200, levels_form: Any = None
) -> Any:
    thing = _found(found, code)
    if isinstance(thing, PlanMilestone):
        context: dict[str, Any] = {"row": found.milestone(code)}
    else:
        context = panels.context(found, found.row(code))
        context["levels_form"] = _levels_form(thing, levels_form)
    if form is None:
        empty = ReportForm if isinstance(thing, Indicator) else MilestoneForm
        form = empty(formdata=None, as_of_on=_usual_day(found))
    answer = render_template(
        "targets/show.html" if isinstance(thing, Indicator) else "targets/milestone.html",
        board=found,
        form=form if services.may_report(thing, me()) else None,
        reports=session.scalars(queries.reports_about(thing)).all()
        if services.is_reportable(thing)
        else [],
        step_of=review_pages.step_of,
        panels=_panels(thing),
        **context,
    )
    return answer, status


def _levels_form(thing: Indicator, given: LevelsForm | None) -> LevelsForm | None:
    """The form of who makes plans, with what was typed or what is set."""
    if not may(Action.TARGETS_PLAN) or not my_scope().covers(thing.unit):
        return None
    return given or LevelsForm(
        formdata=None,
        floor=thing.floor_value,
        stretch=thing.stretch_value,
        version=thing.version,
    )


def _panels(thing: Indicator | PlanMilestone) -> list[tuple[str, str]]:
    """What higher and lower rooms show about a target of one's own scope: label, address."""
    if isinstance(thing, PlanMilestone) or not my_scope().covers(thing.unit):
        return []
    return panels_on("target", thing.id)


def _usual_day(found: Board) -> date | None:
    """The day that is mostly reported for: the end of the last month."""
    day = last_month_end(clock.today(), found.plan.year)
    return day or clock.today()


def _thing(code: str) -> Indicator | PlanMilestone:
    """The target or milestone of that code, where its unit lies in my scope."""
    plan = plan_asked()
    found: Indicator | PlanMilestone | None = session.scalar(
        queries.by_code(PlanMilestone if code.startswith("M") else Indicator, plan, code)
    )
    if found is None or not my_scope().covers(found.unit):
        abort(404)
    return found


def _indicator(code: str) -> Indicator:
    found = _thing(code)
    return found if isinstance(found, Indicator) else abort(404)


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


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    app.register_blueprint(bp)
    app.register_blueprint(project_panel.bp)
    reading = Action.TARGETS_READ.value
    app.jinja_env.filters.update(plan_word=plan_word, target_text=target_text)
    board_pages.init_app()
    compare_pages.init_app(app)
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
