"""Pages of snapshots: the list, one with its three figures, its grid, its steps, its files."""

from datetime import date
from io import BytesIO
from typing import Any

from flask import Flask, abort, flash, render_template, request, send_file
from flask_babel import gettext as _

from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.roles import Action
from crm.snapshots import faces, grid, promised, queries, services, todo
from crm.snapshots import figure_pages as figure_pages  # these are the blueprint's pages
from crm.snapshots.forms import SendBackForm, StepForm, TakeForm
from crm.snapshots.log_words import LOG_WORDS
from crm.snapshots.models import Snapshot, SnapshotState
from crm.snapshots.pages import bp, paper_for_me, snapshot_of_mine
from crm.snapshots.paper import Paper
from crm.snapshots.taking import take
from crm.targets.board import board
from crm.targets.models import AnnualPlan
from crm.targets.queries import plan_of, years
from crm.web.forms import blame
from crm.web.guards import may, me, my_scope, needs
from crm.web.htmx import go_to

MOST_LISTED = 200


@bp.get("")
@needs(Action.TARGETS_READ)
def index() -> Any:
    found = queries.in_order(queries.visible_to(me())).limit(MOST_LISTED)
    return render_template("snapshots/index.html", snapshots=session.scalars(found).all())


@bp.get("/new")
@needs(Action.TARGETS_PLAN)
def new() -> Any:
    if not years():
        return render_template("targets/none.html")
    plan = _plan()
    day = _usual_day(plan)
    title = _("%(month)s月份指标通报", month=day.month)
    replaced = request.args.get("of", type=int)
    return _new_page(plan, TakeForm(formdata=None, as_of=day, title=title, replaces_id=replaced))


@bp.post("")
@needs(Action.TARGETS_PLAN)
def create() -> Any:
    """Take the figures, then keep them: counting takes seconds, and nobody has to wait for it to write."""
    plan = _plan()
    form = _offered(plan, TakeForm())
    if not form.validate_on_submit():
        return _new_page(plan, form), 422
    try:
        services.expect_day(plan, form.as_of.data)
        taken = take(plan, form.as_of.data)
        with writing():
            number = form.replaces_id.data
            replaces = session.get(Snapshot, number) if number else None
            made = services.keep(taken, title=form.title.data, by=me(), replaces=replaces)
            snapshot_id = made.id
    except DomainError as error:
        status = blame(form, error)
        return _new_page(_plan(), form), status
    flash(_("已生成草稿，请填写上报数和外部权威数后报审。"), "success")
    return go_to(".show", snapshot_id=snapshot_id)


@bp.get("/<int:snapshot_id>")
@needs(Action.TARGETS_READ)
def show(snapshot_id: int) -> Any:
    """The table; of an approved one what the figures are now, where they are others."""
    return _page(snapshot_of_mine(snapshot_id))


@bp.get("/<int:snapshot_id>/figures")
@needs(Action.TARGETS_PLAN)
def edit(snapshot_id: int) -> Any:
    found = snapshot_of_mine(snapshot_id)
    return _grid_page(found, grid.sheet_of(paper_for_me(found)), found.version)


@bp.post("/<int:snapshot_id>/figures")
@needs(Action.TARGETS_PLAN)
def update(snapshot_id: int) -> Any:
    """All that was typed, or nothing; every fault is named in its cell."""
    found = snapshot_of_mine(snapshot_id)
    sheet = grid.sheet_of(paper_for_me(found))
    said = {row.line.indicator_id: row.take(request.form) for row in sheet.figures}
    told = {row.line.milestone_id: row.take(request.form) for row in sheet.milestones}
    if sheet.refused:
        return _grid_page(found, sheet, request.form.get("version", "")), 422
    try:
        with writing():
            fresh = snapshot_of_mine(snapshot_id)
            services.fill_in(fresh, said, told, by=me(), version=_version_shown())
    except DomainError as error:
        found = snapshot_of_mine(snapshot_id)
        return _grid_page(found, sheet, found.version, error), error.status
    flash(_("已保存。"), "success")
    return go_to(".show", snapshot_id=snapshot_id)


@bp.post("/<int:snapshot_id>/submissions")
@needs(Action.TARGETS_PLAN)
def submit(snapshot_id: int) -> Any:
    return _step(snapshot_id, StepForm(), services.submit, _("已报审，等待他人审定。"))


