"""The register of qualifications: the list and its files."""

from typing import Any

from crm.core import registry
from crm.ladder import importing
from crm.ladder.pages import bp
from crm.ladder.register import QUALIFICATIONS
from crm.lists import pages
from crm.people.roles import Action
from crm.web.guards import needs


@bp.get("/qualifications")
@needs(Action.COMPANIES_READ)
def qualifications() -> Any:
    return pages.answer(QUALIFICATIONS, "ladder/register.html", "ladder/_register.html")


@bp.post("/qualifications/files")
@needs(Action.REPORTS_EXPORT)
def create_file() -> Any:
    """What the list shows, or what is selected of it, as a file."""
    return pages.answer_file(QUALIFICATIONS)


def init_app() -> None:
    registry.lists[QUALIFICATIONS.key] = QUALIFICATIONS
    registry.import_kinds[importing.QUALIFICATIONS.key] = importing.QUALIFICATIONS
