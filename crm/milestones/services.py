"""What we do with milestones: promise, say when, drop. Each change of a date is a row that stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, Changes, changes_of, record
from crm.core import clock
from crm.core.bulk import next_ids, write_many
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
    after_on: date | None
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
    expect_sense(details)
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


def promise_many(rows: Sequence[MilestoneRow], *, by: Actor) -> Sequence[int]:
    """Many at once, each with its slips; their ids in order. One audit entry."""
    if not rows:
        return []
    record("milestones.added", None, by=by, count=len(rows))
    return _insert(rows)


def change_dates(
    milestone: Milestone, details: MilestoneDetails, reason: str, *, version: int | None, by: Actor
) -> None:
    """Say other days; whoever changes what was said before says why. Raises DomainError, StaleRecord."""
    milestone.hold(version)
    change_dates_many([(milestone, details, reason)], by=by)


def change_dates_many(
    said: Sequence[tuple[Milestone, MilestoneDetails, str]], *, by: Actor
) -> list[Changes]:
    """The same for many that are held, each with its reason; what changed of each. Raises DomainError."""
    steps: list[dict[str, Any]] = []
    changed: list[Changes] = []
    with session.no_autoflush:
        for milestone, details, reason in said:
            expect_sense(details)
            expect_reason(milestone, details, reason)
            for what, before, after in _other_days(milestone, details):
                setattr(milestone, COLUMNS[what], after)
                steps.append(
                    _step(milestone.id, Slip(what, after, clock.today(), reason, by.id), before)
                )
            changes = changes_of(milestone)
            milestone.version += 1
            if changes:
                record(
                    "milestone.changed",
                    milestone,
                    by=by,
                    name=milestone.project.name,
                    changes=changes,
                    reason=reason,
                )
            changed.append(changes)
    write_many([milestone for milestone, _, _ in said])
    if steps:
        session.execute(insert(MilestoneChange), steps, execution_options=BULK)
    return changed


def drop(milestone: Milestone, reason: str, *, version: int | None, by: Actor) -> None:
    """It is no longer promised; it and its history stay on record. Raises DomainError, StaleRecord."""
    if not reason:
        raise DomainError(N_("请填写原因。"), field="reason")
    milestone.hold(version)
    drop_many([milestone], reason, by=by)


def drop_many(milestones: Sequence[Milestone], reason: str, *, by: Actor) -> None:
    """The same for many that are held."""
    with session.no_autoflush:
        for milestone in milestones:
            milestone.dropped_on = clock.today()
            milestone.version += 1
            name = milestone.project.name
            record("milestone.dropped", milestone, by=by, name=name, reason=reason)
    write_many(milestones)


def expect_reason(milestone: Milestone, details: MilestoneDetails, reason: str) -> None:
    """Raises DomainError where another day than before is said and nobody says why."""
    other = _other_days(milestone, details)
    if not reason and any(_needs_reason(milestone, details, what) for what, _, _ in other):
        raise DomainError(N_("计划、预计或完成日期有变动，请填写原因。"), field="reason")


def _other_days(
    milestone: Milestone, details: MilestoneDetails
) -> list[tuple[MilestoneDate, date | None, date | None]]:
    """Which days are said to be others: before, after."""
    return [
        (what, getattr(milestone, column), getattr(details, column))
        for what, column in COLUMNS.items()
        if getattr(milestone, column) != getattr(details, column)
    ]


def _needs_reason(milestone: Milestone, details: MilestoneDetails, what: MilestoneDate) -> bool:
    """A first forecast that keeps to the plan, and the first word that it is done, explain themselves."""
    if what == MilestoneDate.FORECAST and milestone.forecast_on is None and details.forecast_on:
        return details.forecast_on > milestone.planned_on
    return what != MilestoneDate.DONE or milestone.done_on is not None


def expect_sense(details: MilestoneDetails) -> None:
    """Raises DomainError for what no milestone can say."""
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
    ids = next_ids(Milestone, len(rows))
    given = [{"id": id_, **_columns(row)} for id_, row in zip(ids, rows, strict=True)]
    session.execute(insert(Milestone), given)
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
    before: dict[MilestoneDate, date | None] = {}
    found = []
    for said in (*first, *row.slips):
        found.append(_step(milestone_id, said, before.get(said.what), row.recorded_at))
        before[said.what] = said.after_on
    return found


def _step(
    milestone_id: int, said: Slip, before: date | None, recorded_at: datetime | None = None
) -> dict[str, Any]:
    return {
        "milestone_id": milestone_id,
        "what": said.what,
        "before_on": before,
        "after_on": said.after_on,
        "changed_on": said.changed_on,
        "reason": said.reason,
        "by_id": said.by_id,
        "recorded_at": recorded_at or clock.now(),
    }
