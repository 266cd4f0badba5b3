"""One import's page and what is done on it: columns said, cells repaired, landed, undone, the sheet taken back."""

import json
from collections.abc import Callable
from typing import Any

from flask import abort, request, send_file
from flask_babel import gettext as _

from crm.audit.services import record
from crm.core import registry
from crm.core.attributes import MoneyUnit
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.files.content import MediaType
from crm.imports import (
    arrival,
    checking,
    clearing,
    landing,
    mapping,
    overview,
    queries,
    sent_back,
    services,
    todos,
    undo,
    work,
)
from crm.imports.forms import ColumnsForm, ImportForm, SheetForm
from crm.imports.import_page import import_page
from crm.imports.models import Import, ImportRow
from crm.imports.pages import IMPORTERS, bp, import_of, my_import, one_of
from crm.jobs import asking
from crm.web.forms import blame, clean_text
from crm.web.guards import me, needs
from crm.web.htmx import go_to, wants_fragment
from crm.web.uploads import takes_files

AT_ONCE = 1000  # rows that a request checks or lands itself; more are a job
_ACTS: dict[str, Callable[[int, int], None]] = {
    work.CHECK: checking.check,
    work.LAND: landing.land,
    work.UNDO: undo.undo,
}


@bp.get("/<int:import_id>")
@needs(*IMPORTERS)
def show(import_id: int) -> Any:
    """Where it is: its columns, its rows with what the check said, how far it is, what came of it."""
    import_ = import_of(import_id)
    if wants_fragment() and not services.is_under_way(import_):
        return go_to("imports.show", import_id=import_id)  # the job has ended: the whole page anew
    return import_page(import_)


@bp.post("/<int:import_id>/sheets")
@needs(*IMPORTERS)
def choose_sheet(import_id: int) -> Any:
    """Read another sheet of the file, or take another row for its head."""
    import_, form = my_import(import_id), SheetForm()
    if not form.validate_on_submit():
        return import_page(import_, sheet_form=form), 422
    name = one_of(form.sheet.data, set(arrival.sheets_of(import_)))
    try:
        if arrival.file_of(import_).size <= work.READ_AT_ONCE:
            arrival.arrive(import_id, arrival.read(import_, name, form.head_row.data))
        else:
            _read_by_job(import_id, name, form)
    except DomainError as error:
        session.rollback()
        status = blame(form, error)
        return import_page(my_import(import_id), sheet_form=form), status
    return go_to("imports.show", import_id=import_id)


def _read_by_job(import_id: int, name: str, form: SheetForm) -> None:
    with writing():
        job_id = work.ask_to_read(
            my_import(import_id),
            by=me(),
            language=asking.language(),
            sheet=name,
            head_row=form.head_row.data,
            version=form.version.data,
        )
    asking.follow(job_id)


@bp.post("/<int:import_id>/columns")
@needs(*IMPORTERS)
def map_columns(import_id: int) -> Any:
    """What each column holds; then the rows are checked."""
    form, uses = ColumnsForm(), uses_in(request.form)
    if not form.validate_on_submit():
        return import_page(my_import(import_id), columns_form=form, uses=uses), 422
    if unsaid := _without_unit(my_import(import_id), uses):
        form.form_errors = [_("请核对新选的金额列的单位，再点“核对”。")]
        page = import_page(my_import(import_id), columns_form=form, uses={**uses, **unsaid})
        return page, 422

    def act(import_: Import) -> None:
        services.map_columns(
            import_, uses, by=me(), version=form.version.data, source=form.source.data
        )

    try:
        return _begin(import_id, act, work.CHECK)
    except DomainError as error:
        session.rollback()
        status = blame(form, error, my_import(import_id))
        return import_page(my_import(import_id), columns_form=form, uses=uses), status


def uses_in(sent: Any) -> dict[int, mapping.Use]:
    """`use-3` says which fact the fourth column holds, `unit-3` what its amounts are in."""
    found = {}
    for field, attribute in sent.items():
        prefix, _dash, column = field.partition("-")
        if prefix == "use" and attribute and _is_number(column):
            unit = one_of(sent.get(f"unit-{column}"), {one.value for one in MoneyUnit})
            found[int(column)] = mapping.Use(attribute, MoneyUnit(unit) if unit else None)
    return found


def _without_unit(import_: Import, uses: mapping.Columns) -> dict[int, mapping.Use]:
    """Columns that were just chosen as amounts, whose unit nobody has seen: with what the sheet says of it."""
    kind = queries.kind_of(import_.kind)
    width = len(json.loads(import_.headings))
    return {
        at: mapping.Use(use.attribute, arrival.unit_of(import_, at))
        for at, use in uses.items()
        if use.unit is None and at < width and mapping.is_money(kind, use.attribute)
    }


@bp.post("/<int:import_id>/cells")
@needs(*IMPORTERS)
@takes_files
def mend(import_id: int) -> Any:
    """Cells put right on the page; what was not touched stays as it is. Then the rows are checked again."""

    def act(import_: Import, version: int | None) -> None:
        services.mend_many(import_, _mended(import_), by=me(), version=version)
        services.begin_checking(import_, by=me())

    return _step(import_id, act, work.CHECK)


