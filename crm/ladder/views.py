"""Pages of the ladder: the pyramid, who stands on a rung, a firm's proofs and their forms."""

from datetime import date
from typing import Any

from flask import Flask, abort, render_template, request

from crm.companies.models import Company
from crm.companies.pages import company_in_scope
from crm.core import clock, registry
from crm.core.db import session
from crm.core.words import N_
from crm.ladder import (
    label_pages,
    listing,
    official_pages,
    panel,
    proof_pages,
    queries,
    register_pages,
    verification_pages,
)
from crm.ladder.pages import bp
from crm.ladder.pyramid import firms_on, pyramid
from crm.ladder.rungs import Rung
from crm.people.models import Unit, User
from crm.people.queries import carriers
from crm.people.roles import Action, Role
from crm.people.scope import Scope, scope_of
from crm.web.carriers import chosen_carrier
from crm.web.dates import as_of
from crm.web.guards import my_scope, needs
from crm.web.htmx import wants_fragment
from crm.web.locale import label
from crm.web.paging import count, page

ENDING_DAYS = 90
ENDINGS_ON_HOME = 6
ENDINGS_SHOWN = 500


# The park


@bp.get("")
@needs(Action.COMPANIES_READ)
def index() -> Any:
    """The six rungs as of a date, for the scope or one carrier in it."""
    on, unit = as_of(), chosen_carrier()
    return render_template("ladder/index.html", steps=pyramid(_scope(unit), on), **_place(on, unit))


@bp.get("/holders/<rung>")
@needs(Action.COMPANIES_READ)
def holders(rung: str) -> Any:
    """The firms behind one figure of the pyramid."""
    found = next((r for r in Rung if r.value == rung), None) or abort(404)
    on, unit, is_highest = as_of(), chosen_carrier(), request.args.get("only") == "highest"
    query = firms_on(found, _scope(unit), on, is_highest=is_highest)
    firms = page(query, Company.id)
    standings = queries.standings_of([row.id for row in firms.rows], on)
    return render_template(
        "ladder/holders.html",
        rung=found,
        is_highest=is_highest,
        firms=firms,
        total=count(query),
        standings=standings,
        proof_of=_proof_of(found),
        say=panel.say,
        **_place(on, unit),
    )


@bp.get("/endings")
@needs(Action.COMPANIES_READ)
def endings() -> Any:
    """The proofs that end within the next months, soonest first."""
    query = queries.ending_within(ENDING_DAYS, my_scope(), clock.today())
    rows = session.execute(query.limit(ENDINGS_SHOWN)).all()
    return render_template("ladder/endings.html", rows=rows, days=ENDING_DAYS, total=count(query))


def _proof_of(rung: Rung) -> Any:
    return lambda standing: next(proof for proof in standing.proofs if proof.rung == rung)


def _scope(unit: Unit | None) -> Scope:
    return my_scope().within(unit) if unit else my_scope()


def _place(on: date, unit: Unit | None) -> dict[str, Any]:
    """What the pages of the pyramid say about where and when."""
    return {
        "as_of": on,
        "unit": unit,
        "units": session.scalars(carriers(my_scope())).all(),
        "scope_label": unit.name if unit else label(my_scope().label),
        "place": f"as_of={on.isoformat()}" + (f"&unit={unit.id}" if unit else ""),
    }


# A firm


@bp.get("/companies/<int:record_id>")
@needs(Action.COMPANIES_READ)
def company(record_id: int) -> Any:
    """A firm's rung as of a date, with what proves it: the panel on its page, or a page of its own."""
    firm, on = company_in_scope(record_id), as_of()
    standing = queries.standings_of([firm.id], on)[firm.id]
    proofs = session.scalars(queries.qualifications_of(firm.id)).all()
    template = "ladder/_company.html" if wants_fragment() else "ladder/company.html"
    return render_template(
        template,
        firm=firm,
        as_of=on,
        standing=standing,
        reason=panel.say(standing.reason),
        steps=panel.stairs(standing, proofs, on),
        proofs=[(proof, *panel.state_word(proof, on)) for proof in proofs],
    )


# What other pages show


def _ending_widget(user: User) -> dict[str, Any] | None:
    """The home widget: what ends soon; no card where nothing does."""
    query = queries.ending_within(ENDING_DAYS, scope_of(user), clock.today())
    rows = session.execute(query.limit(ENDINGS_ON_HOME)).all()
    return {"rows": rows, "total": count(query)} if rows else None


def init_app(app: Flask) -> None:
    register_pages.init_app()
    proof_pages.init_app()
    official_pages.init_app()
    verification_pages.init_app()
    app.register_blueprint(bp)
    app.register_blueprint(label_pages.bp)
    registry.navigation.append(
        registry.NavigationEntry(
            N_("资质种类"), "labels.index", "certificate", 85, Action.RULES_MANAGE.value
        )
    )
    reading, position = Action.COMPANIES_READ.value, 20
    registry.navigation.append(
        registry.NavigationEntry(
            N_("梯度"),
            "ladder.index",
            "stairs-up",
            position,
            reading,
            roles=(Role.INCUBATOR_STAFF, Role.LEADER),
        )
    )
    registry.panels.append(
        registry.Panel("company", N_("企业梯度"), "ladder.company", reading, position)
    )
    registry.timeline_sources.setdefault("company", []).append(panel.timeline)
    registry.list_fields.setdefault("companies", []).extend(listing.FIELDS)
    registry.widgets.append(
        registry.Widget(
            "ladder/_endings_widget.html", _ending_widget, position, Action.COMPANIES_WRITE.value
        )
    )
