"""The ways of many projects through the stages as arrays of days, from which medians and forecasts are reckoned."""

from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    case,
    func,
    select,
    true,
    type_coerce,
)

from crm.core import clock
from crm.core.db import session
from crm.core.money import Currency
from crm.people.scope import Scope
from crm.pipeline import arrays
from crm.pipeline.amounts import said_on
from crm.pipeline.arrays import number_of, text_of
from crm.pipeline.queries import standing_on
from crm.pipeline.survival import Days, Flags, Stays, stays_of
from crm.projects.models import PIPELINE, Figure, Project, ProjectKind, Stage
from crm.projects.queries import readable

NEVER = np.iinfo(np.int64).max
KINDS, CURRENCIES = tuple(ProjectKind), tuple(Currency)
_FEN_OF_A_WAN = 1_000_000


@dataclass(frozen=True)
class Paths:
    """One entry for each project. Days are numbers, NEVER where it has not come about.

    `came` has a column for each stage: the first day at it or beyond. `amounts` has one for each Figure, in whole 万 of the
    project's currency, 0 where it is not said. `kinds` and `currencies` are places in KINDS and CURRENCIES. `chosen` are
    the projects that a filter asks for.
    """

    ids: Days
    came: Days
    lost_on: Days
    kinds: Days
    currencies: Days
    amounts: Days
    chosen: Flags

    def __len__(self) -> int:
        return len(self.came)

    def is_known(self, day: date) -> Flags:
        return self.came[:, 0] <= number_of(day)

    def only(self, which: Flags) -> "Paths":
        # a stage's days stand side by side: most that is asked is asked of one stage
        return Paths(*(np.asfortranarray(getattr(self, each.name)[which]) for each in fields(self)))

    def furthest(self, day: date) -> Days:
        """The place of the furthest stage that each had come to by a day; −1 where it was not known yet."""
        places: Days = (self.came <= number_of(day)).sum(axis=1) - 1
        return places

    def is_lost(self, day: date) -> Flags:
        return self.lost_on <= number_of(day)

    def stays(self, place: int, day: date) -> list[Stays]:
        """The stays in the stage at this place as of a day, to the first day beyond it; of no days where it was skipped.

        Those of all, and then of each kind.
        """
        on = number_of(day)
        there = np.flatnonzero(self.came[:, place] <= on)
        came, further = (self.came[:, at].take(there) for at in (place, place + 1))
        lost_on, kinds = self.lost_on.take(there), self.kinds.take(there)
        moved = further <= on
        lost = (lost_on <= on) & ~moved
        until = np.where(moved, further, np.where(lost, lost_on, on))
        days = np.maximum(until - came, 0)
        return stays_of(days, moved, lost, kinds, len(KINDS))


@dataclass(frozen=True)
class Meant:
    """The projects that a page is about: of what a reader sees those that a filter asks for.

    Told apart by who reads, how the filter is written, and the day on which it is read: the query follows from these.
    """

    scope: Scope
    asked: str
    query: Select[Any] = field(compare=False)
    today: date = field(default_factory=clock.today)

    @property
    def condition(self) -> ColumnElement[bool]:
        """What holds of them, for a query of its own over projects."""
        found = self.query.whereclause
        return true() if found is None else found


def day_before_today(day: date) -> date | None:
    """A day in the past; None for today, when projects repeat where they stand."""
    return day if day < clock.today() else None


def paths(meant: Meant, on: date, *among: ColumnElement[bool]) -> Paths:
    """Of all projects that the reader sees (`among`: of which this holds), as of a day; those that are meant are `chosen`."""
    ids, came, expected, agreed, traits, lost, lost_on = session.execute(
        _projects(meant, on).where(*among)
    ).one()
    numbers_of_all, marks = arrays.numbers(ids), arrays.numbers(traits)
    amounts = [arrays.numbers(texts) for texts in (expected, agreed)]
    found = Paths(
        ids=numbers_of_all,
        came=_until(on, arrays.days(came).reshape(-1, len(PIPELINE))),
        lost_on=_lost(numbers_of_all, arrays.numbers(lost), arrays.days(lost_on)),
        kinds=marks // 100,
        currencies=marks // 10 % 10,
        amounts=np.stack(amounts, axis=1) // _FEN_OF_A_WAN,
        chosen=(marks % 10).astype(np.bool_),
    )
    return found.only(found.is_known(on))


def _projects(meant: Meant, on: date) -> Select[*tuple[Any, ...]]:
    """In one row of all the ids, the first days at the stages, both amounts, a digit each for kind, currency, chosen; those
    lost, and since when.
    """
    past = day_before_today(on)
    source, stage, entered_on = standing_on(past)
    amounts: list[Any] = [Project.expected_investment, Project.agreed_investment]
    if past:
        amounts = [said_on(on, Project.id, figure.value) for figure in Figure]
    kind = case(*((Project.kind == kind, n * 100) for n, kind in enumerate(KINDS)))
    currency = case(*((Project.currency == one, n * 10) for n, one in enumerate(CURRENCIES)))
    is_lost = stage == Stage.LOST
    return (
        select(
            text_of(Project.id),
            text_of(Project.came_on),
            *(text_of(func.coalesce(type_coerce(amount, BigInteger), 0)) for amount in amounts),
            text_of(kind + currency + case((meant.condition, 1), else_=0)),
            text_of(case((is_lost, Project.id))),
            text_of(case((is_lost, entered_on))),
        )
        .select_from(source)
        .where(readable(meant.scope))
    )


def _until(on: date, came: Days) -> Days:
    """What was known on a day of the first days."""
    return np.where(came <= number_of(on), came, NEVER)


def _lost(ids: Days, lost: Days, since: Days) -> Days:
    found = np.full(len(ids), NEVER)
    found[arrays.rows_of(ids, lost)] = since
    return found