def _mended(import_: Import) -> list[tuple[int, int, str]]:
    """The cells that were sent and are not as the page showed them: `c-` row `-` column."""
    sent: dict[tuple[int, int], str] = {}
    for field, text in request.form.items():
        prefix, _dash, place = field.partition("-")
        number, _dash, column = place.partition("-")
        if prefix == "c" and _is_number(number) and _is_number(column):
            sent[int(number), int(column)] = clean_text(text)
    query = queries.rows_of(import_).where(ImportRow.number.in_({number for number, _ in sent}))
    now = {row.number: json.loads(row.mended or row.cells) for row in session.scalars(query)}
    return [
        (number, column, text)
        for (number, column), text in sent.items()
        if number in now and column < len(now[number]) and now[number][column] != text
    ]


@bp.post("/<int:import_id>/choices")
@needs(*IMPORTERS)
def choose(import_id: int) -> Any:
    """Which record a row means (`choice` = row:record, 0 a new one); with `all` every row that waits means a new one."""

    def act(import_: Import, version: int | None) -> None:
        rows, record_id = overview.undecided(import_), 0
        if not request.form.get("all"):
            row, _colon, chosen = request.form.get("choice", "").partition(":")
            if not (_is_number(row) and _is_number(chosen)):
                raise DomainError(N_("请在列出的记录中选择。"))
            rows, record_id = [int(row)], int(chosen)
        services.choose(import_, rows, record_id, by=me(), version=version)
        services.begin_checking(import_, by=me())

    return _step(import_id, act, work.CHECK)


@bp.post("/<int:import_id>/checks")
@needs(*IMPORTERS)
def check_again(import_id: int) -> Any:
    """Check all rows once more, against what is there by now."""

    def act(import_: Import, version: int | None) -> None:
        services.begin_checking(import_, by=me())

    return _step(import_id, act, work.CHECK)


@bp.post("/<int:import_id>/landings")
@needs(*IMPORTERS)
def land(import_id: int) -> Any:
    """Write what was checked, whole or not at all."""

    def act(import_: Import, version: int | None) -> None:
        services.begin_landing(import_, by=me(), version=version)

    return _step(import_id, act, work.LAND)


@bp.post("/<int:import_id>/undoings")
@needs(*IMPORTERS)
def take_back(import_id: int) -> Any:
    """Everything as it was before; refused with the rows where later work would be lost. By who may write such records."""

    def act(import_: Import, version: int | None) -> None:
        services.expect_allowed(queries.kind_of(import_.kind), me())

    return _step(import_id, act, work.UNDO, of=import_of)


@bp.post("/<int:import_id>/droppings")
@needs(*IMPORTERS)
def drop(import_id: int) -> Any:
    """Give it up: nothing was written."""

    def act(import_: Import, version: int | None) -> None:
        services.drop(import_, by=me())

    return _step(import_id, act)


@bp.post("/<int:import_id>/files")
@needs(*IMPORTERS)
def create_file(import_id: int) -> Any:
    """The person's own sheet with the reasons; posted, because taking it is written to the log."""
    import_ = my_import(import_id)
    file, number = sent_back.write(import_, only_faulty=request.form.get("which") == "faulty")
    with writing():
        record("import.sheet_taken", my_import(import_id), by=me(), count=number)
    stem = import_.name.rpartition(".")[0] or import_.name
    name = f"{stem}-{sent_back.REASONS}.xlsx"
    return send_file(file, MediaType.XLSX, as_attachment=True, download_name=name)


def _step(
    import_id: int,
    act: Callable[[Import, int | None], None],
    work_to_do: str | None = None,
    *,
    of: Callable[[int], Import] = my_import,
) -> Any:
    """Do it; a refusal stands above the page, which shows what was typed."""
    form = ImportForm()
    if not form.validate_on_submit():
        abort(400)
    try:
        return _begin(import_id, lambda one: act(one, form.version.data), work_to_do, of=of)
    except DomainError as error:
        session.rollback()
        return import_page(of(import_id), error=error, typed=request.form), error.status


def _begin(
    import_id: int,
    act: Callable[[Import], None],
    work_to_do: str | None,
    *,
    of: Callable[[int], Import] = my_import,
) -> Any:
    """The quick part in one transaction, the long one after it or, for many rows, as a job; then its page again."""
    job_id = None
    with writing():
        import_ = of(import_id)
        act(import_)
        if work_to_do and import_.rows > AT_ONCE:
            job_id = work.ask_for(work_to_do, import_, by=me(), language=asking.language())
    if job_id is not None:
        asking.follow(job_id)
    elif work_to_do:
        _ACTS[work_to_do](import_id, me().id)
    kept = {key: request.args[key] for key in ("show", "before", "after") if key in request.args}
    return go_to("imports.show", import_id=import_id, **kept)


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < 10


def init_app() -> None:
    work.offer()
    registry.upkeep.append(clearing.clear_old)
    registry.todo_sources.append(todos.todos)
