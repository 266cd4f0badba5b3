"""What we ask about plans and what was reported by hand."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.models import User
from crm.people.scope import Scope
from crm.targets.models import (
    AnnualPlan,
    Chapter,
    Indicator,
    PlanMilestone,
    PlanTask,
    ProgressReport,
    ReviewState,
)

WAITING = (ReviewState.SUBMITTED, ReviewState.SIGNED)
OF_THE_WHOLE = ProgressReport.unit_id.is_(None)


class NoPlan(DomainError):
    """Nobody has adopted a plan for that year."""

    status = 404


def find_plan(year: int) -> AnnualPlan | None:
    return session.scalar(select(AnnualPlan).where(AnnualPlan.year == year))


def plan_of(year: int) -> AnnualPlan:
    """The year's plan. Raises NoPlan."""
    plan = find_plan(year)
    if plan is None:
        raise NoPlan(N_("没有%(year)s年的年度计划。"), year=year)
    return plan


def years() -> list[int]:
    """The years that have a plan, newest first."""
    return list(session.scalars(select(AnnualPlan.year).order_by(AnnualPlan.year.desc())))


def chapters(plan: AnnualPlan) -> Select[Chapter]:
    """The plan's chapters with their tasks."""
    return (
        select(Chapter)
        .where(Chapter.plan_id == plan.id)
        .order_by(Chapter.position)
        .options(selectinload(Chapter.tasks).joinedload(PlanTask.unit))
    )


def indicators(plan: AnnualPlan, *, with_mentions: bool = True) -> Select[Indicator]:
    """The plan's targets in order, with what a page shows of them."""
    query = (
        select(Indicator)
        .where(Indicator.plan_id == plan.id)
        .order_by(Indicator.code)
        .options(
            joinedload(Indicator.unit),
            joinedload(Indicator.parent),
        )
    )
    return query.options(selectinload(Indicator.mentions)) if with_mentions else query


def milestones(plan: AnnualPlan) -> Select[PlanMilestone]:
    return (
        select(PlanMilestone)
        .where(PlanMilestone.plan_id == plan.id)
        .order_by(PlanMilestone.code)
        .options(
            joinedload(PlanMilestone.unit),
            joinedload(PlanMilestone.project),
            joinedload(PlanMilestone.same_as),
        )
    )


def milestones_bound_to(project_id: int) -> Select[PlanMilestone]:
    """What plans have promised of a project."""
    return (
        select(PlanMilestone)
        .where(PlanMilestone.project_id == project_id)
        .order_by(PlanMilestone.due_on, PlanMilestone.code)
        .options(
            joinedload(PlanMilestone.plan),
            joinedload(PlanMilestone.unit),
            joinedload(PlanMilestone.same_as).joinedload(Indicator.unit),
        )
    )


def by_code(
    kind: type[Indicator] | type[PlanMilestone], plan: AnnualPlan, code: str
) -> Select[Any]:
    return (
        select(kind)
        .where(kind.plan_id == plan.id, kind.code == code)
        .options(joinedload(kind.unit), joinedload(kind.plan))
    )


@lru_cache(maxsize=64)  # building it costs more than running it
def latest_reports(plan_id: int, as_of: date) -> Select[ProgressReport, bool]:
    """For each thing of the plan reported on: its latest verified report, and its latest that still waits."""
    in_plan = or_(
        ProgressReport.indicator_id.in_(select(Indicator.id).where(Indicator.plan_id == plan_id)),
        ProgressReport.milestone_id.in_(
            select(PlanMilestone.id).where(PlanMilestone.plan_id == plan_id)
        ),
    )
    is_verified = ProgressReport.state == ReviewState.VERIFIED
    newest_first = (ProgressReport.as_of_on.desc(), ProgressReport.id.desc())
    ranked = (
        select(
            ProgressReport,
            is_verified.label("is_verified"),
            func.row_number()
            .over(
                partition_by=(
                    ProgressReport.indicator_id,
                    ProgressReport.milestone_id,
                    is_verified,
                ),
                order_by=newest_first,
            )
            .label("place"),
        )
        .where(in_plan, OF_THE_WHOLE, ProgressReport.as_of_on <= as_of)
        .where(ProgressReport.state != ReviewState.RETURNED)
        .subquery()
    )
    found = aliased(ProgressReport, ranked)
    return select(found, ranked.c.is_verified).where(ranked.c.place == 1)


