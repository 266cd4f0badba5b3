"""The list of firms and what is done to many of them: files, bulk edits. One firm's pages are in views.py."""

import json
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select

from crm.companies import bulk, queries
from crm.companies.listing import COMPANIES
from crm.companies.models import Company
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError
from crm.lists import pages, selection
from crm.lists import queries as lists
from crm.lists.cells import as_text
from crm.lists.models import BulkChange
from crm.lists.selection import Selection
from crm.people.roles import Action
from crm.web.guards import me, my_scope, needs
from crm.web.locale import label, sentence

SHOWN_OF_A_PLAN = 50
SHOWN_OF_KEPT = 20

bp = Blueprint("companies", __name__, url_prefix="/companies")


@bp.get("")
@needs(Action.COMPANIES_READ)
def index() -> Any:
    """The list: search while typing, filters, order and columns by address; a fragment for htmx."""
    return pages.answer(COMPANIES, "companies/index.html", "companies/_list.html")


@bp.post("/files")
@needs(Action.REPORTS_EXPORT)
def create_file() -> Any:
    """What the list shows, or what is selected of it, as a file. Posted, because taking it out is written to the log."""
    return pages.answer_file(COMPANIES)


@bp.post("/changes/preview")
@needs(Action.COMPANIES_WRITE)
def preview_change() -> Any:
    """What a bulk edit would do to the selected firms. Posted because of the selection; it changes nothing."""
    chosen = selection.of_request(COMPANIES)
    typed = _typed()
    if not typed:
        return _change_page(chosen, {})
    try:
        return _change_page(chosen, typed, bulk.plan(_firms(chosen), bulk.values_of(typed)))
    except DomainError as refused:
        return _change_page(chosen, typed, error=refused), refused.status


@bp.post("/changes")
@needs(Action.COMPANIES_WRITE)
def change_many() -> Any:
    chosen = selection.of_request(COMPANIES)
    typed = _typed()
    try:
        values = bulk.values_of(typed)
        with writing():
            seen = request.form.get("seen", "")
            change = bulk.change_many(_firms(chosen), values, seen=seen, by=me())
            change_id = change.id
    except Conflict as refused:
        plan = bulk.plan(_firms(chosen), values)
        return _change_page(chosen, typed, plan, error=refused), refused.status
    except DomainError as refused:
        return _change_page(chosen, typed, error=refused), refused.status
    return redirect(url_for("companies.show_change", change_id=change_id), 303)


@bp.get("/changes/<int:change_id>")
@needs(Action.COMPANIES_WRITE)
def show_change(change_id: int) -> Any:
    """What one's own bulk edit did, with the button that takes it back."""
    change = _change(change_id)
    values = json.loads(change.given)
    words = {
        f.column.key: as_text(f)
        for f in COMPANIES.fields
        if f.column is not None and f.column.key in bulk.EDITABLE
    }
    lines = [(label(bulk.EDITABLE[n].label), words[n](text)) for n, text in values.items()]
    return render_template("companies/changed.html", change=change, lines=lines)


@bp.post("/changes/<int:change_id>/undo")
@needs(Action.COMPANIES_WRITE)
def undo_change(change_id: int) -> Any:
    with writing():
        change = _change(change_id)
        undone = bulk.undo(change, queries.visible_to(my_scope()), by=me())
    flash(_("已恢复 %(n)s 家企业原来的内容。", n=undone.count), "success")
    if undone.kept:
        names = _("、").join(name for _id, name in undone.kept[:SHOWN_OF_KEPT])
        said = _("%(n)s 家之后又有修改，未予恢复：%(names)s", n=len(undone.kept), names=names)
        flash(said, "warning")
    return redirect(url_for("companies.show_change", change_id=change_id), 303)


def _typed() -> dict[str, str]:
    """The facts that are ticked to be changed, with what is chosen for each."""
    ticked = request.form.getlist("change")
    return {name: request.form.get(name, "") for name in bulk.EDITABLE if name in ticked}


def _firms(chosen: Selection) -> Select[Any]:
    return chosen.asked.query


def _change(change_id: int) -> Any:
    mine = lists.changes_by(me()).where(BulkChange.id == change_id)
    return session.scalar(mine.where(BulkChange.list_key == bulk.LIST_KEY)) or abort(404)


def _change_page(
    chosen: Selection,
    typed: dict[str, str],
    plan: bulk.Plan | None = None,
    *,
    error: DomainError | None = None,
) -> str:
    choices = {field.column.key: field.choices for field in COMPANIES.fields if field.choices}
    offered = [
        (
            name,
            label(editable.label),
            [(value, label(word)) for value, word in choices[name]().items()],
        )
        for name, editable in bulk.EDITABLE.items()
    ]
    return render_template(
        "companies/change_many.html",
        fields=offered,
        typed=typed,
        plan=plan,
        shown=plan.changing[:SHOWN_OF_A_PLAN] if plan else [],
        refused=plan.refused[:SHOWN_OF_A_PLAN] if plan else [],
        error=sentence(error) if error else "",
        count=chosen.asked.probe().count,
        pairs=chosen.pairs,
        back=chosen.asked.state.address(),
        nullable=[name for name in bulk.EDITABLE if name != Company.kind.key],
    )
