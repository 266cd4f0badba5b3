"""Walking a sorted list page by page along (value, id), so that the thousandth page costs what the first one does.

Rows without a value come last, whichever way the list is sorted: the filled part is walked along the index, then the
empty part along the id. A place in the list is the value and id of a row ("2019-01-01~7"), or its id alone ("7").

How the rows are found depends on how many there are. `probe` runs the filter once, no further than COUNT_LIMIT rows, and
brings back their number and, of a few, their ids (in one text: thousands of rows cost more). A few are then fetched by
these ids and sorted. Of many the index that gives the order is walked, and the filter checked on the way; on SQLite the
planner must be kept from sorting them all instead, which `off_index` does. PostgreSQL's knows what a LIMIT means.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Text, case, func, literal, select, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.functions import GenericFunction

from crm.core.columns import Choice
from crm.core.db import Instant, session
from crm.core.money import FEN, LARGEST, Money
from crm.lists.fields import Field
from crm.web.addresses import LARGEST_ID, record_number
from crm.web.paging import COUNT_LIMIT, PAGE_SIZE, Count

CHUNK = 1000


class off_index(GenericFunction[Any]):  # noqa: N801 - read in a query like any other function
    """The value itself, by which SQLite searches no index (its unary +)."""

    inherit_cache = True


@compiles(off_index)
def _plain(element: off_index, compiler: Any, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)})"


@compiles(off_index, "sqlite")
def _with_a_plus(element: off_index, compiler: Any, **kw: Any) -> str:
    return f"+({compiler.process(element.clauses, **kw)})"


class ids_as_text(GenericFunction[str]):  # noqa: N801
    """Many ids gathered into one text."""

    type = Text()
    inherit_cache = True


class ids_in_text(GenericFunction[Any]):  # noqa: N801
    """The rows of ids in such a text, to stand behind IN."""

    inherit_cache = True


@compiles(ids_as_text, "sqlite")
def _gathered(element: ids_as_text, compiler: Any, **kw: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **kw)})"


@compiles(ids_as_text, "postgresql")
def _gathered_there(element: ids_as_text, compiler: Any, **kw: Any) -> str:
    return f"json_agg({compiler.process(element.clauses, **kw)})::text"


@compiles(ids_in_text, "sqlite")
def _spread(element: ids_in_text, compiler: Any, **kw: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **kw)}))"


@compiles(ids_in_text, "postgresql")
def _spread_there(element: ids_in_text, compiler: Any, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    return f"(SELECT value::int FROM json_array_elements_text(CAST({text} AS json)))"


@dataclass(frozen=True)
class Hits:
    """How many rows a filter finds, and the ids of all of them where they are a few."""

    count: Count
    ids: str | None


def probe(query: Select[Any], key: Any) -> Hits:
    """Run the filter of `query` once, up to COUNT_LIMIT rows."""
    some = query.with_only_columns(key).order_by(None).limit(COUNT_LIMIT + 1).subquery()
    number = func.count()
    ids = case((number <= COUNT_LIMIT, ids_as_text(some.c[0])))
    found = session.execute(select(number.label("number"), ids.label("ids"))).one()
    if found.number > COUNT_LIMIT:
        return Hits(Count(COUNT_LIMIT, is_capped=True), None)
    return Hits(Count(found.number), found.ids or "[]")  # PostgreSQL gathers nothing to NULL


@dataclass(frozen=True)
class Order:
    """By a field, rows without it last; by the record's number where there is none."""

    field: Field | None = None
    is_descending: bool = True


@dataclass(frozen=True)
class Place:
    """Between which rows a page lies: after one or before one, or at the beginning."""

    text: str = ""
    is_before: bool = False


@dataclass(frozen=True)
class Page:
    """Rows in the list's order, and the places from which its neighbours go on (None where there is no more)."""

    rows: Sequence[Row[Any]]
    previous: str | None = None
    next: str | None = None


