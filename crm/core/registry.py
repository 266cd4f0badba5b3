"""What higher rooms hand down to lower ones, so that imports only ever look downward.

create_app fills these lists while it registers the features; lower rooms read them and know nothing of who put what in.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crm.core.errors import DomainError

TODOS_OF_A_SOURCE = 200


@dataclass(frozen=True)
class NavigationEntry:
    """A place in the head of each page, shown to who may do `action` (anybody signed in where it is None).

    `badge` names an endpoint that answers with a small number; the page asks for it once it is there. `roles` are those
    whose daily work it is (all where there are none): the others find it behind 更多.
    """

    label: str
    endpoint: str
    icon: str
    position: int
    action: str | None = None
    badge: str | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """A fragment that a higher feature shows on a lower feature's page: pulled in with hx-get around a plain link.

    `page` names the page ("company", "project"); `endpoint` takes the record's id as `record_id`.
    """

    page: str
    label: str
    endpoint: str
    action: str
    position: int = 0


@dataclass(frozen=True)
class TimelineItem:
    """One line in a record's timeline: when it happened, what (a Chinese msgid with values), by whom."""

    on: date
    icon: str
    text: str
    values: tuple[tuple[str, Any], ...] = ()
    by: str = ""
    note: str = ""
    is_void: bool = False  # written, but corrected since: it counts no more


@dataclass(frozen=True)
class ListAction:
    """A button over a list: `endpoint` is posted the selection (crm.lists.selection), by who may do `action`."""

    label: str
    endpoint: str
    icon: str
    action: str


@dataclass(frozen=True)
class Widget:
    """A card on the home page: a template and the function that fills it for one person."""

    template: str
    build: Callable[[Any], Any]
    position: int
    action: str


@dataclass(frozen=True)
class Todo:
    """One thing that waits for a person: by when, what (a Chinese msgid with values), about what, and where it is done."""

    due_on: date
    icon: str
    text: str
    subject: str
    href: str
    values: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class DepartureFollower:
    """What a higher room does in the same transaction when a firm leaves the park, that day is corrected, a step is undone.

    All take the step (a ResidenceMove) and may refuse with a DomainError.
    """

    leave: Callable[[Any], None]
    redate: Callable[[Any], None]
    undo: Callable[[Any], None]


@dataclass(frozen=True)
class SubjectRef:
    """A record that others speak of: what they may know of it, the unit that keeps it, and its page."""

    id: int
    name: str
    unit_id: int
    href: str


@dataclass(frozen=True)
class Meant:
    """What a name means to a reader: the record, or those that it may mean, and what to tell where it is not sure."""

    ref: SubjectRef | None = None
    alike: tuple[SubjectRef, ...] = ()
    error: DomainError | None = None


@dataclass(frozen=True)
class Subject:
    """A kind of record that activities, tasks and instructions may be about.

    `find_many` gives those of the numbers that lie in a scope; what it leaves out is not there for that reader. `find_named`
    does so for names, each with its answer.
    `sealed_from` selects the numbers that are kept from a reader although they lie in the scope: where there are such, all
    that is about them is kept from him as well.
    """

    label: str
    icon: str
    find_many: Callable[[Collection[int], Any], Mapping[int, SubjectRef]]
    sealed_from: Callable[[Any], Any] | None = None
    find_named: Callable[[Collection[str], Any], Mapping[str, Meant]] | None = None

    def find(self, record_id: int, scope: Any) -> SubjectRef | None:
        return self.find_many((record_id,), scope).get(record_id)


