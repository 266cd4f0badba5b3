"""What may come of the projects there are: how many, and with how much investment, reach a stage by a day.

Chances from crm.pipeline.survival, then futures drawn from them. No database here, and the same draws each time. The chances
are floats, as nothing in them is a fact; what is counted stays whole, in projects and in whole 万 of each currency.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from crm.core.money import Currency
from crm.pipeline.arrays import number_of
from crm.pipeline.paths import CURRENCIES, KINDS, Paths
from crm.pipeline.survival import DRAWS, Chances, Days, Rates, arrivals, rates_of
from crm.projects.models import PIPELINE, Figure, Stage

SHARE = Fraction(8, 10)  # how often the truth lies in a range
FUTURES_OF_A_DRAW = 8
FUTURES = DRAWS * FUTURES_OF_A_DRAW
QUARTER, WINDOWS = 92, 6  # days; how many such windows are looked back upon
USUAL_STRAY = 0.06  # beyond chance, where nothing is known yet; it weighs as much as one window
_SEED = 20200930
_SIGNED = PIPELINE.index(Stage.SIGNED)


@dataclass(frozen=True)
class Spread:
    """What is expected, and from where to where it lies in 8 of 10 futures."""

    expected: float
    low: int
    high: int

    def holds(self, truth: int) -> bool:
        return self.low <= truth <= self.high


@dataclass(frozen=True)
class Likely:
    """How many of the projects that stand in one stage (or stood there last) will be there in time."""

    stage: Stage
    count: int
    expected: float


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of the projects that were known on a day.

    `investment` is in whole 万, by the figure that the projects show today and its currency; `chances` by kind and place,
    for each day already spent there.
    """

    count: Spread
    investment: Mapping[tuple[Figure, Currency], Spread]
    by_stage: tuple[Likely, ...]
    without_amount: int
    chances: tuple[tuple[Chances, ...], ...]

    def chance(self, kind: int, place: int, days: int) -> float:
        table = self.chances[kind][place]
        return float(table[min(days, len(table) - 1)])


@dataclass(frozen=True)
class Miss:
    """How far the expectation for a past quarter was off, squared, without what chance explains; it weighs its own square."""

    beyond_chance: float
    weight: float


def outlook(known: Paths, target: Stage, on: date, by: date, stray: float) -> Outlook:
    """Of the chosen among the projects that were known on a day: those to come to a stage, or beyond, after it and by another.

    `stray` is by what share such expectations are off beyond chance (`strayed` says it).
    """
    rng = np.random.default_rng(_SEED)
    place = PIPELINE.index(target)
    chances = _chances(known, place, on, (by - on).days, rng)
    waiting = _waiting(known, place, on)
    of_each = waiting.chances(chances)
    best = of_each[0]
    amounts, columns = _amounts(known, waiting)
    expected = (best[:, None] * amounts).sum(axis=0)
    counts, sums = _futures(of_each[1:], amounts, rng)
    # all projects of a future stray together: a good quarter or a bad one; Student's t, as few windows tell how far
    shocks = 1 + stray * rng.standard_t(WINDOWS, len(counts))
    counts = np.clip(np.rint(counts * shocks), 0, len(best))
    sums = np.clip(np.rint(sums * shocks[:, None]), 0, amounts.sum(axis=0))
    return Outlook(
        count=_spread(float(best.sum()), counts),
        investment={
            column: _spread(float(expected[at]), sums[:, at]) for at, column in enumerate(columns)
        },
        by_stage=tuple(
            Likely(
                stage, int((waiting.places == at).sum()), float(best[waiting.places == at].sum())
            )
            for at, stage in enumerate(PIPELINE[:place])
        ),
        without_amount=int((amounts.sum(axis=1) == 0).sum()),
        chances=tuple(tuple(table[0] for table in tables) for tables in chances),
    )


def strayed(known: Paths, target: Stage, on: date) -> float:
    """By what share such expectations were off in the quarters before, beyond what chance explains; never quite nothing."""
    return stray_of(misses(known, target, on))


def stray_of(missed: Sequence[Miss]) -> float:
    """The same of these quarters."""
    if not missed:
        return USUAL_STRAY
    squares, weights = (
        sum(each.beyond_chance for each in missed),
        sum(each.weight for each in missed),
    )
    usual = weights / len(missed)
    found = max(squares + usual * USUAL_STRAY**2, 0.0) / (weights + usual or 1.0)
    return min(math.sqrt(found), 1.0)


