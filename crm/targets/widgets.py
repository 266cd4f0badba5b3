"""What targets put on each role's first page; None where there is nothing for that person."""

from dataclasses import dataclass
from typing import Any

from crm.core import clock
from crm.core.db import session
from crm.people.models import User
from crm.people.roles import Action, Role
from crm.people.scope import scope_of
from crm.targets import queries
from crm.targets.board import Board, board
from crm.targets.models import AnnualPlan, ProgressReport
from crm.targets.pace import Light, last_month_end
from crm.targets.standing import Row

SHOWN = 5
OWN_SHOWN = 10


@dataclass(frozen=True)
class Summary:
    """How many targets show each light, and those farthest behind."""

    board: Board
    lights: dict[Light, int]
    worst: list[Row]


@dataclass(frozen=True)
class Own:
    """The targets that one's unit reports; `late` have no report for the last month that ended."""

    board: Board
    rows: list[Row]
    late: frozenset[str]


def current_plan() -> AnnualPlan | None:
    """This year's plan, or the last one there is."""
    plan = queries.find_plan(clock.today().year)
    if plan is None and (years := queries.years()):
        plan = queries.find_plan(years[0])
    return plan


def lights_of(found: Board) -> dict[Light, int]:
    """How many targets show each light; a repeat is not counted again."""
    counts = dict.fromkeys(Light, 0)
    for row in found.rows:
        if row.is_visible:
            counts[row.light] += 1
    return counts


def summary(user: User) -> Summary | None:
    if not user.roles & {Role.LEADER, Role.SUPERVISOR}:
        return None
    found = _board(user)
    if found is None:
        return None
    behind = [row for row in found.rows if row.light in (Light.RED, Light.YELLOW)]
    behind.sort(key=lambda row: (row.light != Light.RED, row.standing.gap_points or 0))
    return Summary(found, lights_of(found), behind[:SHOWN])


def own(user: User) -> Own | None:
    found = _board(user)
    if found is None:
        return None
    rows = [r for r in found.rows if r.is_visible and not r.indicator.is_computed]
    late = frozenset(row.indicator.code for row in rows if _is_late(row, found))
    rows.sort(key=lambda row: row.indicator.code not in late)
    return Own(found, rows[:OWN_SHOWN], late) if rows else None


def reviews(user: User) -> list[ProgressReport] | None:
    signs, verifies = user.may(Action.TARGETS_SIGN), user.may(Action.TARGETS_VERIFY)
    if not signs and not verifies:
        return None
    waiting = queries.awaiting(user, scope_of(user), signs=signs, verifies=verifies)
    return list(session.scalars(waiting)) or None


def _board(user: User) -> Board | None:
    plan = current_plan()
    if plan is None:
        return None
    return board(plan, clock.opening_date(plan.year), scope_of(user), with_mentions=False)


def _is_late(row: Row, found: Board) -> bool:
    """Whether nothing was entered for the last month that ended in the plan's year."""
    newest: Any = max((r.as_of_on for r in (row.verified, row.unverified) if r), default=None)
    month = last_month_end(found.as_of, found.plan.year)
    return month is not None and (newest is None or newest < month)
