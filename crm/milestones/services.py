"""What we do with milestones: promise, say when, drop. Each change of a date is a row that stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.milestones.models import (
    PROVED,
    Milestone,
    MilestoneChange,
    MilestoneDate,
    MilestoneKind,
)
from crm.projects.models import Project

COLUMNS = {
    MilestoneDate.PLANNED: "planned_on",
    MilestoneDate.FORECAST: "forecast_on",
    MilestoneDate.DONE: "done_on",
}


class AlreadyPromised(Conflict):
    """The project has this milestone."""


@dataclass(frozen=True)
class MilestoneDetails:
    """What is to be reached, and its dates."""

    kind: MilestoneKind
    planned_on: date
    name: str = ""
    forecast_on: date | None = None
    done_on: date | None = None


@dataclass(frozen=True)
class Slip:
    """An earlier or later day that was said instead, when and why."""

    what: MilestoneDate
    after_on: date
    changed_on: date
    reason: str
    by_id: int | None = None


@dataclass(frozen=True)
class MilestoneRow:
    """A milestone that was kept elsewhere before: as first planned, and what was said of it since."""

    project_id: int
    details: MilestoneDetails
    promised_on: date
    slips: tuple[Slip, ...] = ()
    by_id: int | None = None
    recorded_at: datetime | None = None


def promise(project: Project, details: MilestoneDetails, *, by: Actor) -> Milestone:
    """A new milestone. Raises DomainError, and AlreadyPromised where the project has it."""
    _check(details)
    row = MilestoneRow(project.id, details, clock.today(), by_id=by.id)
    try:
        with session.begin_nested():
            milestone = session.get_one(Milestone, _insert([row])[0])
    except IntegrityError:
        raise AlreadyPromised(
            N_("这个项目已有同一节点，请直接修改它的日期。"), field="kind"
        ) from None
    record("milestone.added", milestone, by=by, name=project.name, kind=details.kind)
    return milestone


def promise_many(rows: Sequence[MilestoneRow], *, by: Actor) -> int:
    """Many at once, each with its slips; how many. One audit entry."""
    if rows:
        _insert(rows)
        record("milestones.added", None, by=by, count=len(rows))
    return len(rows)


def change_dates(
    milestone: Milestone, details: MilestoneDetails, reason: str, *, version: int | None, by: Actor
) -> None:
    """Say other days; whoever changes what was said before says why. Raises DomainError, StaleRecord."""
    _check(details)
    milestone.expect_version(version)
    said = [
        (what, getattr(milestone, column), getattr(details, column))
        for what, column in COLUMNS.items()
        if getattr(milestone, column) != getattr(details, column)
    ]
    if not reason and any(_needs_reason(milestone, details, what) for what, _, _ in said):
        raise DomainError(N_("计划、预计或完成日期有变动，请填写原因。"), field="reason")
    for what, before, after in said:
        setattr(milestone, COLUMNS[what], after)
        session.add(
            MilestoneChange(
                milestone_id=milestone.id,
                what=what,
                before_on=before,
                after_on=after,
                changed_on=clock.today(),
                reason=reason,
                by_id=by.id,
            )
        )
    if said:
        name = milestone.project.name
        changes = changes_of(milestone)
        record("milestone.changed", milestone, by=by, name=name, changes=changes, reason=reason)


def drop(milestone: Milestone, reason: str, *, version: int | None, by: Actor) -> None:
    """It is no longer promised; it and its history stay on record. Raises DomainError, StaleRecord."""
    if not reason:
        raise DomainError(N_("请填写原因。"), field="reason")
    milestone.expect_version(version)
    milestone.dropped_on = clock.today()
    record("milestone.dropped", milestone, by=by, name=milestone.project.name, reason=reason)


def _needs_reason(milestone: Milestone, details: MilestoneDetails, what: MilestoneDate) -> bool:
    """A first forecast that keeps to the plan, and the first word that it is done, explain themselves."""
    if what == MilestoneDate.FORECAST and milestone.forecast_on is None and details.forecast_on:
        return details.forecast_on > milestone.planned_on
    return what != MilestoneDate.DONE or milestone.done_on is not None


def _check(details: MilestoneDetails) -> None:
    if details.kind == MilestoneKind.OTHER and not details.name:
        raise DomainError(N_("请填写节点名称。"), field="name")
    if details.done_on is None:
        return
    if details.kind in PROVED:
        message = N_("“%(kind)s”的完成日期由项目的阶段和日期证明，请在项目中填写。")
        raise DomainError(message, field="done_on", kind=details.kind)
    if details.done_on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="done_on")


def _insert(rows: Sequence[MilestoneRow]) -> list[int]:
    """The milestones with the first word on each date and every later one; their ids in order."""
    statement = insert(Milestone).returning(Milestone.id, sort_by_parameter_order=True)
    ids = list(session.scalars(statement, [_columns(row) for row in rows]))
    changes = [change for id_, row in zip(ids, rows, strict=True) for change in _changes(id_, row)]
    session.execute(insert(MilestoneChange), changes, execution_options=BULK)
    return ids


def _columns(row: MilestoneRow) -> dict[str, Any]:
    now = {column: getattr(row.details, column) for column in COLUMNS.values()}
    now |= {COLUMNS[slip.what]: slip.after_on for slip in row.slips}
    return {
        "project_id": row.project_id,
        "kind": row.details.kind,
        "name": row.details.name,
        "first_planned_on": row.details.planned_on,
        "recorded_at": row.recorded_at or clock.now(),
        "version": 1,
        **now,
    }


def _changes(milestone_id: int, row: MilestoneRow) -> list[dict[str, Any]]:
    first = [
        Slip(what, day, row.promised_on, "", row.by_id)
        for what, column in COLUMNS.items()
        if (day := getattr(row.details, column)) is not None
    ]
    before: dict[MilestoneDate, date] = {}
    found = []
    for said in (*first, *row.slips):
        found.append(
            {
                "milestone_id": milestone_id,
                "what": said.what,
                "before_on": before.get(said.what),
                "after_on": said.after_on,
                "changed_on": said.changed_on,
                "reason": said.reason,
                "by_id": said.by_id,
                "recorded_at": row.recorded_at or clock.now(),
            }
        )
        before[said.what] = said.after_on
    return found
