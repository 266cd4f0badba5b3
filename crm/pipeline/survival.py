"""How long stays last and how they end: medians and chances from what was seen. Statistics, without a database.

A stay is counted in whole days from the day on which a stage was first reached. It ends by going on or by loss; those that
still last say only that they lasted so long. Both daily chances are estimated piece by piece of the stay, each piece
long enough to have seen several ends; where little was seen they lean on what is known of all (Beta priors).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
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
    """Stays in one stage: their days so far, which went on, which were lost, and the kind of each."""

    days: Days
    moved: Flags
    lost: Flags
    kinds: Days

    def only(self, chosen: Flags) -> "Stays":
        return Stays(*(getattr(self, each.name)[chosen] for each in fields(self)))

    @property
    def lasting(self) -> "Stays":
        """Without those that skipped the stage or went on the same day."""
        return self.only(~self.moved | (self.days > 0))

    @property
    def count(self) -> int:
        return len(self.days)

    @property
    def moves(self) -> int:
        return int(self.moved.sum())

    @property
    def losses(self) -> int:
        return int(self.lost.sum())


def median_days(stays: Stays) -> Fraction | None:
    """After how many days half had gone on, by Kaplan and Meier; none while that is not known.

    Who was lost or is still there drops out of the count with the day until which he was seen.
    """
    length = int(stays.days.max(initial=0)) + 1
    there, moved = _there(stays, length), np.bincount(stays.days[stays.moved], minlength=length)
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


def _there(stays: Stays, length: int) -> Days:
    """How many stays lasted to each day at least."""
    return np.cumsum(np.bincount(stays.days, minlength=length)[::-1])[::-1].astype(np.int64)


def _starts(stays: Stays) -> Days:
    """The day itself (a stage that is skipped takes none), the days before anybody went on, then pieces of as many moves each."""
    moved = np.sort(stays.days[stays.moved & (stays.days > 0)])
    step = max(MOVES_OF_A_PIECE, len(moved) // MOST_PIECES)
    if len(moved) < 2 * step:
        return np.array([0, 1])
    return np.unique(np.concatenate([[0, 1], moved[0 : len(moved) - step + 1 : step]]))


def _seen(stays: Stays, starts: Days) -> tuple[Days, Days, Days]:
    """For each piece: on how many days a stay could have ended, how many went on, how many were lost."""
    length = max(int(stays.days.max(initial=0)), int(starts[-1])) + 1
    by_day = (
        _there(stays, length),
        np.bincount(stays.days[stays.moved], minlength=length),
        np.bincount(stays.days[stays.lost], minlength=length),
    )
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
