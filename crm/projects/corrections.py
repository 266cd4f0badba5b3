"""How a wrong step is put right: by a row that stands in its place or takes it back. What was written stays to be read."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select

from crm.audit.services import record
from crm.core import clock
from crm.core.among import among
from crm.core.bulk import next_ids, write_many
from crm.core.db import session
from crm.core.errors import Conflict
from crm.core.words import N_
from crm.projects import history
from crm.projects.gates import missing
from crm.projects.history import MoveRefused, Told
from crm.projects.models import LossReason, Stage, StageChange
from crm.projects.moves import Mover, expect_loss_reason, expect_passed
from crm.projects.queries import counted


def correct_step(
    step: StageChange,
    *,
    to_stage: Stage,
    on: date,
    reason: str,
    by: Mover,
    loss_reason: LossReason | None = None,
    waive: bool = False,
    version: int | None = None,
) -> StageChange:
    """Another stage or another day for a step that was written wrongly; later steps are linked to it anew.

    A step to another stage must pass the gates on the way there, or `waive` lets pass what they lack.
    Raises StaleRecord, Conflict where it does not count any more, MoveRefused, GateNotMet, NotAllowed.
    """
    steps, place = _placed(step, version, reason)
    if on > clock.today():
        raise MoveRefused(N_("生效日期不能晚于今天。"), field="effective_on")
    if place == 0 and to_stage != step.to_stage:
        raise MoveRefused(N_("登记时的阶段不能更正，只能更正日期。"), field="to_stage")
    if place and on < steps[place - 1].effective_on:
        message = N_("更正后的日期不能早于前一步（%(day)s）。")
        day = steps[place - 1].effective_on.isoformat()
        raise MoveRefused(message, field="effective_on", day=day)
    expect_loss_reason(to_stage, loss_reason)
    if (step.to_stage, step.effective_on, step.loss_reason) == (to_stage, on, loss_reason):
        raise MoveRefused(N_("与原来的记录相同，没有需要更正的内容。"), field="effective_on")
    project = step.project
    waived = step.waived
    if to_stage != step.to_stage:
        stood_at = history.last_in_pipeline([each.to_stage for each in steps[:place]])
        lacking = missing(project, to_stage, stood_at=stood_at, on=on)
        expect_passed(to_stage, lacking, waive=waive, by=by)
        waived = "、".join(requirement.label for requirement in lacking)
    steps[place] = replace(
        steps[place], to_stage=to_stage, effective_on=on, loss_reason=loss_reason, waived=waived
    )
    added = history.rewrite(project, steps, by=by, reason=reason.strip())
    if place == 0:
        project.first_reported_on = on
    _log("project.step_corrected", step, added[0], reason, by=by)
    return added[0]


def withdraw_step(
    step: StageChange, *, reason: str, by: Mover, version: int | None = None
) -> StageChange:
    """Take back a step that was never made; what came after it then comes from the stage before. Returns the withdrawal.

    Raises StaleRecord, Conflict where it does not count any more, MoveRefused.
    """
    steps, place = _placed(step, version, reason)
    return _take_back(step, steps, place, reason, by=by)


def undo_move(step: StageChange, *, by: Mover) -> StageChange:
    """Take back the move that was just made. Raises Conflict when the project went on meanwhile."""
    reason = N_("移动后随即撤销")
    steps, place = _placed(step, None, reason)
    if place != len(steps) - 1:
        raise Conflict(N_("项目在此之后又有变更，不能直接撤销；请在历程中更正。"))
    return _take_back(step, steps, place, reason, by=by)


def undo_moves(steps: Sequence[StageChange], *, by: Mover, reason: str) -> None:
    """The same for the last steps of many projects, which are held as they were left."""
    query = select(StageChange).where(
        among(StageChange.project_id, [step.project_id for step in steps]), counted()
    )
    told: dict[int, list[StageChange]] = defaultdict(list)
    for row in session.scalars(query.order_by(StageChange.effective_on, StageChange.id)):
        told[row.project_id].append(row)
    ids = iter(next_ids(StageChange, len(steps)))
    projects = []
    with session.no_autoflush:
        for step in steps:
            *before, last = told[step.project_id]
            if last is not step:
                raise Conflict(N_("项目在此之后又有变更，不能直接撤销；请在历程中更正。"))
            row = history.withdrawal(step, by=by, reason=reason)
            row.id, step.is_counted = next(ids), False
            session.add(row)
            project = step.project
            history.stand_after(project, before)
            project.version += 1
            projects.append(project)
            _log("project.step_withdrawn", step, row, reason, by=by)
        write_many(steps)
        write_many(projects)
    session.flush()


def _take_back(
    step: StageChange, steps: list[Told], place: int, reason: str, *, by: Mover
) -> StageChange:
    if place == 0:
        raise MoveRefused(N_("首报登记不能撤回；不应存在的项目请归档。"))
    del steps[place]
    added = history.rewrite(step.project, steps, by=by, reason=reason.strip())
    _log("project.step_withdrawn", step, added[-1], reason, by=by)
    return added[-1]


def _placed(step: StageChange, version: int | None, reason: str) -> tuple[list[Told], int]:
    """The steps of the project, held for us, and where this one stands among them."""
    step.project.expect_version(version)
    if not reason.strip():
        raise MoveRefused(N_("更正和撤回须填写原因。"), field="reason")
    steps = history.told(step.project_id)
    place = next((n for n, each in enumerate(steps) if each.of is step), None)
    if place is None:
        raise Conflict(N_("这一步已被更正或撤回。"))
    return steps, place


def _log(action: str, old: StageChange, new: StageChange, reason: str, *, by: Mover) -> None:
    changes = {
        "stage": (old.to_stage, new.to_stage),
        "effective_on": (old.effective_on, new.effective_on),
    }
    record(action, old.project, by=by, changes=changes, reason=reason.strip())
