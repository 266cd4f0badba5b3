"""Pages of the moves: the plain ones share a form; review, agreement and settlement have their own."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, flash, render_template
from flask_babel import gettext as _

from crm.companies import queries as companies
from crm.companies import services as register
from crm.companies.models import Company
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.entry import gates, moves, settlement
from crm.entry.desk_pages import application_in_scope
from crm.entry.desk_pages import bp as bp  # handed on with the moves on it
from crm.entry.forms import AgreementForm, MoveForm, ReviewForm, SettlementForm
from crm.entry.gates import FROM, Missing, Move
from crm.entry.models import EntryApplication, EntryState
from crm.people.models import Unit
from crm.people.queries import staff
from crm.people.roles import Action
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.locale import label, sentence

PLAIN: Mapping[str, Callable[..., Any]] = {
    Move.SUBMIT: moves.submit,
    Move.ACCEPT: moves.accept,
    Move.RETURN: moves.send_back,
    Move.RESUBMIT: moves.resubmit,
    Move.REFUSE: moves.refuse,
    Move.WITHDRAW: moves.withdraw,
}


@bp.get("/<int:application_id>/moves/<move>/new")
@needs(Action.ENTRY_WRITE)
def new_move(application_id: int, move: str) -> Any:
    application = _standing_before(application_id, move)
    form = MoveForm(formdata=None, on=clock.today(), version=application.version)
    return _move_page(application, Move(move), form)


@bp.post("/<int:application_id>/moves/<move>")
@needs(Action.ENTRY_WRITE)
def create_move(application_id: int, move: str) -> Any:
    application_in_scope(application_id)
    if move not in PLAIN:
        abort(404)
    form, status = MoveForm(), 422
    form.ask_for(Move(move))
    if form.validate_on_submit():
        try:
            with writing():
                step = PLAIN[move](
                    application_in_scope(application_id),
                    by=me(),
                    on=form.on.data,
                    opinion=form.opinion.data,
                    version=form.version.data or 0,
                )
        except DomainError as refused:
            status = _refused(form, refused, application_id)
        else:
            return _moved(application_id, step.to_state)
    return _move_page(application_in_scope(application_id), Move(move), form), status


@bp.get("/<int:application_id>/reviews/new")
@needs(Action.ENTRY_REVIEW)
def new_review(application_id: int) -> Any:
    application = _standing_before(application_id, Move.REVIEW)
    form = ReviewForm(
        formdata=None, reviewed_on=clock.today(), people=me().name, version=application.version
    )
    return _review_page(application, form)


@bp.post("/<int:application_id>/reviews")
@needs(Action.ENTRY_REVIEW)
def create_review(application_id: int) -> Any:
    application_in_scope(application_id)
    form, status = ReviewForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                step = moves.review(
                    application_in_scope(application_id),
                    form.to_review(),
                    by=me(),
                    version=form.version.data or 0,
                )
        except DomainError as refused:
            status = _refused(form, refused, application_id, on="reviewed_on")
        else:
            return _moved(application_id, step.to_state)
    return _review_page(application_in_scope(application_id), form), status


@bp.get("/<int:application_id>/agreements/new")
@needs(Action.ENTRY_WRITE)
def new_agreement(application_id: int) -> Any:
    application = _standing_before(application_id, Move.SIGN)
    form = AgreementForm(
        formdata=None,
        number=(application.number or "").replace("入申", "入驻"),
        signed_on=clock.today(),
        rooms=application.space_wish,
        version=application.version,
    )
    return render_template("entry/agreement.html", application=application, form=form)


@bp.post("/<int:application_id>/agreements")
@needs(Action.ENTRY_WRITE)
def create_agreement(application_id: int) -> Any:
    application_in_scope(application_id)
    form, status = AgreementForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                step = moves.sign(
                    application_in_scope(application_id),
                    form.to_agreement(),
                    by=me(),
                    version=form.version.data or 0,
                )
        except DomainError as refused:
            status = _refused(form, refused, application_id, on="signed_on")
        else:
            return _moved(application_id, step.to_state)
    application = application_in_scope(application_id)
    return render_template("entry/agreement.html", application=application, form=form), status


@bp.get("/<int:application_id>/settlements/new")
@needs(Action.ENTRY_WRITE)
def new_settlement(application_id: int) -> Any:
    application = _standing_before(application_id, Move.SETTLE)
    form = SettlementForm(
        formdata=None,
        name=application.name,
        kind=gates.kind_of_firm(application.kind),
        uscc=application.uscc,
        industry_code=application.industry_code,
        future_industry=application.future_industry,
        from_on=clock.today(),
        version=application.version,
    )
    form.offer_staff(session.scalars(staff(my_scope())).all())
    return _settlement_page(application, form, known=_present_firm(application.uscc))


@bp.post("/<int:application_id>/settlements")
@needs(Action.ENTRY_WRITE)
def create_settlement(application_id: int) -> Any:
    """The firm, its residence and the last step: all of it, or nothing."""
    application_in_scope(application_id)
    form, status, found = SettlementForm(), 422, {}
    form.offer_staff(session.scalars(staff(my_scope())).all())
    if form.validate_on_submit():
        try:
            with writing():
                company = settlement.settle(
                    application_in_scope(application_id),
                    form.to_settlement(),
                    by=me(),
                    version=form.version.data or 0,
                    despite_lookalikes=form.is_another.data,
                )
                company_id = company.id
        except register.LooksAlike as refused:
            form.is_another.errors = [sentence(refused)]
            status, found = refused.status, {"alike": refused.found}
        except DomainError as refused:
            status = _refused(form, refused, application_id, on="from_on")
        else:
            flash(_("已入驻，企业档案已建立。"), "success")
            return go_to("companies.show", company_id=company_id)
    application = application_in_scope(application_id)
    known = _present_firm(form.uscc.data)
    return _settlement_page(application, form, known=known, **found), status


def _standing_before(application_id: int, move: str) -> EntryApplication:
    """The application where it can make this move; else there is no such page."""
    application = application_in_scope(application_id)
    known = (*PLAIN, Move.REVIEW, Move.SIGN, Move.SETTLE)
    if move not in known or application.state not in FROM[Move(move)]:
        abort(404)
    return application


def _refused(form: Any, error: DomainError, application_id: int, *, on: str = "on") -> int:
    """As `blame`; a refused day belongs to the form's own day."""
    if error.field == "on":
        error.field = on
    return blame(form, error, application_in_scope(application_id))


