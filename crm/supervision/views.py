"""Pages of 督查: the ledger, one order with its next step first, and what waits for me."""

from typing import Any

from flask import Flask, abort, flash, render_template, request
from flask_babel import gettext as _

from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.lists import pages
from crm.people.roles import Action
from crm.supervision import (
    bulletin_pages,
    docket_pages,
    escalation,
    panels,
    queries,
    services,
    widgets,
)
from crm.supervision.escalation import Level
from crm.supervision.forms import (
    FORMS,
    CorrectionForm,
    PlainStepForm,
    posted_form,
    step_form,
    step_words,
)
from crm.supervision.listing import ORDERS
from crm.supervision.log_words import LOG_WORDS
from crm.supervision.loop import AUTHORS, Act
from crm.supervision.models import StepKind, SupervisionEvent, SupervisionOrder
from crm.supervision.pages import bp, order_in_scope
from crm.web.forms import blame
from crm.web.guards import may, me, needs
from crm.web.htmx import go_to

CORRECTABLE = (StepKind.NOTED, *AUTHORS)
"""The steps whose words may be corrected: what a unit says of its work."""


@bp.get("")
@needs(Action.SUPERVISION_READ)
def index() -> Any:
    """The ledger."""
    return pages.answer(ORDERS, "supervision/index.html", "supervision/_list.html")


@bp.post("/files")
@needs(Action.REPORTS_EXPORT)
def create_file() -> Any:
    """What the ledger shows as a file. Posted, because taking it out is written to the log."""
    return pages.answer_file(ORDERS)


@bp.get("/mine")
@needs(Action.SUPERVISION_READ)
def mine() -> Any:
    """我的督办: what waits for me, and what my unit has in work."""
    return render_template(
        "supervision/mine.html",
        waiting=session.scalars(queries.waiting_for(me()).limit(200)).all(),
        running=widgets.in_work(me()),
    )


@bp.get("/<int:order_id>")
@needs(Action.SUPERVISION_READ)
def show(order_id: int) -> Any:
    return _page(order_in_scope(order_id))


@bp.post("/<int:order_id>/steps")
@needs(Action.SUPERVISION_MANAGE, Action.SUPERVISION_ANSWER, Action.SUPERVISION_SIGN)
def create_step(order_id: int) -> Any:
    """Take one step; a refusal keeps all that was typed."""
    order = order_in_scope(order_id)
    kind = next((one for one in FORMS if one == request.form.get("kind")), None) or abort(400)
    form, status = posted_form(kind), 422
    if form.validate_on_submit():
        try:
            with writing():
                order = order_in_scope(order_id)
                services.take(order, form.to_act(kind), version=form.version.data or 0, by=me())
        except DomainError as refused:
            order = order_in_scope(order_id)
            status = blame(form, refused, order)
        else:
            flash(_("已办理：%(step)s。", step=step_words(kind)), "success")
            return go_to(".show", order_id=order_id)
    return _page(order, kind, form), status


@bp.get("/<int:order_id>/events/<int:event_id>/corrections/new")
@needs(Action.SUPERVISION_MANAGE, Action.SUPERVISION_ANSWER, Action.SUPERVISION_SIGN)
def new_correction(order_id: int, event_id: int) -> Any:
    order, event = _event(order_id, event_id)
    form = CorrectionForm(formdata=None, version=order.version, text=event.text)
    return render_template("supervision/correction.html", order=order, event=event, form=form)


@bp.post("/<int:order_id>/events/<int:event_id>/corrections")
@needs(Action.SUPERVISION_MANAGE, Action.SUPERVISION_ANSWER, Action.SUPERVISION_SIGN)
def create_correction(order_id: int, event_id: int) -> Any:
    """What was said stays; what is right stands beside it."""
    order, event = _event(order_id, event_id)
    form, status = CorrectionForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                order, event = _event(order_id, event_id)
                act = Act(StepKind.CORRECTED, clock.today(), form.text.data)
                version = form.version.data or 0
                services.take(order, act, version=version, by=me(), corrects=event)
        except DomainError as refused:
            order, event = _event(order_id, event_id)
            status = blame(form, refused, order)
        else:
            flash(_("已更正，原文保留。"), "success")
            return go_to(".show", order_id=order_id)
    page = render_template("supervision/correction.html", order=order, event=event, form=form)
    return page, status


def _event(order_id: int, event_id: int) -> tuple[SupervisionOrder, SupervisionEvent]:
    order = order_in_scope(order_id)
    query = queries.events_of([order.id]).where(SupervisionEvent.id == event_id)
    event = session.scalar(query)
    if event is None or event.kind not in CORRECTABLE:
        abort(404)
    return order, event


def _page(
    order: SupervisionOrder, refused: StepKind | None = None, form: PlainStepForm | None = None
) -> str:
    events = session.scalars(queries.events_of([order.id])).all()
    course, today = services.course_of(order), clock.today()
    kinds = services.open_steps(order, me())
    if refused is not None and refused not in kinds:
        kinds = [refused, *kinds]
    days = course.days_overdue(today)
    level = escalation.level_of(days)
    return render_template(
        "supervision/show.html",
        order=order,
        events=events,
        corrections={e.corrects_id: e for e in events if e.corrects_id},
        steps=[
            (kind, step_words(kind), form if form and kind is refused else _empty(kind, order))
            for kind in kinds
        ],
        refused=refused,
        days_overdue=days,
        before=list(Level)[:level],
        links=panels.links_of(order, me()),
        may_correct=[
            e.id
            for e in events
            if e.kind in CORRECTABLE and (e.by_id == me().id or may(Action.SUPERVISION_MANAGE))
        ],
    )


def _empty(kind: StepKind, order: SupervisionOrder) -> PlainStepForm:
    values = {"new_on": order.due_on} if kind is StepKind.ISSUED else {}
    return step_form(kind, **values)


def _find(order_id: int, scope: Any) -> registry.SubjectRef | None:
    """An order as something that files are attached to."""
    order = session.scalar(queries.visible_to(scope).where(SupervisionOrder.id == order_id))
    if order is None:
        return None
    address = f"/supervision/{order.id}"
    return registry.SubjectRef(order.id, f"{order.name} {order.title}", order.unit_id, address)


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    for blueprint in (bp, docket_pages.bp, bulletin_pages.bp):
        app.register_blueprint(blueprint)
    reading = Action.SUPERVISION_READ.value
    registry.within["supervision"] = "targets.index"
    registry.lists[ORDERS.key] = ORDERS
    registry.file_owners["supervision_order"] = registry.FileOwner(
        N_("督办单"),
        reading,
        (Action.SUPERVISION_ANSWER.value, Action.SUPERVISION_MANAGE.value),
        _find,
    )
    for page in panels.COLUMNS:
        registry.panels.append(
            registry.Panel(page, N_("督办"), f"supervision.of_{page}", reading, 30)
        )
    registry.widgets.append(
        registry.Widget("supervision/_escalated.html", widgets.escalated, 3, reading)
    )
    registry.widgets.append(
        registry.Widget("supervision/_widget.html", widgets.at_home, 9, reading)
    )
    registry.todo_sources.append(widgets.todos)
    registry.upkeep.append(escalation.note_daily)
