"""立项: what may become an order, one order from it, or many from a meeting."""

from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.followup.models import Instruction
from crm.followup.queries import visible_instructions
from crm.people import queries as people
from crm.people.models import Unit
from crm.people.roles import Action
from crm.projects.models import Project
from crm.projects.queries import visible_to as visible_projects
from crm.supervision import docketing, queries, services
from crm.supervision.docketing import OrderDetails
from crm.supervision.forms import AmendForm, MeetingForm, OrderForm
from crm.supervision.loop import Act
from crm.supervision.models import Source, State, StepKind, SupervisionOrder
from crm.supervision.pages import order_in_scope
from crm.targets.board import board
from crm.targets.models import Indicator, PlanTask
from crm.targets.pace import Light
from crm.targets.widgets import current_plan
from crm.targets.wording import sentence
from crm.web.addresses import record_number
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to

bp = Blueprint("dockets", __name__, url_prefix="/supervision")

SHOWN = 60
_LONGEST_TITLE = 60


@bp.get("/sources")
@needs(Action.SUPERVISION_MANAGE)
def sources() -> Any:
    """待立项: red lights, promises without a number, 批示 that nobody made an order of."""
    plan = current_plan()
    found = board(plan, clock.opening_date(plan.year), my_scope()) if plan else None
    red = [row for row in found.rows if row.light is Light.RED and row.is_visible] if found else []
    promises = session.scalars(queries.promises(plan)).all() if plan else []
    order = SupervisionOrder
    return render_template(
        "supervision/sources.html",
        plan=plan,
        red=[(row, sentence(row, found.as_of)) for row in red] if found else [],
        promises=promises,
        instructions=session.scalars(queries.open_instructions(me()).limit(SHOWN)).all(),
        ordered_targets=queries.ordered(order.indicator_id, [row.indicator.id for row in red]),
        ordered_tasks=queries.ordered(order.plan_task_id, [task.id for task in promises]),
    )


@bp.get("/new")
@needs(Action.SUPERVISION_MANAGE)
def new() -> Any:
    """An empty form, or one that is filled in from what the order is made of."""
    source = next((one for one in Source if one == request.args.get("source")), Source.CITY)
    return _new_page(OrderForm(formdata=None, **{"source": source, **_known()}))


def _known() -> dict[str, Any]:
    """What the record named in the address says of the order; 404 for one that is not there for the reader."""
    for name, read in _READ.items():
        if text := request.args.get(name):
            try:
                return read(record_number(text))
            except ValueError:
                abort(404)
    return {}


def _of_target(number: int) -> dict[str, Any]:
    target = session.get(Indicator, number) or abort(404)
    plan = target.plan
    found = board(plan, clock.opening_date(plan.year), my_scope())
    row = found.row(target.code)
    if not row.is_visible:
        abort(404)
    return {
        "indicator_id": target.id,
        "title": f"{target.code} {target.name}"[:_LONGEST_TITLE],
        "requirement": sentence(row, found.as_of),
        "unit_id": target.unit_id,
        "basis": plan.name,
        "basis_on": plan.issued_on,
    }


def _of_plan_task(number: int) -> dict[str, Any]:
    task = session.get(PlanTask, number) or abort(404)
    plan = task.chapter.plan
    return {
        "plan_task_id": task.id,
        "title": task.name[:_LONGEST_TITLE],
        "requirement": task.summary,
        "unit_id": task.unit_id,
        "basis": plan.name,
        "basis_on": plan.issued_on,
    }


def _of_project(number: int) -> dict[str, Any]:
    found = session.scalar(visible_projects(my_scope()).where(Project.id == number))
    project = found or abort(404)
    return {
        "project_id": project.id,
        "title": project.name[:_LONGEST_TITLE],
        "requirement": project.next_action,
        "unit_id": project.unit_id,
    }


