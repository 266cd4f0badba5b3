"""Pages of readiness: the suggestions of each kind, and a firm's panel."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, render_template, request

from crm.audit.remembered import remembered
from crm.companies.models import CompanyKind
from crm.companies.pages import company_in_scope
from crm.core import clock, registry
from crm.core.db import session
from crm.core.words import N_
from crm.declarations.queries import open_batches
from crm.people.models import User
from crm.people.queries import carriers
from crm.people.roles import Action
from crm.people.scope import Scope, scope_of
from crm.readiness import decision_pages
from crm.readiness.judging import DECLARED_AS, decided, of_firm, suggestions
from crm.readiness.log_words import LOG_WORDS
from crm.readiness.models import Kind
from crm.readiness.pages import kind_or_404, words
from crm.web.carriers import chosen_carrier
from crm.web.dates import as_of
from crm.web.guards import may, my_scope, needs
from crm.web.htmx import wants_fragment
from crm.web.locale import label

bp = Blueprint("readiness", __name__, url_prefix="/readiness")

SHOWN, AT_HOME, JUDGED_AT_HOME = 50, 6, 60
HOME_KINDS = (Kind.ABOVE_SCALE, Kind.HIGH_TECH, Kind.GRADUATION)


# The park


@bp.get("")
@bp.get("/<rule>")
@needs(Action.COMPANIES_READ)
def index(rule: str = Kind.ABOVE_SCALE.value) -> Any:
    """The firms of one kind, the readiest first; with ?show=decided what people have decided."""
    found, on, unit = kind_or_404(rule), as_of(), chosen_carrier()
    is_decided = request.args.get("show") == "decided"
    if is_decided:
        listed = decided(found, my_scope().within(unit) if unit else my_scope(), on)
    else:
        listed = suggestions(found, my_scope(), on, unit)
    start = request.args.get("start", default=0, type=int)
    start = start if 0 <= start < len(listed.firms) else 0
    is_today = on == clock.today()
    return render_template(
        "readiness/index.html",
        kind=found,
        kinds=Kind,
        listed=listed,
        rows=listed.firms[start : start + SHOWN],
        newer=_place(start - SHOWN) if start else None,
        older=_place(start + SHOWN) if start + SHOWN < len(listed.firms) else None,
        is_decided=is_decided,
        as_of=on,
        unit=unit,
        units=session.scalars(carriers(my_scope())).all(),
        scope_label=unit.name if unit else label(my_scope().label),
        batches=_batches(found) if is_today else [],
        can_decide=is_today and may(Action.COMPANIES_WRITE) and found is not Kind.RENEWAL,
        **words(),
    )


def _place(start: int) -> str:
    kept = [(name, value) for name, value in request.args.items() if name != "start" and value]
    return f"{request.path}?{urlencode([*kept, ('start', max(start, 0))])}"


def _batches(kind: Kind) -> list[Any]:
    """The open batches that firms of this kind can be put into."""
    if kind not in DECLARED_AS or not may(Action.COMPANIES_WRITE):
        return []
    found = session.scalars(open_batches(clock.today()))
    return [batch for batch in found if batch.kind == DECLARED_AS[kind]]


# A firm


@bp.get("/companies/<int:record_id>")
@needs(Action.COMPANIES_READ)
def company(record_id: int) -> Any:
    """A firm before every rule that has something to say of it: the panel on its page, or a page of its own."""
    firm, on = company_in_scope(record_id), as_of()
    is_enterprise = firm.kind == CompanyKind.ENTERPRISE
    name = "_company" if wants_fragment() else "company"
    return render_template(
        f"readiness/{name}.html",
        firm=firm,
        as_of=on,
        judged=of_firm(firm.id, my_scope(), on) if is_enterprise else [],
        can_decide=on == clock.today() and may(Action.COMPANIES_WRITE),
        **words(),
    )


# What other pages show


def _widget(user: User) -> dict[str, Any] | None:
    """The home card: firms that are ready for something, a few of each kind."""
    found = _ready(scope_of(user), clock.today())
    return {"firms": found} if found else None


@remembered
def _ready(scope: Scope, on: date) -> list[tuple[Kind, int, str]]:
    """The kind, and the number and name of the firm."""
    found: list[tuple[Kind, int, str]] = []
    for kind in HOME_KINDS:
        listed = suggestions(kind, scope, on, most=JUDGED_AT_HOME)
        ready = [firm for firm in listed.firms if firm.judgement.is_ready and not firm.declared]
        found += [(kind, firm.id, firm.name) for firm in ready[: AT_HOME // len(HOME_KINDS)]]
    return found


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    registry.children |= {  # a word on a suggestion is no evidence: that of the firm that goes on holds
        "suggestions": registry.ChildKind(N_("建议的处理"), is_kept=True),
        "criterion_ticks": registry.ChildKind(N_("人工确认"), is_kept=True),
    }
    app.register_blueprint(bp)
    app.register_blueprint(decision_pages.bp)
    reading = Action.COMPANIES_READ.value
    registry.within["readiness"] = "ladder.index"
    registry.panels.append(
        registry.Panel("company", N_("申报和毕业条件"), "readiness.company", reading, 22)
    )
    registry.widgets.append(
        registry.Widget("readiness/_widget.html", _widget, 22, Action.COMPANIES_WRITE.value)
    )
