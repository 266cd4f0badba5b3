"""The pyramid on any day for a scope or a carrier, and the firms behind each of its figures."""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from flask import abort, render_template, request

from crm.companies.models import Company
from crm.core import clock, registry
from crm.core.db import session
from crm.core.words import N_
from crm.ladder import panel, queries
from crm.ladder.models import Revocation
from crm.ladder.pages import bp
from crm.ladder.pyramid import firms_on, pyramid
from crm.ladder.renewals import awaiting_renewal
from crm.ladder.revocations import waiting
from crm.ladder.rungs import Proof, Rung, Standing
from crm.people.models import Unit, User
from crm.people.queries import carriers
from crm.people.roles import Action, Role
from crm.people.scope import Scope, scope_of
from crm.web.carriers import chosen_carrier
from crm.web.dates import as_of, day_of
from crm.web.guards import my_scope, needs
from crm.web.locale import label
from crm.web.paging import count, page


@bp.get("")
@needs(Action.COMPANIES_READ)
def index() -> Any:
    """The six rungs as of a date, for the scope or one carrier in it; with `than`, how they changed since."""
    on, than, unit = as_of(), day_of("than"), chosen_carrier()
    scope = _scope(unit)
    before = {step.rung: step.holding for step in pyramid(scope, than)} if than else {}
    steps = [
        (step, step.holding - before[step.rung] if than else None) for step in pyramid(scope, on)
    ]
    return render_template(
        "ladder/index.html",
        steps=steps,
        than=than,
        earlier=_address(unit, as_of=than) if than else "",
        between=_between(than, on, unit) if than else "",
        awaiting=count(awaiting_renewal(scope, on)),
        ends=count(waiting(my_scope()).with_only_columns(Revocation.id)),
        **_place(on, unit),
    )


@bp.get("/awaiting-renewal")
@needs(Action.COMPANIES_READ)
def awaiting() -> Any:
    """The firms behind 到期待重新认定, beside the stock until 31 December."""
    on, unit = as_of(), chosen_carrier()
    query = awaiting_renewal(_scope(unit), on)
    return render_template(
        "ladder/awaiting.html",
        firms=page(query, Company.id),
        total=count(query),
        **_place(on, unit),
    )


@bp.get("/holders/<rung>")
@needs(Action.COMPANIES_READ)
def holders(rung: str) -> Any:
    """The firms behind one figure of the pyramid."""
    found = next((r for r in Rung if r.value == rung), None) or abort(404)
    on, unit, is_highest = as_of(), chosen_carrier(), request.args.get("only") == "highest"
    query = firms_on(found, _scope(unit), on, is_highest=is_highest)
    firms = page(query, Company.id)
    standings = queries.standings_of([row.id for row in firms.rows], on)
    return render_template(
        "ladder/holders.html",
        rung=found,
        is_highest=is_highest,
        firms=firms,
        total=count(query),
        standings=standings,
        proof_of=_proof_of(found),
        say=panel.say,
        **_place(on, unit),
    )


def _between(than: date, on: date, unit: Unit | None) -> str:
    """The days on which something changed, from the day after the earlier of the two through the later one."""
    return _address(unit, **{"from": min(than, on) + timedelta(1), "to": max(than, on)})


def _address(unit: Unit | None, **days: date) -> str:
    return urlencode({**days, **({"unit": unit.id} if unit else {})})


def _proof_of(rung: Rung) -> Callable[[Standing], Proof]:
    return lambda standing: next(proof for proof in standing.proofs if proof.rung == rung)


def _scope(unit: Unit | None) -> Scope:
    return my_scope().within(unit) if unit else my_scope()


def _place(on: date, unit: Unit | None) -> dict[str, Any]:
    """What the pages of the pyramid say about where and when."""
    return {
        "as_of": on,
        "unit": unit,
        "units": session.scalars(carriers(my_scope())).all(),
        "scope_label": unit.name if unit else label(my_scope().label),
        "place": _address(unit, as_of=on),
    }


def _at_home(user: User) -> Any:
    """A leader's card: each rung with its holders; none for the others, and where nobody stands on the ladder yet."""
    if Role.LEADER not in user.roles:
        return None
    steps = pyramid(scope_of(user), clock.today())
    most = max(step.holding for step in steps)
    return [(step, Fraction(step.holding, most)) for step in steps] if most else None


def init_app() -> None:
    registry.widgets.append(
        registry.Widget("ladder/_pyramid_widget.html", _at_home, 49, Action.COMPANIES_READ.value)
    )
    registry.navigation.append(
        registry.NavigationEntry(
            N_("梯度"),
            "ladder.index",
            "stairs-up",
            20,
            Action.COMPANIES_READ.value,
            roles=(Role.INCUBATOR_STAFF, Role.LEADER),
        )
    )
