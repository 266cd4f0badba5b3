"""Pages of 分解: a target's shares, the grid in which they are set, and the 任务分解表 of the whole plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from sqlalchemy import or_, select

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.models import Unit
from crm.people.roles import Action
from crm.responsibility import queries, services, shares, sheet, splitting, stating
from crm.responsibility.asking import asked_plan, indicator_in_scope
from crm.responsibility.forms import PartForm, VersionForm
from crm.responsibility.models import IndicatorShare
from crm.targets.models import Indicator
from crm.targets.pace import Kind
from crm.targets.services import counts_in_parts
from crm.web import locale
from crm.web.filters import number
from crm.web.forms import blame
from crm.web.guards import may, me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment

bp = Blueprint("shares", __name__, url_prefix="/responsibility")

EVENLY, BY_LAST_YEAR = "even", "last_year"
PLACES_OF_A_SUGGESTION = 2


@dataclass(frozen=True)
class UnitRow:
    """A unit's row in the grid."""

    unit: Unit
    form: PartForm


@bp.get("/shares")
@needs(Action.TARGETS_READ)
def index() -> Any:
    """任务分解表: all targets that are split, with each unit's part."""
    plan = asked_plan()
    if plan is None:
        return render_template("targets/none.html")
    return sheet.page(sheet.build(plan, my_scope()), on_paper=False)


@bp.post("/shares/files")
@needs(Action.REPORTS_EXPORT)
def create_file() -> Any:
    """The same as a file. Posted, because taking figures out is written to the log."""
    plan, kind = asked_plan(), request.form.get("format", "")
    if plan is None or kind not in sheet.FORMATS or not may(Action.TARGETS_READ):
        abort(404)
    found = sheet.build(plan, my_scope())
    answer = sheet.to_file(found, kind)
    with writing():
        sheet.note_export(found, kind, by=me())
    return answer


@bp.get("/targets/<int:record_id>")
@needs(Action.TARGETS_READ)
def of_target(record_id: int) -> Any:
    """A target's levels, what is expected of its year, and its shares: the panel on its page, or a page of its own."""
    one = indicator_in_scope(record_id)
    answers = my_scope().covers(one.unit)
    return render_template(
        "responsibility/_target.html" if wants_fragment() else "responsibility/target.html",
        one=one,
        split=shares.split_of(one, clock.opening_date(one.plan.year), my_scope()),
        stated=queries.stated(one),
        expectations=session.scalars(queries.expectations(one)).all() if answers else [],
        may_expect=stating.may_expect(one, me()),
        may_sign=may(Action.TARGETS_SIGN) and answers,
    )


@bp.get("/targets/<int:record_id>/shares")
@needs(Action.TARGETS_PLAN)
def edit(record_id: int) -> Any:
    """The grid of all units; `suggest` fills it evenly, or by what each came to last year."""
    one = indicator_in_scope(record_id)
    there = {share.unit_id: share for share in _shares(one)}
    rows = [UnitRow(unit, _form(there.get(unit.id))) for unit in _units(one)]
    suggested = _suggested(one, there, rows)
    for row in rows:
        if suggested is not None:
            row.form.value.process_data(suggested.get(row.unit.id))
    return _page(one, rows, suggested=request.args.get("suggest") if suggested is not None else "")


@bp.post("/targets/<int:record_id>/shares")
@needs(Action.TARGETS_PLAN)
def save(record_id: int) -> Any:
    """The whole split at once; what is not a number keeps its cell."""
    one, form, status = indicator_in_scope(record_id), VersionForm(), 422
    rows = [UnitRow(unit, PartForm(request.form, prefix=f"u{unit.id}-")) for unit in _units(one)]
    if all([row.form.validate() for row in rows]) and form.validate_on_submit():  # noqa: C419 - each row says what is wrong
        parts = {row.unit.id: part for row in rows if (part := row.form.to_part())}
        try:
            with writing():
                fresh = indicator_in_scope(record_id)
                services.split(fresh, parts, version=form.version.data, by=me())
        except services.SplitRefused as refused:
            for row in rows:
                if row.unit.id in refused.errors:
                    row.form.value.errors = [locale.sentence(refused.errors[row.unit.id])]
            blame(form, refused)
        except DomainError as refused:
            one = indicator_in_scope(record_id)
            status = blame(form, refused, one)
        else:
            flash(_("已保存分解。"), "success")
            return go_to("shares.of_target", record_id=record_id)
    return _page(indicator_in_scope(record_id), rows, form), status


