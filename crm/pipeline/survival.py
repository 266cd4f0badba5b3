"""How long stays last and how they end: medians and chances from what was seen. Statistics, without a database.

A stay is counted in whole days from the day on which a stage was first reached. It ends by going on or by loss; those that
still last say only that they lasted so long. Both daily chances are estimated piece by piece of the stay, each piece
long enough to have seen several ends; where little was seen they lean on what is known of all (Beta priors).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int64]
Flags = NDArray[np.bool_]
Chances = NDArray[np.floating[Any]]

MOVES_OF_A_PIECE = 12
MOST_PIECES = 24
DAYS_OF_A_STAGE = 180  # how long a stage lasts of which nothing was ever seen
_ROUNDING = 1e-9
DRAWS = 48  # how often the rates are drawn anew, to say how little is known of them
_ALL, _KIND, _LOSSES = (
    1.0,
    6.0,
    4.0,
)  # how many ends the prior is worth: of all stays, of a kind's, of losses


@dataclass(frozen=True)
class Stays:
    """Stays in one stage, counted by how many days they took so far: those that still last, that went on, that were lost."""

    open: Days
    moved: Days
    lost: Days

    @property
    def lasting(self) -> "Stays":
        """Without those that skipped the stage or went on the same day."""
        later = self.moved.copy()
        later[0] = 0
        return replace(self, moved=later)

    @property
    def by_day(self) -> Days:
        """How many stays lasted to each day at least."""
        ended = self.open + self.moved + self.lost
        return np.cumsum(ended[::-1])[::-1].astype(np.int64)

    @property
    def count(self) -> int:
        return int(self.by_day[0])

    @property
    def moves(self) -> int:
        return int(self.moved.sum())

    @property
    def losses(self) -> int:
        return int(self.lost.sum())


def stays_of(days: Days, moved: Flags, lost: Flags, kinds: Days, number: int) -> list[Stays]:
    """The stays of all, and then of each of so many kinds, from the days, the end and the kind of each."""
    length = int(days.max(initial=0)) + 2
    ends = np.where(moved, 1, np.where(lost, 2, 0))
    counts = np.bincount((kinds * 3 + ends) * length + days, minlength=number * 3 * length)
    of_kinds = counts.reshape(number, 3, length)
    return [Stays(*of_kinds.sum(axis=0)), *(Stays(*of_kind) for of_kind in of_kinds)]


def median_days(stays: Stays) -> Fraction | None:
    """After how many days half had gone on, by Kaplan and Meier; none while that is not known.

    Who was lost or is still there drops out of the count with the day until which he was seen.
    """
    there, moved = stays.by_day, stays.moved
    left, half = 1.0, None
    for day in np.flatnonzero(moved):
        if half is not None:
            return Fraction(
                half + int(day), 2
            )  # exactly half are left from the one day to the other
        left *= 1 - moved[day] / there[day]
        if left < 0.5 - _ROUNDING:
            return Fraction(int(day))
        if left < 0.5 + _ROUNDING:
            half = int(day)
    return None if half is None else Fraction(half)


@dataclass(frozen=True)
class Rates:
    """The chances of a day to go on, and of those that do not to be lost: piece by piece, which begin on `starts`.

    The first row is the best estimate, the others are drawn from what the rates may be as well.
    """

    starts: Days
    moving: Chances
    losing: Chances

    def daily(self, length: int) -> tuple[Chances, Chances]:
        """For each day of a stay: the chance to go on just then, and to be still there after it."""
        piece = np.searchsorted(self.starts, np.arange(length), side="right") - 1
        moving, losing = self.moving[:, piece], self.losing[:, piece]
        after = np.cumprod((1 - moving) * (1 - losing), axis=1)
        before = np.concatenate([np.ones((len(after), 1)), after[:, :-1]], axis=1)
        return before * moving, after

    @property
    def last(self) -> int:
        """From this day on every day is as the one before."""
        return int(self.starts[-1])


def rates_of(
    everything: Stays, kinds: Sequence[Stays], rng: np.random.Generator, draws: int = DRAWS
) -> list[Rates]:
    """The rates of each kind of stays in a stage; `everything` are the stays of all kinds."""
    starts = _starts(everything)
    trials, moves, losses = _seen(everything, starts)
    usual = (moves.sum() + _ALL) / (trials.sum() + _ALL * DAYS_OF_A_STAGE)
    usual_loss = (losses.sum() + _ALL) / (trials.sum() + _ALL * 10 * DAYS_OF_A_STAGE)
    moving = _mean(*_beta(moves, trials, usual, _ALL))
    losing = _mean(*_beta(losses, trials - moves, usual_loss, _LOSSES))
    found = []
    for kind in kinds:
        trials, moves, losses = _seen(kind, starts)
        found.append(
            Rates(
                starts,
                _drawn(*_beta(moves, trials, moving, _KIND), rng, draws),
                _drawn(*_beta(losses, trials - moves, losing, _LOSSES), rng, draws),
            )
        )
    return found


def arrivals(stages: Sequence[Rates], horizon: int) -> list[Chances]:
    """The chances to be through all of these stages within so many days, for each stage where one may stand now.

    One row for each row of the rates, one column for each day already spent in the stage (the last one stands for all later).
    """
    rows = len(stages[0].moving)
    through = np.ones((rows, horizon + 1))  # who stands behind the last stage is through
    found: list[Chances] = []
    for rates in reversed(stages):
        last = rates.last
        moving, after = rates.daily(last + horizon + 1)
        size = 1 << (last + 2 * horizon + 1).bit_length()
        spectrum = np.fft.rfft(moving, size)
        # whoever goes on on day d + i has horizon − i days left
        later = np.fft.irfft(spectrum * np.fft.rfft(through[:, :horizon], size), size)
        here = later[:, horizon : horizon + last + 1] / np.maximum(after[:, : last + 1], 1e-12)
        found.append(np.clip(here, 0, 1))
        through = np.fft.irfft(spectrum * np.fft.rfft(through, size), size)[:, : horizon + 1]
        through = np.clip(through, 0, 1)
    return found[::-1]


def _starts(stays: Stays) -> Days:
    """The day itself (a stage that is skipped takes none), the days before anybody went on, then pieces of as many moves each."""
    moved = np.cumsum(stays.lasting.moved)
    step = max(MOVES_OF_A_PIECE, int(moved[-1]) // MOST_PIECES)
    if moved[-1] < 2 * step:
        return np.array([0, 1])
    begun = np.arange(0, moved[-1] - step + 1, step)
    return np.unique(np.concatenate([[0, 1], np.searchsorted(moved, begun, side="right")]))


def _seen(stays: Stays, starts: Days) -> tuple[Days, Days, Days]:
    """For each piece: on how many days a stay could have ended, how many went on, how many were lost."""
    by_day = (stays.by_day, stays.moved, stays.lost)
    trials, moves, losses = (np.add.reduceat(counts, starts) for counts in by_day)
    return trials, moves, losses


def _beta(
    ends: Days, trials: Days, prior: float | Chances, weight: float
) -> tuple[Chances, Chances]:
    """What is known of a rate: a Beta distribution whose prior has this mean and is worth so many ends."""
    return ends + weight, trials - ends + weight / np.asarray(prior) - weight


def _mean(a: Chances, b: Chances) -> Chances:
    return a / (a + b)


def _drawn(a: Chances, b: Chances, rng: np.random.Generator, draws: int) -> Chances:
    """The mean in the first row, and as many draws below it."""
    drawn = rng.beta(a, np.maximum(b, 1e-9), (draws, len(a)))
    return np.concatenate([_mean(a, b)[None, :], drawn])
