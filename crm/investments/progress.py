"""投资进度: what a project's year planned, what its month and year so far completed, and how that stands to 序时.

Amounts are in the project's own currency. None is not known, and never 0.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Select, select

from crm.core.db import session
from crm.core.money import Currency
from crm.core.pace import planned_share
from crm.investments.models import InvestmentPlan, WorksReport
from crm.projects.models import Project


@dataclass(frozen=True)
class Progress:
    """One project at the end of a month."""

    project_id: int
    currency: Currency
    year: int
    planned: Decimal | None  # 年度计划投资
    month_done: Decimal | None  # 本月完成; not known where the month before was not reported
    cumulative: Decimal | None  # 累计完成, by the last report of the year through the month
    reported_through: date | None  # that report's month, by its first day
    pace_share: Fraction | None  # 序时进度

    @property
    def share(self) -> Fraction | None:
        """完成年度计划的份额."""
        if not self.planned or self.cumulative is None:
            return None
        return Fraction(self.cumulative) / Fraction(self.planned)

    @property
    def ahead(self) -> Fraction | None:
        """超(欠)序时 in percentage points, negative when behind."""
        if self.share is None or self.pace_share is None:
            return None
        return (self.share - self.pace_share) * 100


def progress_of(project_ids: Sequence[int] | Select[int], month: date) -> dict[int, Progress]:
    """How these projects stand at the end of a month (any day of it), in three queries. Whose they are is not asked."""
    first = month.replace(day=1)
    plans = {
        plan.project_id: plan
        for plan in session.scalars(
            select(InvestmentPlan).where(
                InvestmentPlan.project_id.in_(project_ids), InvestmentPlan.year == first.year
            )
        )
    }
    completed: dict[int, dict[date, Decimal]] = defaultdict(dict)
    for project_id, at, amount in session.execute(
        select(WorksReport.project_id, WorksReport.month, WorksReport.completed).where(
            WorksReport.project_id.in_(project_ids),
            WorksReport.month.between(date(first.year, 1, 1), first),
        )
    ):
        completed[project_id][at] = amount
    currencies = session.execute(
        select(Project.id, Project.currency).where(Project.id.in_(project_ids))
    )
    return {
        project_id: _progress(
            project_id, currency, first, plans.get(project_id), completed.get(project_id, {})
        )
        for project_id, currency in currencies
    }


def _progress(
    project_id: int,
    currency: Currency,
    month: date,
    plan: InvestmentPlan | None,
    completed: Mapping[date, Decimal],
) -> Progress:
    last = max(completed, default=None)
    return Progress(
        project_id=project_id,
        currency=currency,
        year=month.year,
        planned=plan.amount if plan else None,
        month_done=done_in(month, completed),
        cumulative=completed[last] if last else None,
        reported_through=last,
        pace_share=planned_share(last_day_of(month), month.year, plan.curve) if plan else None,
    )


def done_in(month: date, completed: Mapping[date, Decimal]) -> Decimal | None:
    """What a month itself added to a year's 累计 (by the months' first days)."""
    if month not in completed or month.month == 1:
        return completed.get(month)
    before = completed.get(month_before(month))
    return None if before is None else completed[month] - before


def month_before(month: date) -> date:
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)


def last_month(today: date) -> date:
    """The last month that has ended, by its first day: on a month's last day this one."""
    return today.replace(day=1) if today == last_day_of(today) else month_before(today)


def last_day_of(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
