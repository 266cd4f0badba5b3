"""A batch's board and list, the steps of what is ticked there, and 认定 with its numbers."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.declarations import queries, services
from crm.declarations.forms import RecognitionForm, StepForm, results, value_label
from crm.declarations.models import Declaration, DeclarationBatch, State
from crm.declarations.pages import batch_or_404
from crm.declarations.recognition import recognise_many
from crm.declarations.selection import AT_ONCE, Picked, chosen, whole
from crm.declarations.services import Fault, StepsRefused
from crm.people.roles import Action
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.locale import sentence
from crm.web.paging import page

bp = Blueprint("declaration_steps", __name__, url_prefix="/declarations/batches")

CARDS = 40  # of each column


def batch_page(
    batch: DeclarationBatch,
    form: StepForm | None = None,
    faults: Sequence[Fault] = (),
    ticked: Sequence[Picked] = (),
) -> str:
    """The board; the list where ?view= or ?state= asks for it. `faults` of a step that was refused, with what was ticked."""
    state = next((s for s in State if s.value == request.values.get("state")), None)
    is_list = state is not None or request.values.get("view") == "list"
    return render_template(
        "declarations/batch.html",
        batch=batch,
        counts=queries.counts([batch.id], my_scope())[batch.id],
        state=state,
        states=State,
        rows=_rows(batch, state) if is_list else None,
        whole=whole(batch.id, my_scope(), state) if is_list else None,
        most=AT_ONCE,
        cards=None if is_list else _cards(batch),
        form=form or step_form(tuple(State)),
        faults=[(fault.name, sentence(fault.error)) for fault in faults],
        ticked={pick.id for pick in ticked},
    )


def step_form(states: Sequence[State]) -> StepForm:
    form = StepForm(formdata=None, effective_on=clock.today())
    form.offer(states)
    return form


def _rows(batch: DeclarationBatch, state: State | None) -> Any:
    query = queries.listed(batch.id, my_scope())
    return page(query.where(Declaration.state == state) if state else query, Declaration.id)


def _cards(batch: DeclarationBatch) -> dict[State, list[Declaration]]:
    found: dict[State, list[Declaration]] = {state: [] for state in State}
    for declaration in session.scalars(queries.first_of_each_state(batch.id, my_scope(), CARDS)):
        found[declaration.state].append(declaration)
    return found


@bp.post("/<int:batch_id>/steps")
@needs(Action.COMPANIES_WRITE)
def create_steps(batch_id: int) -> Any:
    """One step for all that is ticked, or for none of it."""
    batch, form, ticked = batch_or_404(batch_id), StepForm(), []
    try:
        ticked = chosen(request.form, batch_id, my_scope())
        if not form.validate():
            return batch_page(batch, form, ticked=ticked), 422
        if form.to_state.data is State.RECOGNISED:
            return redirect(_recognition_address(batch_id, ticked), 303)
        with writing():
            services.step_many(
                _held(batch_id, ticked),
                form.to_state.data,
                on=form.effective_on.data,
                note=form.note.data,
                versions=dict(ticked),
                by=me(),
            )
    except DomainError as error:
        status = blame(form, error)
        return batch_page(batch_or_404(batch_id), form, _faults(error), ticked), status
    flash(_("已办理 %(n)s 项。", n=len(ticked)), "success")
    return go_to("declarations.show_batch", batch_id=batch_id)


def _recognition_address(batch_id: int, ticked: Sequence[Picked]) -> str:
    if request.form.get("all"):
        kept: dict[str, Any] = {k: request.form.get(k, "") for k in ("all", "state", "seen")}
        return url_for("declaration_steps.new_recognition", batch_id=batch_id, **kept)
    picks = [f"{pick.id}-{pick.version}" for pick in ticked]
    return url_for("declaration_steps.new_recognition", batch_id=batch_id, pick=picks)


def _held(batch_id: int, ticked: Sequence[Picked]) -> Sequence[Declaration]:
    """What was ticked, read and held in one go; 404 where one of them is not there for this reader."""
    query = queries.visible_declarations(my_scope()).where(
        Declaration.batch_id == batch_id, Declaration.id.in_([pick.id for pick in ticked])
    )
    found = session.scalars(query.order_by(Declaration.id).with_for_update(of=Declaration)).all()
    if len(found) < len(ticked):
        abort(404)
    return found


def _faults(error: DomainError) -> Sequence[Fault]:
    return error.faults if isinstance(error, StepsRefused) else ()


@bp.get("/<int:batch_id>/recognitions/new")
@needs(Action.COMPANIES_WRITE)
def new_recognition(batch_id: int) -> Any:
    ticked = chosen(request.args, batch_id, my_scope())
    today = clock.today()
    form = RecognitionForm(formdata=None, effective_on=today, issued_on=today)
    return _recognition_page(batch_id, form, ticked)


@bp.post("/<int:batch_id>/recognitions")
@needs(Action.COMPANIES_WRITE)
def create_recognition(batch_id: int) -> Any:
    form, ticked = RecognitionForm(), chosen(request.form, batch_id, my_scope())
    if not form.validate():
        return _recognition_page(batch_id, form, ticked), 422
    try:
        with writing():
            declarations = _held(batch_id, ticked)
            recognise_many(
                declarations,
                results(form, declarations, request.form),
                on=form.effective_on.data,
                source=form.source.data,
                versions=dict(ticked),
                by=me(),
            )
    except DomainError as error:
        status = blame(form, error)
        return _recognition_page(batch_id, form, ticked, _faults(error)), status
    flash(_("已认定 %(n)s 项。", n=len(ticked)), "success")
    return go_to("declarations.show_batch", batch_id=batch_id)


def _recognition_page(
    batch_id: int, form: RecognitionForm, ticked: Sequence[Picked], faults: Sequence[Fault] = ()
) -> str:
    batch = batch_or_404(batch_id)
    query = queries.visible_declarations(my_scope()).where(
        Declaration.batch_id == batch_id, Declaration.id.in_([pick.id for pick in ticked])
    )
    found = session.scalars(query.order_by(Declaration.id)).all()
    if len(found) < len(ticked):
        abort(404)
    return render_template(
        "declarations/recognition.html",
        batch=batch,
        form=form,
        declarations=found,
        versions=dict(ticked),
        typed=request.form,
        value_label=value_label(batch.category),
        faults=[(fault.name, sentence(fault.error)) for fault in faults],
    )
