"""What passed between the stages in a period, reckoned for all projects at once from one statement.

It is what `queries.steps` and `queries.revaluations` say row by row; there each amount is a look of its own into an index.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    case,
    func,
    literal,
    null,
    select,
    true,
    type_coerce,
    union_all,
)

from crm.core.db import session
from crm.core.money import Currency
from crm.pipeline import arrays
from crm.pipeline.amounts import figure_of
from crm.pipeline.arrays import number_of, text_of
from crm.pipeline.survival import Days, Flags
from crm.projects.models import Figure, Project, Stage, StageChange, Valuation
from crm.projects.queries import counted

PLACES: tuple[Stage | None, ...] = (None, *Stage)  # not yet reported, and the nine stages
FIGURES, CURRENCIES = tuple(Figure), tuple(Currency)
_FIGURE_OF = np.array([FIGURES.index(f) if (f := figure_of(place)) else -1 for place in PLACES])
_UNSAID = -(1 << 62)  # instead of an amount
_SPAN = 1 << 22  # more days than there are


@dataclass(frozen=True)
class Tally:
    """What is alike: between which stages or in which one, in which currency, how many, and the sums that are known."""

    from_stage: Stage | None
    to_stage: Stage | None
    currency: Currency
    count: int
    sums: tuple[Decimal | None, ...]


class Period:
    """What moved among these projects after a day through another."""

    def __init__(self, found: Select[Any], since: date, until: date) -> None:
        projects, steps, said = _texts(found, since, until)
        ids, self._currencies, self._stages = map(arrays.numbers, projects[:3])
        self._steps, self._said = _steps_in(steps, ids), _said_in(said, ids)
        self._since, self._until = number_of(since), number_of(until)

    def steps(self) -> Iterator[Tally]:
        """The steps between two stages: the sums are of what left the one, and of what came to the other."""
        steps = self._steps.only(self._steps.days <= self._until)
        left, came = (
            self._said.on(steps.rows, places, steps.days)
            for places in (steps.from_places, steps.to_places)
        )
        places = steps.from_places * len(PLACES) + steps.to_places
        return self._tallied(steps.rows, places, left, came)

    def revaluations(self) -> Iterator[Tally]:
        """What was said anew of a stage's own figure while the project stood there; on the day of a step, where it began."""
        said, differences = self._said, self._said.differences
        is_meant = (said.days > self._since) & (said.days <= self._until) & (differences != 0)
        said, differences = said.only(is_meant), differences[is_meant]
        places = self._places_before(said.rows, said.days)
        is_own = _FIGURE_OF[places] == said.figures
        return self._tallied(said.rows[is_own], places[is_own], differences[is_own])

    def closing(self) -> Iterator[Tally]:
        """Where the projects stand when the last day ends, and their figures there."""
        rows = np.arange(len(self._stages))
        days = np.full(len(rows), self._until)
        places = self._places_before(rows, days + 1)
        return self._tallied(rows, places, self._said.on(rows, places, days))

    def _places_before(self, rows: Days, days: Days) -> Days:
        """Where projects stood when a day began: the step that follows says it, or where they stand now."""
        steps = self._steps
        at = np.searchsorted(_keys(steps.rows, steps.days), _keys(rows, days))
        follows = np.append(steps.rows, -1)[at] == rows
        return np.where(follows, np.append(steps.from_places, 0)[at], self._stages[rows])

    def _tallied(self, rows: Days, places: Days, *amounts: Days) -> Iterator[Tally]:
        groups = places * len(CURRENCIES) + self._currencies[rows]
        counts = np.bincount(groups)
        sums = [_sums(groups, each, len(counts)) for each in amounts]
        for group in np.flatnonzero(counts).tolist():
            place, currency = divmod(group, len(CURRENCIES))
            from_place, to_place = divmod(place, len(PLACES))
            yield Tally(
                PLACES[from_place],
                PLACES[to_place],
                CURRENCIES[currency],
                int(counts[group]),
                tuple(each[group] for each in sums),
            )


@dataclass(frozen=True)
class _Steps:
    """Steps by project, and as they were taken."""

    rows: Days
    days: Days
    from_places: Days
    to_places: Days

    def only(self, which: Flags | Days) -> "_Steps":
        return _Steps(*(getattr(self, each.name)[which] for each in fields(self)))


