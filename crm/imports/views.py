"""Pages of imports: mine and my unit's, a new one, the workbook to fill in. One import's own page is in step_pages.py."""

import io
from typing import Any

from flask import Flask, render_template, request, send_file
from flask_babel import gettext as _

from crm.core import registry
from crm.core.db import writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.files.content import MediaType, as_stream
from crm.files.grids import ACCEPTED
from crm.files.owners import keep_sent
from crm.imports import (
    arrival,
    mapping,
    overview,
    queries,
    services,
    sheets,
    step_pages,
    template,
    work,
)
from crm.imports.forms import NewImportForm
from crm.imports.log_words import LOG_WORDS
from crm.imports.models import Import, ImportState
from crm.imports.pages import IMPORTERS, bp, import_of, kind_named, one_of
from crm.jobs import asking
from crm.web.addresses import record_number
from crm.web.forms import blame, clean_text
from crm.web.guards import me, needs
from crm.web.htmx import go_to
from crm.web.locale import label
from crm.web.paging import page
from crm.web.uploads import takes_files

LONGEST_NAME = 120


@bp.get("")
@needs(*IMPORTERS)
def index() -> Any:
    """My imports, and those of others that I may see, by kind and state."""
    kinds = queries.kinds_for(me())
    kind = one_of(request.args.get("kind"), {one.key for one in kinds})
    state = one_of(request.args.get("state"), {one.value for one in ImportState})
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
    """`kind` says what is to come, `like` an import whose kind and document are taken over."""
    form = NewImportForm(_kind_choices(), formdata=None)
    form.kind.data = one_of(request.args.get("kind"), {key for key, _words in _kind_choices()})
    if (like := request.args.get("like", type=record_number)) is not None:
        before = import_of(like)
        form.kind.data, form.source.data = before.kind, before.source
    return _new_page(form)


@bp.post("")
@needs(*IMPORTERS)
@takes_files
def create() -> Any:
    """Keep the file and its rows, guess its columns; a large one is read by a job. Nothing but the import is written."""
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
    kind = queries.kind_of(form.kind.data)
    services.expect_allowed(kind, me())
    stream = sent.stream if sent else as_stream(text)
    name = clean_text(sent.filename if sent else "") or _("粘贴的%(kind)s", kind=label(kind.label))
    allowed = ACCEPTED if sent else (MediaType.TEXT,)
    kept = keep_sent(stream, allowed, name=name)
    sheet = job_id = None
    if kept.size <= work.READ_AT_ONCE:
        sheet = sheets.read(stream, kept.media_type, mapping.known_keys(kind))
    with writing():
        import_ = services.receive(
            kind.key,
            kept,
            name[-LONGEST_NAME:],
            form.token.data,
            by=me(),
            source=form.source.data,
        )
        import_id, is_new = import_.id, import_.state is ImportState.UPLOADED
        if sheet is None and is_new and import_.job_id is None:
            job_id = work.ask_to_read(import_, by=me(), language=asking.language())
    if job_id is not None:
        asking.follow(job_id)
    elif sheet is not None and is_new:
        arrival.arrive(import_id, sheet)
    return import_id


@bp.get("/templates/<kind_key>")
@needs(*IMPORTERS)
def template_of(kind_key: str) -> Any:
    """The workbook to fill in; it holds nobody's data."""
    kind = kind_named(kind_key)
    name = _("%(kind)s导入模板", kind=label(kind.label)) + ".xlsx"
    file = io.BytesIO(template.write(kind))
    return send_file(file, MediaType.XLSX, as_attachment=True, download_name=name)


def _kind_choices() -> list[tuple[str, str]]:
    return [(kind.key, label(kind.label)) for kind in queries.kinds_for(me())]


def _new_page(form: NewImportForm) -> str:
    return render_template("imports/new.html", form=form, kinds=queries.kinds_for(me()))


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    step_pages.init_app()
    app.register_blueprint(bp)
