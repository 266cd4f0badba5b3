"""What the reader asks of a list, resolved: the saved view it began with, the scope it is cut to, its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, g, request
from sqlalchemy import Row, Select, select
from werkzeug.datastructures import MultiDict

from crm.core.db import session
from crm.lists import queries, state
from crm.lists.fields import Field, Listing
from crm.lists.state import State
from crm.lists.walking import Hits, Walk, probe
from crm.people.models import Unit
from crm.people.scope import Scope
from crm.web.guards import me, my_scope

NO_VIEW = 0


@dataclass(frozen=True)
class Asked:
    """A list as one reader asks for it: how it is shown, and the query of its rows inside the reader's scope."""

    state: State
    query: Select[Any]
    scope: Scope

    @property
    def listing(self) -> Listing:
        return self.state.listing

    @property
    def unit_ids(self) -> frozenset[int]:
        """The units that it is cut to."""
        return frozenset(n for n, unit in units_seen().items() if self.scope.covers(unit))

    def walk(self, fields: Sequence[Field], hits: Hits) -> Walk:
        """The rows with these fields' columns, in the order that is asked for."""
        listing = self.listing
        unit_id, unit_ids = listing.unit_id, self.unit_ids
        return Walk(
            self.query,
            listing.model.id,
            columns_of(listing, fields),
            self.state.order,
            ids=hits.ids,
            joins=listing.joins,
            unit=unit_id == min(unit_ids) if len(unit_ids) == 1 else None,
        )

    def probe(self) -> Hits:
        return probe(self.query, self.listing.model.id)


def columns_of(listing: Listing, fields: Sequence[Field]) -> list[Any]:
    read = [field.column.label(field.key) for field in fields if field.column is not None]
    return [*read, listing.badge[0].label("badge")] if listing.badge else read


def ask(asked: State) -> Asked:
    """The query that a state stands for, cut to the reader's scope whatever the state says."""
    listing, scope = asked.listing, my_scope()
    if asked.unit is not None:
        scope = scope.within(units_seen()[asked.unit])
    query = listing.visible(scope)
    if asked.words:
        query = listing.search(query, asked.words)
    if asked.filter:
        query = query.where(asked.filter.expression())
    return Asked(asked, query, scope)


def ask_as_shown(listing: Listing, text: str) -> Asked:
    """As `ask`, for a state that a form carries as a query string."""
    return ask(state.read_text(listing, text, unit_ids=units_seen()))


def state_of_request(listing: Listing, views: Sequence[Row[Any]]) -> State:
    """From the address; where it says nothing, from the view it names, or the reader's own default."""
    args = request.args
    says_something = any(part in args for part in state.PARTS)
    number = args.get("view", type=int)
    if number is None and not says_something and "edit" not in args:
        view = next((v for v in views if v.is_default and v.owner_id == me().id), None)
    elif number is None or number == NO_VIEW:
        view = None
    else:
        view = next((v for v in views if v.id == number), None) or abort(404)
    if view is not None and not says_something:
        found = state.read_text(listing, view.state, unit_ids=units_seen())
    else:
        found = state.read(listing, _kept(args), unit_ids=units_seen())
    beside = tuple((name, args[name]) for name in listing.keeps if args.get(name))
    begun = view.id if view else number if number == NO_VIEW else None
    return replace(found, view=begun, beside=beside)


def views_of(listing: Listing) -> Sequence[Row[Any]]:
    return session.execute(queries.of_list(listing.key, me())).all()


def units_seen() -> Mapping[int, Any]:
    """The units in the reader's scope, in tree order: their ids, names and paths. Asked once in a request."""
    if "units_seen" not in g:
        query = select(Unit.id, Unit.name, Unit.path).where(my_scope().includes(Unit.id))
        rows = session.execute(query.order_by(Unit.position, Unit.id))
        g.units_seen = {row.id: row for row in rows}
    return g.units_seen  # type: ignore[no-any-return]


def unit_names() -> dict[str, str]:
    """As choices of a field."""
    return {str(number): unit.name for number, unit in units_seen().items()}


def _kept(args: MultiDict[str, str]) -> MultiDict[str, str]:
    """Empty inputs of a form say nothing."""
    return MultiDict([(name, value) for name, value in args.items(multi=True) if value])
