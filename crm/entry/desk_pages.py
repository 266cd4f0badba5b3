"""The desk itself: the board, the list of one state, and what the home page shows of it."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, abort, render_template, request

from crm.core import clock
from crm.core.db import session
from crm.core.registry import TODOS_OF_A_SOURCE, Todo
from crm.core.words import N_
from crm.entry import desk, queries
from crm.entry.gates import FORWARD
from crm.entry.models import EntryApplication, EntryState
from crm.people.models import User
from crm.people.queries import carriers
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.web import paging
from crm.web.addresses import record_number
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import wants_fragment

bp = Blueprint("entry", __name__, url_prefix="/entry")

SHOWN_AT_HOME = 6


def application_in_scope(application_id: int) -> EntryApplication:
    """The application, or 404 for one that is not there or lies outside the reader's scope."""
    query = queries.visible_to(my_scope()).where(EntryApplication.id == application_id)
    return session.scalar(query) or abort(404)


@bp.get("")
@needs(Action.ENTRY_READ)
def index() -> Any:
    """The board; with `state`, all of that state page by page."""
    state = request.args.get("state", type=EntryState)
    filters = _chosen_filters()
    context = {
        "filters": filters,
        "carriers": session.scalars(carriers(my_scope())).all(),
        "state": state,
        "states": EntryState,
    }
    if state:
        return _list(state, context)
    return render_template(
        "entry/_board.html" if wants_fragment() else "entry/index.html",
        desk=desk.build(my_scope(), clock.today(), filters),
        **context,
    )


def _list(state: EntryState, context: dict[str, Any]) -> Any:
    query = queries.visible_to(my_scope()).where(
        EntryApplication.state == state, *context["filters"].conditions()
    )
    found = paging.page(queries.listed(query), EntryApplication.id)
    return render_template(
        "entry/_list.html" if wants_fragment() else "entry/index.html",
        page=found,
        cards=desk.as_cards(found.rows, clock.today()),
        count=paging.count(query.with_only_columns(EntryApplication.id)),
        **context,
    )


def _chosen_filters() -> queries.Filters:
    return queries.Filters(
        text=request.args.get("q", "").strip()[:60],
        carrier_id=request.args.get("carrier", type=record_number),
        waits_for=me() if request.args.get("mine") else None,
    )


def at_home(user: User) -> dict[str, Any]:
    """The home widget: how many are overdue and due, and the first few."""
    today = clock.today()
    running = queries.with_limit(scope_of(user))
    first = queries.most_urgent(queries.listed(running)).limit(SHOWN_AT_HOME)
    return {
        "cards": desk.as_cards(session.execute(first), today),
        "overdue": paging.count(running.where(queries.overdue(today))),
        "running": paging.count(running),
    }


def todos(user: User) -> Iterator[Todo]:
    """What of the desk waits for one person by a day."""
    if not (user.may(Action.ENTRY_WRITE) or user.may(Action.ENTRY_REVIEW)):
        return
    waiting = queries.with_limit(scope_of(user)).where(queries.waits_for(user))
    rows = queries.most_urgent(queries.listed(waiting)).limit(TODOS_OF_A_SOURCE)
    for row in session.execute(rows):
        yield Todo(
            due_on=row.due_on,
            icon="inbox",
            text=N_("入驻申请待%(move)s"),
            subject=row.name,
            href=f"/entry/{row.id}",
            values=(("move", FORWARD[row.state]),),
        )
