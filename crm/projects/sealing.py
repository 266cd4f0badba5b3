"""保密: a sealed project is there for its owner, the head of its unit and the leaders. Whoever seals one keeps sight of it."""

from sqlalchemy import select

from crm.audit.services import record
from crm.core.db import session
from crm.core.errors import DomainError, NotAllowed
from crm.core.words import N_
from crm.people.models import User
from crm.people.scope import Scope, scope_of
from crm.projects.models import Project
from crm.projects.queries import readable

SEALED_AWAY = N_("保密后您将看不到这个项目：请先将责任人设为您本人，或请责任单位负责人设置。")


def may_seal(project: Project, scope: Scope) -> bool:
    """Whether the reader would see the project were it sealed: those decide on it."""
    keeps = select(Project.id).where(
        Project.id == project.id, scope.opens(Project.unit_id, Project.owner_id)
    )
    return session.scalar(keeps) is not None


def seal(project: Project, is_sealed: bool, *, by: User, version: int | None) -> None:
    """Raises NotAllowed for who would not see it, StaleRecord."""
    project.expect_version(version)
    if not may_seal(project, scope_of(by)):
        raise NotAllowed(N_("只有责任人、责任单位负责人和领导可以设置或解除保密。"))
    if project.is_sealed != is_sealed:
        record(
            "project.sealed" if is_sealed else "project.unsealed",
            project,
            by=by,
            changes={"is_sealed": (project.is_sealed, is_sealed)},
        )
        project.is_sealed = is_sealed


def expect_readable(project: Project, by: User) -> None:
    """Raise DomainError where a person has just sealed a project away from themselves."""
    there = select(Project.id).where(Project.id == project.id, readable(scope_of(by)))
    if session.scalar(there) is None:
        raise DomainError(SEALED_AWAY, field="is_sealed")
