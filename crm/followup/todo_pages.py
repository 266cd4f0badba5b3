"""待办: the queue page, the number in the navigation, and what can be done with a task."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import abort, flash, make_response, render_template, request
from flask_babel import gettext
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from crm.audit.queries import details_of, history_of
from crm.audit.words import action_word
from crm.core import clock
from crm.core.clock import park_date
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.followup import queries, tasks, todo
from crm.followup.forms import (
    CompletionForm,
    HandoverForm,
    PostponementForm,
    ReasonForm,
    TaskForm,
    VersionForm,
    by_unit,
    step_forms,
)
from crm.followup.handlers import ANYBODY, able, colleagues, handlers_of, may_handle
from crm.followup.models import Task
from crm.followup.pages import Place, bp, place, task_in_scope
from crm.people.models import User
from crm.people.roles import Action
from crm.web.addresses import record_number
from crm.web.forms import blame
from crm.web.guards import may, me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment
from crm.web.locale import label

HISTORY_SHOWN, AT_HOME = 20, 8
TASK_FORMS = (CompletionForm, PostponementForm, HandoverForm, ReasonForm)


@bp.get("/todo")
@needs(Action.FOLLOWUP_READ)
def todo_index() -> Any:
    """My own work, or that of my units; who has no tasks of his own sees the units'."""
    is_mine = may(Action.FOLLOWUP_WRITE) and request.args.get("view") != "unit"
    queue = todo.queue_of(me()) if is_mine else todo.queue_of_units(me())
    return render_template(
        "followup/todo.html",
        queue=queue,
        is_mine=is_mine,
        scope=my_scope(),
        most=todo.SHOWN,
    )


@bp.get("/todo/count")
@needs(Action.FOLLOWUP_READ)
def due_count() -> Any:
    """How much of mine is due, for the navigation."""
    number = todo.due_count(me())
    return render_template("followup/_count.html", number=number, most=queries.DUE_COUNTED)


@bp.get("/todo/tasks/new")
@needs(Action.FOLLOWUP_WRITE)
def new_task() -> Any:
    form = TaskForm(formdata=None, due_on=clock.today(), owner=me().id)
    return _new_task_page(form, _subject())


@bp.post("/todo/tasks")
@needs(Action.FOLLOWUP_WRITE)
def create_task() -> Any:
    form, here, status = TaskForm(), _subject(), 422
    _offer(form, here)
    if form.validate_on_submit():
        about = (here.kind, here.ref.id) if here else None
        details = tasks.TaskDetails(form.what.data, form.due_on.data, form.owner.data, about)
        try:
            with writing():
                tasks.add_task(details, by=me())
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(_("已加入待办。"), "success")
            return go_to(f"followup.of_{here.kind}", record_id=here.ref.id) if here else _back()
    return _new_task_page(form, here), status


def _subject() -> Place | None:
    """The record that a task is begun from: ?subject=company&record=7."""
    kind, number = request.values.get("subject", ""), request.values.get("record", "")
    if not kind:
        return None
    try:
        return place(kind, record_number(number))
    except ValueError:
        abort(404)


def _offer(form: TaskForm, here: Place | None) -> None:
    form.owner.choices = by_unit(handlers_of(here.ref) if here else colleagues(my_scope()))


def _new_task_page(form: TaskForm, here: Place | None) -> str:
    _offer(form, here)
    return render_template("followup/new_task.html", form=form, place=here)


@bp.get("/todo/tasks/<int:task_id>")
@needs(Action.FOLLOWUP_READ)
def show_task(task_id: int) -> Any:
    return _task_page(task_id)


@bp.post("/todo/tasks/<int:task_id>/completions")
@needs(Action.FOLLOWUP_WRITE)
def complete_task(task_id: int) -> Any:
    form = CompletionForm()

    def act(task: Task) -> None:
        tasks.complete(task, result=form.result.data, version=form.version.data, by=me())

    return _carry_out(task_id, form, act, _("已完成。"))


@bp.post("/todo/tasks/<int:task_id>/postponements")
@needs(Action.FOLLOWUP_WRITE)
def postpone_task(task_id: int) -> Any:
    form = PostponementForm()

    def act(task: Task) -> None:
        due_on, reason = form.due_on.data, form.reason.data
        tasks.postpone(task, due_on, reason, version=form.version.data, by=me())

    return _carry_out(task_id, form, act, _("已延期。"))


