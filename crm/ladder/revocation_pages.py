"""The end of a proof before its time: reported, verified by a second person (several at once or one by one), or returned."""

from collections.abc import Iterable
from typing import Any

from flask import abort, flash, render_template, request
from flask_babel import gettext as _

from crm.core import clock, registry
from crm.core.clock import park_date
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.ladder import revocations
from crm.ladder.forms import ReturnForm, RevocationForm
from crm.ladder.models import Qualification, Revocation
from crm.ladder.pages import bp, qualification_in_scope
from crm.ladder.qualifications import RULES
from crm.ladder.verification_pages import DUE_WITHIN
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.web.addresses import versions_seen
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to


@bp.get("/qualifications/<int:qualification_id>/revocations/new")
@needs(Action.COMPANIES_WRITE)
def new_revocation(qualification_id: int) -> Any:
    return _revocation_page(qualification_in_scope(qualification_id), RevocationForm())


@bp.post("/qualifications/<int:qualification_id>/revocations")
@needs(Action.COMPANIES_WRITE)
def create_revocation(qualification_id: int) -> Any:
    proof, form = qualification_in_scope(qualification_id), RevocationForm()
    if not form.validate():
        return _revocation_page(proof, form), 422
    try:
        with writing():
            fresh = qualification_in_scope(qualification_id, lock=True)
            revocations.report(
                fresh,
                on=form.on.data,
                reason=form.reason.data,
                source=form.source.data,
                by=me(),
            )
    except DomainError as error:
        blame(form, error)
        return _revocation_page(proof, form), error.status
    flash(_("已登记终止，待他人核验后不再计入。"), "success")
    return go_to("ladder.qualification", qualification_id=qualification_id)


@bp.post("/revocations/verifications")
@needs(Action.QUALIFICATIONS_VERIFY)
def verify_revocations() -> Any:
    """Confirm what was ticked, as it was seen: each box says its number and version."""
    seen = versions_seen(request.form.getlist("seen")[: revocations.MOST_AT_ONCE])
    if not seen:
        raise DomainError(N_("请先勾选要核验的终止。"))
    with writing():
        number = revocations.verify(my_scope(), seen, by=me())
    flash(_("已核验 %(n)s 项终止，自终止日期起不再计入。", n=number), "success")
    return go_to("ladder.verifications")


@bp.get("/revocations/<int:revocation_id>/returns/new")
@needs(Action.QUALIFICATIONS_VERIFY)
def new_revocation_return(revocation_id: int) -> Any:
    found = _in_scope(revocation_id)
    return _return_page(found, ReturnForm(formdata=None, version=found.version))


@bp.post("/revocations/<int:revocation_id>/returns")
@needs(Action.QUALIFICATIONS_VERIFY)
def create_revocation_return(revocation_id: int) -> Any:
    found, form = _in_scope(revocation_id), ReturnForm()
    if not form.validate():
        return _return_page(found, form), 422
    with writing():
        fresh, reason = _in_scope(revocation_id), form.reason.data
        revocations.send_back(fresh, reason=reason, by=me(), version=form.version.data)
    flash(_("已退回，这项证明继续计入。"), "success")
    return go_to("ladder.qualification", qualification_id=found.qualification_id)


def _in_scope(revocation_id: int) -> Revocation:
    query = revocations.visible_revocations(my_scope()).where(Revocation.id == revocation_id)
    return session.scalar(query) or abort(404)


def _revocation_page(proof: Qualification, form: RevocationForm) -> str:
    word = RULES[proof.kind].revoked_label
    return render_template("ladder/revocation.html", proof=proof, form=form, word=word)


def _return_page(found: Revocation, form: ReturnForm) -> str:
    return render_template("ladder/revocation_return.html", found=found, form=form)


def todo(reader: User) -> Iterable[registry.Todo]:
    """One line for all that waits: the queue itself has the rest."""
    if not reader.may(Action.QUALIFICATIONS_VERIFY):
        return
    number, since = revocations.waiting_for(scope_of(reader), reader)
    if number and since:
        yield registry.Todo(
            max(park_date(since) + DUE_WITHIN, clock.today()),
            "ban",
            N_("核验资质终止：%(n)s 项待核"),
            "",
            "/ladder/verifications",
            (("n", number),),
        )


def init_app() -> None:
    registry.todo_sources.append(todo)
