"""How each milestone of a plan stands as of a day: when it was done, by what, and what is still missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from crm.core.db import session
from crm.core.words import N_
from crm.metrics.figures import reached_on
from crm.people.scope import Scope
from crm.projects.queries import ProjectDates
from crm.targets import queries
from crm.targets.models import AnnualPlan, PlanMilestone, ProgressReport
from crm.targets.pace import (
    Light,
    Timing,
    assess,
    assess_milestone,
    timing,
)
from crm.targets.reported import Reports
from crm.targets.standing import Row, has_reached_approval, question_of, terms_of

COMPLETED_IN_USE = "竣工投用"


@dataclass(frozen=True)
class MilestoneRow:
    milestone: PlanMilestone
    done_on: date | None
    light: Light
    is_visible: bool
    unverified: ProgressReport | None = None
    lacks: str = ""  # what a project that is half through 竣工投用 still lacks

    @property
    def timing(self) -> Timing:
        return timing(self.milestone.not_before, self.milestone.due_on, self.done_on)


def milestone_row(
    milestone: PlanMilestone,
    rows: Mapping[int, Row],
    dates: Mapping[int, ProjectDates],
    reports: Reports,
    plan: AnnualPlan,
    as_of: date,
    scope: Scope,
) -> MilestoneRow:
    if not scope.covers(milestone.unit):
        return MilestoneRow(milestone, None, Light.NONE, False)
    project = dates.get(milestone.project_id or 0)
    under_way = has_reached_approval(project, as_of)
    unverified = None
    row = rows.get(milestone.same_as_id or 0)
    if row is not None and not row.is_part:
        done_on = _met_on(row, plan, as_of, scope)
        under_way = under_way or row.light == Light.GREEN
    elif milestone.project_id is not None:
        done_on = _proved_on(milestone, project)
    else:
        verified, unverified = reports.verified(milestone), reports.unverified(milestone)
        done_on = verified.as_of_on if verified else None
    if done_on is not None and done_on > as_of:
        done_on = None
    light = assess_milestone(milestone.not_before, milestone.due_on, done_on, as_of, under_way)
    lacks = "" if done_on else _lacking(milestone, project, as_of)
    return MilestoneRow(milestone, done_on, light, True, unverified, lacks)


def _lacking(milestone: PlanMilestone, dates: ProjectDates | None, as_of: date) -> str:
    """投用 is not 竣工验收: where one of the two is there, which one is not."""
    if dates is None or milestone.event != COMPLETED_IN_USE:
        return ""
    is_accepted, is_in_use = (
        day is not None and day <= as_of for day in (dates.accepted_on, dates.in_use_on)
    )
    if is_accepted == is_in_use:
        return ""
    return N_("已竣工验收，尚未投用") if is_accepted else N_("已投用，尚未竣工验收")


def _proved_on(milestone: PlanMilestone, dates: ProjectDates | None) -> date | None:
    if dates is None:
        return None
    return dates.started_on if milestone.event == "开工" else dates.completed_in_use_on


def _met_on(row: Row, plan: AnnualPlan, as_of: date, scope: Scope) -> date | None:
    """The day on which an indicator came to its target: one thing with its milestone, so one day."""
    if not row.standing.is_done:
        return None
    indicator = row.indicator
    if indicator.is_computed:
        return reached_on(question_of(indicator, plan.year, as_of, scope), indicator.target)
    terms = terms_of(indicator, row.opening)
    reports = session.scalars(queries.verified_reports(indicator, as_of))
    return next((r.as_of_on for r in reports if assess(terms, r.value, as_of).is_done), None)
