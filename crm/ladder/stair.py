"""A firm's history as a step chart: where its bars stand, in per cent of the width and in levels of the height."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from crm.ladder.history import Step

MOST_YEARS = 12


@dataclass(frozen=True)
class Bar:
    """A stretch of days on one rung; `level` 0 is 未入梯."""

    label: str
    level: int
    from_on: date
    until: date
    x: str
    width: str


@dataclass(frozen=True)
class Stair:
    """`years`: (year, where it begins); `marker`: where the day stands as of which the page is shown."""

    bars: Sequence[Bar]
    years: Sequence[tuple[int, str]]
    marker: str


def draw(steps: Sequence[Step], on: date, today: date) -> Stair | None:
    """None for a firm that never resided in the park."""
    if not steps:
        return None
    first, last = steps[0].from_on, max(on, today)
    length = (last - first).days + 1

    def at(day: date) -> float:
        return min(max((day - first).days / length * 100, 0), 100)

    bars = []
    for level, run in groupby(steps, lambda step: step.standing.level):
        stretch = list(run)
        begins, ends = stretch[0].from_on, stretch[-1].to_on or last + timedelta(1)
        bars.append(
            Bar(
                stretch[0].standing.label,
                level,
                begins,
                ends - timedelta(1),
                f"{at(begins):.2f}",
                f"{at(ends) - at(begins):.2f}",
            )
        )
    every = 1 + (last.year - first.year) // MOST_YEARS
    years = range(first.year + 1, last.year + 1, every)
    return Stair(bars, [(y, f"{at(date(y, 1, 1)):.2f}") for y in years], f"{at(on):.2f}")
