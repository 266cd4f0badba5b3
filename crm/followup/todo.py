"""待办: one person's work, or that of their units, from every feature, by when it is due."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from crm.core import clock, registry
from crm.core.db import session
from crm.core.words import N_
from crm.followup import queries, subjects
from crm.followup.answers import title
from crm.followup.models import Instruction, Task, TaskOrigin
from crm.followup.tasks import ANSWERED
from crm.people.models import User
from crm.people.scope import scope_of

SOON, LOOKED_AT_WITHIN = timedelta(days=7), timedelta(days=3)
SHOWN = registry.TODOS_OF_A_SOURCE
ICONS = {
    TaskOrigin.FOLLOW_UP: "list-check",
    TaskOrigin.REQUEST: "message",
    TaskOrigin.INSTRUCTION: "edit",
    TaskOrigin.SUGGESTION: "bulb",
}


@dataclass(frozen=True)
class Item:
    """One line of the queue. `task` where it can be done on the spot; `values` fill `text` where it is a msgid."""

    due_on: date
    icon: str
    text: str
    href: str
    subject: str = ""
    subject_href: str = ""
    values: tuple[tuple[str, Any], ...] = ()
    task: Task | None = None

    def is_doable_by(self, reader: User) -> bool:
        """Whether its buttons may stand on the line: a task of one's own or of one's own unit."""
        task = self.task
        if task is None or task.origin in ANSWERED:
            return False
        return reader.id == task.owner_id or reader.unit_id == task.unit_id

    def days_late(self, today: date) -> int:
        return (today - self.due_on).days


@dataclass(frozen=True)
class Group:
    """今天, 逾期, 即将 or 以后."""

    name: str
    label: str
    items: Sequence[Item]


@dataclass(frozen=True)
class Queue:
    """All groups; `is_cut` when a source had more than SHOWN."""

    groups: Sequence[Group]
    is_cut: bool

    @property
    def count(self) -> int:
        return sum(len(group.items) for group in self.groups)

    def __getitem__(self, name: str) -> Sequence[Item]:
        return next(group.items for group in self.groups if group.name == name)


def queue_of(reader: User) -> Queue:
    """The reader's own tasks, what they have to close, and what every other feature has for them."""
    tasks = session.scalars(queries.queue(reader).limit(SHOWN + 1)).all()
    items = list(_items(tasks[:SHOWN], reader))
    items += _to_close(reader)
    for source in registry.todo_sources:
        items += [
            Item(t.due_on, t.icon, t.text, t.href, t.subject, values=t.values)
            for t in source(reader)
        ]
    return Queue(_grouped(items), len(tasks) > SHOWN)


def due_count(reader: User) -> int:
    """How much of it is due today or late, as the queue's first two groups; DUE_COUNTED and more are the same."""
    today = clock.today()
    number = queries.due_count(reader, today)
    number += sum(item.due_on <= today for item in _to_close(reader))
    for source in registry.todo_sources:
        number += sum(due.due_on <= today for due in source(reader))
    return number


def queue_of_units(reader: User) -> Queue:
    """What the people of the reader's scope have to do; of subjects outside the scope nothing is told."""
    found = queries.queue_of_units(scope_of(reader))
    tasks = session.scalars(found.limit(SHOWN + 1)).all()
    return Queue(_grouped(_items(tasks[:SHOWN], reader)), len(tasks) > SHOWN)


def item_of(task: Task, reader: User) -> Item:
    return next(iter(_items([task], reader)))


def address_of(task: Task) -> str:
    """Where a task is done: by its answer, or on its own page."""
    if task.origin == TaskOrigin.REQUEST and task.origin_id:
        return f"/followup/requests/{task.origin_id}"
    if task.origin == TaskOrigin.INSTRUCTION and task.origin_id:
        return f"/followup/instructions/{task.origin_id}"
    return f"/todo/tasks/{task.id}"


def _items(tasks: Sequence[Task], reader: User) -> Iterable[Item]:
    known = subjects.of_tasks(tasks, reader)
    for task in tasks:
        key = subjects.key_of(task)
        if key is not None and key not in known:
            continue  # somebody else's, about a record that the reader does not see
        yield _item(task, known)


def _item(task: Task, known: Mapping[subjects.Key, registry.SubjectRef]) -> Item:
    key = subjects.key_of(task)
    ref = known[key] if key else None
    return Item(
        task.due_on,
        ICONS[task.origin],
        task.what,
        address_of(task),
        ref.name if ref else "",
        ref.href if ref else "",
        task=task,
    )


def _to_close(reader: User) -> Iterable[Item]:
    """An answer to an instruction is to be looked at within days."""
    waiting = session.scalars(queries.instructions_to_close(reader).limit(SHOWN)).all()
    known = subjects.find_all((subjects.key_of(i) for i in waiting), scope_of(reader))
    for instruction in waiting:
        yield _closing(instruction, known)


def _closing(instruction: Instruction, known: Mapping[subjects.Key, registry.SubjectRef]) -> Item:
    ref = known.get((instruction.subject_type, instruction.subject_id))
    return Item(
        (instruction.task.closed_on or clock.today()) + LOOKED_AT_WITHIN,
        "clipboard-check",
        N_("核办批示答复：%(title)s"),
        f"/followup/instructions/{instruction.id}",
        ref.name if ref else "",
        ref.href if ref else "",
        (("title", title(instruction.text)),),
    )


def _grouped(items: Iterable[Item]) -> list[Group]:
    today = clock.today()
    ordered = sorted(items, key=lambda item: item.due_on)
    return [
        Group("overdue", N_("逾期"), [i for i in ordered if i.due_on < today]),
        Group("today", N_("今天"), [i for i in ordered if i.due_on == today]),
        Group("coming", N_("七天内"), [i for i in ordered if today < i.due_on <= today + SOON]),
        Group("later", N_("以后"), [i for i in ordered if i.due_on > today + SOON]),
    ]
