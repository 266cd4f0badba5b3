"""Pages of the ladder: a firm's proofs and their forms, what ends soon. The pyramid is in pyramid_pages.py."""

from datetime import date
from typing import Any

from flask import Flask, render_template

from crm.companies.pages import company_in_scope
from crm.core import clock, registry
from crm.core.db import session
from crm.core.words import N_
from crm.ladder import (
    counting_pages,
    label_pages,
    listing,
    official_pages,
    panel,
    proof_pages,
    pyramid_pages,
    queries,
    register_pages,
    revocation_pages,
    revocations,
    stair,
    transition_pages,
    verification_pages,
)
from crm.ladder.history import steps
from crm.ladder.lives import lives_of
from crm.ladder.log_words import LOG_WORDS
from crm.ladder.pages import bp
from crm.ladder.rungs import Rung
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.web.dates import as_of
from crm.web.guards import my_scope, needs
from crm.web.htmx import wants_fragment
from crm.web.paging import count

ENDING_DAYS = 90
ENDINGS_ON_HOME = 6
ENDINGS_SHOWN = 500


# The park


@bp.get("/endings")
@needs(Action.COMPANIES_READ)
def endings() -> Any:
    """The proofs that end within the next months, soonest first."""
    query = queries.ending_within(ENDING_DAYS, my_scope(), clock.today())
    rows = session.execute(query.limit(ENDINGS_SHOWN)).all()
    return render_template("ladder/endings.html", rows=rows, days=ENDING_DAYS, total=count(query))


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
        **_history(firm.id, on),
        proofs=[(proof, *panel.state_word(proof, on)) for proof in proofs],
        ends=revocations.waiting_of([proof.id for proof in proofs]),
    )


def _history(company_id: int, on: date) -> dict[str, Any]:
    """Every step of the firm's life so far, drawn and told."""
    today = clock.today()
    found = steps(lives_of([company_id])[company_id], max(on, today))
    return {
        "stair": stair.draw(found, on, today),
        "history": [(step, panel.say(step.standing.reason)) for step in reversed(found)],
        "rungs": tuple(reversed(Rung)),
    }


# What other pages show


def _ending_widget(user: User) -> dict[str, Any] | None:
    """The home widget: what ends soon; no card where nothing does."""
    query = queries.ending_within(ENDING_DAYS, scope_of(user), clock.today())
    rows = session.execute(query.limit(ENDINGS_ON_HOME)).all()
    return {"rows": rows, "total": count(query)} if rows else None


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    registry.children["qualifications"] = registry.ChildKind(
        N_("资质"), href="/ladder/qualifications/{id}"
    )
    registry.children["official_rows"] = registry.ChildKind(N_("公布名单中的名称"))
    counting_pages.init_app()
    pyramid_pages.init_app()
    register_pages.init_app()
    proof_pages.init_app()
    official_pages.init_app()
    verification_pages.init_app()
    revocation_pages.init_app()
    app.register_blueprint(bp)
    app.register_blueprint(label_pages.bp)
    app.register_blueprint(transition_pages.bp)
    registry.navigation.append(
        registry.NavigationEntry(
            N_("资质种类"), "labels.index", "certificate", 85, Action.RULES_MANAGE.value
        )
    )
    reading, position = Action.COMPANIES_READ.value, 20
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
