"""The orders about one record on that record's page, and the way back from an order to what it is about."""

from typing import Any

from flask import abort, render_template, url_for

from crm.core import registry
from crm.core.db import session
from crm.followup.models import Instruction
from crm.followup.queries import visible_instructions
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.projects.models import Project
from crm.projects.queries import visible_to as visible_projects
from crm.supervision import queries
from crm.supervision.models import Source, SupervisionOrder
from crm.supervision.pages import bp
from crm.targets.models import Indicator, PlanTask
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import wants_fragment

COLUMNS = {
    "target": SupervisionOrder.indicator_id,
    "plan_task": SupervisionOrder.plan_task_id,
    "project": SupervisionOrder.project_id,
    "instruction": SupervisionOrder.instruction_id,
}
"""The pages that show orders → the column that says which are theirs."""
SOURCES = {
    "target": Source.RED_LIGHT,
    "plan_task": Source.PROMISE,
    "project": Source.KEY_PROJECT,
    "instruction": Source.INSTRUCTION,
}


@bp.get("/targets/<int:record_id>")
@needs(Action.SUPERVISION_READ)
def of_target(record_id: int) -> Any:
    target = session.get(Indicator, record_id) or abort(404)
    if not my_scope().covers(target.unit):
        abort(404)
    return _panel(
        "target", record_id, target.name, f"/targets/{target.code}?year={target.plan.year}"
    )


@bp.get("/plan-tasks/<int:record_id>")
@needs(Action.SUPERVISION_READ)
def of_plan_task(record_id: int) -> Any:
    """A task of the plan, which all may read; the orders are those that the reader sees."""
    task = session.get(PlanTask, record_id) or abort(404)
    return _panel("plan_task", record_id, task.name, f"/targets?year={task.chapter.plan.year}")


@bp.get("/projects/<int:record_id>")
@needs(Action.SUPERVISION_READ)
def of_project(record_id: int) -> Any:
    found = session.scalar(visible_projects(my_scope()).where(Project.id == record_id))
    project = found or abort(404)
    return _panel("project", record_id, project.name, f"/projects/{project.id}")


@bp.get("/instructions/<int:record_id>")
@needs(Action.SUPERVISION_READ)
def of_instruction(record_id: int) -> Any:
    found = session.scalar(visible_instructions(me()).where(Instruction.id == record_id))
    given = found or abort(404)
    return _panel("instruction", record_id, given.leader.name, f"/followup/instructions/{given.id}")


def _panel(page: str, record_id: int, name: str, back: str) -> str:
    found = queries.about(my_scope(), COLUMNS[page], record_id)
    return render_template(
        "supervision/_panel.html" if wants_fragment() else "supervision/panel.html",
        orders=session.scalars(found).all(),
        name=name,
        back=back,
        docket_at=f"{url_for('dockets.new')}?source={SOURCES[page].value}&{page}={record_id}",
    )


def links_of(order: SupervisionOrder, reader: User) -> list[tuple[str, str]]:
    """What the order is about, where the reader sees it: name, address."""
    found = []
    scope = scope_of(reader)
    if order.indicator:
        ref = registry.subjects["target"].find(order.indicator.id, scope)
        found += [(ref.name, ref.href)] if ref else []
    if order.plan_task:
        year = order.plan_task.chapter.plan.year
        found.append((order.plan_task.name, f"/targets?year={year}"))
    if order.project_id:
        ref = registry.subjects["project"].find(order.project_id, scope)
        found += [(ref.name, ref.href)] if ref else []
    if order.instruction_id:
        seen = visible_instructions(reader).where(Instruction.id == order.instruction_id)
        if given := session.scalar(seen):
            found.append((given.text[:40], f"/followup/instructions/{given.id}"))
    return found
