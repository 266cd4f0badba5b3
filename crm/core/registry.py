"""What higher rooms hand down to lower ones, so that imports only ever look downward.

create_app fills these lists while it registers the features; lower rooms read them and know nothing of who put what in.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

TODOS_OF_A_SOURCE = 200


@dataclass(frozen=True)
class NavigationEntry:
    """A place in the head of each page, shown to who may do `action` (anybody signed in where it is None)."""

    label: str
    endpoint: str
    icon: str
    position: int
    action: str | None = None


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


navigation: list[NavigationEntry] = []
panels: list[Panel] = []
widgets: list[Widget] = []
timeline_sources: dict[str, list[Callable[[int], Iterable[TimelineItem]]]] = {}
todo_sources: list[Callable[[Any], Iterable[Todo]]] = []
"""A person → what of a feature waits for them, soonest first and no more than TODOS_OF_A_SOURCE."""
demo_checks: list[Callable[[], bool]] = []
lists: dict[str, Any] = {}
"""Every list by its key ("companies"): its description, a crm.lists.fields.Listing."""
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
    for store in (navigation, panels, widgets, todo_sources, demo_checks):
        store.clear()
    for named in (timeline_sources, lists, list_fields):
        named.clear()
