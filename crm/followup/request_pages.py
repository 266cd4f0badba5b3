"""Pages of 企业诉求: the list with its counts, one request with what can be done next."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.followup import queries, requests, subjects
from crm.followup.forms import (
    AnswerForm,
    HandoverForm,
    RequestForm,
    RevisitForm,
    VersionForm,
    by_unit,
    step_forms,
)
from crm.followup.handlers import able, may_handle
from crm.followup.models import Request, RequestCategory, RequestState, Task, TaskOrigin, TaskState
from crm.followup.pages import Place, bp, place, request_in_scope
from crm.people.roles import Action
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.paging import count, page

ON_PANEL = 5
STEPS = (AnswerForm, HandoverForm, RevisitForm)


@bp.get("/followup/requests")
@needs(Action.FOLLOWUP_READ)
def request_index() -> Any:
    """The requests of the scope by category and state, with the count of each category."""
    category = request.args.get("kind", type=RequestCategory)
    state = request.args.get("state", type=RequestState)
    is_late = request.args.get("late") == "1"
    query = queries.visible_requests(me())
    if category:
        query = query.where(Request.category == category)
    if state:
        query = query.where(Request.state == state)
    if is_late:
        query = query.where(queries.is_late(clock.today()))
    columns = query.with_only_columns(Request, Request.id.label("id"))
    found = page(columns, Request.id)
    counts = session.execute(queries.requests_by_category(me(), clock.today())).all()
    return render_template(
        "followup/requests.html",
        page=found,
        known=subjects.find_all((subjects.key_of(row.Request) for row in found.rows), my_scope()),
        count=count(query.with_only_columns(Request.id)),
        counts={row.category: row for row in counts},
        categories=RequestCategory,
        states=RequestState,
        category=category,
        state=state,
        is_late=is_late,
    )


@bp.get("/followup/companies/<int:record_id>/requests/new")
@needs(Action.FOLLOWUP_WRITE)
def new_request(record_id: int) -> Any:
    form = RequestForm(formdata=None, received_on=clock.today(), owner=me().id)
    return _new_page(place("company", record_id), form)


@bp.post("/followup/companies/<int:record_id>/requests")
@needs(Action.FOLLOWUP_WRITE)
def create_request(record_id: int) -> Any:
    here, form, status = place("company", record_id), RequestForm(), 422
    form.owner.choices = by_unit(able())
    if form.validate_on_submit():
        try:
            with writing():
                here = place("company", record_id)
                made = requests.receive("company", here.ref, form.to_details(), by=me())
                session.flush()
                request_id = made.id
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(_("已登记诉求，时限 %(day)s。", day=_due(request_id)), "success")
            return go_to("followup.show_request", request_id=request_id)
    return _new_page(here, form), status


def _due(request_id: int) -> str:
    return request_in_scope(request_id)[0].task.due_on.isoformat()


def _new_page(here: Place, form: RequestForm) -> str:
    form.owner.choices = by_unit(able())
    return render_template("followup/new_request.html", place=here, form=form)


@bp.get("/followup/requests/<int:request_id>")
@needs(Action.FOLLOWUP_READ)
def show_request(request_id: int) -> Any:
    return _page(request_id)


@bp.post("/followup/requests/<int:request_id>/beginnings")
@needs(Action.FOLLOWUP_WRITE)
def begin_request(request_id: int) -> Any:
    """收到 → 办理中."""
    form = VersionForm()

    def act(asked: Request, _here: Place) -> None:
        requests.take_up(asked, version=form.version.data or 0, by=me())

    return _carry_out(request_id, form, act, _("已开始办理。"))


@bp.post("/followup/requests/<int:request_id>/transfers")
@needs(Action.FOLLOWUP_WRITE)
def transfer_request(request_id: int) -> Any:
    """To another person, of any office."""
    form = HandoverForm()
    form.owner.choices = by_unit(able())

    def act(asked: Request, _here: Place) -> None:
        reason = form.reason.data or ""
        requests.transfer(asked, form.owner.data, reason, version=form.version.data or 0, by=me())

    return _carry_out(request_id, form, act, _("已转办。"))


@bp.post("/followup/requests/<int:request_id>/answers")
@needs(Action.FOLLOWUP_WRITE)
def answer_request(request_id: int) -> Any:
    form = AnswerForm()

    def act(asked: Request, _here: Place) -> None:
        requests.answer(asked, form.text.data, version=form.version.data or 0, by=me())

    return _carry_out(request_id, form, act, _("已答复，七天内请回访企业。"))


@bp.post("/followup/requests/<int:request_id>/revisits")
@needs(Action.FOLLOWUP_WRITE)
def revisit_request(request_id: int) -> Any:
    """What the firm says of the answer: 办结, or once more."""
    form = RevisitForm()

    def act(asked: Request, here: Place) -> None:
        requests.revisit(
            asked,
            here.ref,
            is_satisfied=form.satisfied.data == "yes",
            remark=form.remark.data,
            due_on=form.due_on.data,
            version=form.version.data or 0,
            by=me(),
        )

    return _carry_out(request_id, form, act, _("已记录回访。"))


def _carry_out(
    request_id: int, form: FlaskForm, act: Callable[[Request, Place], None], said: str
) -> Any:
    """Take one step and show the request again; a refusal keeps all that was typed."""
    request_in_scope(request_id)
    status = 422
    if form.validate_on_submit():
        try:
            with writing():
                act(*request_in_scope(request_id))
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(said, "success")
            if session.scalar(queries.visible_requests(me()).where(Request.id == request_id)):
                return go_to("followup.show_request", request_id=request_id)
            return go_to("followup.todo_index")  # handed to another office
    return _page(request_id, form), status


def _page(request_id: int, posted: FlaskForm | None = None) -> str:
    asked, here = request_in_scope(request_id)
    others = [person for person in able() if person.id != asked.task.owner_id]
    forms = step_forms(STEPS, posted, others)
    answers = queries.answers_to(TaskOrigin.REQUEST, [asked.id])
    return render_template(
        "followup/request.html",
        asked=asked,
        place=here,
        forms=forms,
        refused=posted,
        may_handle=may_handle(asked.task, me()),
        answers=session.scalars(answers).all(),
        states=RequestState,
        is_late=_is_late(asked.task),
    )


def _is_late(task: Task) -> bool:
    return task.state == TaskState.OPEN and task.due_on < clock.today()


def newest_of(here: Place) -> Sequence[Request]:
    """What a firm asked for last, on its panel; only firms ask."""
    if here.kind != "company":
        return []
    query = queries.requests_about(here.kind, here.ref.id)
    return session.scalars(query.limit(ON_PANEL)).all()
