"""The board of the seven batches: figures over all projects of a stage, and its first cards."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select

from crm.core import clock, registry
from crm.core.db import session
from crm.core.money import Currency
from crm.pipeline import queries
from crm.pipeline.amounts import figure_of, plain
from crm.projects import gates
from crm.projects.amounts import Sums, sums_in
from crm.projects.models import PIPELINE, Figure, Stage
from crm.reference import settings

SOON_DAYS = 7
ASIDE = (Stage.PAUSED, Stage.LOST)


@dataclass(slots=True)  # not frozen: a page makes hundreds
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
    is_stalled: bool  # longer in its stage than usual
    is_quiet: bool  # neither a contact nor a step for long
    is_sealed: bool
    next_action: str
    next_action_on: date | None
    next_days: int | None  # until the next action is due; negative when it is overdue
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
    rows = queries.rows_of(queries.first_cards(found, as_of=as_of))
    for card in as_cards(rows, as_of) if as_of else as_cards_of_today(rows):
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
    rows = {row.stage: row for row in session.execute(queries.totals(found, as_of=as_of))}
    return {
        stage: Column(stage, row._mapping["count"], sums_in(row, "amount"))
        if (row := rows.get(stage))
        else Column(stage, 0, {})
        for stage in Stage
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


def as_cards(
    rows: Iterable[Any],
    day: date,
    progress: Mapping[int, gates.Progress] | None = None,
    marks: Sequence[Mapping[int, str]] = (),
) -> list[Card]:
    """Rows of the queries as cards on a day, with what is known of their gates and what else marks them, by project."""
    usual, quiet_days = settings.get("projects.stalled_days"), settings.get("projects.quiet_days")
    progress = progress or {}
    return [
        _card_of(
            row,
            day,
            usual.get(row.stage),
            quiet_days,
            progress.get(row.id),
            tuple(found[row.id] for found in marks if row.id in found),
        )
        for row in rows
    ]


def as_cards_of_today(rows: Sequence[Any]) -> list[Card]:
    """The same with what else is known of them today: how far the next gate is, and what other rooms mark them with."""
    today = clock.today()
    progress = gates.progress(rows, today)
    marks = [source([row.id for row in rows], today) for source in registry.project_marks]
    return as_cards(rows, today, progress, marks)


def _card_of(
    row: Any,
    day: date,
    limit: int | None,
    quiet_days: int,
    gate: gates.Progress | None,
    marks: tuple[str, ...],
) -> Card:
    days = (day - row.entered_on).days
    touched_on = max(row.entered_on, row.last_contact_on or row.entered_on)
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
        is_quiet=limit is not None and (day - touched_on).days > quiet_days,
        is_sealed=row.is_sealed,
        next_action=row.next_action,
        next_action_on=row.next_action_on,
        next_days=(row.next_action_on - day).days if row.next_action_on else None,
        owner=row.owner,
        unit=row.unit,
        gate=gate,
        marks=marks,
    )
