"""Pages of attachments: the list on a record's page, upload, download, removal."""

from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request
from flask_babel import gettext as _

from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.files import queries, services
from crm.files.forms import AttachmentForm
from crm.files.models import Attachment
from crm.files.owners import may_change, owner, record_of, store
from crm.files.sending import to_be_saved
from crm.files.store import LARGEST_FILE, MEGABYTE, Store
from crm.people.roles import Action
from crm.web.addresses import safe_address
from crm.web.forms import blame
from crm.web.guards import me, needs
from crm.web.htmx import wants_fragment
from crm.web.uploads import takes_files

bp = Blueprint("files", __name__, url_prefix="/files")

READERS = (Action.COMPANIES_READ, Action.PROJECTS_READ)  # and each kind of record asks for its own
WRITERS = (Action.COMPANIES_WRITE, Action.PROJECTS_WRITE, Action.QUALIFICATIONS_VERIFY)


@bp.get("/<owner_kind>/<int:record_id>")
@needs(*READERS)
def index(owner_kind: str, record_id: int) -> Any:
    """The files of a record: the part of its page, or a page of its own."""
    return _page(owner_kind, record_id, AttachmentForm())


@bp.post("/<owner_kind>/<int:record_id>")
@needs(*WRITERS)
@takes_files
def create(owner_kind: str, record_id: int) -> Any:
    ref = record_of(owner_kind, record_id, is_changing=True)
    form = AttachmentForm()
    if not form.validate_on_submit():
        return _page(owner_kind, record_id, form), 422
    sent = form.file.data
    try:
        kept = store().keep(sent.stream)
        with writing():
            record_of(owner_kind, record_id)
            services.attach(
                owner_kind,
                record_id,
                kept,
                name=sent.filename or "",
                note=form.note.data,
                by=me(),
            )
    except DomainError as error:
        status = blame(form, error)
        return _page(owner_kind, record_id, form), status
    flash(_("已上传附件。"), "success")
    return redirect(safe_address(request.args.get("next")) or ref.href, 303)


@bp.get("/<int:attachment_id>/content")
@needs(*READERS)
def content(attachment_id: int) -> Any:
    """The file itself, always to be saved, never shown by the browser as a page of ours."""
    attachment = _attachment(attachment_id)
    kind, plain = attachment.file.media_type, f"attachment-{attachment_id}"
    return to_be_saved(attachment.file, attachment.name, media_type=kind, plain=plain)


@bp.post("/<int:attachment_id>/removals")
@needs(*WRITERS)
def create_removal(attachment_id: int) -> Any:
    attachment = _attachment(attachment_id, is_changing=True)
    ref = record_of(attachment.subject_type, attachment.subject_id)
    with writing():
        services.remove(_attachment(attachment_id, is_changing=True), by=me())
    flash(_("已移除附件。"), "success")
    return redirect(ref.href, 303)


def _attachment(attachment_id: int, *, is_changing: bool = False) -> Attachment:
    found = session.scalar(queries.present().where(Attachment.id == attachment_id)) or abort(404)
    record_of(found.subject_type, found.subject_id, is_changing=is_changing)
    return found


def _page(owner_kind: str, record_id: int, form: AttachmentForm) -> str:
    ref = record_of(owner_kind, record_id)
    found = session.scalars(queries.attachments_of(owner_kind, (record_id,))).all()
    return render_template(
        "files/_files.html" if wants_fragment() else "files/index.html",
        ref=ref,
        kind=owner_kind,
        owner=owner(owner_kind),
        attachments=found,
        form=form,
        may_change=may_change(owner_kind),
        most=store().largest // MEGABYTE,
    )


def init_app(app: Flask) -> None:
    app.config["FILE_STORE"] = Store(app.config["SETTINGS"].data_dir / "files", LARGEST_FILE)
    app.register_blueprint(bp)
