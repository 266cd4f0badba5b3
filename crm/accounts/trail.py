"""The audit log as a page: who did what, and what it was before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, render_template, request
from flask_babel import gettext

from crm.accounts import queries
from crm.audit import queries as log
from crm.audit.models import AuditEntry
from crm.audit.words import ORIGINS, action_word, field_word, kinds, same_kind
from crm.core import registry
from crm.core.db import session
from crm.core.words import N_
from crm.people.models import UnitKind
from crm.people.roles import Action, Right, Role
from crm.web.addresses import record_number
from crm.web.guards import may, needs
from crm.web.htmx import wants_fragment

PAGE_SIZE = 50
VALUES: dict[str, dict[str, str]] = {
    key: {member.value: member.label for member in kind}
    for key, kind in (("roles", Role), ("rights", Right), ("kind", UnitKind))
}

# A firm's operating figures: the log keeps them, its reader needs the right to them as everywhere else.
WITHHELD = frozenset(
    {"revenue", "assets", "staff", "tech_staff", "tax", "profit", "r_and_d", "high_tech_income"}
)

bp = Blueprint("audit", __name__, url_prefix="/audit")


@dataclass(frozen=True)
class Line:
    """One entry as it is read: words for codes, instants for text."""

    entry: AuditEntry
    at: datetime
    action: str
    origin: str
    changes: list[tuple[str, str, str]]
    details: list[tuple[str, str]]


@bp.get("")
@needs(Action.AUDIT_READ)
def index() -> Any:
    actor = request.args.get("actor", type=record_number)
    kind = request.args.get("kind", "")
    query = log.entries(
        actor_id=actor,
        kinds=same_kind(kind) if kind in kinds() else (),
        before=request.args.get("before", type=record_number),
    )
    found = session.scalars(query.limit(PAGE_SIZE + 1)).all()
    return render_template(
        "accounts/audit/index.html",
        lines=[_line(entry) for entry in found[:PAGE_SIZE]],
        more_before=found[PAGE_SIZE - 1].id if len(found) > PAGE_SIZE else None,
        actors=session.execute(queries.actors()).all(),
        kinds={same_kind(code)[0]: word for code, word in kinds().items()},
        actor=actor,
        kind=kind,
    )


@bp.get("/verification")
@needs(Action.AUDIT_READ)
def verification() -> Any:
    """Reads the whole chain; changes nothing, so it is a GET."""
    page = "_verdict.html" if wants_fragment() else "verification.html"
    return render_template(f"accounts/audit/{page}", verdict=log.verify())


def _line(entry: AuditEntry) -> Line:
    details = log.details_of(entry)
    changes = details.pop("changes", {})
    return Line(
        entry=entry,
        at=datetime.fromisoformat(entry.at),
        action=gettext(action_word(entry.action)),
        origin=gettext(ORIGINS.get(entry.origin, entry.origin)),
        changes=[
            (_field(key), _text(key, before), _text(key, after))
            for key, (before, after) in changes.items()
        ],
        details=[(_field(key), _text(key, value)) for key, value in details.items()],
    )


def _field(key: str) -> str:
    return str(gettext(field_word(key)))


def _text(key: str, value: Any) -> str:
    match value:
        case None | "" | []:
            return "–"
        case _ if key in WITHHELD and not may(Action.OPERATING_READ):
            return "****"
        case bool():
            return str(gettext("是") if value else gettext("否"))
        case list():
            return "、".join(_text(key, item) for item in value)
        case dict():
            return "；".join(f"{_field(k)} {_text(k, v)}" for k, v in value.items())
        case str() if key == "sha256":
            return f"{value[:16]}…"
        case str() if value in VALUES.get(key, {}):
            return str(gettext(VALUES[key][value]))
        case _:
            return str(value)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    registry.navigation.append(
        registry.NavigationEntry(
            N_("操作日志"), "audit.index", "history", 82, Action.AUDIT_READ.value
        )
    )
