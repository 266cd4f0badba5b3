"""The clock of an application: working days allowed in each state. It stands still while materials are corrected."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update

from crm.core.db import session
from crm.entry.models import EntryApplication, EntryState
from crm.reference import settings
from crm.reference.working_days import Calendar, calendar_around

SOON = 1  # working days: 将到期

Limits = Mapping[str, int]


@dataclass(frozen=True)
class Clock:
    """Runs from a day for so many working days; without a day it stands still, without a number there is no limit."""

    from_on: date | None = None
    days: int | None = None

    def due_on(self, calendar: Calendar) -> date | None:
        """The last day on which the step is in time; the day it begins is not counted."""
        if self.from_on is None or self.days is None:
            return None
        return calendar.after(self.from_on, self.days)


NO_CLOCK = Clock()


def limits() -> Limits:
    """Working days by state, as an administrator set them."""
    return dict(settings.get("entry.limits"))


def after_step(
    clock: Clock,
    from_state: EntryState | None,
    to_state: EntryState,
    on: date,
    *,
    limits: Limits,
    calendar: Calendar,
) -> Clock:
    """The clock after a step on a day: stopped by 退回补正, going on where it stood, else wound up for the new state."""
    if to_state is EntryState.CORRECTION:
        if clock.from_on is None or clock.days is None:
            return NO_CLOCK
        return Clock(None, max(clock.days - calendar.count(clock.from_on, on), 0))
    if from_state is EntryState.CORRECTION and to_state.value in limits:
        return Clock(on, clock.days)
    days = limits.get(to_state.value)
    return NO_CLOCK if days is None else Clock(on, days)


@dataclass(frozen=True)
class Standing:
    """How an application stands against its limit today."""

    due_on: date | None
    days_left: int | None  # working days; negative once it is overdue
    is_stopped: bool
    is_reckoned_by_weekdays: bool  # the holidays of that year have not been entered

    @property
    def is_overdue(self) -> bool:
        return self.days_left is not None and self.days_left < 0

    @property
    def is_due_soon(self) -> bool:
        return self.days_left is not None and 0 <= self.days_left <= SOON


def standing(row: Any, today: date, calendar: Calendar) -> Standing:
    """Of an application, or a row with its `state`, `due_on` and `days_allowed`."""
    if row.state is EntryState.CORRECTION:
        return Standing(None, row.days_allowed, True, False)
    if row.due_on is None:
        return Standing(None, None, False, False)
    left = calendar.count(today, row.due_on)
    if row.due_on < today and left == 0:
        left = -1  # overdue since a holiday began: not a working day, and yet over
    return Standing(row.due_on, left, False, not calendar.knows(row.due_on))


def recount() -> None:
    """Reckon the due dates of all running clocks anew, after a day of the calendar changed.

    Versions stay: nobody has a due date in a form.
    """
    running = select(
        EntryApplication.id, EntryApplication.clock_from_on, EntryApplication.days_allowed
    ).where(EntryApplication.clock_from_on.is_not(None))
    rows = session.execute(running).all()
    if not rows:
        return
    calendar = calendar_around(row.clock_from_on for row in rows)
    due = [
        {"id": row.id, "due_on": Clock(row.clock_from_on, row.days_allowed).due_on(calendar)}
        for row in rows
    ]
    session.execute(update(EntryApplication), due)