def _units(one: Indicator) -> Sequence[Unit]:
    """Those a target can be split over: all below the park itself, and a closed one that has a share already."""
    having = select(IndicatorShare.unit_id).where(IndicatorShare.indicator_id == one.id)
    offered = or_(Unit.closed_at.is_(None), Unit.id.in_(having))
    query = select(Unit).where(Unit.parent_id.is_not(None), offered)
    found: Sequence[Unit] = session.scalars(query.order_by(Unit.position, Unit.id)).all()
    return found


def _shares(one: Indicator) -> Sequence[IndicatorShare]:
    query = queries.shares(my_scope(), IndicatorShare.indicator_id == one.id)
    found: Sequence[IndicatorShare] = session.scalars(query).all()
    return found


def _form(share: IndicatorShare | None) -> PartForm:
    if share is None:
        return PartForm()
    quarters = splitting.quarters_of(share.curve) if share.curve else []
    words = " ".join(number(part) for part in quarters)
    return PartForm(data={"value": share.value, "opening": share.opening, "quarters": words})


def _suggested(
    one: Indicator, there: Mapping[int, Any], rows: Sequence[UnitRow]
) -> Mapping[int, Decimal] | None:
    """Over the units that have a share already (none yet: last year by all that had a figure, evenly over its own unit's
    kind); None where nothing was asked for or nothing is known."""
    how = request.args.get("suggest", "")
    whole = shares.split_of(one, clock.opening_date(one.plan.year), my_scope()).whole.value
    if how not in (EVENLY, BY_LAST_YEAR) or whole is None:
        return None
    offered = [row.unit for row in rows if row.unit.id in there] or [
        row.unit for row in rows if row.unit.kind == one.unit.kind
    ]
    places = PLACES_OF_A_SUGGESTION if counts_in_parts(one) else 0
    whole = splitting.to_share_out(one, whole, places)
    inner = splitting.nested({unit.id: unit.path for unit in offered})
    outer = [unit for unit in offered if unit.id not in inner]
    if how == EVENLY:
        return splitting.evenly(whole, [unit.id for unit in outer], places)
    everybody = outer if there else [row.unit for row in rows]
    known = shares.last_year(one, everybody)
    below = splitting.nested({unit.id: unit.path for unit in everybody if unit.id in known})
    weights = {number: value for number, value in known.items() if number not in below}
    return splitting.by_weight(whole, weights, places) or None


def _page(
    one: Indicator, rows: Sequence[UnitRow], form: VersionForm | None = None, suggested: Any = ""
) -> str:
    for row in rows:  # each row's cells by names of their own
        for field in row.form:
            field.name = field.id = f"u{row.unit.id}-{field.short_name}"
    return render_template(
        "responsibility/split.html",
        one=one,
        rows=rows,
        form=form or VersionForm(formdata=None, version=one.version),
        split=shares.split_of(one, clock.opening_date(one.plan.year), my_scope()),
        is_stock=Kind(one.kind) is Kind.STOCK and not one.is_computed,
        suggested=suggested,
        typed_total=_typed_total(rows),
    )


def _typed_total(rows: Sequence[UnitRow]) -> Decimal:
    values = {row.unit.id: row.form.value.data for row in rows if row.form.value.data is not None}
    return splitting.total(values, {row.unit.id: row.unit.path for row in rows})
