"""What we do with projects: register, change, move. Steps are only ever added."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import insert

from crm.audit.services import Actor, changes_of, record
from crm.companies.names import name_key, search_text
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import DomainError, NotAllowed
from crm.core.words import N_
from crm.people.models import User
from crm.people.roles import Action
from crm.projects import queries, sealing
from crm.projects.checks import check_amounts, check_facts, expect_no_twin
from crm.projects.details import ProjectDetails as ProjectDetails
from crm.projects.details import ProjectRow as ProjectRow
from crm.projects.details import StageStep as StageStep
from crm.projects.details import amounts_of
from crm.projects.gates import Requirement, missing, needs_reason
from crm.projects.models import (
    PIPELINE,
    Figure,
    Project,
    Stage,
    StageChange,
    Valuation,
)

CHUNK = 1000
_DERIVED = ("search_text", "name_key", "investor_key")  # from other columns: no facts of their own


class MoveRefused(DomainError):
    """The step breaks a rule that no right can lift."""


class GateNotMet(DomainError):
    """Facts are missing on the way to the stage; `missing` names them all."""

    def __init__(self, to_stage: Stage, missing: Sequence[Requirement]) -> None:
        self.missing = tuple(missing)
        message = N_("进入“%(stage)s”还缺 %(n)s 项，请补齐后再移动。")
        super().__init__(message, stage=to_stage, n=len(missing))


def register(
    details: ProjectDetails, *, by: User, on: date, despite_twins: bool = False
) -> Project:
    """A new lead, first reported on that day. Raises LooksRegistered (unless a person has looked at them), DomainError."""
    if on > clock.today():
        raise DomainError(N_("首报日期不能晚于今天。"), field="first_reported_on")
    check_facts(details, None, by)
    expect_no_twin(details, by, despite_twins=despite_twins)
    row = ProjectRow(details, (StageStep(Stage.LEAD, on, by_id=by.id),))
    project = Project(**_project_values(row))
    project.changes = [StageChange(**values) for values in _step_values(row)]
    session.add(project)
    session.flush()
    session.add_all(Valuation(project_id=project.id, **values) for values in _valuations(row))
    if details.is_sealed:
        sealing.expect_readable(project, by)
    record("project.registered", project, by=by, changes=changes_of(project))
    return project


def register_many(rows: Iterable[ProjectRow], *, by: Actor) -> list[int]:
    """Projects with their histories, in bulk; gates are not asked. Returns their ids in order.

    Raises MoveRefused when a history is empty or out of order.
    """
    ids: list[int] = []
    digest = hashlib.sha256()
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        for row in chunk:
            _check_order(row)
            digest.update(repr(row).encode())
        statement = insert(Project).returning(Project.id, sort_by_parameter_order=True)
        chunk_ids = session.scalars(statement, [_project_values(row) for row in chunk]).all()
        steps = [
            {"project_id": project_id, **values}
            for project_id, row in zip(chunk_ids, chunk, strict=True)
            for values in _step_values(row)
        ]
        session.execute(insert(StageChange), steps, execution_options=BULK)
        valuations = [
            {"project_id": project_id, **values}
            for project_id, row in zip(chunk_ids, chunk, strict=True)
            for values in _valuations(row)
        ]
        if valuations:
            session.execute(insert(Valuation), valuations, execution_options=BULK)
        ids.extend(chunk_ids)
    if ids:
        record("projects.registered", None, by=by, count=len(ids), sha256=digest.hexdigest())
    return ids


def _check_order(row: ProjectRow) -> None:
    pairs = zip(row.steps, row.steps[1:], strict=False)
    in_order = all(a.effective_on <= b.effective_on and a.to_stage != b.to_stage for a, b in pairs)
    if not row.steps or not in_order:
        raise MoveRefused(N_("项目“%(name)s”的阶段记录顺序有误。"), name=row.details.name)


def _project_values(row: ProjectRow) -> dict[str, Any]:
    first, last = row.steps[0], row.steps[-1]
    return {
        **_detail_values(row.details),
        "first_reported_on": first.effective_on,
        "stage": last.to_stage,
        "stage_entered_on": last.effective_on,
        "recorded_at": row.recorded_at or clock.now(),
        "version": 1,
    }


def _detail_values(details: ProjectDetails) -> dict[str, Any]:
    values = {field.name: getattr(details, field.name) for field in fields(details)}
    return {
        **values,
        "name_key": name_key(details.name),
        "investor_key": name_key(details.investor),
        "search_text": search_text(f"{details.name} {details.investor}", None),
    }


def _step_values(row: ProjectRow) -> list[dict[str, Any]]:
    before: Stage | None = None
    values = []
    for step in row.steps:
        values.append(
            {
                "from_stage": before,
                "to_stage": step.to_stage,
                "effective_on": step.effective_on,
                "by_id": step.by_id,
                "note": step.note,
                "waived": "",
                "recorded_at": step.recorded_at or row.recorded_at or clock.now(),
            }
        )
        before = step.to_stage
    return values


def _valuations(row: ProjectRow) -> list[dict[str, Any]]:
    """What the two figures are said to be at first: expected from the first report, agreed from the agreement."""
    details, first = row.details, row.steps[0]
    signed = (
        s.effective_on for s in row.steps if s.to_stage in PIPELINE[PIPELINE.index(Stage.SIGNED) :]
    )
    said_on = {
        Figure.EXPECTED: first.effective_on,
        Figure.AGREED: details.agreement_on or next(signed, first.effective_on),
    }
    return [
        {
            "figure": figure,
            "amount": amount,
            "valid_from": said_on[figure],
            "by_id": first.by_id,
            "note": "",
            "recorded_at": row.recorded_at or clock.now(),
        }
        for figure, amount in amounts_of(details).items()
        if amount is not None
    ]


def change(
    project: Project,
    details: ProjectDetails,
    *,
    version: int,
    by: User,
    despite_twins: bool = False,
) -> None:
    """Write new facts over the old ones; the stage is not among them. Raises StaleRecord, LooksRegistered, DomainError.

    An amount is written here only where none was said before: from then on it is said in dated rows (valuations).
    """
    project.expect_version(version)
    check_facts(details, project, by)
    check_amounts(project, details)
    if name_key(details.name) != project.name_key or name_key(details.investor) != (
        project.investor_key
    ):
        expect_no_twin(details, by, despite_twins=despite_twins, leave_out=project.id)
    before, was_sealed = amounts_of(project), project.is_sealed
    for column, value in _detail_values(details).items():
        setattr(project, column, value)
    changes = {k: v for k, v in changes_of(project).items() if k not in _DERIVED}
    record("project.changed", project, by=by, changes=changes)
    said_on = {Figure.AGREED: details.agreement_on}
    session.add_all(
        Valuation(
            project_id=project.id,
            figure=figure,
            amount=amount,
            valid_from=said_on.get(figure) or clock.today(),
            by_id=by.id,
        )
        for figure, amount in amounts_of(project).items()
        if amount != before[figure]
    )
    if details.is_sealed and not was_sealed:
        session.flush()
        sealing.expect_readable(project, by)


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