@dataclass(frozen=True)
class ChildKind:
    """Rows that hang on a firm: what they are called, and how two of them clash once their firms are merged.

    Two rows clash in the table's unique keys, and where they agree in all columns of `same`. Where the two say the same,
    or `is_kept`, the one of the firm that goes on holds, the other stays with the record that was merged; else they stop
    the merge until a person has settled it at `href` (filled in from the row's columns). Where the rows are themselves
    a `subject`, who may not see a sealed one does not count it either. `rewritten` gives the columns in which a row repeats
    its firm, for another one: rows that would then agree in them clash as well.
    """

    label: str
    same: tuple[str, ...] = ()
    is_kept: bool = False
    href: str = ""
    subject: str = ""
    rewritten: Callable[[Mapping[Any, Any], int], Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class FileOwner:
    """A kind of record that evidence files are attached to: who reads them, who adds and removes them (actions).

    `find` gives the record where it lies in a scope; what it leaves out is not there for that reader.
    """

    label: str
    reading: str
    writing: tuple[str, ...]
    find: Callable[[int, Any], SubjectRef | None]


@dataclass(frozen=True)
class JobKind:
    """Work that the worker does: `run` is handed a crm.jobs.running.Running and may be run again from its beginning.

    `action` is what the requester must be allowed when asking, when it runs and when taking the result. `let_go` is handed a
    crm.jobs.models.Job that came to nothing (cancelled, failed), in a transaction: what waited for it waits no more.
    """

    label: str
    run: Callable[[Any], None]
    action: str | None = None
    let_go: Callable[[Any], None] | None = None


@dataclass(frozen=True)
class LogWords:
    """What a room's entries in the log are called: `kinds`, the first words of its actions, by which the log is filtered
    (those with the same word together); its `actions`; the `fields` that it alone writes."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)


navigation: list[NavigationEntry] = []
within: dict[str, str] = {}
"""The first part of an address → the endpoint of the place in the head under which its pages are found."""
panels: list[Panel] = []
widgets: list[Widget] = []
timeline_sources: dict[str, list[Callable[[int], Iterable[TimelineItem]]]] = {}
departure_followers: list[DepartureFollower] = []
residence_listeners: list[Callable[[int], None]] = []
"""Told a firm's id, in the same transaction, when its residences are not what they were: what it counts where is set anew."""
todo_sources: list[Callable[[Any], Iterable[Todo]]] = []
"""A person → what of a feature waits for them, soonest first and no more than TODOS_OF_A_SOURCE."""
subjects: dict[str, Subject] = {}
counting_rules: list[tuple[str, str]] = []
"""口径 of higher rooms, listed beside that of the new entrants: what it decides (a msgid) and the endpoint of its page."""
file_owners: dict[str, FileOwner] = {}
demo_checks: list[Callable[[], bool]] = []
job_kinds: dict[str, JobKind] = {}
upkeep: list[Callable[[], None]] = []
"""What the worker does once a day, each in an application context of its own; it opens its own writing()."""
calendar_listeners: list[Callable[[], None]] = []
"""Told, in the same transaction, that a day of the working calendar changed: due dates are reckoned anew."""
project_marks: list[Callable[[Collection[int], date], Mapping[int, str]]] = []
"""The ids of projects and today → what says of some of them that they stand still, a Chinese msgid each."""
room_seekers: list[Callable[[Collection[int]], Mapping[int, Sequence[SubjectRef]]]] = []
"""The ids of rooms → the records that mean to move into some of them, as far as the reader may know of them."""
unknown_rooms: list[Callable[[int], Sequence[tuple[SubjectRef, Sequence[str]]]]] = []
"""A carrier → the records that name rooms which its ledger lacks, with the names, as far as the reader may know of them."""
children: dict[str, ChildKind] = {}
"""What hangs on a firm, by the table, or by table.column where a table names firms more than once. A merge moves it."""
year_ends: list[Callable[[Collection[int], date], Mapping[int, Any]]] = []
"""The ids of targets and a day → what their units declare that the year will end at (预计全年), for those that said so."""
forwardings: list[Callable[[], str | None]] = []
"""Asked where nothing is found at the address of a request: where that record is now, if anywhere."""
log_words: list[LogWords] = []
list_actions: dict[str, list[ListAction]] = {}
"""What higher rooms do to the rows selected in a lower list, by the list's key."""
lists: dict[str, Any] = {}
"""Every list by its key ("companies"): its description, a crm.lists.fields.Listing."""
import_kinds: dict[str, Any] = {}
"""What spreadsheets bring in, by key ("companies"): a crm.imports.kinds.ImportKind."""
list_fields: dict[str, list[Any]] = {}
"""Fields (crm.lists.fields.Field) that higher rooms give to a lower list, by the list's key."""


def panels_of(page: str) -> list[Panel]:
    return sorted((panel for panel in panels if panel.page == page), key=lambda p: p.position)


def timeline_of(page: str, record_id: int) -> list[TimelineItem]:
    """All that the features know of one record, newest first."""
    found = [item for source in timeline_sources.get(page, []) for item in source(record_id)]
    return sorted(found, key=lambda item: item.on, reverse=True)


def clear() -> None:
    """Forget everything: create_app begins anew (tests make several applications)."""
    for store in (
        navigation,
        panels,
        widgets,
        departure_followers,
        residence_listeners,
        todo_sources,
        calendar_listeners,
        counting_rules,
        demo_checks,
        project_marks,
        room_seekers,
        unknown_rooms,
        year_ends,
        upkeep,
        forwardings,
        log_words,
    ):
        store.clear()
    for named in (
        within,
        timeline_sources,
        subjects,
        file_owners,
        lists,
        list_fields,
        list_actions,
        import_kinds,
        job_kinds,
        children,
    ):
        named.clear()
