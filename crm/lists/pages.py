"""A list's page: rows as cells, chips, menus, and what its little forms change. Templates only write down what is here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import redirect, render_template, request
from sqlalchemy import Row

from crm.core import registry
from crm.core.errors import DomainError
from crm.lists import conditions, exports, wording
from crm.lists.asking import Asked, ask, state_of_request, units_seen, views_of
from crm.lists.cells import ALIGNED, as_text, look_up, values_of
from crm.lists.fields import YES_OR_NO, Field, Kind, Listing
from crm.lists.state import State
from crm.lists.walking import Place
from crm.people.roles import Action
from crm.reference import settings
from crm.web.guards import may
from crm.web.htmx import wants_fragment
from crm.web.locale import label, sentence
from crm.web.paging import Count


@dataclass(frozen=True)
class Header:
    """A column's head: its words, where sorting by it leads, how the list is sorted by it now (for aria-sort)."""

    label: str
    face: str
    css: str
    href: str | None
    sort: str


@dataclass(frozen=True)
class Line:
    """A row. A cell: its class, its column's name, its face, its value where the face draws it, its text."""

    id: int
    href: str
    title: str
    badge: str
    cells: Sequence[tuple[str, str, str, Any, str]]


@dataclass(frozen=True)
class Chip:
    """A condition as a sentence, and the list without it."""

    text: str
    without: str


@dataclass(frozen=True)
class ChipGroup:
    """Conditions that stand together; `turned` leads to all of them instead of any, or the other way round."""

    chips: Sequence[Chip]
    is_any: bool
    turned: str


@dataclass(frozen=True)
class Builder:
    """The form that adds one condition, for the field that is chosen in it; what was typed, and what is wrong with it."""

    field: Field
    fields: Sequence[tuple[str, str]]
    operators: Sequence[tuple[str, str]]
    choices: Sequence[tuple[str, str]]
    groups: int
    typed: Sequence[str] = ()
    operator: str = ""
    at: str = ""
    error: str = ""
    is_open: bool = False


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What stands above a list, and above other faces of the same records: search, filter, columns, views."""

    listing: Listing
    state: State
    groups: Sequence[ChipGroup]
    turned: str
    columns: Sequence[tuple[str, str, bool]]
    builder: Builder
    views: Sequence[Row[Any]]
    view: Row[Any] | None
    units: Sequence[tuple[int, str]]
    may_export: bool
    asks_purpose: bool
    actions: Sequence[registry.ListAction]

    @property
    def imports(self) -> list[tuple[str, str]]:
        """Kinds of sheets that bring records into this list, for who may: key and label."""
        return [
            (kind.key, kind.label)
            for kind in registry.import_kinds.values()
            if kind.list_key == self.listing.key and may(kind.action)
        ]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.state.words or self.state.unit or self.state.filter)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a form on the page carries along."""
        return self.kept_without()

    def kept_without(self, *names: str) -> list[tuple[str, str]]:
        view = [("view", str(self.state.view))] if self.state.view is not None else []
        pairs = (*self.state.pairs(), *view, *self.state.beside)
        return [pair for pair in pairs if pair[0] not in names]

    @property
    def kept_query(self) -> str:
        """The filter in the address of another face of these records; where there is none, no view either."""
        return self.state.text or ("view=0" if self.state.view is not None else "")


@dataclass(frozen=True, kw_only=True)
class ListPage(Tools):
    """Everything that the templates in templates/lists write down."""

    headers: Sequence[Header]
    title: Header
    lines: Sequence[Line]
    count: Count
    previous: str | None
    next: str | None


Face = Callable[[Asked, dict[str, Any]], Tools]
"""Makes a page of what is asked for, with the fields of its Tools given."""


def answer(
    listing: Listing, page: str, fragment: str, face: Face | None = None, **more: Any
) -> Any:
    """The list that the address asks for, or another face of it: the page, or for htmx its changing part."""
    views = views_of(listing)
    state = state_of_request(listing, views)
    edit, error = request.args.get("edit"), None
    if edit in ("condition", "columns"):
        try:
            return redirect(_edited(state, edit).address(), 303)
        except DomainError as refused:
            error = refused
    if edit == "field" and wants_fragment():
        return render_template("lists/_builder.html", builder=_builder(state, None))
    asked = ask(state)
    more["list"] = (face or _as_list)(asked, _tools(asked, views, error))
    if wants_fragment():
        return render_template(fragment, is_fragment=True, **more)
    return render_template(page, **more), error.status if error else 200


def answer_file(listing: Listing) -> Any:
    """What the list shows, or what is selected of it, as a file in the format that the form names; a long one as a job."""
    return exports.answer(exports.of_form(listing))


