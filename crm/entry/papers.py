"""What the desk prints: 受理通知书, 一次性告知书, the cover of the 入驻协议.

Each print is a POST and is logged: the papers name the applicant's contact, and leave the house.
"""

from datetime import date
from typing import Any

from flask import abort, render_template

from crm.audit.services import record
from crm.core import clock
from crm.core.db import writing
from crm.core.words import N_, LabelledEnum
from crm.documents.attachment import as_attachment
from crm.documents.pdf import printed
from crm.entry import limits
from crm.entry.desk_pages import application_in_scope, bp
from crm.entry.models import EntryApplication, EntryState, EntryStep
from crm.people.roles import Action
from crm.reference.settings import is_demo_data
from crm.reference.working_days import Calendar, calendar_around
from crm.web.guards import me, needs
from crm.web.locale import label


class Paper(LabelledEnum):
    """A paper that the desk hands out."""

    RECEIPT = "receipt", N_("受理通知书")
    NOTICE = "notice", N_("一次性告知书")
    AGREEMENT = "agreement", N_("入驻协议封面")


def available(application: EntryApplication) -> list[Paper]:
    """The papers for which the application has come far enough."""
    papers = []
    if _accepted(application):
        papers.append(Paper.RECEIPT)
    if _returned(application):
        papers.append(Paper.NOTICE)
    if application.agreement_on:
        papers.append(Paper.AGREEMENT)
    return papers


@bp.post("/<int:application_id>/papers/<paper>")
@needs(Action.ENTRY_WRITE, Action.ENTRY_REVIEW)
def create_paper(application_id: int, paper: str) -> Any:
    application = application_in_scope(application_id)
    if paper not in available(application):
        abort(404)
    kind = Paper(paper)
    content = printed(_rendered(application, kind))
    with writing():
        record("entry.printed", application_in_scope(application_id), by=me(), paper=kind.label)
    name = f"{label(kind)}-{application.name}.pdf"
    return as_attachment(
        content, "application/pdf", f"entry-{application_id}-{kind.value}.pdf", name
    )


def _rendered(application: EntryApplication, paper: Paper) -> str:
    accepted, returned = _accepted(application), _returned(application)
    days = [step.effective_on for step in (accepted, returned) if step]
    calendar = calendar_around([*days, clock.today()])
    review_due = _review_due(accepted, calendar)
    return render_template(
        f"entry/papers/{paper.value}.html",
        application=application,
        accepted=accepted,
        returned=returned,
        review_due=review_due,
        review_days=limits.limits().get(EntryState.REVIEW.value),
        is_reckoned_by_weekdays=not all(calendar.knows(day) for day in (*days, review_due) if day),
        rest_days=application.days_allowed if application.state is EntryState.CORRECTION else None,
        is_demo_data=is_demo_data(),
    )


def _review_due(accepted: EntryStep | None, calendar: Calendar) -> date | None:
    """By when the review was promised, on the day of acceptance."""
    days = limits.limits().get(EntryState.REVIEW.value)
    return limits.Clock(accepted.effective_on, days).due_on(calendar) if accepted else None


def _accepted(application: EntryApplication) -> EntryStep | None:
    """The step by which it was accepted."""
    steps = (
        step
        for step in application.steps
        if step.from_state is EntryState.ACCEPTANCE and step.to_state is EntryState.REVIEW
    )
    return next(steps, None)


def _returned(application: EntryApplication) -> EntryStep | None:
    """The last step back for correction."""
    steps = (s for s in reversed(application.steps) if s.to_state is EntryState.CORRECTION)
    return next(steps, None)
