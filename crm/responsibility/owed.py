"""What is owed in a monthly round, and how each figure came: in time, late, after the closing, or not at all.

Late is late for good: what counts is when the first answer was written down, whatever was sent back and entered again since.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crm.core import clock
from crm.core.db import session
from crm.core.words import N_, LabelledEnum
from crm.people.models import Unit
from crm.people.scope import Scope
from crm.responsibility import queries
from crm.responsibility.models import ReportRound, RoundDue
from crm.targets.models import ProgressReport, ReviewState


class Timing(LabelledEnum):
    """How an answer lies to the day on which the data were due."""

    WAITING = "waiting", N_("待报")
    OVERDUE = "overdue", N_("逾期未报")
    IN_TIME = "in_time", N_("按时")
    LATE = "late", N_("迟报")
    AFTER_CLOSING = "after_closing", N_("关闭后补报")


@dataclass(frozen=True)
class Owed:
    """One figure of a round with its answers, the oldest first."""

    due: RoundDue
    round: ReportRound
    reports: tuple[ProgressReport, ...]

    @property
    def latest(self) -> ProgressReport | None:
        return self.reports[-1] if self.reports else None

    @property
    def answered_at(self) -> datetime | None:
        if self.due.is_computed:
            return self.due.confirmed_at
        return self.reports[0].recorded_at if self.reports else None

    @property
    def is_open(self) -> bool:
        """Whether the unit has something to do: nothing was said, or what was said came back."""
        if self.due.is_computed:
            return self.due.confirmed_at is None
        return self.latest is None or self.latest.state is ReviewState.RETURNED

    @property
    def timing(self) -> Timing:
        return timing(self.round, self.answered_at, clock.today())

    def waits_for(self, state: ReviewState) -> bool:
        return self.latest is not None and self.latest.state is state


@dataclass(frozen=True)
class UnitLine:
    """How far a unit is with a round."""

    unit: Unit
    owed: tuple[Owed, ...]

    @property
    def open_count(self) -> int:
        return sum(one.is_open for one in self.owed)

    @property
    def signing_count(self) -> int:
        return sum(one.waits_for(ReviewState.SUBMITTED) for one in self.owed)

    @property
    def verifying_count(self) -> int:
        return sum(one.waits_for(ReviewState.SIGNED) for one in self.owed)

    @property
    def late_count(self) -> int:
        return sum(one.timing in (Timing.LATE, Timing.AFTER_CLOSING) for one in self.owed)

    @property
    def overdue_days(self) -> int:
        """How many days the unit's open figures are past the day on which they were due."""
        late = (clock.today() - self.owed[0].round.data_due_on).days
        return max(late, 0) if self.open_count else 0


def timing(of: ReportRound, answered_at: datetime | None, today: date) -> Timing:
    """A day of the clock that lies after the business date (which a demo fixes) is the business date."""
    if answered_at is None:
        return Timing.OVERDUE if today > of.data_due_on else Timing.WAITING
    if of.closed_at is not None and answered_at > of.closed_at:
        return Timing.AFTER_CLOSING
    answered_on = min(clock.park_date(answered_at), today)
    return Timing.LATE if answered_on > of.data_due_on else Timing.IN_TIME


def owed(scope: Scope, rounds: Sequence[ReportRound], *which: Any) -> list[Owed]:
    """What the units of a scope owe in some rounds: two statements, however much it is."""
    by_id = {one.id: one for one in rounds}
    if not by_id:
        return []
    found = session.scalars(queries.dues(scope, RoundDue.round_id.in_(list(by_id)), *which)).all()
    answers: dict[tuple[Any, ...], list[ProgressReport]] = defaultdict(list)
    for report in session.scalars(queries.reports_of_rounds(list(by_id))):
        answers[report.indicator_id, report.unit_id, report.as_of_on].append(report)
    return [_owed(due, by_id[due.round_id], answers) for due in found]


def lines(found: Sequence[Owed]) -> list[UnitLine]:
    """The same unit by unit, who is farthest behind first."""
    by_unit: dict[int, list[Owed]] = defaultdict(list)
    for one in found:
        by_unit[one.due.unit_id].append(one)
    units = [UnitLine(some[0].due.unit, tuple(some)) for some in by_unit.values()]
    return sorted(units, key=lambda line: (-line.open_count, line.unit.position, line.unit.id))


def _owed(
    due: RoundDue, of: ReportRound, answers: dict[tuple[Any, ...], list[ProgressReport]]
) -> Owed:
    unit_id = due.unit_id if due.is_share else None
    found = () if due.is_computed else answers.get((due.indicator_id, unit_id, of.ends_on), ())
    return Owed(due, of, tuple(found))
