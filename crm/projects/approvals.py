"""A project's list of approvals (审批事项): what authorities have to grant, by when, and what they granted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record, record_many
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.people.models import User
from crm.people.scope import Scope
from crm.projects.gate_models import ApprovalKind, ProjectApproval
from crm.projects.models import Project, ProjectKind, Stage
from crm.projects.queries import readable

CHUNK = 1000

USUAL: dict[ProjectKind, tuple[ApprovalKind, ...]] = {
    ProjectKind.CONSTRUCTION: (
        ApprovalKind.FILING, ApprovalKind.LAND, ApprovalKind.PLANNING, ApprovalKind.ENVIRONMENT, ApprovalKind.ENERGY,
        ApprovalKind.CONSTRUCTION_PERMIT,
    ),
    ProjectKind.MOVE_IN: (ApprovalKind.LICENCE, ApprovalKind.FIT_OUT, ApprovalKind.FIRE, ApprovalKind.ENVIRONMENT),
}  # fmt: skip
"""What a list begins with; what does not apply is marked so, with its reason."""


@dataclass(frozen=True)
class ApprovalDetails:
    """All that people write about one item; its fields are the columns of ProjectApproval."""

    kind: ApprovalKind
    name: str = ""
    due_on: date | None = None
    granted_on: date | None = None
    number: str = ""
    is_inapplicable: bool = False
    note: str = ""


def visible_to(scope: Scope) -> Select[ProjectApproval]:
    """The items of the projects that are there for a reader."""
    return (
        select(ProjectApproval)
        .join(Project, Project.id == ProjectApproval.project_id)
        .where(readable(scope))
    )


def of_project(project_id: int) -> Select[ProjectApproval]:
    """A project's list in the order in which it was written."""
    query = select(ProjectApproval).where(ProjectApproval.project_id == project_id)
    return query.order_by(ProjectApproval.id)


def due_of(owner: User, scope: Scope) -> Select[*tuple[Any, ...]]:
    """What a person's projects still wait for, soonest first."""
    return (
        visible_to(scope)
        .where(
            Project.owner_id == owner.id,
            Project.stage != Stage.LOST,
            ProjectApproval.due_on.is_not(None),
            ProjectApproval.granted_on.is_(None),
            ProjectApproval.is_inapplicable.is_(False),
        )
        .with_only_columns(
            ProjectApproval.due_on,
            ProjectApproval.kind,
            ProjectApproval.name,
            ProjectApproval.id,
            Project.id.label("project_id"),
            Project.name.label("project"),
        )
        .order_by(ProjectApproval.due_on, ProjectApproval.id)
    )


def add_approval(project: Project, details: ApprovalDetails, *, by: Actor) -> ProjectApproval:
    """One more item. Raises DomainError, Conflict where the list has it already."""
    _check(details)
    item = ProjectApproval(project_id=project.id, recorded_by_id=by.id, **asdict(details))
    try:
        with session.begin_nested():
            session.add(item)
    except IntegrityError:
        raise _twice(details) from None
    record("approval.added", item, by=by, name=_name(project, details), changes=changes_of(item))
    return item


def begin_list(project: Project, due_on: date, *, by: Actor) -> int:
    """The usual items of the project's kind, all with one time limit to begin with. Returns how many were not there yet."""
    there = {item.kind for item in session.scalars(of_project(project.id))}
    kinds = [kind for kind in USUAL[project.kind] if kind not in there]
    return add_approvals_many(
        [(project.id, ApprovalDetails(kind, due_on=due_on)) for kind in kinds], by=by
    )


def add_approvals_many(rows: Sequence[tuple[int, ApprovalDetails]], *, by: Actor) -> int:
    """Items of many projects, in bulk: (project's id, details). Returns how many."""
    common = {"recorded_by_id": by.id, "recorded_at": clock.now(), "version": 1}
    for start in range(0, len(rows), CHUNK):
        values = [
            {**common, "project_id": project_id, **asdict(details)}
            for project_id, details in rows[start : start + CHUNK]
        ]
        session.execute(insert(ProjectApproval), values, execution_options=BULK)
    if rows:
        record_many("approvals.added", rows, by=by)
    return len(rows)


def change_approval(
    item: ProjectApproval, details: ApprovalDetails, *, version: int | None, by: Actor
) -> None:
    """Write down a time limit, a grant, or that it does not apply. Raises StaleRecord, DomainError, Conflict."""
    item.expect_version(version)
    _check(details)
    for column in fields(details):
        setattr(item, column.name, getattr(details, column.name))
    changes = changes_of(item)
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError:
        raise _twice(details) from None
    record("approval.changed", item, by=by, name=_name(item.project, details), changes=changes)


def _check(details: ApprovalDetails) -> None:
    if details.kind is ApprovalKind.OTHER and not details.name:
        raise DomainError(N_("“其他”须写明是什么事项。"), field="name")
    if details.granted_on and details.granted_on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="granted_on")
    if details.is_inapplicable and details.granted_on:
        raise DomainError(N_("已批准的事项不能标为不适用。"), field="is_inapplicable")
    if details.is_inapplicable and not details.note:
        raise DomainError(N_("标为不适用须说明理由。"), field="note")


def _twice(details: ApprovalDetails) -> Conflict:
    return Conflict(N_("清单中已有“%(kind)s”。"), field="kind", kind=details.kind)


def _name(project: Project, details: ApprovalDetails) -> str:
    return f"{project.name} {details.name or details.kind.label}"
