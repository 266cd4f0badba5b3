"""What a firm's timeline tells of its declarations."""

from collections.abc import Iterator

from crm.core.db import session
from crm.core.registry import TimelineItem
from crm.core.words import N_
from crm.declarations.models import Declaration, DeclarationStep
from crm.declarations.queries import of_company, steps_of


def of_firm(company_id: int) -> Iterator[TimelineItem]:
    """Each step of each declaration on its own day."""
    declared = {d.id: d for d in session.scalars(of_company(company_id))}
    if not declared:  # as with most firms
        return
    for step, by in session.execute(steps_of(declared)):
        yield _step(step, declared[step.declaration_id], by or "")


def _step(step: DeclarationStep, declaration: Declaration, by: str) -> TimelineItem:
    batch = declaration.batch
    return TimelineItem(
        step.effective_on,
        "clipboard-list",
        N_("申报%(year)s年%(what)s%(number)s：%(state)s"),
        (
            ("year", batch.year),
            ("what", batch.what),
            ("number", batch.number),
            ("state", step.to_state),
        ),
        by=by,
        note=step.note,
    )
