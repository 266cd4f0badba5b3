"""A project as something that activities, tasks and instructions are about."""

from collections.abc import Collection

from crm.core.db import session
from crm.core.registry import Subject, SubjectRef
from crm.core.words import N_
from crm.people.scope import Scope
from crm.projects.models import Project
from crm.projects.queries import sealed_from, visible_to


def find_many(ids: Collection[int], scope: Scope) -> dict[int, SubjectRef]:
    query = visible_to(scope).where(Project.id.in_(ids))
    rows = session.execute(query.with_only_columns(Project.id, Project.name, Project.unit_id))
    return {
        row.id: SubjectRef(row.id, row.name, row.unit_id, f"/projects/{row.id}") for row in rows
    }


PROJECT = Subject(N_("项目"), "layout-kanban", find_many, sealed_from)
