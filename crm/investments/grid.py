"""The grid: many projects' plan of a year and 累计 of a month, a row each, typed in 万 of the project's currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.money import from_wan, to_wan
from crm.core.words import N_
from crm.investments.models import InvestmentPlan, WorksReport
from crm.investments.progress import month_before
from crm.investments.services import (
    FallsBehind,
    PlanDetails,
    WorksDetails,
    plan_year,
    report_works,
)
from crm.people.models import User
from crm.projects.models import Project


@dataclass
class Cell:
    """One input: its name in the form, what stands in it, what was stored, what is wrong."""

    name: str
    label: str
    stored: Decimal | None
    text: str = ""
    error: DomainError | None = None

    def __post_init__(self) -> None:
        self.text = "" if self.stored is None else f"{to_wan(self.stored).normalize():f}"

    def take(self, form: Mapping[str, str]) -> Decimal | None:
        """The amount that was typed, where it is another than the stored one; an emptied cell changes nothing."""
        self.text = form.get(self.name, self.text).strip()[:40]
        if not self.text:
            return None
        try:
            typed = from_wan(self.text)
            if typed < 0:
                raise DomainError(N_("金额不能为负数。"))
        except DomainError as error:
            self.error = error
            return None
        return None if typed == self.stored else typed


@dataclass
class Row:
    """A project's line; `versions` of plan and report that the page showed, 0 where there was none."""

    project: Any
    plan: InvestmentPlan | None
    report: WorksReport | None
    before: WorksReport | None  # of the month before
    asks: bool = False
    cells: Sequence[Cell] = field(init=False)

    def __post_init__(self) -> None:
        number = self.project.id
        self.cells = (
            Cell(f"plan-{number}", N_("年度计划投资"), self.plan.amount if self.plan else None),
            Cell(
                f"works-{number}",
                N_("本年累计完成"),
                self.report.completed if self.report else None,
            ),
        )

    @property
    def is_refused(self) -> bool:
        return self.asks or any(cell.error for cell in self.cells)


def rows_of(projects: Sequence[Any], month: date) -> list[Row]:
    """As they are stored; three queries, however many projects."""
    ids = [project.id for project in projects]
    plans = select(InvestmentPlan).where(
        InvestmentPlan.project_id.in_(ids), InvestmentPlan.year == month.year
    )
    plan_of = {plan.project_id: plan for plan in session.scalars(plans)}
    months = [month] if month.month == 1 else [month, month_before(month)]
    works = select(WorksReport).where(
        WorksReport.project_id.in_(ids), WorksReport.month.in_(months)
    )
    report_of = {(report.project_id, report.month): report for report in session.scalars(works)}
    return [
        Row(
            project,
            plan_of.get(project.id),
            report_of.get((project.id, month)),
            report_of.get((project.id, month_before(month))),
        )
        for project in projects
    ]


def save(
    rows: Sequence[Row],
    projects: Mapping[int, Project],
    month: date,
    form: Mapping[str, str],
    *,
    by: User,
) -> int:
    """Write what was changed in the rows; each that was refused says why. Returns how many rows were changed."""
    changed = 0
    for row in rows:
        plan, works = (cell.take(form) for cell in row.cells)
        if row.is_refused or (plan is None and works is None):
            continue
        changed += 1
        project = projects[row.project.id]
        try:
            if plan is not None:
                quarters = _quarters(row.plan)
                details = PlanDetails(month.year, plan, *quarters)
                plan_year(project, details, by=by, version=_version(form, "plan", row))
        except DomainError as refused:
            row.cells[0].error = refused
        try:
            if works is not None:
                report_works(
                    project,
                    WorksDetails(month, works, row.report.note if row.report else ""),
                    by=by,
                    version=_version(form, "works", row),
                    is_confirmed=f"confirm-{project.id}" in form,
                )
        except FallsBehind as refused:
            row.asks, row.cells[1].error = True, refused
        except DomainError as refused:
            row.cells[1].error = refused
    return changed


def _quarters(plan: InvestmentPlan | None) -> tuple[Decimal | None, ...]:
    return (plan.through_q1, plan.through_q2, plan.through_q3) if plan else (None,) * 3


def _version(form: Mapping[str, str], kind: str, row: Row) -> int | None:
    text = form.get(f"{kind}-version-{row.project.id}", "")
    return int(text[:9]) if text.isascii() and text.isdigit() else None