def _moved(application_id: int, state: EntryState) -> Any:
    flash(_("已到“%(state)s”。", state=label(state)), "success")
    return go_to("entry.show", application_id=application_id)


def _move_page(application: EntryApplication, move: Move, form: MoveForm) -> str:
    form.ask_for(move)
    lacks = Move.ACCEPT if move is Move.RETURN else move
    missing: list[Missing] = gates.missing(application, lacks)
    return render_template(
        "entry/move.html", application=application, move=move, form=form, missing=missing
    )


def _review_page(application: EntryApplication, form: ReviewForm) -> str:
    return render_template(
        "entry/review.html",
        application=application,
        form=form,
        missing=gates.missing(application, Move.ACCEPT),
        is_own=application.received_by_id == me().id,
    )


def _settlement_page(application: EntryApplication, form: SettlementForm, **found: Any) -> str:
    context = {
        "alike": [],
        "known": None,
        "missing": [m for m in gates.missing(application, Move.SETTLE) if m.place[0] == "#"],
        "carrier": session.get_one(Unit, application.carrier_id),
        **found,
    }
    return render_template("entry/settlement.html", application=application, form=form, **context)


def _present_firm(uscc: str | None) -> Company | None:
    """The firm with this code, where the reader may see it."""
    query = companies.visible_to(my_scope()).where(Company.uscc == uscc)
    return session.scalar(query) if uscc else None
