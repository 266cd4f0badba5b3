"""Pages of responsibility: the plan's tasks and who answers for them, a leader's 我分管的, a unit's page."""

from typing import Any

from flask import Blueprint, Flask, abort, flash, render_template
from flask_babel import gettext as _

from crm.core import registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.followup.handlers import leaders
from crm.people.queries import units
from crm.people.roles import Action
from crm.responsibility import (
    duties,
    queries,
    round_pages,
    rounds,
    services,
    share_pages,
    shares,
    stating_pages,
    widgets,
)
from crm.responsibility.asking import asked_plan, board_of, unit_in_scope
from crm.responsibility.forms import DutyForm
from crm.responsibility.log_words import LOG_WORDS
from crm.responsibility.models import RoundDue
from crm.responsibility.owed import owed
from crm.targets.models import PlanTask
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.panels import panels_on

bp = Blueprint("responsibility", __name__, url_prefix="/responsibility")


@bp.get("")
@needs(Action.TARGETS_READ)
def index() -> Any:
    """All tasks of the plan with who answers for them and how they stand."""
    plan = asked_plan()
    if plan is None:
        return render_template("targets/none.html")
    return render_template(
        "responsibility/index.html", plan=plan, rows=duties.task_rows(board_of(plan))
    )


@bp.get("/mine")
@needs(Action.TARGETS_READ)
def mine() -> Any:
    """我分管的: my tasks, their targets with lights, their milestones, and what of them waits."""
    found = widgets.mine(me())
    return render_template("responsibility/mine.html", found=found)


@bp.get("/units/<int:unit_id>")
@needs(Action.TARGETS_READ)
def unit(unit_id: int) -> Any:
    """A unit's targets, shares, tasks, and what it owes."""
    one, plan = unit_in_scope(unit_id), asked_plan()
    if plan is None:
        return render_template("targets/none.html")
    found = board_of(plan)
    open_rounds = session.scalars(queries.open_rounds()).all()
    return render_template(
        "responsibility/unit.html",
        unit=one,
        board=found,
        rows=[row for row in found.rows if row.is_visible and row.indicator.unit_id == unit_id],
        milestones=[row for row in found.milestones if row.milestone.unit_id == unit_id],
        shares=shares.shares_of(one, plan, found.as_of),
        tasks=duties.of_unit(duties.task_rows(found), one),
        owed=[x for x in owed(my_scope(), open_rounds, RoundDue.unit_id == unit_id) if x.is_open],
    )


@bp.get("/tasks/<int:plan_task_id>")
@needs(Action.TARGETS_PLAN)
def edit(plan_task_id: int) -> Any:
    task = _task(plan_task_id)
    duty = queries.duty_of(task)
    form = DutyForm(
        formdata=None,
        leader=duty.leader_id if duty else None,
        unit=task.unit_id,
        joint=[unit.id for unit in duty.joint_units] if duty else [],
        starts_on=duty.starts_on if duty else None,
        due_on=duty.due_on if duty else None,
        version=duty.version if duty else 0,
    )
    return _edit_page(task, form)


@bp.post("/tasks/<int:plan_task_id>")
@needs(Action.TARGETS_PLAN)
def update(plan_task_id: int) -> Any:
    task, form, status = _task(plan_task_id), _offered(DutyForm()), 422
    if form.validate_on_submit():
        try:
            with writing():
                fresh = _task(plan_task_id)
                year = fresh.chapter.plan.year
                services.set_duty(fresh, form.to_details(), version=form.version.data or 0, by=me())
        except DomainError as refused:
            task = _task(plan_task_id)
            status = blame(form, refused, queries.duty_of(task))
        else:
            flash(_("已保存任务责任。"), "success")
            return go_to("responsibility.index", year=year)
    return _edit_page(task, form), status


def _task(plan_task_id: int) -> PlanTask:
    return session.get(PlanTask, plan_task_id) or abort(404)


def _offered(form: DutyForm) -> DutyForm:
    return form.offer(leaders(), session.scalars(units()).all())


def _edit_page(task: PlanTask, form: DutyForm) -> str:
    return render_template(
        "responsibility/task.html",
        task=task,
        form=_offered(form),
        panels=panels_on("plan_task", task.id),
    )


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    for blueprint in (bp, share_pages.bp, stating_pages.bp, round_pages.bp):
        app.register_blueprint(blueprint)
    reading, reporting = Action.TARGETS_READ.value, Action.TARGETS_REPORT.value
    registry.within["responsibility"] = "targets.index"
    registry.panels.append(
        registry.Panel("target", N_("分解与预计"), "shares.of_target", reading, 10)
    )
    registry.widgets += [
        registry.Widget("responsibility/_mine.html", widgets.mine_at_home, 9, reading),
        registry.Widget("responsibility/_round.html", widgets.round_at_home, 10, reading),
        registry.Widget("responsibility/_unit.html", widgets.unit_at_home, 13, reporting),
    ]
    registry.todo_sources.append(widgets.todos)
    registry.year_ends.append(queries.year_ends)
    registry.upkeep.append(rounds.open_by_itself)
