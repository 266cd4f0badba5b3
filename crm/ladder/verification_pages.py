"""The queue of proofs that wait for a second person: by source document, a whole batch in one click."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from flask import render_template

from crm.core import clock, registry
from crm.core.clock import park_date
from crm.core.words import N_
from crm.ladder import revocations, verification
from crm.ladder.pages import bp
from crm.ladder.qualifications import RULES
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.web import batches
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to

DUE_WITHIN = timedelta(days=7)  # after it was recorded a proof ought to be verified


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
    return _batch_page(batches.asked_for()) or go_to("ladder.verifications")


@bp.post("/verifications")
@needs(Action.QUALIFICATIONS_VERIFY)
def create_verifications() -> Any:
    """Confirm a batch as it was seen, but for the exceptions that are ticked off."""
    verify = partial(verification.verify_batch, my_scope())
    return batches.confirm(verify, _batch_page, "ladder.verifications")


def _batch_page(verdict: batches.Verdict, error: str = "") -> str | None:
    found, rows = verification.batch(my_scope(), verdict.source, me())
    if found is None:
        return None
    page = "ladder/verification_batch.html"
    return render_template(page, batch=found, rows=rows, verdict=verdict, error=error)


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
