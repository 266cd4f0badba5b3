"""The ways of many projects through the stages as arrays of days, from which medians and forecasts are reckoned."""

from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
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
from crm.pipeline.amounts import said_on
from crm.pipeline.queries import standing_on
from crm.pipeline.survival import Days, Flags, Stays
from crm.projects.journeys import came_to, journeys
from crm.projects.models import PIPELINE, Figure, Project, ProjectKind, Stage
from crm.projects.queries import readable

NEVER = np.iinfo(np.int64).max
KINDS, CURRENCIES = tuple(ProjectKind), tuple(Currency)
_FEN_OF_A_WAN = 1_000_000


def number_of(day: date) -> int:
    """A day as it stands in the arrays."""
    return int(np.datetime64(day, "D").astype(np.int64))


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

    def by(self, day: date) -> "Paths":
        """What had come about by an earlier day."""
        on, there = number_of(day), self.only(self.is_known(day))
        return replace(
            there,
            came=np.where(there.came <= on, there.came, NEVER),
            lost_on=np.where(there.lost_on <= on, there.lost_on, NEVER),
        )

    def is_known(self, day: date) -> Flags:
        return self.came[:, 0] <= number_of(day)

    def only(self, which: Flags) -> "Paths":
        return Paths(*(getattr(self, each.name)[which] for each in fields(self)))

    @property
    def furthest(self) -> Days:
        """The place of the furthest stage that each came to."""
        places: Days = (self.came < NEVER).sum(axis=1) - 1
        return places

    @property
    def is_lost(self) -> Flags:
        return self.lost_on < NEVER

    def stays(self, place: int, day: date) -> Stays:
        """The stays in the stage at this place as of a day, to the first day beyond it; of no days where it was skipped."""
        there = self.came[:, place] < NEVER
        came, lost_on = self.came[there, place], self.lost_on[there]
        further = self.came[there, place + 1]
        moved = further < NEVER
        lost = (lost_on < NEVER) & ~moved
        until = np.where(moved, further, np.where(lost, lost_on, number_of(day)))
        return Stays(np.maximum(until - came, 0), moved, lost, self.kinds[there])


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


def paths(meant: Meant, on: date) -> Paths:
    """Of all projects that the reader sees, as of a day; those that are meant are `chosen`."""
    rows = session.execute(_rows(meant, on)).all()
    columns = list(zip(*rows, strict=True)) or [()] * (len(PIPELINE) + 7)
    days = _Numbers()
    came = [np.array([days[day] for day in column], np.int64) for column in columns[7:]]
    ids, kinds, currencies, chosen, *amounts = (np.array(c, np.int64) for c in columns[:6])
    return Paths(
        ids=ids,
        came=np.stack(came, axis=1),
        lost_on=np.array([days[day] for day in columns[6]], np.int64),
        kinds=kinds,
        currencies=currencies,
        amounts=np.stack(amounts, axis=1) // _FEN_OF_A_WAN,
        chosen=chosen.astype(np.bool_),
    )


class _Numbers(dict[Any, int]):
    """Days as the database gives them → their numbers: few days for very many projects."""

    def __missing__(self, day: Any) -> int:
        self[day] = NEVER if day is None else number_of(day)
        return self[day]


def _rows(meant: Meant, on: date) -> Select[*tuple[Any, ...]]:
    found, past = journeys(on), day_before_today(on)
    source, stage, entered_on = standing_on(past)
    amounts: list[Any] = [Project.expected_investment, Project.agreed_investment]
    if past:
        amounts = [said_on(on, Project.id, figure.value) for figure in Figure]
    return (
        select(
            Project.id,
            case(*((Project.kind == kind, place) for place, kind in enumerate(KINDS))),
            case(*((Project.currency == one, place) for place, one in enumerate(CURRENCIES))),
            case((meant.condition, 1), else_=0),
            *(func.coalesce(type_coerce(amount, BigInteger), 0) for amount in amounts),
            type_coerce(case((stage == Stage.LOST, entered_on)), String),
            *(type_coerce(came_to(found, one), String) for one in PIPELINE),
        )
        .select_from(source)
        .join(found, found.c.project_id == Project.id)
        .where(readable(meant.scope), came_to(found, Stage.LEAD).is_not(None))
    )