@dataclass(frozen=True)
class _Said:
    """What was said of the figures, by project and figure, and as it was said."""

    rows: Days
    figures: Days
    days: Days
    amounts: Days

    def only(self, which: Flags | Days) -> "_Said":
        return _Said(*(getattr(self, each.name)[which] for each in fields(self)))

    @property
    def subjects(self) -> Days:
        """A number for each project's figure."""
        return self.rows * len(FIGURES) + self.figures

    @property
    def differences(self) -> Days:
        """To what was said before of the same figure; to nothing for what was said first."""
        now = np.where(self.amounts == _UNSAID, 0, self.amounts)
        is_again = np.zeros(len(now), np.bool_)
        is_again[1:] = self.subjects[1:] == self.subjects[:-1]
        return now - np.where(is_again, np.roll(now, 1), 0)

    def on(self, rows: Days, places: Days, days: Days) -> Days:
        """The figures of stages as they were said to be by the end of days."""
        figures = _FIGURE_OF[places]
        wanted = rows * len(FIGURES) + figures
        at = np.searchsorted(_keys(self.subjects, self.days), _keys(wanted, days), side="right")
        is_said = (figures >= 0) & (np.append(self.subjects, -1)[at - 1] == wanted)
        return np.where(is_said, np.append(self.amounts, 0)[at - 1], _UNSAID)


def _keys(subjects: Days, days: Days) -> Days:
    """Numbers that order by subject and then by day."""
    return subjects * _SPAN + days + _SPAN // 2


def _sums(groups: Days, amounts: Days, size: int) -> list[Decimal | None]:
    is_said = amounts != _UNSAID
    sums, known = np.zeros(size, np.int64), np.bincount(groups[is_said], minlength=size)
    np.add.at(sums, groups[is_said], amounts[is_said])
    return [
        Decimal(number).scaleb(-2) if is_known else None
        for number, is_known in zip(sums.tolist(), known.tolist(), strict=True)
    ]


def _texts(found: Select[Any], since: date, until: date) -> Iterator[list[str | None]]:
    """The numbers of the projects, of the steps after the first day, and of what was said by the last, each with its days."""
    currency = case({one: n for n, one in enumerate(CURRENCIES)}, value=Project.currency)
    projects = (Project.id, currency, _place(Project.stage))
    figure = case({one: n for n, one in enumerate(FIGURES)}, value=Valuation.figure)
    step = StageChange
    steps = (step.id, step.project_id, _place(step.from_stage), _place(step.to_stage))
    amount = func.coalesce(type_coerce(Valuation.amount, BigInteger), _UNSAID)
    said = (Valuation.id, Valuation.project_id, figure, amount)
    parts = (
        _part(0, *projects, null(), null()).where(_condition(found)),
        _part(1, *steps, step.effective_on).where(counted(), step.effective_on > since),
        _part(2, *said, Valuation.valid_from).where(Valuation.valid_from <= until),
    )
    for __, *texts in sorted(session.execute(union_all(*parts)), key=lambda part: part[0]):
        yield texts


def _part(number: int, *columns: Any) -> Select[*tuple[Any, ...]]:
    return select(literal(number), *map(text_of, columns))


def _condition(found: Select[Any]) -> ColumnElement[bool]:
    return true() if found.whereclause is None else found.whereclause


def _steps_in(texts: Sequence[str | None], ids: Days) -> _Steps:
    numbers, projects, *places = map(arrays.numbers, texts[:-1])
    steps = _Steps(arrays.rows_of(ids, projects), arrays.days(texts[-1]), *places)
    order = np.lexsort((numbers, _keys(steps.rows, steps.days)))
    return steps.only(order[steps.rows[order] >= 0])


def _said_in(texts: Sequence[str | None], ids: Days) -> _Said:
    numbers, projects, figures, amounts = map(arrays.numbers, texts[:-1])
    said = _Said(arrays.rows_of(ids, projects), figures, arrays.days(texts[-1]), amounts)
    order = np.lexsort((numbers, _keys(said.subjects, said.days)))
    return said.only(order[said.rows[order] >= 0])


def _place(stage: Any) -> Any:
    """The place of a stage in PLACES."""
    return case({place: n for n, place in enumerate(PLACES) if place}, value=stage, else_=0)
