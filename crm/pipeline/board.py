"""The board of the seven batches: figures over all projects of a stage, and its first cards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import FromClause, Row, Select, func, select, tuple_

from crm.core import clock
from crm.core.db import session
from crm.core.words import N_
from crm.people.models import Unit, User
from crm.people.scope import Scope
from crm.projects.models import PIPELINE, Project, Stage
from crm.projects.queries import NO_FILTERS, Filters, readable, stage_on
from crm.reference import settings

CARDS_PER_COLUMN = 50
SOON_DAYS = 7
AGREED_STAGES = PIPELINE[PIPELINE.index(Stage.SIGNED) :]
ASIDE = (Stage.PAUSED, Stage.LOST)
EXPECTED, AGREED = N_("预计投资"), N_("协议投资")


def figure_of(stage: Stage) -> str:
    """The investment figure that a stage shows: expected until 意向, agreed from 签约."""
    return AGREED if stage in AGREED_STAGES else EXPECTED


@dataclass(frozen=True)
class Card:
    """One project as the board shows it on a day."""

    id: int
    name: str
    investor: str
    version: int
    stage: Stage
    entered_on: date
    expected_investment: Decimal | None
    agreed_investment: Decimal | None
    days: int
    is_stalled: bool
    next_action: str
    next_action_on: date | None
    next_days: int | None  # until the next action is due; negative when it is overdue
    owner: str | None
    unit: str

    @property
    def investment(self) -> Decimal | None:
        """The figure of its stage."""
        agreed = figure_of(self.stage) == AGREED
        return self.agreed_investment if agreed else self.expected_investment

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
    """One stage: count and sum are over all its projects, `cards` are the first of them."""

    stage: Stage
    count: int
    figure: str
    investment: Decimal | None
    cards: tuple[Card, ...]

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


def build(scope: Scope, *, as_of: date | None = None, filters: Filters = NO_FILTERS) -> Board:
    """The board now, or as of a past day."""
    day = as_of or clock.today()
    figures = totals_by_stage(scope, as_of=as_of, filters=filters)
    cards: dict[Stage, list[Card]] = {stage: [] for stage in PIPELINE}
    for card in as_cards(session.execute(first_cards(scope, as_of=as_of, filters=filters)), day):
        cards[card.stage].append(card)
    columns = {stage: column_of(stage, figures, tuple(cards.get(stage, ()))) for stage in Stage}
    return Board(
        as_of=day,
        is_past=as_of is not None,
        columns=tuple(columns[stage] for stage in PIPELINE),
        aside=tuple(columns[stage] for stage in ASIDE),
    )


def totals_by_stage(
    scope: Scope, *, as_of: date | None = None, filters: Filters = NO_FILTERS
) -> dict[Stage, Row[Any]]:
    rows = session.execute(totals(scope, as_of=as_of, filters=filters))
    return {row.stage: row for row in rows}


def column_of(
    stage: Stage, figures: Mapping[Stage, Row[Any]], cards: tuple[Card, ...] = ()
) -> Column:
    """A column's head from the totals, with its own figure chosen."""
    row, figure = figures.get(stage), figure_of(stage)
    if row is None:
        return Column(stage, 0, figure, None, cards)
    investment = row.agreed if figure == AGREED else row.expected
    return Column(stage, row._mapping["count"], figure, investment, cards)


def as_cards(rows: Iterable[Row[Any]], day: date) -> list[Card]:
    """Rows of the queries below as cards on a day."""
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
        expected_investment=row.expected_investment,
        agreed_investment=row.agreed_investment,
        days=days,
        is_stalled=limit is not None and days > limit,
        next_action=row.next_action,
        next_action_on=row.next_action_on,
        next_days=(row.next_action_on - day).days if row.next_action_on else None,
        owner=row.owner,
        unit=row.unit,
    )


