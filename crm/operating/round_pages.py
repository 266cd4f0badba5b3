"""Pages of the rounds in which figures are collected: opened, looked at, reminded of, closed."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.audit.services import record
from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.core import clock, registry
from crm.core.clock import park_date
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.operating import reminders, rounds
from crm.operating.asking import due_period
from crm.operating.forms import RoundForm
from crm.operating.models import CollectionRound, OperatingReport, RoundMember
from crm.people.models import Unit, User
from crm.people.queries import carriers
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.web.fields import records_of
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.paging import Page, count, page

LATECOMERS_SHOWN = 20
ENTERS_OR_VERIFIES = (Action.COMPANIES_WRITE, Action.OPERATING_VERIFY)

bp = Blueprint("rounds", __name__, url_prefix="/operating/rounds")


@bp.get("")
@needs(Action.COMPANIES_READ)
def index() -> Any:
    query = rounds.visible_rounds(my_scope()).with_only_columns(CollectionRound.id)
    shown = page(query, CollectionRound.id)
    ids = [row.id for row in shown.rows]
    found = session.scalars(
        rounds.visible_rounds(my_scope())
        .where(CollectionRound.id.in_(ids))
        .options(joinedload(CollectionRound.unit))
        .order_by(CollectionRound.id.desc())
    ).all()
    return render_template("operating/rounds.html", rounds=found, page=shown, count=count(query))


@bp.get("/new")
@needs(*ENTERS_OR_VERIFIES)
def new() -> Any:
    period = due_period()
    return _form_page(RoundForm(year=period.year, through_month=period.through_month))


@bp.post("")
@needs(*ENTERS_OR_VERIFIES)
def create() -> Any:
    form = RoundForm()
    units = _choose(form)
    if not form.validate():
        return _form_page(form), 422
    try:
        with writing():
            unit = next(unit for unit in units if unit.id == form.unit_id.data)
            one = rounds.open_round(session.get_one(Unit, unit.id), form.to_details(), by=me())
            round_id = one.id
    except DomainError as error:
        blame(form, error)
        return _form_page(form), error.status
    flash(_("已开启收集。下载填报表发给企业，收齐后一次上传。"), "success")
    return go_to("rounds.show", round_id=round_id)


@bp.get("/<int:round_id>")
@needs(Action.COMPANIES_READ)
def show(round_id: int) -> Any:
    return round_page(round_in_scope(round_id))


@bp.get("/<int:round_id>/reminders")
@needs(*ENTERS_OR_VERIFIES)
def show_reminders(round_id: int) -> Any:
    return _reminders_page(round_in_scope(round_id), is_masked=True)


@bp.post("/<int:round_id>/contacts")
@needs(Action.CONTACTS_REVEAL)
def reveal_contacts(round_id: int) -> Any:
    """The same with whole telephone numbers. A POST, because the look itself is logged."""
    with writing():
        one = round_in_scope(round_id)
        record("round.contacts_revealed", one, by=me(), name=one.unit.name)
    return _reminders_page(round_in_scope(round_id), is_masked=False)


@bp.post("/<int:round_id>/reminders")
@needs(*ENTERS_OR_VERIFIES)
def create_reminder(round_id: int) -> Any:
    with writing():
        rounds.remind(_own_round(round_id), by=me())
    flash(_("已记下今天催报。"), "success")
    return go_to("rounds.show", round_id=round_id)


@bp.post("/<int:round_id>/closings")
@needs(*ENTERS_OR_VERIFIES)
def create_closing(round_id: int) -> Any:
    with writing():
        version = request.form.get("version", type=int)
        rounds.close(_own_round(round_id), version=version, by=me())
    flash(_("已结束本轮收集。"), "success")
    return go_to("rounds.show", round_id=round_id)


def round_in_scope(round_id: int) -> CollectionRound:
    query = rounds.visible_rounds(my_scope()).where(CollectionRound.id == round_id)
    return session.scalar(query) or abort(404)


def _own_round(round_id: int) -> CollectionRound:
    """A round of a unit in the reader's scope; 403 for one of a unit above, which collects from it as well."""
    one = round_in_scope(round_id)
    if not my_scope().covers(one.unit):
        abort(403)
    return one


def round_page(one: CollectionRound, error: str = "") -> str:
    """Who has reported by carrier, then the firms one by one: all, or those that owe."""
    scope = my_scope()
    lines = session.execute(rounds.by_carrier(scope, one)).all()
    is_narrowed = request.args.get("state") == "missing"
    query = rounds.missing(scope, one) if is_narrowed else rounds.members(scope, one)
    columns = (Company.id, Company.name, Unit.name.label("carrier"))
    rows = query.join(Unit, Unit.id == RoundMember.carrier_id).with_only_columns(*columns)
    shown = page(rows, Company.id)
    late = rounds.latecomers(scope, one).with_only_columns(Company.id, Company.name)
    return render_template(
        "operating/round.html",
        one=one,
        lines=lines,
        owing=sum(line.owing for line in lines),
        reported=sum(line.reported for line in lines),
        page=shown,
        firms=_lines(one, shown),
        count=count(query.with_only_columns(Company.id)),
        is_narrowed=is_narrowed,
        latecomers=session.execute(late.order_by(Company.id).limit(LATECOMERS_SHOWN)).all(),
        is_own=scope.covers(one.unit),
        states=VerificationState,
        error=error,
    )


def _lines(one: CollectionRound, shown: Page) -> list[tuple[Any, OperatingReport | None, bool]]:
    """Each firm of a page with the report by which it has reported, or the one that was sent back; whether that was late."""
    ids = [row.id for row in shown.rows]
    found: dict[int, OperatingReport] = {}
    for report in session.scalars(rounds.reports_in(ids, one)):
        known = found.get(report.company_id)
        if known is None or known.state == VerificationState.RETURNED:
            found[report.company_id] = report
    today = clock.today()
    return [
        (row, report, (park_date(report.recorded_at) if report else today) > one.due_on)
        for row in shown.rows
        for report in (found.get(row.id),)
    ]


def _reminders_page(one: CollectionRound, *, is_masked: bool) -> str:
    lists = reminders.reminders(one, my_scope(), clock.today(), is_masked=is_masked)
    return render_template("operating/reminders.html", one=one, lists=lists, is_masked=is_masked)


def _choose(form: RoundForm) -> list[Unit]:
    """The carriers of the reader's scope, and the whole of it: the park or the unit on top."""
    units = list(session.scalars(carriers(my_scope())))
    form.unit_id.choices = records_of(units)
    return units


def _form_page(form: RoundForm) -> str:
    _choose(form)
    return render_template("operating/round_form.html", form=form)


def todos(user: User) -> Iterator[registry.Todo]:
    """Rounds in which firms of one's own still owe, by the day they are due."""
    if not user.may(Action.COMPANIES_WRITE):
        return
    scope = scope_of(user)
    for one in session.scalars(rounds.open_rounds(scope).limit(registry.TODOS_OF_A_SOURCE)):
        if session.scalar(
            select(rounds.missing(scope, one).with_only_columns(Company.id).exists())
        ):
            yield registry.Todo(
                one.due_on,
                "file-spreadsheet",
                N_("收集%(year)s年1—%(month)s月经营数据"),
                one.unit.name,
                f"/operating/rounds/{one.id}",
                (("year", one.year), ("month", one.through_month)),
            )
