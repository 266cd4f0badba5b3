"""The papers of a project that gates ask for: each kind is an owner of files to crm.files, found through the project."""

from collections import defaultdict

from sqlalchemy import select

from crm.core.db import session
from crm.core.registry import FileOwner, SubjectRef
from crm.files.models import Attachment
from crm.people.roles import Action
from crm.people.scope import Scope
from crm.projects import subject
from crm.projects.gate_models import DocumentKind

KINDS = {kind.owner: kind for kind in DocumentKind}


def of_project(project_id: int) -> list[tuple[DocumentKind, list[Attachment]]]:
    """Every kind with the files that are there."""
    query = select(Attachment).where(
        Attachment.subject_type.in_(KINDS),
        Attachment.subject_id == project_id,
        Attachment.archived_at.is_(None),
    )
    found = defaultdict(list)
    for one in session.scalars(query.order_by(Attachment.id)):
        found[KINDS[one.subject_type]].append(one)
    return [(kind, found[kind]) for kind in DocumentKind]


def owners() -> dict[str, FileOwner]:
    """By the key under which crm.files knows them."""
    reading, writing = Action.PROJECTS_READ.value, (Action.PROJECTS_WRITE.value,)
    return {kind.owner: FileOwner(kind.label, reading, writing, _find) for kind in DocumentKind}


def _find(project_id: int, scope: Scope) -> SubjectRef | None:
    return subject.find_many((project_id,), scope).get(project_id)
