"""A project's investment figure: which of the two its stage shows, and what it was on a day."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Case, ScalarSelect, case, select

from crm.projects.amounts import Sums
from crm.projects.models import PIPELINE, Figure, Project, Stage, Valuation

AGREED_STAGES = PIPELINE[PIPELINE.index(Stage.SIGNED) :]
EXPECTED_STAGES = PIPELINE[: PIPELINE.index(Stage.SIGNED)]


def figure_of(stage: Stage | None) -> Figure | None:
    """预计投资 until 意向, 协议投资 from 签约; what is paused or lost stands in no sum."""
    if stage in AGREED_STAGES:
        return Figure.AGREED
    return Figure.EXPECTED if stage in EXPECTED_STAGES else None


def figure_at(stage: Any) -> Case[str | None]:
    """The same for a column of stages."""
    return case(
        (stage.in_(AGREED_STAGES), Figure.AGREED.value),
        (stage.in_(EXPECTED_STAGES), Figure.EXPECTED.value),
    )


def amount_now(stage: Any) -> Case[Decimal | None]:
    """A project's figure in a stage, as it is said to be today."""
    return case(
        (stage.in_(AGREED_STAGES), Project.agreed_investment),
        (stage.in_(EXPECTED_STAGES), Project.expected_investment),
    )


def amount_on(day: Any, project_id: Any, stage: Any) -> ScalarSelect[Decimal | None]:
    """A project's figure in a stage, as it was said to be by the end of a day: one look into the index."""
    return said_on(day, project_id, figure_at(stage))


def said_on(day: Any, project_id: Any, figure: Any) -> ScalarSelect[Decimal | None]:
    """What one of the two figures was said to be by the end of a day."""
    return (
        select(Valuation.amount)
        .where(
            Valuation.project_id == project_id,
            Valuation.figure == figure,
            Valuation.valid_from <= day,
        )
        .order_by(Valuation.valid_from.desc(), Valuation.id.desc())
        .limit(1)
        .correlate_except(Valuation)
        .scalar_subquery()
    )


def plain(sums: Sums) -> dict[str, str]:
    """For programs: the exact amount as text, under its currency's name."""
    return {currency.name: f"{amount:f}" for currency, amount in sums.items()}
