"""What the pages of imports share: the blueprint, who may come here, an import that the reader may see, or 404."""

from flask import Blueprint, abort

from crm.core import registry
from crm.core.db import session
from crm.imports import queries
from crm.imports.kinds import ImportKind
from crm.imports.models import Import
from crm.people.roles import Action
from crm.web.guards import may, me

IMPORTERS = (
    Action.COMPANIES_WRITE,
    Action.PROJECTS_WRITE,
    Action.FOLLOWUP_WRITE,
)  # and each kind asks for its own

bp = Blueprint("imports", __name__, url_prefix="/imports")


def import_of(import_id: int) -> Import:
    found = session.scalar(queries.visible_to(me()).where(Import.id == import_id))
    return found if found and found.kind in registry.import_kinds else abort(404)


def my_import(import_id: int) -> Import:
    """Only who brought it in works on it; for others who may see it 403."""
    found = import_of(import_id)
    return found if found.requested_by_id == me().id else abort(403)


def kind_named(key: str) -> ImportKind:
    found: ImportKind | None = registry.import_kinds.get(key)
    if found is None:
        abort(404)
    return found if may(found.action) else abort(403)


def one_of(value: str | None, known: set[str]) -> str:
    """What an address says, where it is one of the known words."""
    return value if value in known else ""
