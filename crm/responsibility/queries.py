"""What we ask about responsibility: duties, shares, what is stated and expected of targets, rounds and what is owed in them."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from crm.core.db import session
from crm.people.models import Unit, User
from crm.people.scope import Scope
from crm.responsibility.models import (
    Expectation,
    IndicatorShare,
    ReportRound,
    RoundDue,
    StatedBy,
    StatedTarget,
    TaskDuty,
)
from crm.targets.models import (
    AnnualPlan,
    Chapter,
    Indicator,
    PlanMilestone,
    PlanTask,
    ProgressReport,
    ReviewState,
)


def tasks(plan: AnnualPlan) -> Select[PlanTask]:
    """The plan's tasks in the order of their numbers."""
    return (
        select(PlanTask)
        .join(Chapter)
        .where(Chapter.plan_id == plan.id)
        .options(joinedload(PlanTask.unit), joinedload(PlanTask.chapter).joinedload(Chapter.plan))
        .order_by(PlanTask.number, PlanTask.id)
    )


def duties(plan: AnnualPlan) -> Mapping[int, TaskDuty]:
    """Who answers for each task of a plan, by the task."""
    query = (
        select(TaskDuty)
        .join(PlanTask)
        .join(Chapter)
        .where(Chapter.plan_id == plan.id)
        .options(joinedload(TaskDuty.leader), selectinload(TaskDuty.joint_units))
    )
    return {duty.task_id: duty for duty in session.scalars(query)}


def duty_of(task: PlanTask) -> TaskDuty | None:
    return session.scalar(select(TaskDuty).where(TaskDuty.task_id == task.id))


def has_duty(leader: User) -> bool:
    """Whether anybody's plan names this person as 责任领导 of a task."""
    query = select(TaskDuty.id).where(TaskDuty.leader_id == leader.id).limit(1)
    return session.scalar(query) is not None


def indicators_for(scope: Scope) -> Select[Indicator]:
    """The targets for which a unit of the scope answers, or of which it has a share."""
    has_share = exists().where(
        IndicatorShare.indicator_id == Indicator.id, scope.includes(IndicatorShare.unit_id)
    )
    return (
        select(Indicator)
        .where(or_(scope.includes(Indicator.unit_id), has_share))
        .options(joinedload(Indicator.unit), joinedload(Indicator.plan))
    )


def shares(scope: Scope, *which: Any) -> Select[IndicatorShare]:
    """The shares of the units of a scope, target by target."""
    return (
        select(IndicatorShare)
        .join(IndicatorShare.indicator)
        .join(IndicatorShare.unit)
        .where(scope.includes(IndicatorShare.unit_id), *which)
        .options(
            joinedload(IndicatorShare.unit),
            joinedload(IndicatorShare.indicator).options(
                joinedload(Indicator.unit), joinedload(Indicator.plan)
            ),
        )
        .order_by(Indicator.code, IndicatorShare.unit_id)
    )


def own_reports(indicator_ids: Collection[int], until: date) -> Select[ProgressReport]:
    """What units have reported of their own shares, oldest first; what was sent back is left out."""
    return (
        select(ProgressReport)
        .where(
            ProgressReport.indicator_id.in_(indicator_ids),
            ProgressReport.unit_id.is_not(None),
            ProgressReport.as_of_on <= until,
            ProgressReport.state != ReviewState.RETURNED,
        )
        .order_by(ProgressReport.as_of_on, ProgressReport.id)
    )


def stated(indicator: Indicator) -> list[StatedTarget]:
    """The levels of a target in the order of who states them."""
    query = select(StatedTarget).where(StatedTarget.indicator_id == indicator.id)
    return sorted(session.scalars(query), key=lambda one: list(StatedBy).index(one.stated_by))


def expectations(indicator: Indicator) -> Select[Expectation]:
    """All that was declared of a target's year, newest first."""
    return (
        select(Expectation)
        .where(Expectation.indicator_id == indicator.id)
        .options(joinedload(Expectation.declared_by), joinedload(Expectation.signed_by))
        .order_by(Expectation.declared_on.desc(), Expectation.id.desc())
    )


