"""The queue of evidence that waits for a second person: by source document, a whole one in one click."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _

from crm.core import clock, registry
from crm.core.clock import park_date
from crm.core.db import writing
from crm.core.words import N_
from crm.evidence import verification
from crm.evidence.kind import Kind
from crm.evidence.kinds import KINDS
from crm.evidence.pages import bp, kind_of, record_in_scope
from crm.evidence.verification import QUEUES, waiting
from crm.ladder.forms import ReturnForm
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.web import batches
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to

DUE_WITHIN = timedelta(days=7)  # after it was recorded a record ought to be verified


@bp.get("/verification")
@needs(Action.EVIDENCE_VERIFY)
def queue() -> Any:
    """What waits in my scope, by register and source document."""
    found = verification.batches(my_scope(), me())
    return render_template("evidence/verification.html", batches=found, kinds=KINDS)


@bp.get("/verification/<register>")
@needs(Action.EVIDENCE_VERIFY)
def batch(register: str) -> Any:
    """One source document, record by record, with a box for each exception; the queue once none of it waits."""
    return _batch_page(kind_of(register), batches.asked_for()) or go_to("evidence.queue")


@bp.post("/verification/<register>")
@needs(Action.EVIDENCE_VERIFY)
def verify_batch(register: str) -> Any:
    """Confirm a source document as it was seen, but for the exceptions that are ticked off."""
    kind = kind_of(register)
    verify = partial(QUEUES[kind.key].verify, waiting(kind, my_scope()))
    return batches.confirm(verify, partial(_batch_page, kind), "evidence.queue")


@bp.post("/<register>/<int:evidence_id>/verifications")
@needs(Action.EVIDENCE_VERIFY)
def create_verification(register: str, evidence_id: int) -> Any:
    kind = kind_of(register)
    with writing():
        found = record_in_scope(kind, evidence_id)
        verification.verify(found, by=me(), version=request.form.get("version", type=int))
    flash(_("已核验。"), "success")
    return go_to("evidence.show", register=kind.key, evidence_id=evidence_id)


@bp.get("/<register>/<int:evidence_id>/returns/new")
@needs(Action.EVIDENCE_VERIFY)
def new_return(register: str, evidence_id: int) -> Any:
    kind = kind_of(register)
    found = record_in_scope(kind, evidence_id)
    form = ReturnForm(formdata=None, version=found.version)
    return render_template("evidence/return.html", kind=kind, found=found, form=form)


@bp.post("/<register>/<int:evidence_id>/returns")
@needs(Action.EVIDENCE_VERIFY)
def create_return(register: str, evidence_id: int) -> Any:
    kind, form = kind_of(register), ReturnForm()
    found = record_in_scope(kind, evidence_id)
    if not form.validate():
        return render_template("evidence/return.html", kind=kind, found=found, form=form), 422
    with writing():
        fresh = record_in_scope(kind, evidence_id)
        verification.send_back(fresh, reason=form.reason.data, by=me(), version=form.version.data)
    flash(_("已退回。"), "success")
    return go_to("evidence.show", register=kind.key, evidence_id=evidence_id)


def _batch_page(kind: Kind, verdict: batches.Verdict, error: str = "") -> str | None:
    found, rows = QUEUES[kind.key].batch(waiting(kind, my_scope()), verdict.source, me())
    if found is None:
        return None
    page = "evidence/verification_batch.html"
    return render_template(page, kind=kind, batch=found, rows=rows, verdict=verdict, error=error)


def todo(reader: User) -> Iterable[registry.Todo]:
    """One line for all that waits: the queue itself has the rest."""
    if not reader.may(Action.EVIDENCE_VERIFY):
        return
    number, since = verification.waiting_for(scope_of(reader), reader)
    if number and since:
        yield registry.Todo(
            max(park_date(since) + DUE_WITHIN, clock.today()),
            "clipboard-check",
            N_("核验证明材料：%(n)s 项待核"),
            "",
            "/evidence/verification",
            (("n", number),),
        )


def init_app() -> None:
    registry.todo_sources.append(todo)