def reports_about(
    thing: Indicator | PlanMilestone,
) -> Select[ProgressReport]:
    """All that was reported on one indicator or milestone, newest first."""
    column = (
        ProgressReport.indicator_id if isinstance(thing, Indicator) else ProgressReport.milestone_id
    )
    return (
        select(ProgressReport)
        .where(column == thing.id, OF_THE_WHOLE)
        .order_by(ProgressReport.as_of_on.desc(), ProgressReport.id.desc())
        .options(*_with_people())
    )


def meaning(indicator: Indicator) -> tuple[str, ...]:
    """Two years' targets of the same meaning have the same words: name, 口径, scope and unit."""
    return (indicator.name, indicator.definition, indicator.scope_text, indicator.unit_word)


def told_by_hand(year: int) -> Mapping[tuple[tuple[str, ...], date], Decimal]:
    """What was verified of a year's targets by hand, by their meaning and the day; of several for one day the last."""
    query = (
        select(ProgressReport)
        .join(ProgressReport.indicator)
        .join(Indicator.plan)
        .where(AnnualPlan.year == year, Indicator.metric == "", OF_THE_WHOLE)
        .where(ProgressReport.state == ReviewState.VERIFIED)
        .options(contains_eager(ProgressReport.indicator))
        .order_by(ProgressReport.id)
    )
    return {
        (meaning(report.indicator), report.as_of_on): report.value
        for report in session.scalars(query)
        if report.indicator
    }


def verified_reports(indicator: Indicator, until: date) -> Select[ProgressReport]:
    """What counts for an indicator, oldest first; of several for one day the last comes last."""
    return (
        select(ProgressReport)
        .where(
            ProgressReport.indicator_id == indicator.id,
            OF_THE_WHOLE,
            ProgressReport.state == ReviewState.VERIFIED,
            ProgressReport.as_of_on <= until,
        )
        .order_by(ProgressReport.as_of_on, ProgressReport.id)
    )


def reports_in(scope: Scope) -> Select[ProgressReport]:
    """The reports on indicators and milestones of units inside the scope, and on these units' own shares."""
    answering = func.coalesce(ProgressReport.unit_id, Indicator.unit_id, PlanMilestone.unit_id)
    return (
        select(ProgressReport)
        .outerjoin(Indicator, Indicator.id == ProgressReport.indicator_id)
        .outerjoin(PlanMilestone, PlanMilestone.id == ProgressReport.milestone_id)
        .where(scope.includes(answering))
    )


def awaiting(user: User, scope: Scope, *, signs: bool, verifies: bool) -> Select[ProgressReport]:
    """What waits for this person's signature or verification, oldest first; never their own work."""
    mine = []
    if signs:
        mine.append(ProgressReport.state == ReviewState.SUBMITTED)
    if verifies:
        is_not_signer = func.coalesce(ProgressReport.signed_by_id, 0) != user.id
        mine.append(and_(ProgressReport.state == ReviewState.SIGNED, is_not_signer))
    return (
        reports_in(scope)
        .where(or_(False, *mine), ProgressReport.reported_by_id != user.id)
        .order_by(ProgressReport.recorded_at, ProgressReport.id)
        .options(
            *_with_people(),
            joinedload(ProgressReport.unit),
            joinedload(ProgressReport.indicator).options(
                joinedload(Indicator.unit), joinedload(Indicator.plan)
            ),
            joinedload(ProgressReport.milestone).options(
                joinedload(PlanMilestone.unit), joinedload(PlanMilestone.plan)
            ),
        )
    )


def _with_people() -> tuple[Any, ...]:
    return tuple(
        joinedload(who)
        for who in (
            ProgressReport.reported_by,
            ProgressReport.signed_by,
            ProgressReport.verified_by,
        )
    )
