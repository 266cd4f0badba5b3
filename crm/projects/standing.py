"""How every project stands on a day: its stage, since when, and what its investment is said to be."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause, ScalarSelect, select

from crm.core import clock
from crm.projects.models import Figure, Project, Valuation
from crm.projects.queries import stage_on


@dataclass(frozen=True)
class Standing:
    """What a query over projects selects from, and its columns. `amounts` are in the order of Figure."""

    source: FromClause
    stage: ColumnElement[Any]
    entered_on: ColumnElement[Any]
    amounts: tuple[ColumnElement[Any], ...]


def stands_on(day: date) -> Standing:
    """Today what the projects repeat; on a day in the past the last step and the last Valuation of each by then."""
    projects = Project.__table__
    if day >= clock.today():
        amounts = (Project.expected_investment, Project.agreed_investment)
        return Standing(projects, Project.stage, Project.stage_entered_on, amounts)
    placed = stage_on(day)
    return Standing(
        projects.join(placed, placed.c.project_id == Project.id),
        placed.c.stage,
        placed.c.entered_on,
        tuple(_amount(figure, day) for figure in Figure),
    )


def _amount(figure: Figure, day: date) -> ScalarSelect[Decimal | None]:
    return (
        select(Valuation.amount)
        .where(
            Valuation.project_id == Project.id,
            Valuation.figure == figure,
            Valuation.valid_from <= day,
        )
        .order_by(Valuation.valid_from.desc(), Valuation.id.desc())
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )
