"""What activities and tasks are about. Higher rooms hand down how their records are found; a scope decides which."""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from crm.core import registry
from crm.core.registry import SubjectRef
from crm.followup.models import Task
from crm.people.models import User
from crm.people.scope import WHOLE_PARK_SCOPE, Scope, scope_of

Key = tuple[str, int]


class About(Protocol):
    """A row that names its subject; a task may have none."""

    @property
    def subject_type(self) -> str | None: ...
    @property
    def subject_id(self) -> int | None: ...


def key_of(row: About) -> Key | None:
    if row.subject_type is None or row.subject_id is None:
        return None
    return row.subject_type, row.subject_id


def find(kind: str, record_id: int, scope: Scope) -> SubjectRef | None:
    """One record, if there is such a kind and the record lies in the scope."""
    subject = registry.subjects.get(kind)
    return subject.find(record_id, scope) if subject else None


def find_all(keys: Iterable[Key | None], scope: Scope) -> dict[Key, SubjectRef]:
    """The records among `keys` that lie in the scope: one query for each kind."""
    wanted: dict[str, set[int]] = {}
    for key in keys:
        if key is not None:
            wanted.setdefault(key[0], set()).add(key[1])
    return {
        (kind, number): ref
        for kind, numbers in wanted.items()
        if kind in registry.subjects
        for number, ref in registry.subjects[kind].find_many(numbers, scope).items()
    }


def of_tasks(tasks: Collection[Task], reader: User) -> Mapping[Key, SubjectRef]:
    """What the reader may know of the tasks' subjects.

    Who has something to do is told what it is about, also where the record itself lies outside the scope: a request
    handed to another office. Such a name comes without an address.
    """
    found = find_all((key_of(task) for task in tasks), scope_of(reader))
    mine = {key_of(task) for task in tasks if task.owner_id == reader.id} - {None} - found.keys()
    told = find_all(mine, WHOLE_PARK_SCOPE) if mine else {}
    return found | {k: SubjectRef(r.id, r.name, r.unit_id, "") for k, r in told.items()}
