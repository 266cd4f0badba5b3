"""The project that a row of a spreadsheet is about: the column that names it, and what is wrong where it is not sure."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm.core.attributes import Attribute
from crm.core.errors import DomainError
from crm.core.registry import Meant
from crm.core.words import N_
from crm.imports.kinds import Draft, Fault, LookAlike
from crm.people.scope import Scope
from crm.projects.subject import find_named

PROJECT = Attribute(
    "project", N_("项目名称"), is_required=True, width=34, example="光合智能装备生产基地",
    headings=("项目", "项目名", "名称"),
)  # fmt: skip


@dataclass(frozen=True)
class ProjectOf:
    """The project of a row, or what is wrong, with the projects that it may mean."""

    id: int = 0
    faults: tuple[Fault, ...] = ()
    look_alikes: tuple[LookAlike, ...] = ()


def projects_of(drafts: Sequence[Draft], scope: Scope) -> list[ProjectOf]:
    """For each row the project that is there for the reader, as its column names it or a person chose."""
    names = {name for draft in drafts if (name := draft.values.get(PROJECT.name))}
    meant = find_named(names, scope) if names else {}
    return [_of(draft, meant) for draft in drafts]


def _of(draft: Draft, meant: dict[str, Meant]) -> ProjectOf:
    name = draft.values.get(PROJECT.name)
    if not name:
        return ProjectOf(faults=(Fault(PROJECT.name, DomainError(N_("请填写项目名称。"))),))
    found = meant[name]
    ref = found.ref or next((one for one in found.alike if one.id == draft.chosen), None)
    if ref:
        return ProjectOf(ref.id)
    error = found.error or DomainError(N_("没有这个项目，请核对名称。"))
    alike = tuple(LookAlike(one.id, one.name) for one in found.alike)
    return ProjectOf(faults=(Fault(PROJECT.name, error),), look_alikes=alike)
