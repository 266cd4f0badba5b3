"""How orders stood on a day: each one's events up to then, walked again. Statistics, ageing and bulletins all begin here."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from crm.core.db import session
from crm.core.words import N_, LabelledEnum
from crm.people.scope import Scope
from crm.supervision.loop import Act, Course, replayed
from crm.supervision.models import Source, State, SupervisionEvent, SupervisionOrder
from crm.supervision.queries import events_of, ran_between

RULE = N_(
    "按期：经审核认可的反馈在时限内签发；时限为首次时限，经批准延期的按新时限。按期办结率＝按期办结÷（办结＋逾期未办结）。"
)


class Outcome(LabelledEnum):
    """What an order counts as on a day."""

    IN_TIME = "in_time", N_("按期办结")
    LATE = "late", N_("逾期办结")
    RUNNING = "running", N_("在办")
    OVERDUE = "overdue", N_("逾期未办结")


class Age(LabelledEnum):
    """For how long an order has been overdue."""

    WEEK = "week", N_("7天以内")
    FORTNIGHT = "fortnight", N_("8–15天")
    MONTH = "month", N_("16–30天")
    LONGER = "longer", N_("30天以上")


_LAST_DAY = {Age.WEEK: 7, Age.FORTNIGHT: 15, Age.MONTH: 30}


@dataclass(frozen=True)
class Line:
    """One order on a day."""

    id: int
    number: str
    title: str
    unit_id: int
    unit: str
    source: Source
    state: State
    due_on: date
    closed_on: date | None
    outcome: Outcome
    days_overdue: int
    returns: int
    extensions: int


@dataclass(frozen=True)
class UnitLine:
    """What the orders that one unit leads came to."""

    unit_id: int
    unit: str
    total: int
    in_time: int
    late: int
    running: int
    overdue: int
    returns: int
    extensions: int

    @property
    def rate(self) -> Fraction | None:
        """按期办结率."""
        due = self.in_time + self.late + self.overdue
        return Fraction(self.in_time, due) if due else None


def lines(scope: Scope, from_on: date, until_on: date) -> list[Line]:
    """The orders that were in work at some time of a period, as they stood at its end. Two statements."""
    orders = session.scalars(ran_between(scope, from_on, until_on)).all()
    acts: defaultdict[int, list[Act]] = defaultdict(list)
    for event in session.scalars(events_of([order.id for order in orders])):
        if event.happened_on <= until_on:
            acts[event.order_id].append(act_of(event))
    found = [_line(order, replayed(acts[order.id]), until_on) for order in orders]
    return [line for line in found if line.state is not State.WITHDRAWN]


def act_of(event: SupervisionEvent) -> Act:
    return Act(event.kind, event.happened_on, event.text or "…", new_on=event.new_on)


def _line(order: SupervisionOrder, course: Course, day: date) -> Line:
    return Line(
        id=order.id,
        number=order.name,
        title=order.title,
        unit_id=order.unit_id,
        unit=order.unit.name,
        source=order.source,
        state=course.state,
        due_on=course.due_on,
        closed_on=course.closed_on,
        outcome=outcome(course, day),
        days_overdue=course.days_overdue(day),
        returns=course.returns,
        extensions=course.extensions,
    )


def outcome(course: Course, day: date) -> Outcome:
    if course.closed_on:
        assert course.answered_on is not None
        return Outcome.IN_TIME if course.answered_on <= course.due_on else Outcome.LATE
    return Outcome.OVERDUE if course.is_overdue(day) else Outcome.RUNNING


def by_unit(found: Iterable[Line]) -> tuple[UnitLine, ...]:
    """One line for each unit that leads any, in the order in which they first appear."""
    groups: defaultdict[tuple[int, str], list[Line]] = defaultdict(list)
    for line in found:
        groups[line.unit_id, line.unit].append(line)
    return tuple(summed(unit_id, unit, group) for (unit_id, unit), group in groups.items())


def summed(unit_id: int, unit: str, group: Sequence[Line]) -> UnitLine:
    counts = Counter(line.outcome for line in group)
    return UnitLine(
        unit_id=unit_id,
        unit=unit,
        total=len(group),
        in_time=counts[Outcome.IN_TIME],
        late=counts[Outcome.LATE],
        running=counts[Outcome.RUNNING],
        overdue=counts[Outcome.OVERDUE],
        returns=sum(line.returns for line in group),
        extensions=sum(line.extensions for line in group),
    )


def ages(found: Iterable[Line]) -> dict[Age, int]:
    """How many are overdue for how long."""
    counts = dict.fromkeys(Age, 0)
    for line in found:
        if line.outcome is Outcome.OVERDUE:
            counts[age(line.days_overdue)] += 1
    return counts


def age(days: int) -> Age:
    return next((one for one, last in _LAST_DAY.items() if days <= last), Age.LONGER)
