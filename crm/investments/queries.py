"""What we ask about money of projects. Every query begins with the projects that are there for the reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from crm.audit.verification import VerificationState
from crm.core.db import session
from crm.core.money import Currency
from crm.investments.models import InvestmentPlan, PaidInFund, WorksReport
from crm.investments.progress import last_day_of, month_before
from crm.people.models import Unit, User
from crm.people.scope import Scope
from crm.projects.models import Project, Stage
from crm.projects.queries import readable, stage_on

OWING = (Stage.SIGNED, Stage.APPROVAL, Stage.CONSTRUCTION)
"""The stages at a month's end in which a project owes the month's report."""
QUARTER = 3


def owing(scope: Scope, month: date) -> Select[int]:
    """The projects that owe a month's report, by the stage in which they stood at its end."""
    placed = stage_on(last_day_of(month))
    return (
        select(Project.id)
        .join(placed, placed.c.project_id == Project.id)
        .where(readable(scope), placed.c.stage.in_(OWING))
    )


def missing(scope: Scope, month: date) -> Select[int]:
    """未报: those of them that have no report for the month."""
    return owing(scope, month).where(~_is_reported(month))


def followed(scope: Scope, month: date) -> Select[int]:
    """What the page of a month lists: who owes its report, and who has a plan or a report of the year."""
    has_plan = exists().where(
        InvestmentPlan.project_id == Project.id, InvestmentPlan.year == month.year
    )
    has_report = exists().where(
        WorksReport.project_id == Project.id,
        WorksReport.month.between(month.replace(month=1, day=1), month),
    )
    owes = Project.id.in_(owing(scope, month))
    return select(Project.id).where(readable(scope), or_(owes, has_plan, has_report))


def _is_reported(month: date) -> ColumnElement[bool]:
    return exists().where(
        WorksReport.project_id == Project.id, WorksReport.month == month.replace(day=1)
    )


def named(ids: Select[int] | Iterable[int]) -> Select[*tuple[Any, ...]]:
    """Projects with who carries them; narrow by Project.id to page."""
    return (
        select(
            Project.id,
            Project.name,
            Project.currency,
            Project.is_sealed,
            Unit.name.label("unit"),
            User.name.label("owner"),
        )
        .join(Unit, Unit.id == Project.unit_id)
        .outerjoin(User, User.id == Project.owner_id)
        .where(Project.id.in_(ids))
        .order_by(Project.id.desc())
    )


def payments(scope: Scope) -> Select[PaidInFund]:
    """The payments of the projects that are there for a reader."""
    return (
        select(PaidInFund)
        .join(Project, Project.id == PaidInFund.project_id)
        .where(readable(scope))
        .order_by(PaidInFund.paid_on.desc(), PaidInFund.id.desc())
    )


def waiting_payments(scope: Scope) -> Select[PaidInFund]:
    """待核: those that nobody has looked at."""
    is_open = and_(PaidInFund.state == VerificationState.PENDING, PaidInFund.withdrawn_on.is_(None))
    return payments(scope).where(is_open)


def plans_of(project_id: int) -> Select[InvestmentPlan]:
    return (
        select(InvestmentPlan)
        .where(InvestmentPlan.project_id == project_id)
        .order_by(InvestmentPlan.year.desc())
    )


def works_of(project_id: int) -> Select[WorksReport]:
    return (
        select(WorksReport)
        .where(WorksReport.project_id == project_id)
        .order_by(WorksReport.month.desc())
        .options(joinedload(WorksReport.recorded_by))
    )


@dataclass(frozen=True)
class Total:
    """All projects of one currency at the end of a month. The share is of those that have a plan."""

    currency: Currency
    planned: Decimal | None = None
    due: Fraction | None = None  # of the plans, by 序时
    month_done: Decimal | None = None
    cumulative: Decimal | None = None
    of_planned: Decimal | None = None  # the cumulative of those that have a plan

    @property
    def share(self) -> Fraction | None:
        if not self.planned or self.of_planned is None:
            return None
        return Fraction(self.of_planned) / Fraction(self.planned)

    @property
    def pace_share(self) -> Fraction | None:
        return self.due / Fraction(self.planned) if self.planned and self.due is not None else None

    @property
    def ahead(self) -> Fraction | None:
        if self.share is None or self.pace_share is None:
            return None
        return (self.share - self.pace_share) * 100