class Walk:
    """The rows of `query` in an order. Its columns are `columns`; `key` is the model's id.

    `query` holds nothing but conditions; `ids` are those of all the rows that meet them, where they are few (probe).
    `unit`, the condition that the rows belong to one unit, lets an index that begins with it be walked.
    """

    def __init__(
        self,
        query: Select[Any],
        key: Any,
        columns: Sequence[Any],
        order: Order,
        *,
        ids: str | None,
        joins: Sequence[tuple[Any, ColumnElement[bool]]] = (),
        unit: ColumnElement[bool] | None = None,
    ) -> None:
        self.key, self.order, self.are_few = key, order, ids is not None
        by = order.field
        self.sorted_by = by.column if by else None
        self.filled = by.is_filled() if by else None
        self.empty = by.is_empty() if by and self.filled is not None else None
        value = [] if self.sorted_by is None else [self.sorted_by.label("sort_value")]
        self.base = select(key.label("id"), *columns, *value)
        if joins:
            self.base = self.base.select_from(key.class_)
        for table, condition in joins:
            # outer: SQLite would rather begin with the other table, or read all of it into a filter
            self.base = self.base.outerjoin(table, condition)
        if self.are_few:
            self.base = self.base.where(key.op("IN")(ids_in_text(literal(ids, Text()))))
        else:
            if query.whereclause is not None:
                self.base = self.base.where(off_index(query.whereclause, type_=_TRUE))
            if unit is not None:
                self.base = self.base.where(unit)

    def page(self, place: Place, size: int = PAGE_SIZE) -> Page:
        """One page from a place on; a place that no row can have is the beginning."""
        start = self._start(place.text)
        is_before = place.is_before and start is not None
        rows = self._rows(start, size + 1, backwards=is_before)
        has_more = len(rows) > size
        del rows[size:]
        if is_before:
            rows.reverse()
        if not rows:
            return Page(rows)
        has_previous = has_more if is_before else start is not None
        has_next = has_more if not is_before else True
        return Page(
            rows,
            previous=self._place(rows[0]) if has_previous else None,
            next=self._place(rows[-1]) if has_next else None,
        )

    def all(self) -> Iterator[Sequence[Row[Any]]]:
        """Every row in order, in chunks; the database keeps the rest."""
        for part in self._parts(backwards=False):
            query = self._ordered(part, None, backwards=False)
            result = session.execute(query.execution_options(yield_per=CHUNK))
            yield from result.partitions()

    def _rows(self, start: Any, number: int, *, backwards: bool) -> list[Row[Any]]:
        parts = self._parts(backwards=backwards)
        if start is not None:
            parts = parts[parts.index(self._part_of(start)) :]
        rows: list[Row[Any]] = []
        for part in parts:
            query = self._ordered(part, start, backwards=backwards)
            rows += session.execute(query.limit(number - len(rows))).all()
            start = None  # the next part from its beginning
            if len(rows) == number:
                break
        return rows

    def _parts(self, *, backwards: bool) -> list[bool]:
        """Of the list's parts, the filled one (True) and the empty one, those there are, in the order they are walked."""
        parts = [True] if self.empty is None else [True, False]
        return parts[::-1] if backwards else parts

    def _part_of(self, start: tuple[Any, ...]) -> bool:
        return self.empty is None or len(start) == 2

    def _ordered(self, part: bool, start: Any, *, backwards: bool) -> Select[Any]:
        query, is_sorted = self.base, part and self.sorted_by is not None
        if self.empty is not None:
            query = query.where(self.filled if part else self.empty)  # type: ignore[arg-type]
        by = [self.sorted_by, self.key] if is_sorted else [self.key]
        descending = self.order.is_descending != backwards
        if start is not None:
            place = [literal(v, c.type) for v, c in zip(start, by, strict=True)]
            here, there = (tuple_(*by), tuple_(*place)) if is_sorted else (by[0], place[0])
            query = query.where(here < there if descending else here > there)
        if self.are_few:
            by = [off_index(column) for column in by]
        return query.order_by(*(_turned(column, descending) for column in by))

    def _place(self, row: Row[Any]) -> str:
        value = None if self.sorted_by is None else row.sort_value
        if value is None or (self.empty is not None and value == ""):
            return str(row.id)
        return f"{_as_text(value)}~{row.id}"

    def _start(self, text: str) -> tuple[Any, ...] | None:
        """The value and id, or the id alone, of the row that a place names; None for what names none."""
        value, mark, number = text.rpartition("~")
        try:
            if not mark:
                is_place = self.sorted_by is None or self.empty is not None
                return (record_number(number),) if is_place else None
            if self.order.field is None:
                return None
            return _from_text(self.sorted_by.type, value), record_number(number)  # type: ignore[union-attr]
        except (ValueError, OverflowError, InvalidOperation):
            return None


_TRUE = literal(True).type


def _turned(column: Any, descending: bool) -> UnaryExpression[Any]:
    return column.desc() if descending else column.asc()  # type: ignore[no-any-return]


def _as_text(value: Any) -> str:
    if isinstance(value, date):  # an instant too
        return value.isoformat()
    return str(getattr(value, "value", value))


def _from_text(kind: Any, text: str) -> Any:
    """A value of a column's type. Raises ValueError for what the column cannot hold."""
    if isinstance(kind, Choice):
        return kind.kind(text)
    if isinstance(kind, Instant):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None or not 1900 <= moment.year <= 2199:
            raise ValueError(text)
        return moment
    if isinstance(kind, Money):
        amount = Decimal(text)
        if not abs(amount) <= LARGEST:
            raise ValueError(text)
        return amount.quantize(FEN)
    if kind.python_type is date:
        return date.fromisoformat(text)
    if kind.python_type is int:
        number = int(text)
        if abs(number) > LARGEST_ID:
            raise ValueError(text)
        return number
    return text[:200]
