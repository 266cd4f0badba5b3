"""How a project moves through the stages: the one way that a stage ever changes. Steps are only ever added."""

from collections.abc import Sequence
from datetime import date

from crm.audit.services import record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import DomainError, NotAllowed
from crm.core.words import N_
from crm.people.models import User
from crm.people.roles import Action
from crm.projects import queries
from crm.projects.gates import Requirement, missing, needs_reason
from crm.projects.models import Project, Stage, StageChange


class MoveRefused(DomainError):
    """The step breaks a rule that no right can lift."""


class GateNotMet(DomainError):
    """Facts are missing on the way to the stage; `missing` names them all."""

    def __init__(self, to_stage: Stage, missing: Sequence[Requirement]) -> None:
        self.missing = tuple(missing)
        message = N_("进入“%(stage)s”还缺 %(n)s 项，请补齐后再移动。")
        super().__init__(message, stage=to_stage, n=len(missing))


def move_to_stage(
    project: Project,
    to_stage: Stage,
    *,
    by: User,
    on: date,
    reason: str = "",
    waive: bool = False,
    version: int | None = None,
) -> StageChange:
    """Take a project to a stage: the one way that a stage ever changes.

    `version` is the one that the person saw; who comes second of two waits for the first and is
    then refused. Raises StaleRecord, MoveRefused, GateNotMet, and NotAllowed for a waiver without
    the right to it.
    """
    project.expect_version(version)
    stood_at = queries.stood_at(project)
    _check_step(project, to_stage, on)
    lacking = missing(project, to_stage, stood_at=stood_at, on=on)
    if lacking and not waive:
        raise GateNotMet(to_stage, lacking)
    if lacking and not by.may(Action.GATES_WAIVE):
        raise NotAllowed(N_("您没有放行关口的权限。"), field="waive")
    reason = reason.strip()
    if not reason and (lacking or needs_reason(project.stage, stood_at, to_stage)):
        message = N_("跳级、退回、暂停、流失、恢复和放行都须填写原因。")
        raise MoveRefused(message, field="reason")

    step = StageChange(
        project_id=project.id,
        from_stage=project.stage,
        to_stage=to_stage,
        effective_on=on,
        by_id=by.id,
        note=reason,
        waived="、".join(requirement.label for requirement in lacking),
    )
    session.add(step)
    record(
        "project.moved",
        project,
        by=by,
        changes={"stage": (project.stage, to_stage)},
        effective_on=on,
        reason=reason,
        waived=step.waived,
    )
    project.stage, project.stage_entered_on = to_stage, on
    return step


def _check_step(project: Project, to_stage: Stage, on: date) -> None:
    if to_stage == project.stage:
        raise MoveRefused(N_("项目已在“%(stage)s”。"), field="to_stage", stage=to_stage)
    if on > clock.today():
        raise MoveRefused(N_("生效日期不能晚于今天。"), field="effective_on")
    if on < project.stage_entered_on:
        message = N_("生效日期不能早于上一次变更的日期（%(last)s）。")
        last = project.stage_entered_on.isoformat()
        raise MoveRefused(message, field="effective_on", last=last)
