"""Pages of imports: mine and my unit's, a new one, and one page on which an import goes from upload to undo."""

import io
import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, abort, render_template, request, send_file
from flask_babel import gettext as _

from crm.audit.services import record
from crm.core import registry
from crm.core.attributes import MoneyUnit
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.files.content import MediaType, as_stream, media_type_of
from crm.files.grids import ACCEPTED
from crm.files.owners import keep_sent, store
from crm.imports import (
    arrival,
    checking,
    landing,
    mapping,
    overview,
    queries,
    sent_back,
    services,
    sheets,
    showing,
    template,
    todos,
    undo,
)
from crm.imports.forms import ColumnsForm, ImportForm, NewImportForm, SheetForm
from crm.imports.kinds import ImportKind, Outcome
from crm.imports.models import Import, ImportRow, ImportState
from crm.people.roles import Action
from crm.web.addresses import record_number
from crm.web.forms import blame, clean_text
from crm.web.guards import may, me, needs
from crm.web.htmx import go_to, wants_fragment
from crm.web.locale import label
from crm.web.paging import page
from crm.web.uploads import takes_files

IMPORTERS = (
    Action.COMPANIES_WRITE,
    Action.PROJECTS_WRITE,
    Action.FOLLOWUP_WRITE,
)  # and each kind asks for its own

bp = Blueprint("imports", __name__, url_prefix="/imports")


# What there is


@bp.get("")
@needs(*IMPORTERS)
def index() -> Any:
    """My imports, and those of others that I may see, by kind and state."""
    kinds = queries.kinds_for(me())
    kind = _one_of(request.args.get("kind"), {one.key for one in kinds})
    state = _one_of(request.args.get("state"), {one.value for one in ImportState})
    is_all = request.args.get("whose") == "all"
    shown = page(overview.listed(me(), kind=kind, state=state, is_all=is_all), Import.id)
    return render_template(
        "imports/index.html",
        page=shown,
        kinds=kinds,
        labels={key: one.label for key, one in registry.import_kinds.items()},
        states=ImportState,
        kind=kind,
        state=state,
        is_all=is_all,
    )


@bp.get("/new")
@needs(*IMPORTERS)
def new() -> Any:
    """`kind` says what is to come, `like` an import whose document and name are taken over."""
    form = NewImportForm(_kind_choices())
    form.kind.data = _one_of(request.args.get("kind"), {key for key, _ in _kind_choices()})
    if (like := request.args.get("like", type=record_number)) is not None:
        before = _import(like)
        form.kind.data, form.source.data = before.kind, before.source
    return _new_page(form)


@bp.post("")
@needs(*IMPORTERS)
@takes_files
def create() -> Any:
    """Read the sheet, keep the file and its rows, guess its columns. Nothing but the import is written."""
    form = NewImportForm(_kind_choices())
    if not form.validate_on_submit():
        return _new_page(form), 422
    try:
        import_id = _bring_in(form)
    except DomainError as error:
        status = blame(form, error)
        return _new_page(form), status
    return go_to("imports.show", import_id=import_id)


def _bring_in(form: NewImportForm) -> int:
    sent, text = form.file.data, form.text.data or ""
    if bool(sent) == bool(text):
        raise DomainError(N_("请选择表格文件，或粘贴表格（二者选一）。"), field="file")
    stream = sent.stream if sent else as_stream(text)
    kind = queries.kind_of(form.kind.data)
    services.expect_allowed(kind, me())
    read_as = media_type_of(stream)
    sheet = None
    if read_as in ACCEPTED:  # what is no sheet at all the store refuses in its own words
        sheet = sheets.read(stream, read_as, mapping.known_keys(kind))
    name = clean_text(sent.filename if sent else "") or _("粘贴的%(kind)s", kind=label(kind.label))
    kept = keep_sent(stream, ACCEPTED if sent else (MediaType.TEXT,), name=name)
    with writing():
        import_ = services.receive(
            kind.key, kept, name[-120:], form.token.data, by=me(), source=form.source.data
        )
        import_id, is_new = import_.id, import_.state is ImportState.UPLOADED
    if sheet is not None and is_new:
        arrival.arrive(import_id, sheet)
    return import_id


