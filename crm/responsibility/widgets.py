"""What responsibility puts on each role's first page, and what it asks of people."""

from collections.abc import Iterable
from dataclasses import dataclass

from crm.core import clock, registry
from crm.core.db import session
from crm.core.words import N_
from crm.people.models import Unit, User
from crm.people.roles import OWN_UNIT, Action, Role
from crm.people.scope import scope_of
from crm.responsibility import duties, queries, shares
from crm.responsibility.duties import TaskRow
from crm.responsibility.models import ReportRound, RoundDue
from crm.responsibility.owed import Owed, UnitLine, lines, owed
from crm.responsibility.shares import ShareRow
from crm.targets.board import Board, board
from crm.targets.models import ReviewState
from crm.targets.pace import Light
from crm.targets.standing import Row
from crm.targets.widgets import current_plan


@dataclass(frozen=True)
class Mine:
    """A leader's tasks with their targets, and what of these is owed or waits for review."""

    board: Board
    tasks: list[TaskRow]
    owed: list[Owed]

    @property
    def rows(self) -> list[Row]:
        """The targets of all tasks, each once, the worst light first."""
        by_id = {row.indicator.id: row for task in self.tasks for row in task.rows}
        return sorted(by_id.values(), key=lambda row: duties.WORST_FIRST.index(row.light))

    @property
    def lights(self) -> list[tuple[Light, int]]:
        shown = [row.light for row in self.rows]
        return [(light, shown.count(light)) for light in duties.WORST_FIRST if light in shown]

    @property
    def missing(self) -> list[Owed]:
        return [one for one in self.owed if one.is_open]

    @property
    def waiting(self) -> list[Owed]:
        states = (ReviewState.SUBMITTED, ReviewState.SIGNED)
        return [one for one in self.owed if any(map(one.waits_for, states))]


@dataclass(frozen=True)
class OwnUnit:
    """A unit's shares with lights."""

    unit: Unit
    shares: list[ShareRow]


@dataclass(frozen=True)
class Overview:
    """The round that is open, unit by unit."""

    round: ReportRound
    lines: list[UnitLine]

    @property
    def behind(self) -> list[UnitLine]:
        return [line for line in self.lines if line.open_count]


def mine(user: User) -> Mine | None:
    """None where no task is this person's, which is asked first: the board costs a dozen statements."""
    plan = current_plan() if queries.has_duty(user) else None
    if plan is None:
        return None
    found = board(plan, clock.opening_date(plan.year), scope_of(user))
    tasks = duties.led_by(duties.task_rows(found), user.id)
    if not tasks:
        return None
    ids = {row.indicator.id for task in tasks for row in task.rows}
    open_rounds = session.scalars(queries.open_rounds()).all()
    asked = owed(scope_of(user), open_rounds, RoundDue.indicator_id.in_(ids))
    return Mine(found, tasks, asked)


def mine_at_home(user: User) -> Mine | None:
    return mine(user) if Role.LEADER in user.roles else None


def unit_at_home(user: User) -> OwnUnit | None:
    plan = current_plan()
    if plan is None or not user.roles & OWN_UNIT:
        return None
    return OwnUnit(user.unit, shares.shares_of(user.unit, plan, clock.opening_date(plan.year)))


def round_at_home(user: User) -> Overview | None:
    """The office's view of the newest round that is open."""
    if not user.may(Action.TARGETS_PLAN):
        return None
    newest = session.scalar(
        queries.open_rounds().order_by(None).order_by(ReportRound.ends_on.desc())
    )
    return Overview(newest, lines(owed(scope_of(user), [newest]))) if newest else None


def todos(user: User) -> Iterable[registry.Todo]:
    """One line for each open round: what my unit has still to report, what waits for my verification."""
    if not (user.may(Action.TARGETS_REPORT) or user.may(Action.TARGETS_VERIFY)):
        return []
    open_rounds = session.scalars(queries.open_rounds()).all()
    asked = owed(scope_of(user), open_rounds)
    found = []
    for one in open_rounds:
        of_round = [x for x in asked if x.due.round_id == one.id]
        found += [*_to_report(one, of_round, user), *_to_verify(one, of_round, user)]
    return found


def _to_report(one: ReportRound, asked: list[Owed], user: User) -> Iterable[registry.Todo]:
    left = sum(x.is_open for x in asked if x.due.unit_id == user.unit_id)
    if left and user.may(Action.TARGETS_REPORT):
        yield registry.Todo(
            one.data_due_on,
            "clipboard-list",
            N_("报送%(month)s月指标数据：还有 %(left)s 项"),
            "",
            f"/responsibility/rounds/{one.id}/units/{user.unit_id}",
            (("month", one.ends_on.month), ("left", left)),
        )


def _to_verify(one: ReportRound, asked: list[Owed], user: User) -> Iterable[registry.Todo]:
    left = sum(x.waits_for(ReviewState.SIGNED) for x in asked)
    if left and user.may(Action.TARGETS_VERIFY):
        yield registry.Todo(
            one.report_due_on,
            "clipboard-check",
            N_("核验%(month)s月指标数据：%(left)s 项待核"),
            "",
            f"/responsibility/rounds/{one.id}",
            (("month", one.ends_on.month), ("left", left)),
        )
