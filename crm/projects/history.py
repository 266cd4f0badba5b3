"""How a project's history is written anew: rows are added that stand in the place of others, which count no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from crm.audit.services import Actor
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.projects.journeys import first_days
from crm.projects.models import PIPELINE, LossReason, Project, Stage, StageChange
from crm.projects.queries import path, stood_at


class MoveRefused(DomainError):
    """The step breaks a rule that no right can lift."""


@dataclass(frozen=True)
class Told:
    """A step as the history shall tell it; `of` is the row that tells it so far."""

    to_stage: Stage
    effective_on: date
    note: str = ""
    loss_reason: LossReason | None = None
    waived: str = ""
    of: StageChange | None = None


def told(project_id: int) -> list[Told]:
    """The steps that count, in order."""
    return [
        Told(step.to_stage, step.effective_on, step.note, step.loss_reason, step.waived, step)
        for step in session.scalars(path(project_id))
    ]


def standing(project: Project, day: date) -> tuple[Stage, Stage]:
    """The project's stage on a day, and where in the pipeline it stands or stood before it was paused or lost.

    A day before the first report is taken for that of the report.
    """
    if day >= project.stage_entered_on:
        return project.stage, stood_at(project)
    steps = told(project.id)
    stages = [step.to_stage for step in steps if step.effective_on <= day] or [steps[0].to_stage]
    return stages[-1], last_in_pipeline(stages)


def last_in_pipeline(stages: Sequence[Stage]) -> Stage:
    return next((stage for stage in reversed(stages) if stage in PIPELINE), Stage.LEAD)


def rewrite(
    project: Project, steps: Sequence[Told], *, by: Actor, reason: str
) -> list[StageChange]:
    """Tell the project's history by these steps: whatever differs is added, as a correction of the row in whose place it stands.

    A step is told anew also where it follows a new row on the same day (what is written later comes later), or where
    another stage now comes before it. Returns the rows that were added. Raises MoveRefused where a step leads nowhere.
    """
    _expect_a_path(steps)
    added: list[StageChange] = []
    before: Stage | None = None
    for step in steps:
        if not _stands(step, before, added):
            added.append(_row(project, before, step, by=by, reason=reason))
        before = step.to_stage
    present = session.scalars(path(project.id)).all()
    kept = {step.of.id for step in steps if step.of}
    added += [withdrawal(row, by=by, reason=reason) for row in present if row.id not in kept]
    corrected = {row.corrects_id for row in added}
    for row in present:
        row.is_counted = row.id not in corrected
    session.add_all(added)
    stand_after(project, steps)
    return added


def stand_after(project: Project, steps: Sequence[Told] | Sequence[StageChange]) -> None:
    """Let the project repeat what all its steps that count say, in order."""
    project.stage, project.stage_entered_on = steps[-1].to_stage, steps[-1].effective_on
    project.came_on = first_days((step.to_stage, step.effective_on) for step in steps)


def _expect_a_path(steps: Sequence[Told]) -> None:
    for earlier, later in zip(steps, steps[1:], strict=False):
        if earlier.effective_on > later.effective_on:
            message = N_("更正后的日期须在前后两步之间（%(day)s 的“%(stage)s”）。")
            raise MoveRefused(
                message,
                field="effective_on",
                day=later.effective_on.isoformat(),
                stage=later.to_stage,
            )
        if earlier.to_stage == later.to_stage:
            message = N_("这样前后两步都是“%(stage)s”（%(day)s）；请先撤回后一步，或更正它的日期。")
            raise MoveRefused(
                message, field="to_stage", day=later.effective_on.isoformat(), stage=later.to_stage
            )


def _stands(step: Told, before: Stage | None, added: Sequence[StageChange]) -> bool:
    """Whether the row that tells the step so far says the same, and still comes in its place."""
    row = step.of
    if row is None or (added and added[-1].effective_on == step.effective_on):
        return False
    said = (row.from_stage, row.to_stage, row.effective_on, row.loss_reason)
    return said == (before, step.to_stage, step.effective_on, step.loss_reason)


def _row(
    project: Project, before: Stage | None, step: Told, *, by: Actor, reason: str
) -> StageChange:
    return StageChange(
        project_id=project.id,
        from_stage=before,
        to_stage=step.to_stage,
        effective_on=step.effective_on,
        by_id=by.id,
        note=step.note,
        loss_reason=step.loss_reason,
        waived=step.waived,
        corrects_id=step.of.id if step.of else None,
        # a step that was forgotten corrects none: its reason is its note
        correction=reason if step.of else "",
        is_withdrawal=False,
        is_counted=True,
    )


def withdrawal(step: StageChange, *, by: Actor, reason: str) -> StageChange:
    """The row by which a step is taken back."""
    return StageChange(
        project_id=step.project_id,
        from_stage=step.from_stage,
        to_stage=step.to_stage,
        effective_on=step.effective_on,
        by_id=by.id,
        note=step.note,
        loss_reason=step.loss_reason,
        waived=step.waived,
        corrects_id=step.id,
        correction=reason,
        is_withdrawal=True,
        is_counted=False,
    )