def _as_list(asked: Asked, tools: dict[str, Any]) -> ListPage:
    """One page of a list, ready to be written down."""
    state, listing = asked.state, asked.listing
    hits = asked.probe()
    shown = (listing.title, *state.columns)
    is_before = "before" in request.args
    place = Place(request.args.get("before" if is_before else "after", ""), is_before)
    rows = asked.walk(shown, hits).page(place)
    headers = [_header(state, field) for field in state.columns]
    return ListPage(
        **tools,
        headers=headers,
        title=_header(state, listing.title),
        lines=_lines(asked, rows.rows, headers),
        count=hits.count,
        previous=state.address(("before", rows.previous)) if rows.previous else None,
        next=state.address(("after", rows.next)) if rows.next else None,
    )


def _tools(asked: Asked, views: Sequence[Row[Any]], error: DomainError | None) -> dict[str, Any]:
    state, listing = asked.state, asked.listing
    return {
        "listing": listing,
        "state": state,
        "groups": _chips(state),
        "turned": _with_filter(state, state.filter.turned()),
        "columns": _column_choices(state),
        "builder": _builder(state, error),
        "views": views,
        "view": next((v for v in views if v.id == state.view), None),
        "units": [(unit.id, unit.name) for unit in units_seen().values()],
        "may_export": may(Action.REPORTS_EXPORT),
        "asks_purpose": settings.get("lists.asks_purpose"),
        "actions": [a for a in registry.list_actions.get(listing.key, ()) if may(a.action)],
    }


def _lines(asked: Asked, rows: Sequence[Row[Any]], headers: Sequence[Header]) -> list[Line]:
    listing, fields = asked.listing, (asked.listing.title, *asked.state.columns)
    values = values_of(fields, look_up(fields, [row.id for row in rows]))
    columns = [
        (head.css, head.label, head.face, as_text(field))
        for head, field in zip(headers, fields[1:], strict=True)
    ]
    lines = []
    for row in rows:
        title, *others = values(row)
        cells = [
            (css, name, face if value is not None else "", value, text(value))
            for (css, name, face, text), value in zip(columns, others, strict=True)
        ]
        badge = listing.badge[1](row.badge) if listing.badge else ""
        lines.append(Line(row.id, f"{listing.address}/{row.id}", title, badge, cells))
    return lines


def _edited(state: State, edit: str) -> State:
    """The state after one of the page's little forms: a condition more, other columns. Raises DomainError."""
    args = request.args
    if edit == "condition":
        at = args.get("at", type=int)
        given = args.get("field", ""), args.get("operator", ""), args.getlist("value")
        found = conditions.condition(state.listing, *given)
        return replace(state, filter=state.filter.with_condition(found, at))
    offered = {field.key: field for field in state.listing.columns()}
    keys = [key for key in dict.fromkeys(args.getlist("col")) if key in offered]
    for name, step in (("up", -1), ("down", 1)):
        _move(keys, args.get(name, ""), step)
    return replace(state, columns=tuple(offered[key] for key in keys))


def _move(keys: list[str], key: str, step: int) -> None:
    if key in keys:
        here = keys.index(key)
        there = min(max(here + step, 0), len(keys) - 1)
        keys[here], keys[there] = keys[there], keys[here]


def _header(state: State, field: Field) -> Header:
    is_sorted = state.order.field is field
    way = "descending" if state.order.is_descending else "ascending"
    return Header(
        wording.head(field),
        field.face,
        ALIGNED.get(field.kind, ""),
        state.sorted_by(field).address() if field.can_sort else None,
        way if is_sorted else "",
    )


def _chips(state: State) -> list[ChipGroup]:
    found = state.filter
    return [
        ChipGroup(
            [
                Chip(wording.condition(c), _with_filter(state, found.without(at, place)))
                for place, c in enumerate(group.conditions)
            ],
            group.is_any,
            _with_filter(state, found.turned(at)),
        )
        for at, group in enumerate(found.groups)
    ]


def _with_filter(state: State, changed: conditions.Filter) -> str:
    return replace(state, filter=changed).address()


def _column_choices(state: State) -> list[tuple[str, str, bool]]:
    """Those shown first, in their order."""
    others = [field for field in state.listing.columns() if field not in state.columns]
    shown = [(field.key, label(field.label), True) for field in state.columns]
    return shown + [(field.key, label(field.label), False) for field in others]


def _builder(state: State, error: DomainError | None) -> Builder:
    args, offered = request.args, [f for f in state.listing.all_fields() if f.is_filterable]
    field = next((f for f in offered if f.key == args.get("field")), offered[0])
    choices = YES_OR_NO if field.kind == Kind.BOOL else (field.choices or dict)()
    return Builder(
        field=field,
        fields=[(f.key, label(f.label)) for f in offered],
        operators=[(operator.value, label(word)) for operator, word in field.words.items()],
        choices=[(key, label(word)) for key, word in choices.items()],
        groups=len(state.filter.groups),
        typed=args.getlist("value"),
        operator=args.get("operator", ""),
        at=args.get("at", ""),
        error=sentence(error) if error else "",
        is_open=error is not None or args.get("edit") == "field",
    )
