"""Pages of the ladder: a firm's proofs and their forms, what ends soon. The pyramid is in pyramid_pages.py."""

from datetime import date
from typing import Any

from flask import Flask, abort, flash, render_template, request
from flask_babel import gettext as _

from crm.companies.models import Company
from crm.companies.pages import company_in_scope
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.ladder import listing, panel, queries, services, stair, transition_pages
from crm.ladder.forms import QualificationForm, RevocationForm
from crm.ladder.history import steps
from crm.ladder.lives import lives_of
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.pyramid_pages import bp
from crm.ladder.qualifications import RULES, State, state_on
from crm.ladder.rungs import Rung
from crm.people.models import User
from crm.people.roles import Action, Role
from crm.people.scope import scope_of
from crm.web.dates import as_of
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment
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
        proofs=[(proof, panel.last_day(proof), *panel.state_word(proof, on)) for proof in proofs],
        can_revoke=lambda proof: state_on(proof, clock.today()) == State.VALID,
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


@bp.get("/companies/<int:company_id>/qualifications/new")
@needs(Action.COMPANIES_WRITE)
def new_qualification(company_id: int) -> Any:
    firm, kind = company_in_scope(company_id), _kind(request.args.get("kind", "high_tech"))
    return _qualification_page(firm, QualificationForm(kind))


@bp.post("/companies/<int:company_id>/qualifications")
@needs(Action.COMPANIES_WRITE)
def create_qualification(company_id: int) -> Any:
    firm = company_in_scope(company_id)
    form = QualificationForm(_kind(request.form.get("kind", "")))
    if not form.validate():
        return _qualification_page(firm, form), 422
    try:
        with writing():
            services.award(company_in_scope(company_id), form.to_details(), by=me())
    except DomainError as error:
        if error.field == "authority" and "board" in form:
            error.field = "board"
        blame(form, error)
        return _qualification_page(firm, form), error.status
    flash(_("已登记证明。"), "success")
    return go_to("companies.show", company_id=company_id)


def _kind(text: str) -> QualificationKind:
    return next((kind for kind in QualificationKind if kind.value == text), None) or abort(404)


def _qualification_page(firm: Company, form: QualificationForm) -> str:
    return render_template("ladder/qualification.html", firm=firm, form=form, kinds=RULES)


@bp.get("/qualifications/<int:qualification_id>/revocations/new")
@needs(Action.COMPANIES_WRITE)
def new_revocation(qualification_id: int) -> Any:
    return _revocation_page(_qualification(qualification_id), RevocationForm())


@bp.post("/qualifications/<int:qualification_id>/revocations")
@needs(Action.COMPANIES_WRITE)
def create_revocation(qualification_id: int) -> Any:
    proof, form = _qualification(qualification_id), RevocationForm()
    if not form.validate():
        return _revocation_page(proof, form), 422
    try:
        with writing():
            fresh = _qualification(qualification_id, lock=True)
            services.revoke(fresh, on=form.on.data, reason=form.reason.data, by=me())
    except DomainError as error:
        blame(form, error)
        return _revocation_page(proof, form), error.status
    flash(_("已终止这项证明。"), "success")
    return go_to("companies.show", company_id=proof.company_id)


def _qualification(qualification_id: int, *, lock: bool = False) -> Qualification:
    query = queries.visible_qualifications(my_scope())
    query = query.where(Qualification.id == qualification_id)
    return session.scalar(query.with_for_update() if lock else query) or abort(404)


def _revocation_page(proof: Qualification, form: RevocationForm) -> str:
    word = RULES[proof.kind].revoked_label
    return render_template("ladder/revocation.html", proof=proof, form=form, word=word)


# What other pages show


def _ending_widget(user: User) -> dict[str, Any] | None:
    """The home widget: what ends soon; no card where nothing does."""
    query = queries.ending_within(ENDING_DAYS, scope_of(user), clock.today())
    rows = session.execute(query.limit(ENDINGS_ON_HOME)).all()
    return {"rows": rows, "total": count(query)} if rows else None


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(transition_pages.bp)
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
