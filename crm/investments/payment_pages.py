"""到账资金 that waits for its check, and what is done with one payment: confirmed, sent back, withdrawn."""

from typing import Any

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from crm.audit.verification import VerificationState
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.investments import services
from crm.investments.models import PaidInFund
from crm.investments.pages import bp, payment_in_scope
from crm.investments.queries import waiting_payments
from crm.people.roles import Action
from crm.web.addresses import record_number, safe_address
from crm.web.forms import clean_text
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.locale import sentence

SHOWN = 200


@bp.get("/payments")
@needs(Action.PROJECTS_READ)
def waiting() -> Any:
    query = waiting_payments(my_scope()).options(
        joinedload(PaidInFund.project), joinedload(PaidInFund.reported_by)
    )
    return render_template(
        "investments/payments.html",
        payments=session.scalars(query.limit(SHOWN)).all(),
        reader=me(),
    )


@bp.get("/payments/<int:payment_id>")
@needs(Action.PROJECTS_READ)
def show(payment_id: int) -> Any:
    """It stands among the money of its project."""
    return _to_project(payment_id)


@bp.post("/payments/<int:payment_id>/reviews")
@needs(Action.PROJECTS_WRITE, Action.TARGETS_VERIFY)
def review(payment_id: int) -> Any:
    is_returned = "returned" in request.form
    state = VerificationState.RETURNED if is_returned else VerificationState.VERIFIED
    version = request.form.get("version", type=record_number)
    try:
        with writing():
            services.verify_payment(payment_in_scope(payment_id), state, by=me(), version=version)
    except DomainError as refused:
        flash(sentence(refused), "error")
    else:
        flash(_("已退回。") if is_returned else _("已核验。"), "success")
    return _back(payment_id)


@bp.post("/payments/<int:payment_id>/withdrawals")
@needs(Action.PROJECTS_WRITE)
def withdraw(payment_id: int) -> Any:
    reason = clean_text(request.form.get("reason", ""))[:200]
    version = request.form.get("version", type=record_number)
    try:
        with writing():
            payment = payment_in_scope(payment_id)
            services.withdraw_payment(payment, reason=reason, by=me(), version=version)
    except DomainError as refused:
        flash(sentence(refused), "error")
    else:
        flash(_("已撤回，不再计入到账资金。"), "success")
    return _back(payment_id)


def _back(payment_id: int) -> Any:
    if address := safe_address(request.form.get("next")):
        return redirect(address, 303)
    return _to_project(payment_id)


def _to_project(payment_id: int) -> Any:
    payment = payment_in_scope(payment_id)
    return go_to("investments.of_project", record_id=payment.project_id)
