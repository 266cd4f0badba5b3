"""The forecast of a page: what is expected by a day, on what it rests, how often such forecasts held before."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from crm.audit.remembered import remembered
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.pipeline.futures import (
    QUARTER,
    WINDOWS,
    Outlook,
    Spread,
    came_between,
    misses,
    outlook,
    stray_of,
    strayed,
)
from crm.pipeline.paths import KINDS, Meant, Paths, paths
from crm.pipeline.survival import Stays, median_days
from crm.projects.models import PIPELINE, ProjectKind, Stage

TARGETS = (Stage.SIGNED, Stage.CONSTRUCTION, Stage.COMPLETED)
LONGEST = timedelta(days=3 * 366)
ENOUGH = 30  # moves of a kind in a stage: below it the rates of all projects weigh noticeably
_FEWEST_OF_A_WINDOW = 20


@dataclass(frozen=True)
class Asked:
    """Which stage (or beyond) is to be reached by when, as far as was known on a day."""

    target: Stage
    on: date
    by: date


@dataclass(frozen=True)
class Seen:
    """What was seen of one stage: how many stays, how they ended, the share that went on, days until half had."""

    stage: Stage
    kind: ProjectKind | None
    stays: int
    moves: int
    losses: int
    median_days: Fraction | None

    @property
    def conversion(self) -> Fraction | None:
        ended = self.moves + self.losses
        return Fraction(self.moves, ended) if ended else None

    @property
    def is_smoothed(self) -> bool:
        return self.moves < ENOUGH


@dataclass(frozen=True)
class Hit:
    """A forecast made for a quarter that is over, and what came of it."""

    on: date
    by: date
    spread: Spread
    truth: int

    @property
    def held(self) -> bool:
        return self.spread.holds(self.truth)


@dataclass(frozen=True)
class Forecast:
    """`done` came this year (that of `by`) already; `newcomers` as many came in the quarter before that began within it."""

    asked: Asked
    outlook: Outlook
    done: int
    newcomers: int
    stray: float
    seen: tuple[Seen, ...]


def usual_by(on: date) -> date:
    """The year's end, of the next year on the last day of one."""
    end = on.replace(month=12, day=31)
    return end if on < end else end.replace(year=on.year + 1)


def check(asked: Asked, today: date) -> None:
    """Raises DomainError for days between which nothing can be forecast."""
    if asked.on > today:
        raise DomainError(N_("统计截止日期不能晚于今天。"), field="as_of")
    if asked.by <= asked.on or asked.by - asked.on > LONGEST:
        raise DomainError(N_("预测日期须晚于统计截止日期，且不超过三年。"), field="by")


@remembered
def forecast(meant: Meant, asked: Asked) -> Forecast:
    """Of the projects that are meant; the rates are those of all that the reader sees."""
    known = paths(meant, asked.on)
    stray = strayed(known, asked.target, asked.on)
    start = asked.by.replace(month=1, day=1) - timedelta(days=1)
    return Forecast(
        asked,
        outlook(known, asked.target, asked.on, asked.by, stray),
        done=came_between(known, asked.target, start, asked.on),
        newcomers=_newcomers(known, asked),
        stray=stray,
        seen=tuple(_seen(known, asked)),
    )


def _newcomers(known: Paths, asked: Asked) -> int:
    """Who came to the stage in a time as long as is forecast, before it, and was not known when that began."""
    begun = asked.on - (asked.by - asked.on)
    since = replace(known, chosen=known.chosen & ~known.is_known(begun))
    return came_between(since, asked.target, begun, asked.on)


def _seen(known: Paths, asked: Asked) -> list[Seen]:
    """Each stage on the way, over all projects and then by kind."""
    found = []
    for place, stage in enumerate(PIPELINE[: PIPELINE.index(asked.target)]):
        for kind, stays in zip((None, *KINDS), known.stays(place, asked.on), strict=True):
            found.append(_of(stage, kind, stays))
    return found


def _of(stage: Stage, kind: ProjectKind | None, stays: Stays) -> Seen:
    middle = median_days(stays.lasting)
    return Seen(stage, kind, stays.count, stays.moves, stays.losses, middle)


@remembered
def past_hits(meant: Meant, target: Stage, on: date) -> tuple[Hit, ...]:
    """The quarters before, each forecast from what was known when it began; the latest first."""
    everything = paths(meant, on)
    missed = misses(everything, target, on, 2 * WINDOWS)  # each quarter looks back on those before
    found = []
    for number in range(1, WINDOWS + 1):
        start = on - timedelta(days=QUARTER * number)
        end = start + timedelta(days=QUARTER)
        known = replace(everything, chosen=everything.chosen & everything.is_known(start))
        if np.count_nonzero(known.chosen) < _FEWEST_OF_A_WINDOW:
            break
        stray = stray_of(missed[number : number + WINDOWS])
        truth = came_between(known, target, start, end)
        spread = outlook(known, target, start, end, stray).count
        found.append(Hit(start, end, spread, truth))
    return tuple(found)