def _placed(as_of: date | None) -> tuple[FromClause, Any, Any]:
    """Where stages come from, stage and entered_on: the stored ones, or a past day's."""
    projects = Project.__table__
    if as_of is None:
        return projects, Project.stage, Project.stage_entered_on
    placed = stage_on(as_of)
    joined = projects.join(placed, placed.c.project_id == Project.id)
    return joined, placed.c.stage, placed.c.entered_on


def totals(
    scope: Scope, *, as_of: date | None = None, filters: Filters = NO_FILTERS
) -> Select[*tuple[Any, ...]]:
    """For each stage over all projects: count, expected and agreed (never one sum)."""
    source, stage, _ = _placed(as_of)
    return (
        select(
            stage.label("stage"),
            func.count().label("count"),
            func.sum(Project.expected_investment).label("expected"),
            func.sum(Project.agreed_investment).label("agreed"),
        )
        .select_from(source)
        .where(readable(scope))
        .where(*filters.conditions())
        .group_by(stage)
    )


def _card_columns(stage: Any, entered_on: Any) -> list[Any]:
    return [
        Project.id,
        Project.name,
        Project.investor,
        Project.version,
        Project.expected_investment,
        Project.agreed_investment,
        Project.next_action,
        Project.next_action_on,
        stage.label("stage"),
        entered_on.label("entered_on"),
        User.name.label("owner"),
        Unit.name.label("unit"),
    ]


def _cards(
    scope: Scope, as_of: date | None, filters: Filters
) -> tuple[Select[*tuple[Any, ...]], Any, Any]:
    source, stage, entered_on = _placed(as_of)
    query = (
        select(*_card_columns(stage, entered_on))
        .select_from(source)
        .join(Unit, Unit.id == Project.unit_id)
        .outerjoin(User, User.id == Project.owner_id)
        .where(readable(scope))
        .where(*filters.conditions())
    )
    return query, stage, entered_on


def first_cards(
    scope: Scope, *, as_of: date | None = None, filters: Filters = NO_FILTERS
) -> Select[*tuple[Any, ...]]:
    """The first cards of each of the seven columns, the newest in a stage first, in one query."""
    source, stage, entered_on = _placed(as_of)
    place = func.row_number().over(
        partition_by=stage, order_by=(entered_on.desc(), Project.id.desc())
    )
    ranked = (
        select(
            Project.id,
            stage.label("stage"),
            entered_on.label("entered_on"),
            place.label("place"),
        )
        .select_from(source)
        .where(readable(scope))
        .where(stage.in_(PIPELINE), *filters.conditions())
        .subquery()
    )
    return (
        select(*_card_columns(ranked.c.stage, ranked.c.entered_on))
        .select_from(ranked)
        .join(Project, Project.id == ranked.c.id)
        .join(Unit, Unit.id == Project.unit_id)
        .outerjoin(User, User.id == Project.owner_id)
        .where(ranked.c.place <= CARDS_PER_COLUMN)
        .order_by(ranked.c.entered_on.desc(), Project.id.desc())
    )


def more_cards(
    stage: Stage,
    after: tuple[date, int] | None,
    scope: Scope,
    *,
    as_of: date | None = None,
    filters: Filters = NO_FILTERS,
) -> Select[*tuple[Any, ...]]:
    """One column's next cards: those behind the card that entered on a day and has an id."""
    query, placed, entered_on = _cards(scope, as_of, filters)
    query = query.where(placed == stage)
    if after is not None:
        query = query.where(tuple_(entered_on, Project.id) < tuple_(*after))
    return query.order_by(entered_on.desc(), Project.id.desc()).limit(CARDS_PER_COLUMN)


def card(project_id: int, scope: Scope) -> Select[*tuple[Any, ...]]:
    """One project as a card."""
    return _cards(scope, None, NO_FILTERS)[0].where(Project.id == project_id)


def listing(
    scope: Scope, *, filters: Filters = NO_FILTERS, stage: Stage | None = None
) -> Select[*tuple[Any, ...]]:
    """The rows of the list, newest first; narrow by Project.id to page."""
    query = _cards(scope, None, filters)[0].order_by(Project.id.desc())
    return query if stage is None else query.where(Project.stage == stage)
