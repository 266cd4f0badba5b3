"""甘特: the milestones of projects along the months: the plan above, what was done and is expected below it.

Places are shares of the width.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from crm.core.words import N_, LabelledEnum
from crm.milestones.queries import Mark

MONTHS = 15
BEFORE_TODAY = 3  # months shown before the present one


class Sign(LabelledEnum):
    """How a milestone is drawn."""

    PLANNED = "planned", N_("计划")
    DONE = "done", N_("完成")
    EXPECTED = "expected", N_("预计")
    LATE = "late", N_("逾期")


@dataclass(frozen=True)
class Window:
    """The months that are shown."""

    months: tuple[date, ...]

    @property
    def starts_on(self) -> date:
        return self.months[0]

    @property
    def ends_on(self) -> date:
        """The day behind the last one."""
        return month_after(self.months[-1], 1)

    def place(self, day: date) -> Fraction:
        """Where a day lies: 0 at the left edge, 1 at the right, beyond them outside."""
        return Fraction((day - self.starts_on).days, (self.ends_on - self.starts_on).days)

    def shows(self, day: date) -> bool:
        return self.starts_on <= day < self.ends_on


@dataclass(frozen=True)
class Point:
    """A sign at its place."""

    mark: Mark
    sign: Sign
    on: date
    place: Fraction


@dataclass(frozen=True)
class Bar:
    """From one place to another."""

    sign: Sign
    start: Fraction
    width: Fraction


@dataclass(frozen=True)
class Track:
    """One project: its bars and signs inside the window, and all of its milestones for those who read."""

    marks: Sequence[Mark]
    bars: tuple[Bar, ...]
    points: tuple[Point, ...]


def month_after(month: date, count: int) -> date:
    """The first of the month so many later (or, negative, earlier)."""
    years, place = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(years, place + 1, 1)


def window_from(month: date) -> Window:
    return Window(tuple(month_after(month, count) for count in range(MONTHS)))


def tracks(marks: Mapping[int, Sequence[Mark]], window: Window, today: date) -> dict[int, Track]:
    return {project_id: _track(some, window, today) for project_id, some in marks.items()}


def sign_of(mark: Mark, today: date) -> Sign:
    if mark.is_done(today):
        return Sign.DONE
    return Sign.LATE if mark.is_late(today) else Sign.EXPECTED


def _track(marks: Sequence[Mark], window: Window, today: date) -> Track:
    found = [_point(mark, Sign.PLANNED, mark.planned_on, window) for mark in marks]
    for mark in marks:
        sign = sign_of(mark, today)
        on = mark.done_on if sign == Sign.DONE and mark.done_on else mark.due_on
        found.append(_point(mark, sign, on, window))
    points = tuple(point for point in found if window.shows(point.on))
    return Track(marks, tuple(_bars(found, window)), points)


def _point(mark: Mark, sign: Sign, on: date, window: Window) -> Point:
    return Point(mark, sign, on, window.place(on))


def _bars(points: Sequence[Point], window: Window) -> Iterable[Bar]:
    """The plan from its first day to its last; below it what is done, and from there what is still expected."""
    planned = [point.on for point in points if point.sign == Sign.PLANNED]
    done = [point.on for point in points if point.sign == Sign.DONE]
    open_ = [point.on for point in points if point.sign in (Sign.EXPECTED, Sign.LATE)]
    for sign, days in (
        (Sign.PLANNED, planned),
        (Sign.DONE, done),
        (Sign.EXPECTED, [*open_, max(done)] if done and open_ else open_),
    ):
        first, last = (
            max(min(days, default=date.max), window.starts_on),
            max(days, default=date.min),
        )
        last = min(last, window.ends_on - timedelta(days=1))
        if first < last:
            start = window.place(first)
            yield Bar(sign, start, window.place(last) - start)
