"""预计投资 and 协议投资 as dated rows: what was said from which day on, by whom. Rows are only ever added."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from crm.audit.services import Actor, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.projects.models import PIPELINE, Figure, Project, Stage, Valuation

BEFORE_AGREEMENT = PIPELINE[: PIPELINE.index(Stage.SIGNED)]


def of_project(project_id: int, figure: Figure) -> Select[Valuation]:
    """What a figure was said to be, the newest first."""
    return (
        select(Valuation)
        .where(Valuation.project_id == project_id, Valuation.figure == figure)
        .order_by(Valuation.valid_from.desc(), Valuation.id.desc())
        .options(joinedload(Valuation.by))
    )


def said(project: Project, figure: Figure) -> Decimal | None:
    """The figure as the project repeats it."""
    return {Figure.EXPECTED: project.expected_investment, Figure.AGREED: project.agreed_investment}[
        figure
    ]


def say(
    project: Project,
    figure: Figure,
    amount: Decimal | None,
    *,
    valid_from: date,
    note: str,
    by: Actor,
    version: int | None = None,
) -> Valuation:
    """Write down what a figure is from a day on; without an amount it is taken back. Raises DomainError, StaleRecord.

    Why it is another than before has to be said: a correction never replaces what stood there.
    """
    project.expect_version(version)
    if valid_from > clock.today():
        raise DomainError(N_("生效日期不能晚于今天。"), field="valid_from")
    if valid_from < project.first_reported_on:
        raise DomainError(N_("生效日期不能早于首报日期。"), field="valid_from")
    if not note and session.scalar(of_project(project.id, figure).limit(1)) is not None:
        raise DomainError(N_("请说明金额变动的原因。"), field="note")
    row = Valuation(
        project_id=project.id,
        figure=figure,
        amount=amount,
        valid_from=valid_from,
        by_id=by.id,
        note=note,
    )
    session.add(row)
    session.flush()
    before = said(project, figure)
    repeat(project, (figure,))
    record(
        "project.valued",
        project,
        by=by,
        changes={f"{figure.value}_investment": (before, said(project, figure))},
        valid_from=valid_from,
        value=amount,
        note=note,
    )
    return row


def repeat(project: Project, figures: Sequence[Figure]) -> None:
    """Let the project repeat the last row of each figure."""
    for figure in figures:
        latest = session.scalar(of_project(project.id, figure).limit(1))
        setattr(project, f"{figure.value}_investment", latest.amount if latest else None)
