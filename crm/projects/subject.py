"""A project as something that activities, tasks and instructions are about."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from crm.companies.names import name_key
from crm.core.among import among
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.registry import Meant, Subject, SubjectRef
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


def find_named(names: Collection[str], scope: Scope) -> dict[str, Meant]:
    """By name; those of which there are several are proposed."""
    keys: dict[str, list[SubjectRef]] = defaultdict(list)
    query = visible_to(scope).where(among(Project.name_key, sorted(map(name_key, names))))
    columns = (Project.id, Project.name, Project.unit_id, Project.name_key)
    for id_, name, unit_id, key in session.execute(query.with_only_columns(*columns)):
        keys[key].append(SubjectRef(id_, name, unit_id, f"/projects/{id_}"))
    return {name: _meant(name, keys.get(name_key(name), [])) for name in names}


def _meant(name: str, found: Sequence[SubjectRef]) -> Meant:
    exact = [ref for ref in found if ref.name == name] or found
    if len(exact) == 1:
        return Meant(exact[0])
    message = N_("没有这个项目，请核对名称。")
    if exact:
        message = N_("有几个项目叫这个名称，请选择。")
    return Meant(alike=tuple(exact), error=DomainError(message))


PROJECT = Subject(N_("项目"), "layout-kanban", find_many, sealed_from, find_named)
