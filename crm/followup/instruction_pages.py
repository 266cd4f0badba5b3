"""Pages of 批示: give or enter one, answer it, close it or send it back."""

from collections.abc import Callable
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import joinedload

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.followup import instructions, queries, subjects
from crm.followup.forms import (
    AnswerForm,
    ClosingForm,
    HandoverForm,
    InstructionForm,
    ReturnForm,
    by_unit,
    step_forms,
)
from crm.followup.handlers import ANYBODY, handlers_of, leaders, may_handle
from crm.followup.models import Instruction, InstructionState, Task, TaskOrigin
from crm.followup.pages import Place, bp, instruction_in_scope, place_at
from crm.people.models import User
from crm.people.roles import Action, Role
from crm.people.scope import scope_of
from crm.web.fields import records_of
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.paging import count, page
from crm.web.panels import panels_on

AT_HOME = 6
STEPS = (AnswerForm, ClosingForm, ReturnForm, HandoverForm)


@bp.get("/followup/instructions")
@needs(Action.FOLLOWUP_READ)
def instruction_index() -> Any:
    """The instructions of the scope, by state."""
    state = request.args.get("state", type=InstructionState)
    query = queries.visible_instructions(me())
    if state:
        query = query.where(Instruction.state == state)
    rows = query.options(joinedload(Instruction.leader)).with_only_columns(
        Instruction, Instruction.id.label("id")
    )
    found = page(rows, Instruction.id)
    keys = [subjects.key_of(row.Instruction) for row in found.rows]
    return render_template(
        "followup/instructions.html",
        page=found,
        known=subjects.find_all(keys, my_scope()),
        count=count(query.with_only_columns(Instruction.id)),
        states=InstructionState,
        state=state,
    )


@bp.get("/followup/<word>/<int:record_id>/instructions/new")
@needs(Action.INSTRUCTIONS_GIVE)
def new_instruction(word: str, record_id: int) -> Any:
    form = InstructionForm(formdata=None, given_on=clock.today(), leader=me().id)
    return _new_page(place_at(word, record_id), form)


@bp.post("/followup/<word>/<int:record_id>/instructions")
@needs(Action.INSTRUCTIONS_GIVE)
def create_instruction(word: str, record_id: int) -> Any:
    here, form, status = place_at(word, record_id), InstructionForm(), 422
    _offer(form, here)
    if form.validate_on_submit():
        try:
            with writing():
                here = place_at(word, record_id)
                made = instructions.give(here.kind, here.ref, form.to_details(), by=me())
                session.flush()
                instruction_id = made.id
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(_("批示已交办，出现在承办人的待办里。"), "success")
            return go_to("followup.show_instruction", instruction_id=instruction_id)
    return _new_page(here, form), status


def _offer(form: InstructionForm, here: Place) -> None:
    """A leader gives his own; 督查 chooses whose it is."""
    whose = leaders() if Role.SUPERVISOR in me().roles else [me()]
    form.leader.choices = records_of(whose, nothing="")
    form.owner.choices = by_unit(_handlers(here))


def _handlers(here: Place) -> list[User]:
    return handlers_of(here.ref, is_open_to_all=here.kind in ANYBODY)


def _new_page(here: Place, form: InstructionForm) -> str:
    _offer(form, here)
    is_on_behalf = Role.SUPERVISOR in me().roles
    return render_template(
        "followup/new_instruction.html", place=here, form=form, is_on_behalf=is_on_behalf
    )


@bp.get("/followup/instructions/<int:instruction_id>")
@needs(Action.FOLLOWUP_READ)
def show_instruction(instruction_id: int) -> Any:
    return _page(instruction_id)


@bp.post("/followup/instructions/<int:instruction_id>/answers")
@needs(Action.FOLLOWUP_WRITE)
def answer_instruction(instruction_id: int) -> Any:
    form = AnswerForm()

    def act(given: Instruction) -> None:
        instructions.answer(given, form.text.data, version=form.version.data or 0, by=me())

    return _carry_out(instruction_id, form, act, _("已答复，等待批示领导或督查销号。"))


