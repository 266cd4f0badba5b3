"""The board of the seven batches: figures over all projects of a stage, and its first cards."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select

from crm.core import clock, registry
from crm.core.db import session
from crm.core.money import Currency
from crm.core.words import N_
from crm.pipeline import queries
from crm.pipeline.amounts import Sums, added, figure_of, plain
from crm.projects import gates
from crm.projects.models import PIPELINE, Figure, Stage
from crm.reference import settings

SOON_DAYS = 7
ASIDE = (Stage.PAUSED, Stage.LOST)


@dataclass(frozen=True)
class Card:
    """One project on a day. `gate` and `marks`, msgids of what else says that it stands still, are told of today's board only."""

    id: int
    name: str
    investor: str
    version: int
    stage: Stage
    entered_on: date
    currency: Currency
    investment: Decimal | None  # the figure of its stage
    days: int
    is_stalled: bool
    is_sealed: bool
    next_action: str
    next_action_on: date | None
    next_days: int | None  # until the next action is due; negative when it is overdue
    last_contact_on: date | None
    owner: str | None
    unit: str
    gate: gates.Progress | None = None
    marks: tuple[str, ...] = ()

    @property
    def next_state(self) -> str:
        """How the next action stands: none, overdue, today, soon, planned."""
        if self.next_days is None:
            return "none"
        if self.next_days < 0:
            return "overdue"
        if self.next_days == 0:
            return "today"
        return "soon" if self.next_days <= SOON_DAYS else "planned"


@dataclass(frozen=True)
class Column:
    """One stage: count and sums are over all its projects, `cards` are the first of them."""

    stage: Stage
    count: int
    sums: Sums
    cards: tuple[Card, ...] = ()

    @property
    def figure(self) -> Figure | None:
        return figure_of(self.stage)

    @property
    def last(self) -> Card | None:
        """The card behind which the next ones come, where there are more."""
        return self.cards[-1] if self.cards and self.count > len(self.cards) else None


@dataclass(frozen=True)
class Board:
    """The seven columns, and what stands beside them (no cards)."""

    as_of: date
    is_past: bool
    columns: tuple[Column, ...]
    aside: tuple[Column, ...]

    @property
    def count(self) -> int:
        return sum(column.count for column in self.columns)


def build(found: Select[Any], *, as_of: date | None = None) -> Board:
    """The board of these projects now, or as of a past day."""
    day = as_of or clock.today()
    heads = totals_by_stage(found, as_of=as_of)
    shown: dict[Stage, list[Card]] = {stage: [] for stage in PIPELINE}
    cards = as_cards(session.execute(queries.first_cards(found, as_of=as_of)), day)
    for card in cards if as_of else told(cards):
        shown[card.stage].append(card)
    return Board(
        as_of=day,
        is_past=as_of is not None,
        columns=tuple(
            Column(stage, heads[stage].count, heads[stage].sums, tuple(shown[stage]))
            for stage in PIPELINE
        ),
        aside=tuple(heads[stage] for stage in ASIDE),
    )


def totals_by_stage(found: Select[Any], *, as_of: date | None = None) -> Mapping[Stage, Column]:
    """Every stage with its count and sums over all of these projects, without cards."""
    parts: dict[Stage, list[Row[Any]]] = {stage: [] for stage in Stage}
    for row in session.execute(queries.totals(found, as_of=as_of)):
        parts[row.stage].append(row)
    return {
        stage: Column(
            stage,
            sum(row._mapping["count"] for row in rows),
            added((row.currency, row.amount) for row in rows),
        )
        for stage, rows in parts.items()
    }


def as_dicts(columns: Iterable[Column]) -> list[dict[str, Any]]:
    """Heads of columns as plain values, for programs."""
    return [
        {
            "stage": column.stage,
            "label": column.stage.label,
            "count": column.count,
            "figure": column.figure,
            "amounts": plain(column.sums) if column.figure else {},
        }
        for column in columns
    ]


def as_cards(rows: Iterable[Row[Any]], day: date) -> list[Card]:
    """Rows of the queries as cards on a day."""
    limits = settings.get("projects.stalled_days")
    return [_card_of(row, day, limits.get(row.stage)) for row in rows]


def _card_of(row: Row[Any], day: date, limit: int | None) -> Card:
    days = (day - row.entered_on).days
    return Card(
        id=row.id,
        name=row.name,
        investor=row.investor,
        version=row.version,
        stage=row.stage,
        entered_on=row.entered_on,
        currency=row.currency,
        investment=row.investment,
        days=days,
        is_stalled=limit is not None and days > limit,
        is_sealed=row.is_sealed,
        next_action=row.next_action,
        next_action_on=row.next_action_on,
        next_days=(row.next_action_on - day).days if row.next_action_on else None,
        last_contact_on=row.last_contact_on,
        owner=row.owner,
        unit=row.unit,
    )


def told(cards: Sequence[Card]) -> list[Card]:
    """The same with what else is known of them today: how far the next gate is, what marks them as standing still."""
    today, ids = clock.today(), [card.id for card in cards]
    if not ids:
        return []
    progress = gates.progress(ids, today)
    sources = [_quiet(cards, today), *(source(ids, today) for source in registry.project_marks)]
    return [
        replace(
            card,
            gate=progress.get(card.id),
            marks=tuple(marks[card.id] for marks in sources if card.id in marks),
        )
        for card in cards
    ]


def _quiet(cards: Sequence[Card], today: date) -> dict[int, str]:
    """Those with neither a contact nor a step for long; what is completed or stands beside may be quiet."""
    since = today - timedelta(days=settings.get("projects.quiet_days"))
    return {
        card.id: N_("久未跟进")
        for card in cards
        if card.stage in PIPELINE[:-1]
        and max(card.entered_on, card.last_contact_on or card.entered_on) < since
    }
