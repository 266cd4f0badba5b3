"""The queue of proofs that wait for a second person: by source document, a whole batch in one click."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _

from crm.core import clock, registry
from crm.core.clock import park_date
from crm.core.db import writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.ladder import revocations, verification
from crm.ladder.pages import bp
from crm.ladder.qualifications import RULES
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.locale import sentence

DUE_WITHIN = timedelta(days=7)  # after it was recorded a proof ought to be verified
LONGEST_SOURCE = 120


@bp.get("/verifications")
@needs(Action.QUALIFICATIONS_VERIFY)
def verifications() -> Any:
    """What waits in my scope: proofs by their source document, and the ends of proofs."""
    return render_template(
        "ladder/verifications.html",
        batches=verification.batches(my_scope(), me()),
        ends=revocations.queue(my_scope()),
        rules=RULES,
    )


@bp.get("/verifications/batch")
@needs(Action.QUALIFICATIONS_VERIFY)
def verification_batch() -> Any:
    """One source document, name by name, with a box for each exception; the queue once none of it waits."""
    return _batch_page(_source(request.args)) or go_to("ladder.verifications")


@bp.post("/verifications")
@needs(Action.QUALIFICATIONS_VERIFY)
def create_verifications() -> Any:
    """Confirm a batch as it was seen, but for the exceptions that are ticked off."""
    form, source = request.form, _source(request.form)
    exceptions = {number for number in form.getlist("exception", type=int) if number}
    reason = " ".join(form.get("reason", "").split())
    try:
        with writing():
            verified, returned = verification.verify_batch(
                my_scope(),
                source,
                seen=form.get("seen", ""),
                by=me(),
                exceptions=exceptions,
                reason=reason[:200],
            )
    except DomainError as error:
        page = _batch_page(source, sentence(error), exceptions, reason)
        if page is None:
            raise
        return page, error.status
    flash(_("已核验 %(n)s 项，退回 %(m)s 项。", n=verified, m=returned), "success")
    return go_to("ladder.verifications")


def _source(sent: Any) -> str:
    return str(sent.get("source", ""))[:LONGEST_SOURCE]


def _batch_page(
    source: str, error: str = "", exceptions: Iterable[int] = (), reason: str = ""
) -> str | None:
    batch, rows = verification.batch(my_scope(), source, me())
    if batch is None:
        return None
    return render_template(
        "ladder/verification_batch.html",
        batch=batch,
        rows=rows,
        error=error,
        exceptions=exceptions,
        reason=reason,
    )


def todo(reader: User) -> Iterable[registry.Todo]:
    """One line for all that waits: the queue itself has the rest."""
    if not reader.may(Action.QUALIFICATIONS_VERIFY):
        return
    number, since = verification.waiting_for(scope_of(reader), reader)
    if number and since:
        yield registry.Todo(
            max(park_date(since) + DUE_WITHIN, clock.today()),
            "certificate",
            N_("核验资质证明：%(n)s 项待核"),
            "",
            "/ladder/verifications",
            (("n", number),),
        )


def init_app() -> None:
    registry.todo_sources.append(todo)