@bp.post("/followup/instructions/<int:instruction_id>/transfers")
@needs(Action.FOLLOWUP_WRITE)
def transfer_instruction(instruction_id: int) -> Any:
    form = HandoverForm()
    form.owner.choices = by_unit(_handlers(instruction_in_scope(instruction_id)[1]))

    def act(given: Instruction) -> None:
        reason = form.reason.data or ""
        instructions.transfer(
            given, form.owner.data, reason, version=form.version.data or 0, by=me()
        )

    return _carry_out(instruction_id, form, act, _("已转办。"))


@bp.post("/followup/instructions/<int:instruction_id>/closings")
@needs(Action.INSTRUCTIONS_GIVE)
def close_instruction(instruction_id: int) -> Any:
    form = ClosingForm()

    def act(given: Instruction) -> None:
        remark = form.remark.data or ""
        instructions.close(given, remark, version=form.version.data or 0, by=me())

    return _carry_out(instruction_id, form, act, _("已销号。"))


@bp.post("/followup/instructions/<int:instruction_id>/returns")
@needs(Action.INSTRUCTIONS_GIVE)
def return_instruction(instruction_id: int) -> Any:
    form = ReturnForm()

    def act(given: Instruction) -> None:
        reason, due_on = form.reason.data, form.due_on.data
        instructions.send_back(given, reason, due_on, version=form.version.data or 0, by=me())

    return _carry_out(instruction_id, form, act, _("已退回重新办理。"))


def _carry_out(
    instruction_id: int, form: FlaskForm, act: Callable[[Instruction], None], said: str
) -> Any:
    """Take one step and show the instruction again; a refusal keeps all that was typed."""
    instruction_in_scope(instruction_id)
    status = 422
    if form.validate_on_submit():
        try:
            with writing():
                act(instruction_in_scope(instruction_id)[0])
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(said, "success")
            seen = queries.visible_instructions(me()).where(Instruction.id == instruction_id)
            if session.scalar(seen):
                return go_to("followup.show_instruction", instruction_id=instruction_id)
            return go_to("followup.todo_index")
    return _page(instruction_id, form), status


def _page(instruction_id: int, posted: FlaskForm | None = None) -> str:
    given, here = instruction_in_scope(instruction_id)
    others = [person for person in _handlers(here) if person.id != given.task.owner_id]
    forms = step_forms(STEPS, posted, others)
    answers = queries.answers_to(TaskOrigin.INSTRUCTION, [given.id])
    return render_template(
        "followup/instruction.html",
        given=given,
        place=here,
        forms=forms,
        refused=posted,
        may_handle=may_handle(given.task, me()),
        answers=session.scalars(answers).all(),
        states=InstructionState,
        may_judge=instructions.may_judge(given, me()),
        panels=panels_on("instruction", given.id),
        is_late=given.state == InstructionState.OPEN and given.task.due_on < clock.today(),
    )


def at_home(user: User) -> Any:
    """The home widget of who gives instructions: what is awaited, soonest due first; answers wait in 待办."""
    awaited = queries.visible_instructions(user).where(Instruction.state == InstructionState.OPEN)
    if Role.SUPERVISOR not in user.roles:
        awaited = awaited.where(Instruction.leader_id == user.id)
    rows = session.scalars(awaited.order_by(Task.due_on).limit(AT_HOME)).all()
    answered = count(queries.instructions_to_close(user).with_only_columns(Instruction.id))
    if not rows and not answered.number:
        return None
    return {
        "answered_count": answered,
        "open": rows,
        "open_count": count(awaited.with_only_columns(Instruction.id)),
        "known": subjects.find_all((subjects.key_of(row) for row in rows), scope_of(user)),
    }
