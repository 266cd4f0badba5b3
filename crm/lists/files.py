"""A list as a file: all its rows or those selected, the columns shown, in the order shown, with what was asked for.

A workbook says above the table what it is. In a CSV lines above the header would be taken for rows by every program
that reads it, so it comes in a zip beside a text that says the same.
"""

import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

from flask_babel import gettext as _

from crm.core import clock, registry
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.money import to_wan
from crm.core.words import N_
from crm.documents.delimited import csv_lines
from crm.documents.workbook import Column, Sheet, write_workbook_into
from crm.lists import wording
from crm.lists.asking import Asked, units_seen
from crm.lists.cells import SHEET_KINDS, as_sheet_value, look_up, values_of
from crm.lists.fields import Field, Kind
from crm.lists.selection import Selection
from crm.web.filters import moment
from crm.web.guards import my_scope
from crm.web.locale import label

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "application/zip",
}
SUFFIXES = {"xlsx": "xlsx", "csv": "csv.zip"}
MOST_ROWS_OF_A_WORKBOOK = 1_000_000  # a sheet holds few more


class RowsOf:
    """The rows of a selection as cells of a sheet, a chunk of them in memory at a time; `number` counts them.

    `tell` is told that number after each chunk; `reading` makes what reads a field's values.
    """

    def __init__(
        self,
        selection: Selection,
        tell: Callable[[int], None] = lambda number: None,
        reading: Callable[[Field], Callable[[Any], Any]] = as_sheet_value,
    ) -> None:
        asked = selection.asked
        self.fields = (asked.listing.title, *asked.state.columns)
        self.walk = asked.walk(self.fields, asked.probe())
        self.number = 0
        self.tell = tell
        self.reading = reading

    def __iter__(self) -> Iterator[Sequence[Any]]:
        readers = [self.reading(field) for field in self.fields]
        for rows in self.walk.all():
            looked = look_up(self.fields, [row.id for row in rows])
            values = values_of(self.fields, looked)
            for row in rows:
                yield [read(value) for read, value in zip(readers, values(row), strict=True)]
            self.number += len(rows)
            self.tell(self.number)

    def columns(self) -> list[Column]:
        return [
            Column(
                wording.head(field),
                SHEET_KINDS.get(field.kind, "text"),
                field.width,
            )
            for field in self.fields
        ]


def write(selection: Selection, kind: str, out: BinaryIO, rows: RowsOf) -> None:
    """Write the rows of a selection in one of FORMATS. Raises DomainError where a workbook would be too long."""
    if kind == "csv":
        _write_zipped_csv(rows, heading(selection), out)
        return
    if is_longer(selection.asked, MOST_ROWS_OF_A_WORKBOOK):
        message = N_("超过 %(most)s 行，不宜导出为工作簿；请导出 CSV，或先筛选。")
        raise DomainError(message, most=f"{MOST_ROWS_OF_A_WORKBOOK:,}")
    title = label(selection.asked.listing.label)
    write_workbook_into(out, [Sheet(title, rows.columns(), rows, heading(selection))])


def write_csv(rows: RowsOf, out: BinaryIO) -> None:
    """A CSV has no formats: amounts are written in the unit that the header names."""
    for line in csv_lines([column.header for column in rows.columns()], _in_wan(rows)):
        out.write(line)


def write_json(selection: Selection, rows: RowsOf, out: BinaryIO) -> None:
    """For programs: figures as numbers, amounts in yuan as text, days as in ISO 8601; the columns with their words."""
    fields = rows.fields
    head = {
        "list": selection.asked.listing.key,
        "notes": heading(selection),
        "columns": [{"key": f.key, "label": label(f.label), "kind": f.kind.value} for f in fields],
    }
    keys = [field.key for field in fields]
    out.write(json.dumps(head, ensure_ascii=False, indent=1)[:-2].encode() + b',\n "rows": [')
    for number, row in enumerate(rows):
        line = json.dumps(dict(zip(keys, map(_plain, row), strict=True)), ensure_ascii=False)
        out.write((",\n  " if number else "\n  ").encode() + line.encode())
    out.write(b"\n ]\n}\n")


def heading(selection: Selection) -> list[str]:
    """What stands above the table: what it is, of whom, how it was asked for, when it was made."""
    asked = selection.asked
    unit = units_seen()[asked.state.unit].name if asked.state.unit is not None else None
    chosen = [_("范围：仅所选记录")] if selection.ids is not None else []
    asked_for = wording.state(asked.state, unit) if selection.ids is None else []
    demo = (
        [_("演示数据：由程序生成，不是真实记录")] if any(c() for c in registry.demo_checks) else []
    )
    return [
        label(asked.listing.label),
        _("数据范围：%(scope)s", scope=label(my_scope().label)),
        *chosen,
        *(asked_for or [_("排序：%(order)s", order=wording.order(asked.state))]),
        _("业务日期：%(day)s", day=clock.today().isoformat()),
        _("导出时间：%(moment)s", moment=moment(clock.now())),
        *demo,
    ]


def is_longer(asked: Asked, most: int) -> bool:
    """Whether more than `most` rows are found."""
    key = asked.listing.model.id
    beyond = asked.query.with_only_columns(key).order_by(None).offset(most)
    return session.scalar(beyond.limit(1)) is not None


def _write_zipped_csv(rows: RowsOf, notes: Sequence[str], out: BinaryIO) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(_("数据") + ".csv", "w", force_zip64=True) as data:
            write_csv(rows, data)  # type: ignore[arg-type] # of a zip's member only write() is asked
        archive.writestr(_("说明") + ".txt", "\ufeff" + "\r\n".join(notes))


def _in_wan(rows: RowsOf) -> Iterator[Sequence[Any]]:
    amounts = [i for i, field in enumerate(rows.fields) if field.kind == Kind.MONEY]
    for row in rows:
        cells = list(row)
        for i in amounts:
            cells[i] = None if cells[i] is None else f"{to_wan(cells[i]):f}"
        yield cells


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
    return value
