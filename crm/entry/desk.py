"""The desk: applications in columns by state with what is due first on top, and the one next step of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.core.db import session
from crm.core.words import N_
from crm.entry import gates, queries
from crm.entry.gates import FORWARD, FROM, Missing, Move
from crm.entry.limits import Standing, standing
from crm.entry.models import CLOSED, EntryApplication, EntryState
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import Scope
from crm.reference.working_days import Calendar, calendar_around

COLUMNS = (
    EntryState.ACCEPTANCE,
    EntryState.CORRECTION,
    EntryState.REVIEW,
    EntryState.SIGNING,
    EntryState.ERRANDS,
    EntryState.DRAFT,
)
CARDS_PER_COLUMN = 20


@dataclass(frozen=True)
class Card:
    """One application as the desk shows it: its row, and how it stands against its limit."""

    row: Any
    standing: Standing


@dataclass(frozen=True)
class Column:
    """A state with the number of all its applications and the first of them."""

    state: EntryState
    count: int
    cards: Sequence[Card]


@dataclass(frozen=True)
class Desk:
    """What stands where. `closed`: how many are done with, by state."""

    columns: Sequence[Column]
    closed: Sequence[Column]

    @property
    def count(self) -> int:
        return sum(column.count for column in (*self.columns, *self.closed))


def build(scope: Scope, today: date, filters: queries.Filters = queries.NO_FILTERS) -> Desk:
    """The desk of a scope, in three queries whatever its size."""
    counts = queries.counts_by_state(scope, filters)
    cards = as_cards(
        session.execute(
            queries.first_of_each_state(scope, COLUMNS, CARDS_PER_COLUMN, filters)
        ).all(),
        today,
    )
    columns = [
        Column(state, counts.get(state, 0), [c for c in cards if c.row.state is state])
        for state in COLUMNS
    ]
    return Desk(columns, [Column(state, counts.get(state, 0), ()) for state in CLOSED])


def as_cards(rows: Iterable[Any], today: date) -> list[Card]:
    rows = list(rows)
    calendar = calendar_for(rows, today)
    return [Card(row, standing(row, today, calendar)) for row in rows]


def calendar_for(rows: Iterable[Any], today: date) -> Calendar:
    """The calendar of the years in which these are due."""
    return calendar_around([today, *(row.due_on for row in rows if row.due_on)])


@dataclass(frozen=True)
class NextStep:
    """The one thing to do now: its words and where it is done; without an address nobody here can do it."""

    label: str
    href: str | None
    missing: Sequence[Missing] = ()


_WHEN_MISSING = {
    Move.SUBMIT: (N_("补充填写"), "/edit"),
    Move.ACCEPT: (N_("一次性告知，退回补正"), "/moves/return/new"),
    Move.RESUBMIT: (N_("登记补交的材料"), "#checklist"),
    Move.SETTLE: (N_("登记代办进展"), "#errands"),
}
_WHERE = {
    Move.REVIEW: "/reviews/new",
    Move.SIGN: "/agreements/new",
    Move.SETTLE: "/settlements/new",
}


def next_step(application: EntryApplication, user: User) -> NextStep | None:
    """What an open application needs next from this person, with all that is missing for it."""
    if application.state in CLOSED:
        return None
    move = FORWARD[application.state]
    missing = gates.missing(application, move)
    here = f"/entry/{application.id}"
    if move is Move.REVIEW and application.received_by_id == user.id:
        return NextStep(N_("等待受理人以外的人员评审"), None)
    if not user.may(Action.ENTRY_REVIEW if move is Move.REVIEW else Action.ENTRY_WRITE):
        return NextStep(move.label, None, missing)
    is_held_up = [lack for lack in missing if not lack.place.startswith("settlements")]
    if is_held_up:
        words, place = _WHEN_MISSING[move]
        return NextStep(words, here + place, missing)
    return NextStep(move.label, here + _where(move), missing)


def other_moves(application: EntryApplication, user: User) -> list[tuple[Move, str]]:
    """What else can be done with it, each with its address."""
    if not user.may(Action.ENTRY_WRITE):
        return []
    moves = (Move.ACCEPT, Move.RETURN, Move.REFUSE, Move.WITHDRAW)
    here = f"/entry/{application.id}"
    step = next_step(application, user)
    return [
        (move, here + _where(move))
        for move in moves
        if application.state in FROM[move] and step and step.href != here + _where(move)
    ]


def _where(move: Move) -> str:
    return _WHERE.get(move, f"/moves/{move.value}/new")
