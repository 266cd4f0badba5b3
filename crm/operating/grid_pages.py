"""The keyboard grid: figures of many firms typed in or pasted, saved all at once or row by row."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from crm.companies.models import Company
from crm.companies.queries import visible_to
from crm.core.attributes import MoneyUnit
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.operating.asking import asked_carrier, asked_period, asked_unit, years
from crm.operating.entering import Entry, NotEntered, enter_many, judge
from crm.operating.figures import FIGURES
from crm.operating.grid import Row, Sheet, blame
from crm.operating.queries import owing
from crm.people.queries import carriers
from crm.people.roles import Action
from crm.web.addresses import record_number
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import wants_fragment
from crm.web.paging import PAGE_SIZE, count, page

bp = Blueprint("operating_grid", __name__, url_prefix="/operating/grid")


@bp.get("")
@needs(Action.COMPANIES_WRITE)
def index() -> Any:
    """The firms that owe the period's figures, a page of them."""
    sheet, (carrier, scope) = Sheet(asked_period(), asked_unit()), asked_carrier()
    query = owing(scope, sheet.period.end_on).with_only_columns(Company.id)
    shown = page(query, Company.id)
    rows = sheet.rows_of(_firms([row.id for row in shown.rows]))
    return _sheet_page(sheet, rows, carrier=carrier, page=shown, count=count(query))


@bp.post("")
@needs(Action.COMPANIES_WRITE)
def save() -> Any:
    """All the rows that were changed, in one transaction; by htmx one row, which is answered with the row itself."""
    sheet = Sheet(asked_period(), asked_unit())
    rows = sheet.rows_of(_firms(_posted_ids()))
    entries = [entry for row in rows if (entry := sheet.take(row, request.form))]
    confirmed = request.form.getlist("confirmed")
    status, saved = 200, 0
    if any(row.is_refused for row in rows):
        blame(rows, judge(entries), confirmed)  # all that is wrong is said at once
        status = 422
    else:
        try:
            saved = _enter(entries, confirmed)
        except NotEntered as refused:
            blame(rows, refused.verdicts, confirmed)
            status = refused.status
    if wants_fragment():
        if saved:
            rows = sheet.rows_of(_firms([row.company.id for row in rows]))
        return render_template("operating/_grid_rows.html", rows=rows, is_saved=bool(saved)), status
    if status != 200:
        return _sheet_page(sheet, rows, is_refused=True), status
    flash(_("已保存 %(n)s 家企业的经营数据，待他人核验。", n=saved), "success")
    kept: dict[str, Any] = {
        k: request.form[k] for k in ("carrier", "before", "after") if request.form.get(k)
    }
    place: dict[str, Any] = {
        "year": sheet.period.year,
        "month": sheet.period.through_month,
        "money": sheet.unit.value,
    }
    return redirect(url_for("operating_grid.index", **place, **kept), 303)


def _enter(entries: Sequence[Entry], confirmed: Sequence[str]) -> int:
    with writing():
        found = {firm.id: firm for firm in _firms([entry.company.id for entry in entries])}
        fresh = [Entry(found[e.company.id], e.details, e.version) for e in entries]
        return len(enter_many(fresh, by=me(), confirmed=confirmed))


def _posted_ids() -> list[int]:
    """The firms whose rows were sent, or of these the one that is to be saved. Raises DomainError for more than a page has."""
    found = []
    for text in (request.form.getlist("row") or request.form.getlist("firm"))[: PAGE_SIZE + 1]:
        try:
            found.append(record_number(text))
        except ValueError:
            continue
    if len(found) > PAGE_SIZE:
        raise DomainError(N_("一次最多保存%(most)s家。"), most=PAGE_SIZE)
    return found


def _firms(ids: Sequence[int]) -> Sequence[Company]:
    query = visible_to(my_scope()).where(Company.id.in_(ids))
    return session.scalars(query.order_by(Company.id.desc())).all()


def _sheet_page(sheet: Sheet, rows: Sequence[Row], **more: Any) -> str:
    more = {
        "carrier": asked_carrier()[0],
        "page": None,
        "count": len(rows),
        "is_refused": False,
        **more,
    }
    return render_template(
        "operating/grid.html",
        sheet=sheet,
        rows=rows,
        figures=FIGURES,
        years=years(),
        units=(MoneyUnit.WAN, MoneyUnit.QIAN),
        carriers=session.scalars(carriers(my_scope())).all(),
        refused=sum(row.is_refused for row in rows),
        is_saved=False,
        **more,
    )