@bp.get("/templates/<key>")
@needs(*IMPORTERS)
def template_of(key: str) -> Any:
    """The workbook to fill in; it holds nobody's data."""
    kind = _kind(key)
    name = _("%(kind)s导入模板", kind=label(kind.label)) + ".xlsx"
    file = io.BytesIO(template.write(kind))
    return send_file(file, MediaType.XLSX, as_attachment=True, download_name=name)


# One import


@bp.get("/<int:import_id>")
@needs(*IMPORTERS)
def show(import_id: int) -> Any:
    """Where it is: its columns, its rows with what the check said, how far it is, what came of it."""
    return _page(_import(import_id))


@bp.post("/<int:import_id>/sheets")
@needs(*IMPORTERS)
def choose_sheet(import_id: int) -> Any:
    """Read another sheet of the file, or take another row for its head."""
    import_, form = _mine(import_id), SheetForm()
    if not form.validate_on_submit():
        return _page(import_, sheet_form=form), 422
    kind = queries.kind_of(import_.kind)
    try:
        with store().open(import_.file.sha256) as file:
            sheet = sheets.read(
                file,
                MediaType(import_.file.media_type),
                mapping.known_keys(kind),
                sheet=form.sheet.data or "",
                head_row=form.head_row.data,
            )
        arrival.arrive(import_id, sheet)
    except DomainError as error:
        status = blame(form, error)
        return _page(_mine(import_id), sheet_form=form), status
    return go_to("imports.show", import_id=import_id)


@bp.post("/<int:import_id>/columns")
@needs(*IMPORTERS)
def map_columns(import_id: int) -> Any:
    """What each column holds; then the rows are checked."""
    form, uses = ColumnsForm(), uses_in(request.form)
    if not form.validate_on_submit():
        return _page(_mine(import_id), columns_form=form, uses=uses), 422
    if unsaid := _without_unit(_mine(import_id), uses):
        form.form_errors = [_("请核对新选的金额列的单位，再点“核对”。")]
        return _page(_mine(import_id), columns_form=form, uses={**uses, **unsaid}), 422
    try:
        with writing():
            services.map_columns(
                _mine(import_id),
                uses,
                by=me(),
                version=form.version.data,
                source=form.source.data,
            )
    except DomainError as error:
        status = blame(form, error, _mine(import_id))
        return _page(_mine(import_id), columns_form=form, uses=uses), status
    return _after(import_id, lambda: checking.check(import_id, me().id))


def uses_in(sent: Any) -> dict[int, mapping.Use]:
    """`use-3` says which fact the fourth column holds, `unit-3` what its amounts are in."""
    found = {}
    for field, attribute in sent.items():
        prefix, _dash, column = field.partition("-")
        if prefix == "use" and attribute and column.isdecimal() and len(column) < 4:
            unit = _one_of(sent.get(f"unit-{column}"), {one.value for one in MoneyUnit})
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
def mend(import_id: int) -> Any:
    """Cells put right on the page; what was not touched stays as it is. Then the rows are checked again."""
    form = ImportForm()
    if not form.validate_on_submit():
        abort(400)
    return _step(
        import_id,
        form,
        lambda import_: services.mend_many(
            import_, _mended(import_), by=me(), version=form.version.data
        ),
        then_check=True,
    )


def _mended(import_: Import) -> list[tuple[int, int, str]]:
    """The cells that were sent and are not as the page showed them (`c-` row `-` column)."""
    sent: dict[tuple[int, int], str] = {}
    for field, text in request.form.items():
        parts = field.split("-")
        if (
            len(parts) == 3
            and parts[0] == "c"
            and all(p.isdecimal() and len(p) < 8 for p in parts[1:])
        ):
            sent[int(parts[1]), int(parts[2])] = clean_text(text)
    numbers = {number for number, _column in sent}
    query = queries.rows_of(import_).where(ImportRow.number.in_(numbers))
    now = {row.number: json.loads(row.mended or row.cells) for row in session.scalars(query)}
    return [
        (number, column, text)
        for (number, column), text in sent.items()
        if number in now and column < len(now[number]) and now[number][column] != text
    ]


