"""What a merge wrote, row by row with the values before and after, so that it can be put back.

Rows are written past the session, table by table: a firm's children come from rooms that this one does not know.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, ColumnElement, Date, Table, and_, delete, func, or_, select, update

from crm.core.columns import Choice, ChoiceSet, Hundredths
from crm.core.db import Base, Instant, session
from crm.core.money import Money

IDS_ASKED = 5000

Values = Mapping[Any, Any]


@dataclass(frozen=True)
class Written:
    """One row: by which key it is found now, and of each column that was written the value before and after."""

    table: str
    key: Values
    before: Values
    after: Values


@dataclass
class Ledger:
    """All that a merge wrote. `marks` has the highest number of each table then: what is above came later."""

    rows: list[Written] = field(default_factory=list)
    added: list[tuple[str, int]] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)

    def write(self, table: Table, rows: Sequence[Values], after: Values) -> None:
        """Write the same into these columns of rows that were read before."""
        keys = [{column.name: row[column.name] for column in table.primary_key} for row in rows]
        for key, row in zip(keys, rows, strict=True):
            now = {name: after.get(name, value) for name, value in key.items()}
            before = {name: row[name] for name in after}
            self.rows.append(Written(table.name, now, before, dict(after)))
        _update(table, keys, after)

    def note(self, table: Table, key: Values, before: Values, after: Values) -> None:
        """What the session wrote of a row by itself: the columns that are now another."""
        changed = [name for name in after if before[name] != after[name]]
        self.rows.append(
            Written(
                table.name, key, {n: before[n] for n in changed}, {n: after[n] for n in changed}
            )
        )

    def mark(self, tables: Iterable[Table]) -> None:
        """Remember where the numbers of these tables end."""
        for table in tables:
            if "id" in table.c:
                self.marks[table.name] = session.scalar(select(func.max(table.c.id))) or 0

    def dump(self) -> str:
        rows = [
            [each.table, *map(_plain, (each.key, each.before, each.after))] for each in self.rows
        ]
        content = {"rows": rows, "added": self.added, "marks": self.marks}
        return json.dumps(content, ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> "Ledger":
        content = json.loads(text)
        rows = [
            Written(name, *(_read(Base.metadata.tables[name], each) for each in values))
            for name, *values in content["rows"]
        ]
        return cls(rows, [(name, id_) for name, id_ in content["added"]], content["marks"])

    def overtaken(self) -> Iterator[tuple[Written, tuple[str, ...]]]:
        """Rows that are not as the merge left them any more, and in which columns (none: the row is gone)."""
        by_table: dict[str, list[Written]] = defaultdict(list)
        for written in self.rows:
            by_table[written.table].append(written)
        for name, rows in by_table.items():
            table = Base.metadata.tables[name]
            names = [column.name for column in table.primary_key]
            now = {
                tuple(row[name] for name in names): row
                for some in _some([row.key for row in rows])
                for row in session.execute(select(table).where(_is(table, some))).mappings()
            }
            for written in rows:
                row = now.get(tuple(written.key[name] for name in names))
                if row is None:
                    yield written, ()
                elif changed := tuple(n for n, v in written.after.items() if row[n] != v):
                    yield written, changed

    def put_back(self, *, leave_out: str) -> None:
        """Every row as it was before, what the merge added away again. One table is left out: the session has its rows."""
        for name, id_ in self.added:
            table = Base.metadata.tables[name]
            session.execute(delete(table).where(table.c.id == id_))
        alike: dict[tuple[Any, ...], list[Written]] = defaultdict(list)
        for written in self.rows:
            if written.table != leave_out:
                alike[written.table, *sorted(written.before.items(), key=str)].append(written)
        for rows in alike.values():
            table = Base.metadata.tables[rows[0].table]
            _update(table, [row.key for row in rows], rows[0].before)


def _update(table: Table, keys: Sequence[Values], values: Values) -> None:
    """Rows that people edit count one version further."""
    further = {"version": table.c.version + 1} if "version" in table.c else {}
    for some in _some(keys):
        session.execute(update(table).where(_is(table, some)).values({**values, **further}))


def _is(table: Table, keys: Sequence[Values]) -> ColumnElement[bool]:
    if [column.name for column in table.primary_key] == ["id"]:
        return table.c.id.in_([key["id"] for key in keys])
    return or_(*(and_(*(table.c[n] == value for n, value in key.items())) for key in keys))


def _some(keys: Sequence[Values]) -> Iterable[Sequence[Values]]:
    return (keys[start : start + IDS_ASKED] for start in range(0, len(keys), IDS_ASKED))


def _plain(values: Values) -> Values:
    def plain(value: Any) -> Any:
        match value:
            case frozenset():
                return sorted(value)
            case date():
                return value.isoformat()
            case Decimal():
                return str(value)
        return value

    return {name: plain(value) for name, value in values.items()}


def _read(table: Table, values: Values) -> Values:
    return {name: _of_column(table.c[name], value) for name, value in values.items()}


def _of_column(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    match column.type:
        case ChoiceSet() as choices:
            return frozenset(map(choices.kind, value))
        case Choice() as choice:
            return choice.kind(value)
        case Money() | Hundredths():
            return Decimal(value)
        case Instant():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
    return value
