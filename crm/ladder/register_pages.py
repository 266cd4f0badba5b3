"""The register of qualifications: the list and its files."""

from typing import Any

from flask import abort, request, send_file

from crm.core import clock, registry
from crm.core.db import writing
from crm.ladder.pages import bp
from crm.ladder.register import QUALIFICATIONS
from crm.lists import files, pages, selection
from crm.people.roles import Action
from crm.web.guards import me, needs
from crm.web.locale import label


@bp.get("/qualifications")
@needs(Action.COMPANIES_READ)
def qualifications() -> Any:
    return pages.answer(QUALIFICATIONS, "ladder/register.html", "ladder/_register.html")


@bp.post("/qualifications/files")
@needs(Action.REPORTS_EXPORT)
def create_file() -> Any:
    """What the list shows, or what is selected of it, as a file."""
    kind = request.form.get("format", "")
    if kind not in files.FORMATS:
        abort(422)
    chosen = selection.of_request(QUALIFICATIONS)
    file, number = files.write(chosen, kind)
    with writing():
        files.note_export(chosen, kind, number, by=me())
    name = f"{label(QUALIFICATIONS.label)}-{clock.today().isoformat()}.{files.SUFFIXES[kind]}"
    return send_file(file, files.FORMATS[kind], as_attachment=True, download_name=name)


def init_app() -> None:
    registry.lists[QUALIFICATIONS.key] = QUALIFICATIONS
