"""A list leaves the system: at once while it is short, as a job when it is long; logged either way, with who and what for."""

import hashlib
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from io import BufferedRandom
from typing import Any

from flask import abort, request, send_file
from sqlalchemy import func, select

from crm.audit.services import Actor, record
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError, NotAllowed
from crm.core.words import N_
from crm.jobs import asking
from crm.jobs.running import Running
from crm.lists import files
from crm.lists.fields import Listing
from crm.lists.files import FORMATS, SUFFIXES, RowsOf
from crm.lists.selection import Selection, chosen, of_request
from crm.people.roles import Action
from crm.reference import settings
from crm.web.guards import may, me, my_scope
from crm.web.locale import label

KIND = "list.export"
LONGEST_PURPOSE = 100


@dataclass(frozen=True)
class Export:
    """What is taken out: which rows, in which format, what for."""

    selection: Selection
    format: str
    purpose: str

    @property
    def name(self) -> str:
        listing = self.selection.asked.listing
        return f"{label(listing.label)}-{clock.today().isoformat()}.{SUFFIXES[self.format]}"


def of_form(listing: Listing) -> Export:
    """What a posted form asks for. Raises DomainError."""
    kind = request.form.get("format", "")
    if kind not in FORMATS:
        abort(422)
    purpose = " ".join(request.form.get("purpose", "").split())
    if len(purpose) > LONGEST_PURPOSE:
        raise DomainError(N_("导出用途不能超过 %(most)s 个字符。"), most=LONGEST_PURPOSE)
    if not purpose and settings.get("lists.asks_purpose"):
        raise DomainError(N_("请填写导出用途。"))
    return Export(of_request(listing), kind, purpose)


def answer(export: Export) -> Any:
    """The file, or the page of the job that makes it."""
    if files.is_longer(export.selection.asked, settings.get("lists.at_once")):
        return _ask_for(export)
    rows = RowsOf(export.selection)
    with ExitStack() as until_sent:
        file = until_sent.enter_context(tempfile.TemporaryFile())
        files.write(export.selection, export.format, file, rows)
        with writing():
            note(export, rows.number, digest(file), by=me())
        until_sent.pop_all()  # who sends it closes it
    file.seek(0)
    return send_file(file, FORMATS[export.format], as_attachment=True, download_name=export.name)


def run(running: Running) -> None:
    """Make the file of a list, as its requester would see it now. Until it is kept nothing is changed."""
    export = _of_payload(running.payload)
    total = count(export.selection)
    rows = RowsOf(export.selection, lambda number: running.tell(number, total, N_("写入数据")))
    path = running.folder / f"list.{SUFFIXES[export.format]}"
    with path.open("w+b") as file:
        files.write(export.selection, export.format, file, rows)
        sha256 = digest(file)
    running.finish_with_file(
        path,
        export.name,
        FORMATS[export.format],
        noting=lambda: note(export, rows.number, sha256, by=running.user),
    )


def note(export: Export, number: int, sha256: str, *, by: Actor) -> None:
    """Who took which rows out, what for and as which file, in the audit log."""
    asked = export.selection.asked
    record(
        "list.exported",
        None,
        by=by,
        name=asked.listing.label,
        list=asked.listing.key,
        format=export.format,
        filter=asked.state.text,
        scope=my_scope().label,
        columns=[field.key for field in asked.state.columns],
        is_selection=export.selection.ids is not None,
        count=number,
        purpose=export.purpose,
        sha256=sha256,
    )


def count(selection: Selection) -> int:
    found = selection.asked.query.with_only_columns(selection.asked.listing.model.id)
    return session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0


def digest(file: BufferedRandom) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _ask_for(export: Export) -> Any:
    selection = export.selection
    listing = selection.asked.listing
    payload = {
        "list": listing.key,
        "state": selection.asked.state.text,
        "ids": None if selection.ids is None else list(selection.ids),
        "format": export.format,
        "purpose": export.purpose,
    }
    title = N_("导出%(list)s（%(format)s）")
    values = {"list": listing.label, "format": export.format.upper()}
    return asking.ask_for(KIND, payload, title=title, values=values)


def _of_payload(payload: Mapping[str, Any]) -> Export:
    """Raises NotAllowed for who may no longer see the list at all."""
    listing: Listing = registry.lists[payload["list"]]
    if not may(listing.action):
        raise NotAllowed(N_("您的角色不包含这项操作。如工作需要，请联系系统管理员。"))
    selection = chosen(listing, payload["state"], payload["ids"])
    return Export(selection, payload["format"], payload["purpose"])


JOB = registry.JobKind(N_("导出列表"), run, Action.REPORTS_EXPORT.value)