def totals(ids: Select[int], month: date) -> list[Total]:
    """The sums of a month over projects, each currency apart, in three queries however many they are."""
    planned = {row.currency: row for row in session.execute(_planned(ids, month))}
    completed = {row.currency: row for row in session.execute(_completed(ids, month))}
    of_month = {
        row.currency: row.through - (row.before or 0)
        for row in session.execute(_of_month(ids, month))
    }
    found = []
    for currency in Currency:
        plan, works = planned.get(currency), completed.get(currency)
        if plan or works:
            found.append(
                Total(
                    currency,
                    plan.amount if plan else None,
                    _due(plan, month) if plan else None,
                    of_month.get(currency),
                    works.completed if works else None,
                    works.of_planned if works else None,
                )
            )
    return found


def _planned(ids: Select[int], month: date) -> Select[*tuple[Any, ...]]:
    """The plans of a year: their sum, that of the straight lines, and where those by quarter stood about the month."""
    by_quarter = and_(*(end.is_not(None) for end in _QUARTERS))
    ends = [None, *_QUARTERS, InvestmentPlan.amount]
    place = (month.month - 1) // QUARTER
    before, after = ends[place], ends[place + 1]
    assert after is not None
    return (
        select(
            Project.currency,
            func.sum(InvestmentPlan.amount).label("amount"),
            func.sum(InvestmentPlan.amount).filter(~by_quarter).label("straight"),
            (func.sum(before).filter(by_quarter) if before is not None else func.sum(None)).label(
                "before"
            ),
            func.sum(after).filter(by_quarter).label("after"),
        )
        .join(Project, Project.id == InvestmentPlan.project_id)
        .where(InvestmentPlan.year == month.year, Project.id.in_(ids))
        .group_by(Project.currency)
    )


_QUARTERS = (InvestmentPlan.through_q1, InvestmentPlan.through_q2, InvestmentPlan.through_q3)


def _due(plan: Any, month: date) -> Fraction:
    straight, before, after = (Fraction(plan_part or 0) for plan_part in plan[2:5])
    part = Fraction((month.month - 1) % QUARTER + 1, QUARTER)
    return straight * Fraction(month.month, 12) + before + (after - before) * part


def _completed(ids: Select[int], month: date) -> Select[*tuple[Any, ...]]:
    """The last report of the year of each project, summed."""
    later = aliased(WorksReport)
    start, end = month.replace(month=1, day=1), month.replace(day=1)
    is_last = ~exists().where(
        later.project_id == WorksReport.project_id,
        later.month > WorksReport.month,
        later.month <= end,
    )
    has_plan = exists().where(
        InvestmentPlan.project_id == Project.id, InvestmentPlan.year == month.year
    )
    return (
        select(
            Project.currency,
            func.sum(WorksReport.completed).label("completed"),
            func.sum(WorksReport.completed).filter(has_plan).label("of_planned"),
        )
        .join(Project, Project.id == WorksReport.project_id)
        .where(WorksReport.month.between(start, end), is_last, Project.id.in_(ids))
        .group_by(Project.currency)
    )


def _of_month(ids: Select[int], month: date) -> Select[*tuple[Any, ...]]:
    """A month's 累计 and that of the month before, of the projects that reported both; January has none before it."""
    first, before = month.replace(day=1), aliased(WorksReport)
    is_before = and_(
        before.project_id == WorksReport.project_id, before.month == month_before(first)
    )
    is_known = true() if first.month == 1 else before.id.is_not(None)
    return (
        select(
            Project.currency,
            func.sum(WorksReport.completed).label("through"),
            func.sum(before.completed).label("before"),
        )
        .join(Project, Project.id == WorksReport.project_id)
        .outerjoin(before, is_before if first.month > 1 else false())
        .where(WorksReport.month == first, is_known, Project.id.in_(ids))
        .group_by(Project.currency)
    )
