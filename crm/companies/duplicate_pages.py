"""可能重复: the pairs of firms that may be one, in the whole scope and of one firm; saying that two are two."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_babel import gettext as _

from crm.companies import duplicate_queries as queries
from crm.companies import duplicates
from crm.companies.duplicate_models import DuplicatePair, PairState, Reason
from crm.companies.pages import company_in_scope
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.words import N_
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.paging import count, page
from crm.web.undo import flash_undo

bp = Blueprint("duplicates", __name__, url_prefix="/companies")

_MANY = 1000


@bp.get("/duplicates")
@needs(Action.COMPANIES_READ)
def index() -> Any:
    """The likely ones first of all; `all=1` shows the others as well, `state` and `reason` filter."""
    state = _member(PairState, request.args.get("state")) or PairState.OPEN
    reason = _member(Reason, request.args.get("reason"))
    has_all = "all" in request.args or state != PairState.OPEN
    query = queries.merged(my_scope())
    if state != PairState.MERGED:
        query = queries.visible_pairs(my_scope()).where(DuplicatePair.state == state)
    query = query if has_all else queries.likely(query)
    query = query.where(queries.because(reason)) if reason else query
    return render_template(
        "companies/duplicates.html",
        pairs=page(queries.listed(query), DuplicatePair.id),
        count=count(query.with_only_columns(DuplicatePair.id)),
        state=state,
        reason=reason,
        has_all="all" in request.args,
        states=list(PairState),
        reasons=list(Reason),
    )


@bp.get("/<int:company_id>/duplicates")
@needs(Action.COMPANIES_READ)
def of_company(company_id: int) -> Any:
    """Those of one firm, and what was merged into it. Of a firm outside the scope only the unit is told."""
    company = company_in_scope(company_id)
    return render_template(
        "companies/duplicates_of.html",
        company=company,
        pairs=session.execute(queries.of_company(company.id, my_scope())).all(),
        merges=session.scalars(queries.merges_into(company.id)).all(),
    )


@bp.post("/duplicates/<int:pair_id>/dismissals")
@needs(Action.COMPANIES_WRITE, Action.COMPANIES_MERGE)
def dismiss(pair_id: int) -> Any:
    with writing():
        duplicates.dismiss(_pair(pair_id), by=me())
    undo = url_for("duplicates.reopen", pair_id=pair_id)
    flash_undo(_("已标记为不是同一家，名称或代码变动前不再提示。"), _("撤销"), undo)
    return go_to("duplicates.index")


@bp.post("/duplicates/<int:pair_id>/reopenings")
@needs(Action.COMPANIES_WRITE, Action.COMPANIES_MERGE)
def reopen(pair_id: int) -> Any:
    with writing():
        duplicates.reopen(_pair(pair_id), by=me())
    flash(_("已恢复为待核对。"), "success")
    return go_to("duplicates.index")


def todo(reader: User) -> Iterable[registry.Todo]:
    """One line for all that waits: the list has the rest."""
    if not reader.may(Action.COMPANIES_WRITE) and not reader.may(Action.COMPANIES_MERGE):
        return
    query = queries.likely(queries.waiting(scope_of(reader)))
    number = len(session.scalars(query.with_only_columns(DuplicatePair.id).limit(_MANY)).all())
    if number:
        yield registry.Todo(
            clock.today(),
            "copy",
            N_("核对可能重复的企业：%(n)s 对"),
            "",
            "/companies/duplicates",
            (("n", number),),
        )


def _pair(pair_id: int) -> DuplicatePair:
    query = queries.visible_pairs(my_scope()).where(DuplicatePair.id == pair_id)
    return session.scalar(query) or abort(404)


def _member(kind: Any, text: str | None) -> Any:
    return kind(text) if text in list(kind) else None