def _of_instruction(number: int) -> dict[str, Any]:
    given = session.scalar(
        visible_instructions(me())
        .where(Instruction.id == number)
        .options(joinedload(Instruction.leader))
    ) or abort(404)
    return {
        "instruction_id": given.id,
        "title": given.text.split("\n")[0][:_LONGEST_TITLE],
        "requirement": given.text,
        "unit_id": given.task.owner.unit_id,
        "basis": _("%(leader)s的批示", leader=given.leader.name),
        "basis_on": given.given_on,
    }


_READ = {
    "target": _of_target,
    "plan_task": _of_plan_task,
    "project": _of_project,
    "instruction": _of_instruction,
}


@bp.post("")
@needs(Action.SUPERVISION_MANAGE)
def create() -> Any:
    form, status = OrderForm().offer(_units()), 422
    if form.validate_on_submit():
        details = form.to_details()
        _expect_seen(details)
        try:
            with writing():
                order = docketing.docket(details, by=me())
                if form.is_issued.data:
                    _issue(order)
                order_id, number = order.id, order.name
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(_("%(number)s已立项。", number=number), "success")
            return go_to("supervision.show", order_id=order_id)
    return _new_page(form), status


@bp.get("/<int:order_id>/edit")
@needs(Action.SUPERVISION_MANAGE)
def edit(order_id: int) -> Any:
    """An order of which nobody has been told yet."""
    order = order_in_scope(order_id)
    form = AmendForm(
        formdata=None, obj=order, joint_units=[one.unit_id for one in order.joint_units]
    )
    return _edit_page(order, form)


@bp.post("/<int:order_id>/edit")
@needs(Action.SUPERVISION_MANAGE)
def update(order_id: int) -> Any:
    order, form, status = order_in_scope(order_id), AmendForm().offer(_units()), 422
    if form.validate_on_submit():
        try:
            with writing():
                order = order_in_scope(order_id)
                docketing.amend(order, form.to_details(), version=form.version.data or 0, by=me())
        except DomainError as refused:
            order = order_in_scope(order_id)
            status = blame(form, refused, order)
        else:
            flash(_("已保存。"), "success")
            return go_to("supervision.show", order_id=order_id)
    return _edit_page(order, form), status


def _edit_page(order: SupervisionOrder, form: AmendForm) -> str:
    if order.state is not State.DOCKETED:
        abort(404)
    return render_template("supervision/edit.html", order=order, form=form.offer(_units()))


def _expect_seen(details: OrderDetails) -> None:
    """404 unless what the order is made from is there for the reader."""
    for number, read in (
        (details.indicator_id, _of_target),
        (details.plan_task_id, _of_plan_task),
        (details.project_id, _of_project),
        (details.instruction_id, _of_instruction),
    ):
        if number is not None:
            read(number)


def _issue(order: SupervisionOrder) -> None:
    act = Act(StepKind.ISSUED, clock.today())
    services.take(order, act, version=order.version, by=me())


@bp.get("/meetings/new")
@needs(Action.SUPERVISION_MANAGE)
def new_meeting() -> Any:
    return _meeting_page(MeetingForm(formdata=None, basis_on=clock.today()))


@bp.post("/meetings")
@needs(Action.SUPERVISION_MANAGE)
def create_meeting() -> Any:
    """All matters of a meeting, or none."""
    form, status = MeetingForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                orders = docketing.docket_meeting(form.to_details(_units()), by=me())
                for order in orders if form.is_issued.data else ():
                    _issue(order)
                count = len(orders)
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(_("已立项%(n)s件。", n=count), "success")
            return go_to("supervision.index", where="source:is:meeting")
    return _meeting_page(form), status


def _units() -> list[Unit]:
    return list(session.scalars(people.units()))


def _new_page(form: OrderForm) -> str:
    return render_template("supervision/new.html", form=form.offer(_units()))


def _meeting_page(form: MeetingForm) -> str:
    return render_template("supervision/meeting.html", form=form, units=_units())
