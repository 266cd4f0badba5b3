"""The page of one import at the step where it is."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request

from crm.core import registry
from crm.core.attributes import MoneyUnit
from crm.core.db import session
from crm.core.errors import DomainError
from crm.imports import arrival, mapping, overview, queries, services, showing
from crm.imports.forms import ColumnsForm, ImportForm, SheetForm
from crm.imports.kinds import Outcome
from crm.imports.models import Import, ImportState
from crm.jobs import queries as job_queries
from crm.jobs.models import Job
from crm.people.roles import Action
from crm.web.addresses import record_number
from crm.web.guards import may, me
from crm.web.htmx import wants_fragment

STEPS = ("upload", "columns", "check", "land", "done")
_AT = {
    ImportState.UPLOADED: "columns",
    ImportState.CHECKING: "columns",
    ImportState.CHECKED: "check",
    ImportState.LANDING: "check",
    ImportState.LANDED: "done",
    ImportState.UNDONE: "done",
}


def import_page(
    import_: Import,
    *,
    error: DomainError | None = None,
    sheet_form: SheetForm | None = None,
    columns_form: ColumnsForm | None = None,
    uses: mapping.Columns | None = None,
    typed: Mapping[str, str] | None = None,
) -> str:
    kind = queries.kind_of(import_.kind)
    step = _AT.get(import_.state, "upload")
    if request.args.get("step") == "columns" and import_.state is ImportState.CHECKED:
        step = "columns"
    common = {
        "found": import_,
        "kind": kind,
        "step": step,
        "steps": STEPS,
        "is_mine": import_.requested_by_id == me().id,
        "may_write": may(kind.action),
        "error": error or queries.failure_of(import_),
        "form": ImportForm(formdata=None, version=import_.version),
    }
    if services.is_under_way(import_):
        return _progress_page(import_, common)
    if import_.state is ImportState.FAILED:
        return render_template(
            "imports/unread.html", **common, sheet_form=_sheet_form(import_, sheet_form)
        )
    if step == "columns":
        columns = mapping.from_json(import_.mapping) if uses is None else uses
        return render_template(
            "imports/columns.html",
            **common,
            remarks=arrival.remarks_of(import_),
            columns=showing.columns_of(import_, kind, columns),
            units=MoneyUnit,
            sheet_form=_sheet_form(import_, sheet_form),
            columns_form=columns_form
            or ColumnsForm(formdata=None, version=import_.version, source=import_.source),
        )
    return _rows_page(import_, common, typed or {})


def _progress_page(import_: Import, common: dict[str, Any]) -> str:
    """The page while a job is about it; htmx asks for the changing part until it is over."""
    job = session.get_one(Job, import_.job_id)
    page = "imports/_progress.html" if wants_fragment() else "imports/progress.html"
    if import_.state is ImportState.LANDING:
        common["step"] = "land"
    elif import_.state is ImportState.CHECKING:
        common["step"] = "check"
    return render_template(page, **common, job=job, is_silent=job_queries.is_silent())


def _rows_page(import_: Import, common: dict[str, Any], typed: Mapping[str, str]) -> str:
    kind = common["kind"]
    columns = mapping.from_json(import_.mapping)
    is_checking = common["step"] == "check"
    wanted = request.args.get("show", "")
    if wanted not in {*Outcome, "all"}:
        wanted = Outcome.ERROR if is_checking else "all"
    if wanted == Outcome.ERROR and not import_.errors:
        wanted = "all"
    rows = showing.rows_page(
        queries.rows_of(import_)
        if wanted == "all"
        else queries.rows_with(import_, Outcome(wanted)),
        request.args.get("before", type=record_number),
        request.args.get("after", type=record_number),
    )
    is_masked = not (common["is_mine"] or may(Action.CONTACTS_REVEAL))
    listing = registry.lists.get(kind.list_key)
    return render_template(
        "imports/show.html",
        **common,
        wanted=wanted,
        page=rows,
        rows=showing.rows_shown(rows.rows, kind, columns, is_masked=is_masked, typed=typed),
        headings=showing.headings_of(kind, columns),
        undecided=len(overview.undecided(import_)) if is_checking else 0,
        harmed=queries.harmed_rows(import_) if common["step"] == "done" else (),
        list_address=listing.address if listing else None,
    )


def _sheet_form(import_: Import, form: SheetForm | None) -> SheetForm:
    names = arrival.sheets_of(import_)
    if form is None:
        form = SheetForm(
            formdata=None,
            sheet=import_.sheet,
            head_row=None if import_.state is ImportState.FAILED else import_.head_row,
            version=import_.version,
        )
    form.offer(names)
    return form