@bp.post("/<int:snapshot_id>/approvals")
@needs(Action.SNAPSHOTS_APPROVE)
def approve(snapshot_id: int) -> Any:
    return _step(snapshot_id, StepForm(), services.approve, _("已审定并冻结。"))


@bp.post("/<int:snapshot_id>/returns")
@needs(Action.TARGETS_PLAN, Action.SNAPSHOTS_APPROVE)
def send_back(snapshot_id: int) -> Any:
    form = SendBackForm()
    if not form.validate_on_submit():
        raise DomainError(N_("请写明退回原因。"))
    with writing():
        found = snapshot_of_mine(snapshot_id)
        services.send_back(found, form.reason.data, by=me(), version=form.version.data)
    flash(_("已退回修改。"), "success")
    return go_to(".show", snapshot_id=snapshot_id)


@bp.post("/<int:snapshot_id>/abandonments")
@needs(Action.TARGETS_PLAN)
def abandon(snapshot_id: int) -> Any:
    return _step(snapshot_id, StepForm(), services.abandon, _("已放弃这份草稿。"))


@bp.post("/<int:snapshot_id>/files")
@needs(Action.REPORTS_EXPORT)
def create_file(snapshot_id: int) -> Any:
    """The approved table as a file. Posted, because taking figures out is written to the log."""
    found, kind = snapshot_of_mine(snapshot_id), request.form.get("format", "")
    if found.state != SnapshotState.APPROVED or kind not in faces.FORMATS:
        abort(404)
    paper = paper_for_me(found)
    content = faces.to_file(found, paper, my_scope(), kind)
    with writing():
        services.note_export(snapshot_of_mine(snapshot_id), kind, my_scope().label, by=me())
    name = f"{paper.title}-{paper.as_of}.{kind}"
    return send_file(BytesIO(content), faces.FORMATS[kind], as_attachment=True, download_name=name)


def _page(found: Snapshot) -> str:
    paper = paper_for_me(found)
    is_frozen = found.state == SnapshotState.APPROVED
    return faces.to_page(
        found,
        paper,
        my_scope(),
        is_intact=not is_frozen or services.is_intact(found),
        moved=_moved(found, paper) if is_frozen else {},
        replaced_by=session.scalar(queries.replacing(found)),
        may_approve=services.may_approve(found, me()),
        is_maker=may(Action.TARGETS_PLAN),
    )


def _moved(found: Snapshot, paper: Paper) -> dict[str, Any]:
    """What the same day gives now, figures and days, where it is other than what was frozen; by the code."""
    shown = board(found.plan, found.as_of, my_scope())
    now = {row.indicator.code: row.actual for row in shown.rows if row.is_visible}
    figures = {
        line.code: now.get(line.code) for line in paper.lines if now.get(line.code) != line.system
    }
    return {**figures, **promised.moved(paper.milestones, shown.milestones)}


def _step(snapshot_id: int, form: StepForm, take_step: Any, done: str) -> Any:
    with writing():
        found = snapshot_of_mine(snapshot_id)
        take_step(found, by=me(), version=form.version.data)
    flash(done, "success")
    return go_to(".show", snapshot_id=snapshot_id)


def _grid_page(
    found: Snapshot, sheet: grid.Sheet, version: Any, error: DomainError | None = None
) -> str:
    return render_template(
        "snapshots/grid.html", snapshot=found, sheet=sheet, version=version, error=error
    )


def _version_shown() -> Any:
    return StepForm().version.data


def _new_page(plan: AnnualPlan, form: TakeForm) -> str:
    return render_template("snapshots/new.html", plan=plan, form=_offered(plan, form))


def _offered(plan: AnnualPlan, form: TakeForm) -> TakeForm:
    return form.offer(session.scalars(queries.correctable(plan)).all())


def _usual_day(plan: AnnualPlan) -> date:
    """Today's, or what is corrected's."""
    replaced = session.get(Snapshot, request.args.get("of", 0, type=int))
    return replaced.as_of if replaced else clock.opening_date(plan.year)


def _plan() -> AnnualPlan:
    """The plan of the year in the address, else this year's."""
    year = request.values.get("year", type=int)
    return plan_of(year if year and 1900 <= year < 2200 else clock.today().year)


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    app.register_blueprint(bp)
    registry.panels.append(
        registry.Panel(
            "target",
            N_("历次上报数"),
            "snapshots.of_target",
            Action.TARGETS_READ.value,
            30,
        )
    )
    registry.todo_sources.append(todo.todos)
