"""Pages of the monthly round: the list, the overview, a unit's page to fill in, sign and verify, the notice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from crm.audit.services import record
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.documents.attachment import as_attachment
from crm.documents.pdf import printed
from crm.people.models import Unit
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.reference.settings import is_demo_data
from crm.responsibility import queries, rounds
from crm.responsibility.asking import asked_plan, round_at, unit_in_scope
from crm.responsibility.forms import FigureForm, OpenForm, VersionForm
from crm.responsibility.models import ReportRound
from crm.responsibility.owed import Owed, lines, owed
from crm.targets.models import AnnualPlan, ProgressReport
from crm.web import locale
from crm.web.addresses import record_number, versions_seen
from crm.web.forms import blame
from crm.web.guards import may, me, my_scope, needs
from crm.web.htmx import go_to

bp = Blueprint("reporting", __name__, url_prefix="/responsibility/rounds")

MOST_REASON = 500


@dataclass(frozen=True)
class FigureRow:
    """A row of a unit's page: what is owed, the fields where it can be filled in, what the records say where they do."""

    owed: Owed
    form: FigureForm | None = None
    computed: Any = None


@bp.get("")
@needs(Action.TARGETS_READ)
def index() -> Any:
    """All rounds of the plan with how far each is."""
    return _index_page(OpenForm(formdata=None))


@bp.post("")
@needs(Action.TARGETS_PLAN)
def create() -> Any:
    """Ask the units for a month's figures."""
    form, status = OpenForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                plan = asked_plan()
                if plan is None:
                    return go_to("reporting.index")
                ends_on = _month_end(plan, form.month.data)
                found = rounds.open_round(plan, ends_on, by=me(), on=clock.today())
                session.flush()
                number = found.id
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(_("已布置本期报送，各单位的待办中可以看到。"), "success")
            return go_to("reporting.show", reporting_id=number)
    return _index_page(form), status


@bp.get("/<int:reporting_id>")
@needs(Action.TARGETS_READ)
def show(reporting_id: int) -> Any:
    """Who has reported and who has not; `notice` is the same as a notice to hand round."""
    found = round_at(reporting_id)
    if "notice" in request.args:
        return _notice(found)
    asked = owed(my_scope(), [found])
    return render_template(
        "responsibility/round.html",
        found=found,
        lines=lines(asked),
        count=len(asked),
        open_count=sum(one.is_open for one in asked),
    )


@bp.post("/<int:reporting_id>/files")
@needs(Action.TARGETS_READ)
def create_file(reporting_id: int) -> Response:
    """The notice on paper, as far as the reader sees; that somebody printed it is noted."""
    found = round_at(reporting_id)
    content, name = printed(_notice(found, on_paper=True)), _notice_name(found)
    with writing():
        record("report.exported", round_at(reporting_id), by=me(), name=name, format="pdf")
    return as_attachment(content, "application/pdf", f"notice-{reporting_id}.pdf", f"{name}.pdf")


@bp.post("/<int:reporting_id>/closings")
@needs(Action.TARGETS_PLAN)
def close(reporting_id: int) -> Any:
    form = VersionForm()
    with writing():
        rounds.close(round_at(reporting_id), version=form.version.data or 0, by=me())
    flash(_("已关闭。此后填报的将标为补报。"), "success")
    return go_to("reporting.show", reporting_id=reporting_id)


@bp.get("/<int:reporting_id>/units/<int:unit_id>")
@needs(Action.TARGETS_READ)
def of_unit(reporting_id: int, unit_id: int) -> Any:
    """All that a unit owes in a round on one page, with last month's figures there already."""
    found, unit = round_at(reporting_id), unit_in_scope(unit_id)
    asked = rounds.owed_by(found, unit)
    return _unit_page(found, unit, _rows(asked, _before(found, unit)))


@bp.post("/<int:reporting_id>/units/<int:unit_id>")
@needs(Action.TARGETS_REPORT)
def fill_in(reporting_id: int, unit_id: int) -> Any:
    """All figures that were typed and all that were confirmed, at once."""
    found, unit = round_at(reporting_id), unit_in_scope(unit_id)
    asked = rounds.owed_by(found, unit)
    rows = _rows(asked, {}, request.form)
    typed = [row for row in rows if row.form is not None]
    message, status = _("请改正标出的数。"), 422
    if all([row.form.validate() for row in typed if row.form]):  # noqa: C419 - each row says what is wrong
        given = {
            row.owed.due.id: (row.form.value.data, row.form.note.data)
            for row in typed
            if row.form and row.form.value.data is not None
        }
        try:
            with writing():
                count = rounds.fill_in(
                    round_at(reporting_id),
                    unit_in_scope(unit_id),
                    given,
                    _numbers("confirmed"),
                    by=me(),
                    on=clock.today(),
                )
        except rounds.NotFilledIn as refused:
            for row in typed:
                if row.form and (error := refused.errors.get(row.owed.due.id)):
                    where = row.form.note if error.field == "note" else row.form.value
                    where.errors = [locale.sentence(error)]
            message = locale.sentence(refused)
        except DomainError as refused:
            message, status = locale.sentence(refused), refused.status
        else:
            flash(_("已报 %(n)s 项。", n=count), "success")
            return go_to("reporting.of_unit", reporting_id=reporting_id, unit_id=unit_id)
    found, unit = round_at(reporting_id), unit_in_scope(unit_id)
    return _unit_page(found, unit, rows, message), status


