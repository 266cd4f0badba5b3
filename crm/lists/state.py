"""How a list is shown: search, filter, order, columns. All of it stands in the address, so a link or a saved view repeats it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote

from werkzeug.datastructures import MultiDict

from crm.lists import conditions
from crm.lists.conditions import Filter
from crm.lists.fields import Field, Listing
from crm.lists.walking import Order

LONGEST_SEARCH = 100
MOST_COLUMNS = 30
PARTS = ("q", "unit", "where", "match", "sort", "cols")
_READABLE = ",:;-._~"


@dataclass(frozen=True, eq=False)
class State:
    """What is asked of a list. `unit` narrows the reader's scope; `view` is the saved view that it began with.

    `beside` is what the page itself keeps in its address (Listing.keeps): no part of the filter, in no saved view.
    """

    listing: Listing
    words: str = ""
    unit: int | None = None
    filter: Filter = Filter()
    order: Order = Order()
    columns: tuple[Field, ...] = ()
    view: int | None = None
    beside: tuple[tuple[str, str], ...] = ()

    def pairs(self) -> list[tuple[str, str]]:
        """The parts of the address, those left out that say what is usual anyway."""
        found = [("q", self.words), ("unit", str(self.unit or "")), *self.filter.pairs()]
        if self.order.field is not None:
            sign = "-" if self.order.is_descending else ""
            found.append(("sort", sign + self.order.field.key))
        if self.columns != self.listing.usual_columns():
            found.append(("cols", ",".join(field.key for field in self.columns) or "-"))
        return [(name, value) for name, value in found if value]

    @property
    def text(self) -> str:
        """As a query string, without the view: what a saved view keeps."""
        return query_string(self.pairs())

    def address(self, *more: tuple[str, str]) -> str:
        """The view stands in it too; where nothing else does, "no view", or its own state would come back."""
        pairs = self.pairs()
        view = [] if self.view is None else [("view", str(self.view if pairs else 0))]
        text = query_string([*pairs, *view, *self.beside, *more])
        return f"{self.listing.address}?{text}" if text else self.listing.address

    def sorted_by(self, field: Field) -> "State":
        """By this column: upwards at first, then downwards, then as usual."""
        if self.order.field is not field:
            return replace(self, order=Order(field, is_descending=False))
        if not self.order.is_descending:
            return replace(self, order=Order(field))
        return replace(self, order=Order())


def read(
    listing: Listing, args: MultiDict[str, str], *, unit_ids: Sequence[int] | Mapping[int, object]
) -> State:
    """What an address asks for. Raises DomainError for a filter that makes no sense; the rest falls back to what is usual."""
    unit = args.get("unit", "")
    number = int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None
    return State(
        listing,
        words=" ".join(args.get("q", "").split())[:LONGEST_SEARCH],
        unit=number if number in unit_ids else None,
        filter=conditions.read(listing, args.getlist("where"), args.get("match", "")),
        order=_order(listing, args.get("sort", "")),
        columns=_columns(listing, args),
    )


def read_text(listing: Listing, text: str, *, unit_ids: Mapping[int, object]) -> State:
    return read(listing, MultiDict(parse_qsl(text)), unit_ids=unit_ids)


def query_string(pairs: Sequence[tuple[str, str]]) -> str:
    """As urlencode, but what a filter is written with stays readable."""
    return "&".join(f"{name}={quote(value, safe=_READABLE)}" for name, value in pairs)


def _order(listing: Listing, text: str) -> Order:
    field = listing.field(text.removeprefix("-"))
    if field is None or not field.can_sort:
        return Order()
    return Order(field, is_descending=text.startswith("-"))


def _columns(listing: Listing, args: MultiDict[str, str]) -> tuple[Field, ...]:
    if "cols" not in args:
        return listing.usual_columns()
    offered = {field.key: field for field in listing.columns()}
    keys = dict.fromkeys(args["cols"].split(",")[:MOST_COLUMNS])
    return tuple(offered[key] for key in keys if key in offered)
