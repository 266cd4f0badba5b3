"""What the pages of this room share: the blueprint, and finding a record that the reader may see, or 404."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort
from sqlalchemy import Select, select

from crm.core import registry
from crm.core.db import session
from crm.core.registry import SubjectRef
from crm.followup import queries, subjects
from crm.followup.models import Activity, Instruction, Request, Task
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.web.guards import me, my_scope

bp = Blueprint("followup", __name__)

WORDS = {"companies": "company", "projects": "project", "targets": "target"}
"""How an address names the kind of a record."""


@dataclass(frozen=True)
class Place:
    """The record that a page is about: its kind, what is known of it, and the word for the kind."""

    kind: str
    ref: SubjectRef
    label: str
    icon: str

    @property
    def address(self) -> str:
        """Where the record's activities are."""
        word = next(word for word, kind in WORDS.items() if kind == self.kind)
        return f"/followup/{word}/{self.ref.id}"


def place_at(word: str, record_id: int) -> Place:
    """The record that an address names."""
    return place(WORDS.get(word, ""), record_id)


def place(kind: str, record_id: int) -> Place:
    """A record of my scope; anybody else's is not found."""
    ref = subjects.find(kind, record_id, my_scope()) or abort(404)
    return Place(kind, ref, registry.subjects[kind].label, registry.subjects[kind].icon)


def place_of(row: Any, *, is_handler: bool = False) -> Place:
    """What a row is about. Who handles it is told the name of a record outside the scope, without its address."""
    kind, number = row.subject_type, row.subject_id
    ref = subjects.find(kind, number, my_scope())
    if ref is None and is_handler:
        told = subjects.find(kind, number, WHOLE_PARK_SCOPE)
        ref = SubjectRef(told.id, told.name, told.unit_id, "") if told else None
    if ref is None:
        abort(404)
    return Place(kind, ref, registry.subjects[kind].label, registry.subjects[kind].icon)


def activity_in_scope(activity_id: int) -> tuple[Activity, Place]:
    found = _only(queries.visible_to(my_scope()).where(Activity.id == activity_id))
    return found, place_of(found)


def task_in_scope(task_id: int) -> tuple[Task, Place | None]:
    found = _only(queries.visible_tasks(me()).where(Task.id == task_id))
    if found.subject_type is None:
        return found, None
    return found, place_of(found, is_handler=found.owner_id == me().id)


def request_in_scope(request_id: int) -> tuple[Request, Place]:
    """Seen with its firm, also by a unit that took the firm over since; and by who handles it."""
    found = _only(select(Request).where(Request.id == request_id))
    return found, place_of(found, is_handler=found.task.owner_id == me().id)


def instruction_in_scope(instruction_id: int) -> tuple[Instruction, Place]:
    found = _only(queries.visible_instructions(me()).where(Instruction.id == instruction_id))
    return found, place_of(found, is_handler=found.task.owner_id == me().id)


def _only(query: Select[Any]) -> Any:
    return session.scalar(query) or abort(404)
