"""What the board and the flow ask. `found` are the projects meant: visible_to(scope), narrowed by whatever filter."""

from collections import namedtuple
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    FromClause,
    Select,
    Subquery,
    and_,
    func,
    literal,
    select,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased

from crm.core.db import session
from crm.core.money import Money
from crm.followup.models import LastContact
from crm.people.models import Unit, User
from crm.pipeline.amounts import amount_now, amount_on, figure_at
from crm.projects.amounts import sum_columns
from crm.projects.gates import PROGRESS_FIELDS
from crm.projects.models import PIPELINE, Project, Stage, StageChange, Valuation
from crm.projects.queries import last_step, stage_before, steps_of

CARDS_PER_COLUMN = 50

_ABOUT_IT = and_(LastContact.subject_type == "project", LastContact.subject_id == Project.id)


def standing_on(as_of: date | None) -> tuple[FromClause, Any, Any]:
    """Where stages come from, stage and entered_on: the stored ones, or a past day's."""
    projects, step = Project.__table__, StageChange
    if as_of is None:
        return projects, Project.stage, Project.stage_entered_on
    joined = projects.join(step.__table__, step.id == last_step(Project.id, as_of))
    return joined, step.to_stage, step.effective_on


def amount_in(as_of: date | None, stage: Any) -> Any:
    return amount_now(stage) if as_of is None else amount_on(as_of, Project.id, stage)


def totals(found: Select[Any], *, as_of: date | None = None) -> Select[*tuple[Any, ...]]:
    """For each stage: how many projects, and the sums of its own figure. Grouped by the stage alone, as the index is."""
    source, stage, _ = standing_on(as_of)
    return (
        select(
            stage.label("stage"),
            func.count().label("count"),
            *sum_columns(amount_in(as_of, stage), "amount"),
        )
        .select_from(source)
        .where(_conditions(found))
        .group_by(stage)
    )


def first_cards(found: Select[Any], *, as_of: date | None = None) -> Select[*tuple[Any, ...]]:
    """The first cards of each of the seven columns, the newest in a stage first, in one query."""
    first = _first_now(found) if as_of is None else _first_on(as_of, found)
    return _with_names(
        select(*_card_columns(first.c.stage, first.c.entered_on, as_of))
        .select_from(first)
        .join(Project, Project.id == first.c.id)
    ).order_by(first.c.entered_on.desc(), Project.id.desc())


def _first_now(found: Select[Any]) -> Subquery:
    """Each column's own walk along the index, which ends after its cards."""
    walks = [
        select(
            Project.id, Project.stage.label("stage"), Project.stage_entered_on.label("entered_on")
        )
        .where(_conditions(found), Project.stage == stage)
        .order_by(Project.stage_entered_on.desc(), Project.id.desc())
        .limit(CARDS_PER_COLUMN)
        .subquery()
        for stage in PIPELINE
    ]
    return union_all(*map(select, walks)).subquery()


def _first_on(day: date, found: Select[Any]) -> Subquery:
    """Where every project stood on a day has to be looked up anyway: one walk ranks them all."""
    source, stage, entered_on = standing_on(day)
    place = func.row_number().over(
        partition_by=stage, order_by=(entered_on.desc(), Project.id.desc())
    )
    ranked = (
        select(
            Project.id, stage.label("stage"), entered_on.label("entered_on"), place.label("place")
        )
        .select_from(source)
        .where(_conditions(found), stage.in_(PIPELINE))
        .subquery()
    )
    return select(ranked).where(ranked.c.place <= CARDS_PER_COLUMN).subquery()


def more_cards(
    stage: Stage,
    after: tuple[date, int],
    found: Select[Any],
    *,
    as_of: date | None = None,
) -> Select[*tuple[Any, ...]]:
    """One column's next cards: those behind the card that entered on a day and has an id."""
    source, placed, entered_on = standing_on(as_of)
    return (
        _with_names(select(*_card_columns(placed, entered_on, as_of)).select_from(source))
        .where(_conditions(found), placed == stage, tuple_(entered_on, Project.id) < tuple_(*after))
        .order_by(entered_on.desc(), Project.id.desc())
        .limit(CARDS_PER_COLUMN)
    )


def cards(found: Select[Any]) -> Select[*tuple[Any, ...]]:
    """These projects as cards of today, newest first."""
    columns = _card_columns(Project.stage, Project.stage_entered_on, None)
    query = _with_names(select(*columns).select_from(Project))
    return query.where(_conditions(found)).order_by(Project.id.desc())