def misses(known: Paths, target: Stage, on: date, quarters: int = WINDOWS) -> list[Miss]:
    """The quarters before a day, the latest first, as far back as anything was known."""
    everybody = replace(known, chosen=np.ones(len(known), np.bool_))
    place = PIPELINE.index(target)
    rng = np.random.default_rng(_SEED)
    found: list[Miss] = []
    for number in range(1, quarters + 1):
        start = on - timedelta(days=QUARTER * number)
        is_known = everybody.is_known(start)
        if not is_known.any():
            break
        waiting = _waiting(everybody, place, start)
        best = waiting.chances(_chances(everybody, place, start, QUARTER, rng, draws=0))[0]
        expected = float(best.sum())
        truth = came_between(
            replace(everybody, chosen=is_known),
            target,
            start,
            start + timedelta(days=QUARTER),
        )
        by_chance = float((best * (1 - best)).sum())
        found.append(Miss((truth - expected) ** 2 - by_chance, expected**2))
    return found


@dataclass(frozen=True)
class Waiting:
    """Projects that are not there yet nor lost: their rows, where they stand, since how many days, and their kind."""

    rows: Days
    places: Days
    days: Days
    kinds: Days

    def chances(self, tables: Sequence[Sequence[Chances]]) -> Chances:
        """A column for each of them; a row for each draw."""
        wide = [table for of_kind in tables for table in of_kind]
        lengths = np.array([table.shape[1] for table in wide])
        which = self.kinds * len(tables[0]) + self.places
        columns = (np.cumsum(lengths) - lengths)[which] + np.minimum(self.days, lengths[which] - 1)
        found: Chances = np.take(np.concatenate(wide, axis=1), columns, axis=1)
        return found


def _waiting(known: Paths, place: int, on: date) -> Waiting:
    furthest = known.furthest(on)
    is_on_the_way = (furthest >= 0) & (furthest < place) & ~known.is_lost(on)
    rows = np.flatnonzero(known.chosen & is_on_the_way)
    places = furthest[rows]
    return Waiting(rows, places, number_of(on) - known.came[rows, places], known.kinds[rows])


def came_between(paths: Paths, target: Stage, since: date, until: date) -> int:
    """How many of the chosen came to a stage, or beyond, after a day through another."""
    came = paths.came[:, PIPELINE.index(target)]
    is_between = (came > number_of(since)) & (came <= number_of(until))
    return int(np.count_nonzero(is_between & paths.chosen))


def _chances(
    known: Paths,
    place: int,
    on: date,
    horizon: int,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> list[list[Chances]]:
    """For each kind and each place before the target: the chances by days already spent there."""
    rates: list[list[Rates]] = []
    for at in range(place):
        everything, *of_kinds = known.stays(at, on)
        rates.append(rates_of(everything, of_kinds, rng, draws))
    return [arrivals([each[kind] for each in rates], horizon) for kind in range(len(KINDS))]


def _amounts(known: Paths, waiting: Waiting) -> tuple[Days, list[tuple[Figure, Currency]]]:
    """A column of amounts for each figure and currency that occurs: 预计 of those before 签约, 协议 of those from it on."""
    rows, figure = waiting.rows, (waiting.places >= _SIGNED).astype(np.int64)
    own = known.amounts[rows, figure]
    columns, found = [], []
    for which, name in enumerate(Figure):
        for one, currency in enumerate(CURRENCIES):
            amounts = np.where((figure == which) & (known.currencies[rows] == one), own, 0)
            if amounts.any():
                columns.append(amounts)
                found.append((name, currency))
    table = np.stack(columns, axis=1) if columns else np.zeros((len(rows), 0), np.int64)
    return table, found


def _futures(drawn: Chances, amounts: Days, rng: np.random.Generator) -> tuple[Days, Days]:
    """In many futures, some for each draw of the rates: how many are there in time, and the sums of their amounts."""
    # floats: they multiply fastest, and whole numbers up to 2^53 stay whole
    weights = np.column_stack([np.ones(len(amounts)), amounts])
    # chances as parts of 2^16: drawing floats takes three times as long; one of 1 loses a part
    parts = np.minimum(np.rint(drawn * 2**16), 2**16 - 1).astype(np.uint16)
    shape = FUTURES_OF_A_DRAW, len(amounts)
    found = [(rng.integers(0, 2**16, shape, np.uint16) < each) @ weights for each in parts]
    futures = np.concatenate(found).astype(np.int64)
    return futures[:, 0], futures[:, 1:]


def _spread(expected: float, futures: Days) -> Spread:
    ends = (float(1 - SHARE) / 2, float(1 + SHARE) / 2)
    low, high = np.quantile(futures, ends, method="inverted_cdf")
    return Spread(expected, int(low), int(high))
