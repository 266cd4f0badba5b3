"""Pages of attachments: the list on a record's page, upload, a look at one, download, removal and its undo."""

from collections.abc import Sequence
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from crm.core import registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.registry import SubjectRef
from crm.files import previews, queries, services
from crm.files.forms import AttachmentForm, DescriptionForm
from crm.files.log_words import LOG_WORDS
from crm.files.models import Attachment
from crm.files.owners import keep_sent, may_change, owner, record_of, records_of, store
from crm.files.scanning import Scanner
from crm.files.sending import to_be_saved
from crm.files.store import Store
from crm.files.unpacking import MEGABYTE
from crm.people.roles import Action
from crm.web.addresses import safe_address
from crm.web.forms import blame
from crm.web.guards import me, needs
from crm.web.htmx import go_back, wants_fragment
from crm.web.locale import sentence
from crm.web.undo import flash_undo
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
    """Each file for itself: one that is refused keeps none of the others out."""
    ref = record_of(owner_kind, record_id, is_changing=True)
    form = AttachmentForm()
    if not form.validate_on_submit():
        return _page(owner_kind, record_id, form), 422
    refused = []
    for sent in form.file.data:
        try:
            _take_in(owner_kind, record_id, sent, form.note.data)
        except DomainError as error:
            refused.append((sent.filename or "", error))
    taken = len(form.file.data) - len(refused)
    if taken and not wants_fragment():
        flash(_("已上传 %(n)s 个附件。", n=taken), "success")
    if refused:
        form.file.errors = _sentences(refused, are_several=len(form.file.data) > 1)
        return _page(owner_kind, record_id, form), refused[0][1].status
    if wants_fragment():
        return _page(owner_kind, record_id, AttachmentForm(formdata=None))
    return redirect(safe_address(request.args.get("next")) or ref.href, 303)


def _sentences(refused: Sequence[tuple[str, DomainError]], *, are_several: bool) -> list[str]:
    if are_several:
        return [f"{name}{_('：')}{sentence(error)}" for name, error in refused]
    return [sentence(error) for _name, error in refused]


def _take_in(owner_kind: str, record_id: int, sent: FileStorage, note: str) -> None:
    name = sent.filename or ""
    kept = keep_sent(sent.stream, name=name)
    with writing():
        record_of(owner_kind, record_id)
        services.attach(owner_kind, record_id, kept, name=name, note=note, by=me())


@bp.get("/<int:attachment_id>")
@needs(*READERS)
def show(attachment_id: int) -> Any:
    """What a file is, and what it looks like where we can draw it."""
    attachment = _attachment(attachment_id)
    number = max(1, request.args.get("page", 1, type=int))
    zoom = 2 if request.args.get("zoom") == "2" else 1
    return render_template(
        "files/show.html",
        attachment=attachment,
        ref=_record_of(attachment),
        owner=owner(attachment.subject_type),
        preview=_preview(attachment, number, zoom),
        number=number,
        zoom=zoom,
        elsewhere=records_of(session.scalars(queries.same_content(attachment)).all()),
        may_change=may_change(attachment.subject_type),
    )


@bp.get("/<int:attachment_id>/pages/<int:number>")
@needs(*READERS)
def draw(attachment_id: int, number: int) -> Any:
    """One page of a file as a picture of ours."""
    zoom = 2 if request.args.get("zoom") == "2" else 1
    preview = _preview(_attachment(attachment_id), number, zoom) or abort(404)
    return Response(preview.png, mimetype="image/png")


@bp.get("/<int:attachment_id>/content")
@needs(*READERS)
def content(attachment_id: int) -> Any:
    """The file itself, always to be saved, never shown by the browser as a page of ours."""
    attachment = _attachment(attachment_id)
    kind, plain = attachment.file.media_type, f"attachment-{attachment_id}"
    return to_be_saved(attachment.file, attachment.name, media_type=kind, plain=plain)


@bp.get("/<int:attachment_id>/description")
@needs(*WRITERS)
def edit_description(attachment_id: int) -> Any:
    attachment = _attachment(attachment_id, is_changing=True)
    return _description_page(attachment, DescriptionForm(formdata=None, obj=attachment))


@bp.post("/<int:attachment_id>/descriptions")
@needs(*WRITERS)
def create_description(attachment_id: int) -> Any:
    """Another name or note."""
    attachment = _attachment(attachment_id, is_changing=True)
    form = DescriptionForm()
    if not form.validate_on_submit():
        return _description_page(attachment, form), 422
    try:
        with writing():
            attachment = _attachment(attachment_id, is_changing=True)
            services.describe(attachment, **form.to_description(), by=me())
    except DomainError as error:
        attachment = _attachment(attachment_id, is_changing=True)
        status = blame(form, error, attachment)
        return _description_page(attachment, form), status
    if wants_fragment():
        return render_template("files/_file.html", one=attachment, may_change=True)
    return go_back("files.show", attachment_id=attachment_id)


@bp.post("/<int:attachment_id>/removals")
@needs(*WRITERS)
def create_removal(attachment_id: int) -> Any:
    attachment = _attachment(attachment_id, is_changing=True)
    ref = _record_of(attachment)
    with writing():
        attachment = _attachment(attachment_id, is_changing=True)
        services.remove(attachment, by=me())
    undo = url_for("files.create_restoration", attachment_id=attachment_id)
    flash_undo(_("已移除附件“%(name)s”。", name=attachment.name), _("撤销"), undo)
    return redirect(ref.href, 303)


@bp.post("/<int:attachment_id>/restorations")
@needs(*WRITERS)
def create_restoration(attachment_id: int) -> Any:
    """The undo of a removal; once more, where somebody was faster, says so."""
    ref = _record_of(_any(attachment_id), is_changing=True)
    try:
        with writing():
            services.restore(_any(attachment_id), by=me())
    except DomainError as error:
        flash(sentence(error), "info")
    else:
        flash(_("已恢复附件。"), "success")
    return redirect(ref.href, 303)


def _attachment(attachment_id: int, *, is_changing: bool = False) -> Attachment:
    found = session.scalar(queries.present().where(Attachment.id == attachment_id)) or abort(404)
    _record_of(found, is_changing=is_changing)
    return found


def _any(attachment_id: int) -> Attachment:
    """Also one that was removed; whose it is, is for `_record_of` to ask."""
    return session.get(Attachment, attachment_id) or abort(404)


def _record_of(attachment: Attachment, *, is_changing: bool = False) -> SubjectRef:
    return record_of(attachment.subject_type, attachment.subject_id, is_changing=is_changing)


def _preview(attachment: Attachment, number: int, zoom: int) -> previews.Preview | None:
    file = attachment.file
    try:
        return previews.page(store(), file.sha256, file.media_type, number, zoom)
    except (previews.NotShown, FileNotFoundError):
        return None


def _description_page(attachment: Attachment, form: DescriptionForm) -> str:
    return render_template(
        "files/_file_form.html" if wants_fragment() else "files/description.html",
        one=attachment,
        ref=_record_of(attachment),
        form=form,
    )


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
    registry.log_words.append(LOG_WORDS)
    settings = app.config["SETTINGS"]
    scanner = None
    if settings.scan_command:
        scanner = Scanner(settings.scan_command, is_required=settings.is_scan_required)
    address = settings.files_url or str(settings.data_dir / "files")
    app.config["FILE_STORE"] = Store.at(address, scanner)
    app.register_blueprint(bp)