@bp.post("/<int:reporting_id>/units/<int:unit_id>/signatures")
@needs(Action.TARGETS_SIGN)
def sign(reporting_id: int, unit_id: int) -> Any:
    """The head signs all that was shown, but for those with a reason to go back."""
    with writing():
        found, unit = round_at(reporting_id), unit_in_scope(unit_id)
        count = rounds.sign_all(found, unit, *_decided(), by=me())
    flash(_("已签审 %(n)s 项。", n=count), "success")
    return go_to("reporting.of_unit", reporting_id=reporting_id, unit_id=unit_id)


@bp.post("/<int:reporting_id>/units/<int:unit_id>/verifications")
@needs(Action.TARGETS_VERIFY)
def verify(reporting_id: int, unit_id: int) -> Any:
    """督查 verifies all that was shown, but for those with a reason to go back."""
    with writing():
        found, unit = round_at(reporting_id), unit_in_scope(unit_id)
        count = rounds.verify_all(found, unit, *_decided(), by=me())
    flash(_("已核验 %(n)s 项。", n=count), "success")
    return go_to("reporting.of_unit", reporting_id=reporting_id, unit_id=unit_id)


def _index_page(form: OpenForm) -> Any:
    plan = asked_plan()
    if plan is None:
        return render_template("targets/none.html")
    found = session.scalars(queries.rounds(plan)).all()
    asked = owed(my_scope(), found)
    by_round: dict[int, list[Owed]] = {one.id: [] for one in found}
    for one in asked:
        by_round[one.due.round_id].append(one)
    taken = {one.ends_on.month for one in found}
    months = [m for m in range(1, 13) if m not in taken and _month_end(plan, m) <= clock.today()]
    return render_template(
        "responsibility/rounds.html",
        plan=plan,
        rounds=[(one, by_round[one.id]) for one in found],
        months=months,
        form=form,
        today=clock.today(),
    )


def _notice(found: ReportRound, *, on_paper: bool = False) -> str:
    return render_template(
        "responsibility/notice.html",
        found=found,
        name=_notice_name(found),
        lines=[line for line in lines(owed(my_scope(), [found])) if line.open_count],
        today=clock.today(),
        on_paper=on_paper,
        is_demo_data=is_demo_data(),
    )


def _notice_name(found: ReportRound) -> str:
    of = {"year": found.ends_on.year, "month": found.ends_on.month}
    return str(_("关于报送%(year)s年1—%(month)s月指标完成情况的通知", **of))


def _unit_page(found: ReportRound, unit: Unit, rows: Sequence[FigureRow], message: str = "") -> str:
    asked = [row.owed for row in rows]
    step = ""
    waiting: list[ProgressReport] = []
    for action, word in (
        (Action.TARGETS_SIGN, "signatures"),
        (Action.TARGETS_VERIFY, "verifications"),
    ):
        if may(action) and not waiting:
            step, waiting = word, rounds.waiting_for(asked, me(), action)
    return render_template(
        "responsibility/fill_in.html",
        found=found,
        unit=unit,
        rows=rows,
        step=step,
        waiting=waiting,
        message=message,
        may_report=may(Action.TARGETS_REPORT) and scope_of(me()).covers(unit),
        today=clock.today(),
    )


def _rows(
    asked: Sequence[Owed], before: Mapping[tuple[int, bool], Any], typed: Any = None
) -> list[FigureRow]:
    computed = {**rounds.computed_figures(asked), **rounds.days_done(asked)}
    rows = []
    for one in asked:
        if one.due.is_computed or not one.is_open:
            rows.append(FigureRow(one, computed=computed.get(one.due.id)))
            continue
        said = one.latest or before.get((one.due.indicator_id or 0, one.due.is_share))
        data = {"value": said.value, "note": said.note} if said and typed is None else {}
        rows.append(FigureRow(one, FigureForm(typed, prefix=f"d{one.due.id}-", data=data)))
    return rows


def _before(found: ReportRound, unit: Unit) -> Mapping[tuple[int, bool], Any]:
    """What a unit said last before the round's month, of each target and share."""
    return queries.last_before(unit, found)


def _decided() -> tuple[Mapping[int, int], Mapping[int, str]]:
    """What was on the screen, and what of it goes back with which reason."""
    seen = versions_seen(request.form.getlist("seen"))
    reasons = {number: request.form.get(f"reason-{number}", "").strip() for number in seen}
    return seen, {number: text[:MOST_REASON] for number, text in reasons.items() if text}


def _numbers(name: str) -> list[int]:
    found = []
    for text in request.form.getlist(name):
        try:
            found.append(record_number(text))
        except ValueError:
            continue
    return found


def _month_end(plan: AnnualPlan, month: int) -> date:
    return date(plan.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
