"""What we do with the record of a project: register, change. How it moves is in moves.py."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import insert

from crm.audit.services import Actor, Changes, changes_of, record
from crm.companies.names import name_key, search_text
from crm.core import clock
from crm.core.bulk import next_ids, write_many
from crm.core.db import BULK, session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.models import User
from crm.projects import sealing
from crm.projects.checks import check_amounts, check_facts, expect_no_twin, said_of
from crm.projects.details import ProjectDetails as ProjectDetails
from crm.projects.details import ProjectRow as ProjectRow
from crm.projects.details import StageStep as StageStep
from crm.projects.details import amounts_of
from crm.projects.history import MoveRefused
from crm.projects.journeys import first_days
from crm.projects.models import (
    PIPELINE,
    Figure,
    Project,
    Stage,
    StageChange,
    Valuation,
)
from crm.projects.rooms import link_rooms

CHUNK = 1000
_DERIVED = ("search_text", "name_key", "investor_key")  # from other columns: no facts of their own


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
    link_rooms({project.id: _place_of(details)})
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
        chunk_ids = next_ids(Project, len(chunk))
        values = [
            {"id": id_, **_project_values(row)} for id_, row in zip(chunk_ids, chunk, strict=True)
        ]
        session.execute(insert(Project), values, execution_options=BULK)
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
        places = [_place_of(row.details) for row in chunk]
        link_rooms(dict(zip(chunk_ids, places, strict=True)))
        ids.extend(chunk_ids)
    if ids:
        record("projects.registered", None, by=by, count=len(ids), sha256=digest.hexdigest())
    return ids


def _place_of(details: ProjectDetails) -> tuple[int | None, str]:
    return details.carrier_id, details.rooms


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
        "came_on": first_days((step.to_stage, step.effective_on) for step in row.steps),
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
                "loss_reason": step.loss_reason,
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
    project.hold(version)
    check_facts(details, project, by)
    check_amounts(project, details, said_of([project.id])[project.id])
    if name_key(details.name) != project.name_key or name_key(details.investor) != (
        project.investor_key
    ):
        expect_no_twin(details, by, despite_twins=despite_twins, leave_out=project.id)
    was_sealed = project.is_sealed
    change_many([(project, details)], by=by)
    if details.is_sealed and not was_sealed:
        sealing.expect_readable(project, by)


def change_many(changes: Sequence[tuple[Project, ProjectDetails]], *, by: Actor) -> list[Changes]:
    """The same for many that are held and whose facts were checked; what changed of each."""
    found: list[Changes] = []
    said: list[dict[str, Any]] = []
    with session.no_autoflush:
        for project, details in changes:
            before = amounts_of(project)
            for column, value in _detail_values(details).items():
                setattr(project, column, value)
            changed = changes_of(project)
            project.version += 1
            told = {k: v for k, v in changed.items() if k not in _DERIVED}
            record("project.changed", project, by=by, changes=told)
            said += _newly_said(project, before, details, by)
            found.append(changed)
    write_many([project for project, _ in changes])
    if said:
        session.execute(insert(Valuation), said)
    moved = {
        project.id: _place_of(details)
        for (project, details), changed in zip(changes, found, strict=True)
        if changed.keys() & {"carrier_id", "rooms"}
    }
    if moved:
        link_rooms(moved)
    return found


def _newly_said(
    project: Project,
    before: Mapping[Figure, Decimal | None],
    details: ProjectDetails,
    by: Actor,
) -> list[dict[str, Any]]:
    said_on = {Figure.AGREED: details.agreement_on}
    return [
        {
            "project_id": project.id,
            "figure": figure,
            "amount": amount,
            "valid_from": said_on.get(figure) or clock.today(),
            "by_id": by.id,
            "note": "",
            "recorded_at": clock.now(),
        }
        for figure, amount in amounts_of(project).items()
        if amount != before[figure]
    ]
