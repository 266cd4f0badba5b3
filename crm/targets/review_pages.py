"""The review of what was reported by hand: signed by the unit's head, verified by 督查, or sent back."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import abort, flash, render_template
from flask_babel import gettext as _

from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.roles import Action
from crm.targets import queries, services
from crm.targets.forms import ReviewForm, SendBackForm
from crm.targets.models import ProgressReport
from crm.targets.pages import bp
from crm.web.guards import may, me, my_scope, needs
from crm.web.htmx import go_to


@bp.get("/reviews")
@needs(Action.TARGETS_SIGN, Action.TARGETS_VERIFY)
def reviews() -> Any:
    """What waits for my signature or verification."""
    waiting = queries.awaiting(
        me(),
        my_scope(),
        signs=may(Action.TARGETS_SIGN),
        verifies=may(Action.TARGETS_VERIFY),
    )
    reports = session.scalars(waiting).all()
    return render_template("targets/reviews.html", reports=reports, step_of=step_of)


@bp.post("/reports/<int:report_id>/signatures")
@needs(Action.TARGETS_SIGN)
def sign(report_id: int) -> Any:
    """The head of the unit stands for a report."""
    form = _review(ReviewForm())
    return _decide(report_id, form, services.sign, _("已签审，等待督查核验。"))


@bp.post("/reports/<int:report_id>/verifications")
@needs(Action.TARGETS_VERIFY)
def verify(report_id: int) -> Any:
    """督查 confirms a report: from now on it counts."""
    form = _review(ReviewForm())
    return _decide(report_id, form, services.verify, _("已核验，计入完成数。"))


@bp.post("/reports/<int:report_id>/returns")
@needs(Action.TARGETS_SIGN, Action.TARGETS_VERIFY)
def send_back(report_id: int) -> Any:
    """A report goes back to who entered it, with the reason."""
    form = _review(SendBackForm())
    decide = partial(services.send_back, reason=form.reason.data)
    return _decide(report_id, form, decide, _("已退回填报人。"))


def step_of(entered: ProgressReport) -> str | None:
    """'sign' or 'verify' where that is mine to do."""
    step = services.next_step(entered, me())
    return (
        {Action.TARGETS_SIGN: "sign", Action.TARGETS_VERIFY: "verify"}.get(step) if step else None
    )


def _review(form: Any) -> Any:
    if not form.validate_on_submit():
        raise DomainError(
            N_("请写明退回原因。") if "reason" in form.errors else N_("请刷新页面后重试。")
        )
    return form


def _decide(report_id: int, form: Any, decide: Callable[..., None], done: str) -> Any:
    """Take one step of the review, then back to the page it was taken from."""
    with writing():
        entered = _report(report_id)
        decide(entered, by=me(), version=form.version.data)
        thing = services.subject_of(entered)
        code, year, is_share = thing.code, thing.plan.year, entered.unit_id is not None
    flash(done, "success")
    if is_share or form.back.data == "reviews":
        return go_to(".reviews")
    return go_to(".show", code=code, year=year)


def _report(report_id: int) -> ProgressReport:
    """A report of my scope, held until the change is written; anybody else's is not found."""
    found = session.scalar(
        queries.reports_in(my_scope())
        .where(ProgressReport.id == report_id)
        .with_for_update(of=ProgressReport)
    )
    return found or abort(404)
