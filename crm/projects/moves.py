"""How a project moves through the stages: the one way that a stage ever changes. Wrong steps are corrected in corrections.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy import Select

from crm.audit.services import Actor, record
from crm.core import clock
from crm.core.bulk import next_ids, write_many
from crm.core.db import session
from crm.core.errors import DomainError, NotAllowed
from crm.core.words import N_
from crm.people.roles import Action
from crm.projects import history, queries
from crm.projects.gate_rules import Rules, rules_for, rules_on
from crm.projects.gates import evidence_of, missing, needs_reason
from crm.projects.history import MoveRefused, Told
from crm.projects.journeys import first_days
from crm.projects.models import LossReason, Project, Stage, StageChange
from crm.projects.requirements import Evidence, Requirement

MOST_AT_ONCE = 500


class Mover(Actor, Protocol):
    """Who moves a project: a user, or the system."""

    def may(self, action: Action, /) -> bool: ...


class OutOfOrder(MoveRefused):
    """The move is dated before the last one; it may be told in its place, if that is what is meant."""

    def __init__(self, last: date) -> None:
        message = N_(
            "生效日期早于上一次变更的日期（%(last)s）。如果是漏记的变更，请选择“按日期插入”。"
        )
        super().__init__(message, field="effective_on", last=last.isoformat())


class GateNotMet(DomainError):
    """Facts are missing on the way to the stage; `missing` names them all."""

    def __init__(self, to_stage: Stage, missing: Sequence[Requirement]) -> None:
        self.missing = tuple(missing)
        message = N_("进入“%(stage)s”还缺 %(n)s 项，请补齐后再移动。")
        super().__init__(message, stage=to_stage, n=len(missing))


@dataclass(frozen=True)
class Move:
    """Where to, from which day, and why.

    `waive`: what the gates lack is let pass. `insert`: a day before the last step is meant so: the step was forgotten
    and is told in its place.
    """

    to_stage: Stage
    on: date
    reason: str = ""
    loss_reason: LossReason | None = None
    waive: bool = False
    insert: bool = False


@dataclass(frozen=True)
class Moved:
    """What became of a move of many projects."""

    steps: Sequence[StageChange]
    refused: Sequence[tuple[Project, DomainError]]


def move_to_stage(
    project: Project,
    to_stage: Stage,
    *,
    by: Mover,
    on: date,
    reason: str = "",
    loss_reason: LossReason | None = None,
    waive: bool = False,
    insert: bool = False,
    version: int | None = None,
) -> StageChange:
    """Take a project to a stage: the one way that a stage ever changes.

    `version` is the one that the person saw; who comes second of two waits for the first and is then refused. Raises
    StaleRecord, MoveRefused, GateNotMet, and NotAllowed for a waiver without the right to it.
    """
    project.expect_version(version)
    move = Move(to_stage, on, reason, loss_reason, waive, insert)
    return _step(project, move, queries.stood_at(project), by=by)


def move_many(projects: Select[Project], move: Move, *, by: Mover) -> Moved:
    """The same for many projects, each by the same rules; those that are refused stay, and are told.

    Raises MoveRefused for more than MOST_AT_ONCE.
    """
    chosen = projects.order_by(None).order_by(Project.id).limit(MOST_AT_ONCE + 1)
    found = session.scalars(chosen.with_for_update(of=Project)).all()
    if len(found) > MOST_AT_ONCE:
        raise MoveRefused(N_("一次最多移动 %(most)s 个项目。"), most=MOST_AT_ONCE)
    stood_at, rules = queries.stood_at_many(found), rules_on(move.on)
    evidence = evidence_of([project.id for project in found])
    steps: list[StageChange] = []
    refused: list[tuple[Project, DomainError]] = []
    with session.no_autoflush:
        for project in found:
            known = stood_at[project.id], rules, evidence[project.id]
            try:
                steps.append(_step(project, move, *known, by=by))
            except DomainError as error:
                refused.append((project, error))
            else:
                project.version += 1
    return Moved(steps, refused)


def move_each(moves: Sequence[tuple[Project, Move]], *, by: Mover) -> list[StageChange]:
    """Take many projects, which are held, each its own way, by the same rules: all or none.

    Raises as `move_to_stage` does.
    """
    projects = [project for project, _ in moves]
    stood_at = queries.stood_at_many(projects)
    rules = rules_for({move.on for _, move in moves})
    evidence = evidence_of([project.id for project in projects])
    ids = next_ids(StageChange, len(moves))
    steps = []
    with session.no_autoflush:
        for (project, move), id_ in zip(moves, ids, strict=True):
            known = stood_at[project.id], rules[move.on], evidence[project.id]
            step = _step(project, move, *known, by=by)
            step.id = id_
            project.version += 1
            steps.append(step)
        write_many(projects)
    session.flush()
    return steps


def _step(
    project: Project,
    move: Move,
    stood_at: Stage,
    rules: Rules | None = None,
    evidence: Evidence | None = None,
    *,
    by: Mover,
) -> StageChange:
    """One move, checked before anything is changed."""
    if move.insert and move.on < project.stage_entered_on:
        return _insert(project, move, by=by)
    with session.no_autoflush:  # the version is written together with the stage
        reason, lacking = expect_movable(project, move, stood_at, rules, evidence, by=by)
    step = StageChange(
        project_id=project.id,
        from_stage=project.stage,
        to_stage=move.to_stage,
        effective_on=move.on,
        by_id=by.id,
        note=reason,
        loss_reason=move.loss_reason,
        waived=_labels(lacking),
    )
    session.add(step)
    _log("project.moved", project, project.stage, step, by=by)
    project.stage, project.stage_entered_on = move.to_stage, move.on
    project.came_on = first_days([(move.to_stage, move.on)], project.came_on)
    return step


def expect_movable(
    project: Any,
    move: Move,
    stood_at: Stage,
    rules: Rules | None = None,
    evidence: Evidence | None = None,
    *,
    by: Mover,
) -> tuple[str, list[Requirement]]:
    """The reason of a move that may be made, and what is let pass. `project` has the fields of one, or of what becomes one.

    Raises MoveRefused, GateNotMet, NotAllowed.
    """
    if move.on > clock.today():
        raise MoveRefused(N_("生效日期不能晚于今天。"), field="effective_on")
    if move.on < project.stage_entered_on:
        raise OutOfOrder(project.stage_entered_on)
    if move.to_stage == project.stage:
        raise MoveRefused(N_("项目已在“%(stage)s”。"), field="to_stage", stage=move.to_stage)
    lacking = missing(
        project, move.to_stage, stood_at=stood_at, on=move.on, rules=rules, evidence=evidence
    )
    return _justified(project.stage, stood_at, move, lacking, by=by), lacking


def _insert(project: Project, move: Move, *, by: Mover) -> StageChange:
    """A step that was forgotten, after all that took effect by its day; the next one then comes from it."""
    steps = history.told(project.id)
    place = sum(step.effective_on <= move.on for step in steps)
    if not place:
        message = N_("生效日期不能早于首报日期（%(day)s）。")
        raise MoveRefused(message, field="effective_on", day=steps[0].effective_on.isoformat())
    stage, stood_at = history.standing(project, move.on)
    if move.to_stage == stage:
        message = N_("项目当时已在“%(stage)s”。")
        raise MoveRefused(message, field="to_stage", stage=move.to_stage)
    lacking = missing(project, move.to_stage, stood_at=stood_at, on=move.on)
    if not move.reason.strip():
        raise MoveRefused(N_("按日期插入须填写原因。"), field="reason")
    reason = _justified(stage, stood_at, move, lacking, by=by)
    new = Told(move.to_stage, move.on, reason, move.loss_reason, _labels(lacking))
    added = history.rewrite(project, [*steps[:place], new, *steps[place:]], by=by, reason=reason)
    _log("project.step_inserted", project, stage, added[0], by=by)
    return added[0]


def _justified(
    stage: Stage, stood_at: Stage, move: Move, lacking: Sequence[Requirement], *, by: Mover
) -> str:
    """The reason, where the move may be made: all is there or may be waived, and it says why where it must."""
    expect_passed(move.to_stage, lacking, waive=move.waive, by=by)
    reason = move.reason.strip()
    if not reason and (lacking or needs_reason(stage, stood_at, move.to_stage)):
        message = N_("跳级、退回、暂停、流失、恢复和放行都须填写原因。")
        raise MoveRefused(message, field="reason")
    expect_loss_reason(move.to_stage, move.loss_reason)
    return reason


def expect_passed(
    to_stage: Stage, lacking: Sequence[Requirement], *, waive: bool, by: Mover
) -> None:
    """All is there, or what is not is let pass by who may. Raises GateNotMet, NotAllowed."""
    if lacking and not waive:
        raise GateNotMet(to_stage, lacking)
    if lacking and not by.may(Action.GATES_WAIVE):
        raise NotAllowed(N_("您没有放行关口的权限。"), field="waive")


def expect_loss_reason(to_stage: Stage, loss_reason: LossReason | None) -> None:
    """A loss says of which sort it is, and nothing else does. Raises MoveRefused."""
    if to_stage is Stage.LOST and loss_reason is None:
        raise MoveRefused(N_("请选择流失或终止的原因类别。"), field="loss_reason")
    if to_stage is not Stage.LOST and loss_reason is not None:
        raise MoveRefused(N_("只有流失或终止才有原因类别。"), field="loss_reason")


def _labels(requirements: Sequence[Requirement]) -> str:
    return "、".join(requirement.label for requirement in requirements)


def _log(action: str, project: Project, before: Stage, step: StageChange, *, by: Actor) -> None:
    record(
        action,
        project,
        by=by,
        changes={"stage": (before, step.to_stage)},
        effective_on=step.effective_on,
        reason=step.note,
        waived=step.waived,
    )
