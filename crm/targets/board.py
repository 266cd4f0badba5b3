"""The board of a plan: all its targets and milestones as of a day, seen from a scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crm.core import clock
from crm.core.db import session
from crm.people.scope import WHOLE_PARK_SCOPE, Scope
from crm.projects.queries import milestone_dates
from crm.targets import queries
from crm.targets.milestones import MilestoneRow, milestone_row
from crm.targets.models import AnnualPlan, PlanMilestone
from crm.targets.pace import Limits
from crm.targets.reported import Reports
from crm.targets.standing import Row, pace_limits, rows_of


@dataclass(frozen=True)
class Board:
    """All targets and milestones of a plan as of a day, seen from a scope."""

    plan: AnnualPlan
    as_of: date
    scope: Scope
    limits: Limits
    rows: tuple[Row, ...]
    milestones: tuple[MilestoneRow, ...]

    def row(self, code: str) -> Row:
        return next(row for row in self.rows if row.indicator.code == code)

    def milestone(self, code: str) -> MilestoneRow:
        return next(row for row in self.milestones if row.milestone.code == code)


def board(plan: AnnualPlan, as_of: date, scope: Scope, *, with_mentions: bool = True) -> Board:
    """The whole board, in a number of queries that does not grow with the records."""
    indicators = list(session.scalars(queries.indicators(plan, with_mentions=with_mentions)))
    milestones = list(session.scalars(queries.milestones(plan)))
    reports = Reports(plan, as_of)
    bound = [m.project_id for m in milestones if m.project_id is not None]
    dates = milestone_dates(bound) if bound else {}
    limits = pace_limits()
    rows = rows_of(indicators, milestones, dates, reports, plan, as_of, scope, limits)
    by_id = {row.indicator.id: row for row in rows}
    return Board(
        plan=plan,
        as_of=as_of,
        scope=scope,
        limits=limits,
        rows=rows,
        milestones=tuple(
            milestone_row(milestone, by_id, dates, reports, plan, as_of, scope)
            for milestone in milestones
        ),
    )


def done_days(milestones: Sequence[PlanMilestone], as_of: date) -> Mapping[int, date | None]:
    """The day until `as_of` on which each was done, as its project or its unit's report proves it, by its number."""
    if not milestones:
        return {}
    plan = milestones[0].plan
    dates = milestone_dates([m.project_id for m in milestones if m.project_id is not None])
    reports = Reports(plan, as_of)
    rows = [
        milestone_row(one, {}, dates, reports, plan, as_of, WHOLE_PARK_SCOPE) for one in milestones
    ]
    return {row.milestone.id: row.done_on for row in rows}


def milestones_of(project_id: int, scope: Scope) -> list[MilestoneRow]:
    """The plans' milestones that a project proves, each as of the day on which its year is shown."""
    bound = session.scalars(queries.milestones_bound_to(project_id)).all()
    dates = milestone_dates([project_id]) if bound else {}
    found = []
    for milestone in bound:
        plan, same = milestone.plan, milestone.same_as
        as_of, reports = clock.opening_date(plan.year), Reports(plan, clock.opening_date(plan.year))
        rows = rows_of(
            [same] if same else [], bound, dates, reports, plan, as_of, scope, pace_limits()
        )
        by_id = {row.indicator.id: row for row in rows}
        found.append(milestone_row(milestone, by_id, dates, reports, plan, as_of, scope))
    return [row for row in found if row.is_visible]