def rows_of(query: Select[Any]) -> list[Any]:
    """As named tuples: the cards and their gates read dozens of attributes of each, and those of a Row are slow."""
    found = session.execute(query)
    return list(map(_named(*found.keys())._make, found))


@cache
def _named(*columns: str) -> Any:
    return namedtuple("Row", columns)  # noqa: PYI024 - its columns are those of the query


def _card_columns(stage: Any, entered_on: Any, as_of: date | None) -> list[Any]:
    """What a card shows, and what its gate is judged by."""
    return [
        *(column for column in PROGRESS_FIELDS if column.key != Project.stage.key),
        Project.name,
        Project.version,
        Project.currency,
        Project.is_sealed,
        Project.next_action,
        Project.next_action_on,
        stage.label("stage"),
        entered_on.label("entered_on"),
        amount_in(as_of, stage).label("investment"),
        User.name.label("owner"),
        Unit.name.label("unit"),
        LastContact.last_on.label("last_contact_on"),
    ]


def _with_names(query: Select[Any]) -> Select[Any]:
    return (
        query.join(Unit, Unit.id == Project.unit_id)
        .outerjoin(User, User.id == Project.owner_id)
        .outerjoin(LastContact, _ABOUT_IT)
    )


def standing(found: Select[Any], day: date, stage: Stage) -> Select[*tuple[Any, ...]]:
    """The projects that stood in a stage at the end of a day, with its figure on that day."""
    source, placed, entered_on = standing_on(day)
    return (
        select(
            Project.id.label("project_id"),
            Project.name,
            Project.currency,
            entered_on.label("on"),
            amount_on(day, Project.id, placed).label("amount"),
            literal("").label("note"),
        )
        .select_from(source)
        .where(_conditions(found), placed == stage)
    )


def steps(found: Select[Any], since: date, until: date) -> Select[*tuple[Any, ...]]:
    """The steps after a day through another. Each takes the figure of the stage it leaves out of that stage, and brings
    that of the stage it enters into this one, both as they were said to be on its day.
    """
    step = StageChange
    return steps_of(found, since + timedelta(days=1), until).with_only_columns(
        Project.id.label("project_id"),
        Project.name,
        Project.currency,
        step.from_stage,
        step.to_stage,
        step.effective_on.label("on"),
        step.note,
        amount_on(step.effective_on, Project.id, step.from_stage).label("left"),
        amount_on(step.effective_on, Project.id, step.to_stage).label("came"),
    )


def revaluations(found: Select[Any], since: date, until: date) -> Select[*tuple[Any, ...]]:
    """What was said anew of a stage's own figure after a day through another, while the project stood in that stage.

    `amount` is the difference to what was said before. On the day of a step the stage that is left takes it.
    """
    said, before = Valuation, aliased(Valuation)
    stage = stage_before(said.valid_from, Project.id)
    every = (
        found.join(said, said.project_id == Project.id)
        .where(said.valid_from > since, said.valid_from <= until)
        .with_only_columns(
            Project.id.label("project_id"),
            Project.name,
            Project.currency,
            stage.label("stage"),
            said.id,
            said.figure,
            said.valid_from.label("on"),
            said.amount,
            said.note,
        )
        .cte()
        .prefix_with("MATERIALIZED")  # else each mention of the stage looks it up again
    )
    said_before = (
        select(before.amount)
        .where(
            before.project_id == every.c.project_id,
            before.figure == every.c.figure,
            tuple_(before.valid_from, before.id) < tuple_(every.c.on, every.c.id),
        )
        .order_by(before.valid_from.desc(), before.id.desc())
        .limit(1)
        .correlate_except(before)
        .scalar_subquery()
    )
    now, then = (type_coerce(amount, BigInteger) for amount in (every.c.amount, said_before))
    difference = type_coerce(func.coalesce(now, 0) - func.coalesce(then, 0), Money)
    is_its_own = every.c.figure == figure_at(every.c.stage)
    return select(
        every.c.project_id,
        every.c.name,
        every.c.currency,
        every.c.stage,
        every.c.figure,
        every.c.on,
        difference.label("amount"),
        every.c.note,
    ).where(is_its_own, difference != Decimal(0))


def _conditions(found: Select[Any]) -> Any:
    return found.whereclause