@bp.post("/<int:import_id>/choices")
@needs(*IMPORTERS)
def choose(import_id: int) -> Any:
    """Which record a row means (`choice` = row:record, 0 a new one), or `all` rows that wait: new ones."""
    form = ImportForm()
    if not form.validate_on_submit():
        abort(400)

    def act(import_: Import) -> None:
        if request.form.get("all"):
            rows, record_id = overview.undecided(import_), 0
        else:
            row, _colon, record = request.form.get("choice", "").partition(":")
            if not (row.isdecimal() and record.isdecimal() and len(row) < 8 and len(record) < 10):
                raise DomainError(N_("请在列出的记录中选择。"))
            rows, record_id = [int(row)], int(record)
        services.choose(import_, rows, record_id, by=me(), version=form.version.data)

    return _step(import_id, form, act, then_check=True)


@bp.post("/<int:import_id>/checks")
@needs(*IMPORTERS)
def check_again(import_id: int) -> Any:
    return _step(import_id, ImportForm(), lambda import_: None, then_check=True)


@bp.post("/<int:import_id>/landings")
@needs(*IMPORTERS)
def land(import_id: int) -> Any:
    """Write what was checked, whole or not at all."""
    form = ImportForm()
    if not form.validate_on_submit():
        abort(400)
    return _step(
        import_id,
        form,
        lambda import_: services.begin_landing(import_, by=me(), version=form.version.data),
        then=lambda: landing.land(import_id, me().id),
    )


@bp.post("/<int:import_id>/undoings")
@needs(*IMPORTERS)
def take_back(import_id: int) -> Any:
    """Everything as it was before; refused with the rows where later work would be lost."""
    form = ImportForm()
    if not form.validate_on_submit():
        abort(400)
    services.expect_allowed(queries.kind_of(_import(import_id).kind), me())
    return _after(import_id, lambda: undo.undo(import_id, me().id))


@bp.post("/<int:import_id>/droppings")
@needs(*IMPORTERS)
def drop(import_id: int) -> Any:
    return _step(import_id, ImportForm(), lambda import_: services.drop(import_, by=me()))


@bp.post("/<int:import_id>/files")
@needs(*IMPORTERS)
def create_file(import_id: int) -> Any:
    """The person's own sheet with the reasons; posted, because taking it is written to the log."""
    import_ = _mine(import_id)
    only_faulty = request.form.get("which") == "faulty"
    file, number = sent_back.write(import_, only_faulty=only_faulty)
    with writing():
        record("import.sheet_taken", _mine(import_id), by=me(), count=number)
    stem = import_.name.rpartition(".")[0] or import_.name
    name = f"{stem}-{sent_back.REASONS}.xlsx"
    return send_file(file, MediaType.XLSX, as_attachment=True, download_name=name)


# How a step is answered


def _step(
    import_id: int,
    form: ImportForm,
    act: Callable[[Import], None],
    *,
    then_check: bool = False,
    then: Callable[[], None] | None = None,
) -> Any:
    """Do it in one transaction, then what takes time; a refusal stands above the page with what was typed."""
    try:
        with writing():
            import_ = _mine(import_id)
            act(import_)
            if then_check:
                services.begin_checking(import_, by=me())
    except DomainError as error:
        status = blame(form, error)
        return _page(_mine(import_id), error=error), status
    if then_check:
        then = lambda: checking.check(import_id, me().id)  # noqa: E731
    return _after(import_id, then)


def _after(import_id: int, work: Callable[[], None] | None) -> Any:
    """What takes time; its refusal is kept with the import and stands on its page."""
    if work is not None:
        try:
            work()
        except DomainError as error:
            session.rollback()
            import_ = _import(import_id)
            return _page(import_, error=error), error.status
    kept = {k: v for k, v in request.args.items() if k in ("show", "before", "after")}
    return go_to("imports.show", import_id=import_id, **kept)