def expectations_in(scope: Scope) -> Select[Expectation]:
    return select(Expectation).join(Indicator).where(scope.includes(Indicator.unit_id))


def year_ends(indicator_ids: Collection[int], as_of: date) -> Mapping[int, Decimal]:
    """预计全年 as it was official on a day: the last that a head had signed by then (registry.year_ends)."""
    place = func.row_number().over(
        partition_by=Expectation.indicator_id,
        order_by=(Expectation.declared_on.desc(), Expectation.id.desc()),
    )
    ranked = (
        select(Expectation, place.label("place"))
        .where(Expectation.indicator_id.in_(indicator_ids), Expectation.signed_on <= as_of)
        .subquery()
    )
    found = aliased(Expectation, ranked)
    query = select(found.indicator_id, found.value).where(ranked.c.place == 1)
    return dict(session.execute(query).all())


def rounds(plan: AnnualPlan) -> Select[ReportRound]:
    """A plan's rounds, newest first."""
    return (
        select(ReportRound)
        .where(ReportRound.plan_id == plan.id)
        .options(joinedload(ReportRound.plan))
        .order_by(ReportRound.ends_on.desc())
    )


def open_rounds() -> Select[ReportRound]:
    return select(ReportRound).where(ReportRound.closed_at.is_(None)).order_by(ReportRound.ends_on)


def dues(scope: Scope, *which: Any) -> Select[RoundDue]:
    """What the units of a scope owe, unit by unit and target by target, milestones last."""
    return (
        select(RoundDue)
        .outerjoin(RoundDue.indicator)
        .outerjoin(RoundDue.milestone)
        .where(scope.includes(RoundDue.unit_id), *which)
        .options(
            joinedload(RoundDue.unit),
            joinedload(RoundDue.round),
            joinedload(RoundDue.confirmed_by),
            joinedload(RoundDue.milestone).joinedload(PlanMilestone.unit),
            joinedload(RoundDue.indicator).options(
                joinedload(Indicator.unit), joinedload(Indicator.plan)
            ),
        )
        .order_by(
            RoundDue.unit_id,
            RoundDue.is_computed,
            RoundDue.milestone_id.is_not(None),
            Indicator.code,
            PlanMilestone.code,
            RoundDue.is_share,
        )
    )


def reports_of_rounds(round_ids: Collection[int]) -> Select[ProgressReport]:
    """What was reported for the last days of some rounds' months, oldest first."""
    asked = (
        select(RoundDue.indicator_id, ReportRound.ends_on)
        .join(ReportRound)
        .where(RoundDue.round_id.in_(round_ids))
        .distinct()
        .subquery()
    )
    is_asked = and_(
        asked.c.indicator_id == ProgressReport.indicator_id,
        asked.c.ends_on == ProgressReport.as_of_on,
    )
    return (
        select(ProgressReport)
        .join(asked, is_asked)
        .options(
            joinedload(ProgressReport.reported_by),
            joinedload(ProgressReport.unit),
            joinedload(ProgressReport.indicator).options(
                joinedload(Indicator.unit), joinedload(Indicator.plan)
            ),
        )
        .order_by(ProgressReport.id)
    )


def last_before(unit: Unit, found: ReportRound) -> Mapping[tuple[int, bool], ProgressReport]:
    """What a unit said last before a round's month, by the target and whether it is its own share; what was sent back is none."""
    query = (
        select(ProgressReport)
        .join(Indicator)
        .where(
            Indicator.plan_id == found.plan_id,
            ProgressReport.as_of_on < found.ends_on,
            ProgressReport.state != ReviewState.RETURNED,
            or_(
                ProgressReport.unit_id == unit.id,
                and_(ProgressReport.unit_id.is_(None), Indicator.unit_id == unit.id),
            ),
        )
        .order_by(ProgressReport.as_of_on, ProgressReport.id)
    )
    return {
        (report.indicator_id or 0, report.unit_id is not None): report
        for report in session.scalars(query)
    }
