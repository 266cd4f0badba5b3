"""The ways of many projects through the stages as arrays of days, from which medians and forecasts are reckoned."""

from collections.abc import Sequence
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
    cast,
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
from crm.projects.models import PIPELINE, Figure, Project, ProjectKind, Stage, StageChange
from crm.projects.queries import counted, readable

NEVER = np.iinfo(np.int64).max
KINDS, CURRENCIES = tuple(ProjectKind), tuple(Currency)
_FEN_OF_A_WAN = 1_000_000
_PLACES = {stage.value: place for place, stage in enumerate(PIPELINE)}


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
    """Of all projects that the reader sees, as of a day; those that are meant are `chosen`.

    Both statements bring their many numbers as few rows with long texts: an object for each project or step costs more
    than everything else here.
    """
    days = _Numbers()
    counts, ids, expected, agreed, *alike = _columns(_projects(meant, on), 8)
    kinds, currencies, chosen, lost_on = (
        _repeated(column, counts) for column in (*alike[:3], [days[day] for day in alike[3]])
    )
    found = Paths(
        ids=_read(ids),
        came=_came(_read(ids), on, days),
        lost_on=lost_on,
        kinds=kinds,
        currencies=currencies,
        amounts=np.stack([_read(expected), _read(agreed)], axis=1) // _FEN_OF_A_WAN,
        chosen=chosen.astype(np.bool_),
    )
    return found.only(found.is_known(on))


class _Numbers(dict[Any, int]):
    """Days as the database gives them → their numbers: few days for very many projects."""

    def __missing__(self, day: Any) -> int:
        self[day] = NEVER if day is None else number_of(day)
        return self[day]


def _columns(query: Select[Any], count: int) -> list[tuple[Any, ...]]:
    return list(zip(*session.execute(query).all(), strict=True)) or [()] * count


def _text_of(number: Any) -> Any:
    return func.aggregate_strings(cast(number, String), ",")


def _read(texts: Sequence[str]) -> Days:
    return np.fromstring(",".join(texts), np.int64, sep=",") if texts else np.zeros(0, np.int64)


def _repeated(values: Sequence[int], counts: Sequence[int]) -> Days:
    return np.repeat(np.array(values, np.int64), np.array(counts, np.int64))


def _projects(meant: Meant, on: date) -> Select[*tuple[Any, ...]]:
    """Those that are alike in a row: how many, their ids and both amounts, the kind, the currency, chosen, lost since when."""
    past = day_before_today(on)
    source, stage, entered_on = standing_on(past)
    amounts: list[Any] = [Project.expected_investment, Project.agreed_investment]
    if past:
        amounts = [said_on(on, Project.id, figure.value) for figure in Figure]
    each = (
        select(
            Project.id,
            *(
                func.coalesce(type_coerce(amount, BigInteger), 0).label(figure.value)
                for amount, figure in zip(amounts, Figure, strict=True)
            ),
            case(*((Project.kind == kind, n) for n, kind in enumerate(KINDS))).label("kind"),
            case(*((Project.currency == one, n) for n, one in enumerate(CURRENCIES))).label(
                "currency"
            ),
            case((meant.condition, 1), else_=0).label("chosen"),
            type_coerce(case((stage == Stage.LOST, entered_on)), String).label("lost_on"),
        )
        .select_from(source)
        .where(readable(meant.scope))
        .subquery()
    )
    number, expected, agreed, *alike = each.c
    texts = (_text_of(column) for column in (number, expected, agreed))
    return select(func.count(), *texts, *alike).group_by(*alike)


def _came(ids: Days, on: date, days: _Numbers) -> Days:
    """For each of these projects the first day at each stage or beyond, from the steps of all there are."""
    step = StageChange
    steps = (
        select(
            func.count(),
            _text_of(step.project_id),
            type_coerce(step.to_stage, String),
            type_coerce(step.effective_on, String),
        )
        .where(counted(), step.effective_on <= on, step.to_stage.in_(PIPELINE))
        .group_by(step.to_stage, step.effective_on)
    )
    counts, moved, stages, dates = _columns(steps, 4)
    numbers = _read(moved)
    places = _repeated([_PLACES[stage] for stage in stages], counts)
    entered = _repeated([days[day] for day in dates], counts)
    order, is_one = np.argsort(ids), np.isin(numbers, ids)
    rows = order[np.searchsorted(ids[order], numbers[is_one])]
    came = np.full((len(ids), len(PIPELINE)), NEVER)
    np.minimum.at(came, (rows, places[is_one]), entered[is_one])
    first: Days = np.minimum.accumulate(came[:, ::-1], axis=1)[:, ::-1]
    return first