def _import(import_id: int) -> Import:
    found = session.scalar(queries.visible_to(me()).where(Import.id == import_id))
    return found if found and found.kind in registry.import_kinds else abort(404)


def _mine(import_id: int) -> Import:
    """Only who brought it in works on it."""
    found = _import(import_id)
    return found if found.requested_by_id == me().id else abort(403)


def _kind(key: str) -> ImportKind:
    found: ImportKind | None = registry.import_kinds.get(key)
    if found is None:
        abort(404)
    if not may(found.action):
        abort(403)
    return found


def _one_of(value: str | None, known: set[str]) -> str:
    return value if value in known else ""


def _kind_choices() -> list[tuple[str, str]]:
    return [(kind.key, label(kind.label)) for kind in queries.kinds_for(me())]


def _new_page(form: NewImportForm) -> str:
    kinds = queries.kinds_for(me())
    return render_template("imports/new.html", form=form, kinds=kinds)


def _page(
    import_: Import,
    *,
    error: DomainError | None = None,
    sheet_form: SheetForm | None = None,
    columns_form: ColumnsForm | None = None,
    uses: mapping.Columns | None = None,
) -> str:
    kind = queries.kind_of(import_.kind)
    step = showing.step_of(import_)
    is_mine = import_.requested_by_id == me().id
    if request.args.get("step") == "columns" and import_.state is ImportState.CHECKED:
        step = "columns"
    common = {
        "found": import_,
        "kind": kind,
        "step": step,
        "steps": showing.STEPS,
        "is_mine": is_mine,
        "may_write": may(kind.action),
        "error": error or queries.failure_of(import_),
        "form": ImportForm(formdata=None, version=import_.version),
        "Outcome": Outcome,
    }
    if step == "columns":
        columns = mapping.from_json(import_.mapping) if uses is None else uses
        return render_template(
            "imports/columns.html",
            **common,
            remarks=arrival.remarks_of(import_),
            columns=showing.columns_of(import_, kind, columns),
            units=MoneyUnit,
            sheet_form=sheet_form or _sheet_form(import_),
            columns_form=columns_form
            or ColumnsForm(formdata=None, version=import_.version, source=import_.source),
        )
    if import_.state in services.BUSY:
        name = "imports/_progress.html" if wants_fragment() else "imports/progress.html"
        return render_template(name, **common)
    columns = mapping.from_json(import_.mapping)
    wanted = request.args.get("show", "")
    if wanted not in set(Outcome) | {"all"}:
        wanted = Outcome.ERROR if import_.errors and step == "check" else "all"
    query = (
        queries.rows_of(import_) if wanted == "all" else queries.rows_with(import_, Outcome(wanted))
    )
    rows = showing.rows_page(
        query,
        request.args.get("before", type=record_number),
        request.args.get("after", type=record_number),
    )
    listing = registry.lists.get(kind.list_key)
    is_masked = not is_mine and not may(Action.CONTACTS_REVEAL)
    return render_template(
        "imports/show.html",
        **common,
        wanted=wanted,
        rows=showing.rows_shown(rows.rows, kind, columns, is_masked=is_masked),
        headings=[
            attribute
            for _at, use in sorted(columns.items())
            if (attribute := kind.attribute(use.attribute)) is not None
        ],
        page=rows,
        list_address=listing.address if listing else None,
        undecided=len(overview.undecided(import_)) if step == "check" else 0,
        harmed=queries.harmed_rows(import_) if step == "done" else (),
    )


def _sheet_form(import_: Import) -> SheetForm:
    return SheetForm(
        arrival.sheets_of(import_),
        formdata=None,
        sheet=import_.sheet,
        head_row=import_.head_row,
        version=import_.version,
    )


def init_app(app: Flask) -> None:
    registry.todo_sources.append(todos.todos)
    app.register_blueprint(bp)