@bp.post("/todo/tasks/<int:task_id>/handovers")
@needs(Action.FOLLOWUP_WRITE)
def hand_over_task(task_id: int) -> Any:
    form = HandoverForm()
    form.owner.choices = by_unit(handlers_for(*task_in_scope(task_id)))

    def act(task: Task) -> None:
        reason = form.reason.data or ""
        tasks.hand_over(task, form.owner.data, reason, version=form.version.data, by=me())

    return _carry_out(task_id, form, act, _("已移交，出现在对方的待办里。"), gone=True)


@bp.post("/todo/tasks/<int:task_id>/cancellations")
@needs(Action.FOLLOWUP_WRITE)
def cancel_task(task_id: int) -> Any:
    form = ReasonForm()

    def act(task: Task) -> None:
        tasks.cancel(task, form.reason.data, version=form.version.data, by=me())

    return _carry_out(task_id, form, act, _("已取消。"))


@bp.post("/todo/tasks/<int:task_id>/reopenings")
@needs(Action.FOLLOWUP_WRITE)
def reopen_task(task_id: int) -> Any:
    """Undo: what was done or dropped is to be done again."""
    form = VersionForm()

    def act(task: Task) -> None:
        tasks.reopen(task, version=form.version.data, by=me())

    return _carry_out(task_id, form, act, _("已恢复。"))


def handlers_for(task: Task, here: Place | None) -> list[User]:
    """Who a task may be handed to."""
    if here is None:
        return colleagues(my_scope())
    if task.origin in tasks.ANSWERED and here.kind in ANYBODY:
        return able()
    return handlers_of(here.ref)


def _carry_out(
    task_id: int, form: FlaskForm, act: Callable[[Task], None], said: str, *, gone: bool = False
) -> Any:
    """Do to a task what the form asks: its line of the queue for htmx, the queue otherwise."""
    task_in_scope(task_id)
    status = 422
    if form.validate_on_submit():
        try:
            with writing():
                act(task_in_scope(task_id)[0])
        except DomainError as refused:
            status = blame(form, refused)
        else:
            if wants_fragment() and not gone:
                return _line(task_id, said)
            flash(said, "success")
            return _back()
    return _task_page(task_id, form), status


def _line(task_id: int, said: str) -> Any:
    """The line as it now stands; the navigation counts anew."""
    item = todo.item_of(task_in_scope(task_id)[0], me())
    answer = make_response(render_template("followup/_item.html", item=item))
    told = {"toast": {"text": said, "tone": "ok"}, "counts-changed": {}}
    answer.headers["HX-Trigger"] = json.dumps(told)
    return answer


def _task_page(task_id: int, posted: FlaskForm | None = None) -> str:
    task, here = task_in_scope(task_id)
    others = [person for person in handlers_for(task, here) if person.id != task.owner_id]
    forms = step_forms(TASK_FORMS, posted, others)
    return render_template(
        "followup/task.html",
        task=task,
        place=here,
        address=todo.address_of(task),
        is_answered=task.origin in tasks.ANSWERED,
        may_handle=may_handle(task, me()),
        forms=forms,
        history=_history(task),
        refused=type(posted).__name__ if posted else None,
    )


def _history(task: Task) -> list[dict[str, Any]]:
    """What was done with the task, newest first, from its log."""
    return [
        {
            "words": action_word(entry.action),
            "reason": details_of(entry).get("reason", ""),
            "actor": entry.actor,
            "on": park_date(datetime.fromisoformat(entry.at)),
        }
        for entry in session.scalars(history_of(task).limit(HISTORY_SHOWN))
    ]


def _back() -> Any:
    return go_to("followup.todo_index")


def at_home(user: User) -> Any:
    """The home widget: what is late, due today and coming, most pressing first."""
    queue = todo.queue_of(user)
    pressing = [item for group in queue.groups for item in group.items]
    return {"queue": queue, "items": pressing[:AT_HOME]}


def words_of(item: todo.Item) -> str:
    """A line of the queue in the reader's language."""
    if not item.values:
        return str(label(item.text))
    return str(gettext(item.text, **{name: label(value) for name, value in item.values}))
