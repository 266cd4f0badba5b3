"""What we ask about applications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from crm.companies.names import plain_text
from crm.core.db import session
from crm.entry.models import OPEN, EntryApplication, EntryState
from crm.people.models import Unit, User
from crm.people.roles import Action
from crm.people.scope import Scope

_WORDS_READ = 6
_KEPT_BY_OWNER = tuple(state for state in OPEN if state is not EntryState.REVIEW)


def visible_to(scope: Scope) -> Select[EntryApplication]:
    """The applications whose carrier lies in this scope. Every page, count, search and move starts here."""
    return select(EntryApplication).where(scope.includes(EntryApplication.carrier_id))


@dataclass(frozen=True)
class Filters:
    """What narrows the desk."""

    text: str = ""
    carrier_id: int | None = None
    waits_for: User | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [
            EntryApplication.search_text.contains(word, autoescape=True)
            for word in plain_text(self.text).split()[:_WORDS_READ]
        ]
        if self.carrier_id is not None:
            found.append(EntryApplication.carrier_id == self.carrier_id)
        if self.waits_for is not None:
            found.append(waits_for(self.waits_for))
        return found


NO_FILTERS = Filters()


def waits_for(user: User) -> ColumnElement[bool]:
    """The condition that an application waits for this person: kept by them, or theirs to review.

    Nobody reviews what they received themselves.
    """
    waiting: list[ColumnElement[bool]] = []
    if user.may(Action.ENTRY_WRITE):
        waiting.append(
            and_(EntryApplication.owner_id == user.id, EntryApplication.state.in_(_KEPT_BY_OWNER))
        )
    if user.may(Action.ENTRY_REVIEW):
        waiting.append(and_(EntryApplication.state == EntryState.REVIEW, may_be_reviewed_by(user)))
    return or_(false(), *waiting)


def may_be_reviewed_by(user: User) -> ColumnElement[bool]:
    """Whether somebody else received it."""
    received_by = EntryApplication.received_by_id
    return or_(received_by.is_(None), received_by != user.id)


def listed(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """What cards and lists show of the applications in `query`, as plain rows."""
    owner = aliased(User)
    return (
        query.join(Unit, Unit.id == EntryApplication.carrier_id)
        .outerjoin(owner, owner.id == EntryApplication.owner_id)
        .with_only_columns(
            EntryApplication.id,
            EntryApplication.number,
            EntryApplication.name,
            EntryApplication.kind,
            EntryApplication.state,
            EntryApplication.state_entered_on,
            EntryApplication.due_on,
            EntryApplication.days_allowed,
            EntryApplication.is_workstation,
            EntryApplication.is_cluster_registered,
            Unit.name.label("carrier"),
            owner.name.label("owner"),
        )
    )


def counts_by_state(scope: Scope, filters: Filters = NO_FILTERS) -> dict[EntryState, int]:
    """How many applications stand in each state."""
    query = visible_to(scope).where(*filters.conditions())
    rows = session.execute(
        query.with_only_columns(EntryApplication.state, func.count().label("number")).group_by(
            EntryApplication.state
        )
    )
    return {row.state: row.number for row in rows}


def first_of_each_state(
    scope: Scope, states: Sequence[EntryState], limit: int, filters: Filters = NO_FILTERS
) -> Select[*tuple[Any, ...]]:
    """The first cards of each column, what is due first on top, in one query."""
    place = (
        func.row_number()
        .over(partition_by=EntryApplication.state, order_by=_MOST_URGENT)
        .label("place")
    )
    ranked = (
        visible_to(scope)
        .where(EntryApplication.state.in_(states), *filters.conditions())
        .with_only_columns(EntryApplication.id, place)
        .subquery()
    )
    query = select(EntryApplication).join(ranked, ranked.c.id == EntryApplication.id)
    return listed(query.where(ranked.c.place <= limit)).order_by(ranked.c.place)


def most_urgent(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """What is due first on top; what has no due date last, oldest first."""
    return query.order_by(*_MOST_URGENT)


_MOST_URGENT = (
    EntryApplication.due_on.is_(None),
    EntryApplication.due_on,
    EntryApplication.state_entered_on,
    EntryApplication.id,
)


def with_limit(scope: Scope) -> Select[EntryApplication]:
    """The applications whose clock runs."""
    return visible_to(scope).where(EntryApplication.due_on.is_not(None))


def overdue(today: date) -> ColumnElement[bool]:
    return EntryApplication.due_on < today
