"""A list as a file: all its rows or those selected, the columns shown, in the order shown, with what was asked for.

A workbook says above the table what it is. In a CSV lines above the header would be taken for rows by every program
that reads it, so it comes in a zip beside a text that says the same.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from flask_babel import gettext as _

from crm.audit.services import record
from crm.core import clock, registry
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.money import to_wan
from crm.core.words import N_
from crm.documents.delimited import csv_lines
from crm.documents.workbook import Column, Sheet, write_workbook
from crm.lists import wording
from crm.lists.asking import Asked, units_seen
from crm.lists.cells import SHEET_KINDS, as_sheet_value, look_up, values_of
from crm.lists.fields import Kind
from crm.lists.selection import Selection
from crm.people.models import User
from crm.web.filters import moment
from crm.web.guards import my_scope
from crm.web.locale import label

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "application/zip",
}
SUFFIXES = {"xlsx": "xlsx", "csv": "csv.zip"}
MOST_ROWS_OF_A_WORKBOOK = 100_000


class RowsOf:
    """The rows of a selection as cells of a sheet, a chunk of them in memory at a time; `number` counts them."""

    def __init__(self, selection: Selection) -> None:
        asked = selection.asked
        self.fields = (asked.listing.title, *asked.state.columns)
        self.walk = asked.walk(self.fields, asked.probe())
        self.number = 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        readers = [as_sheet_value(field) for field in self.fields]
        for rows in self.walk.all():
            looked = look_up(self.fields, [row.id for row in rows])
            values = values_of(self.fields, looked)
            for row in rows:
                yield [read(value) for read, value in zip(readers, values(row), strict=True)]
            self.number += len(rows)

    def columns(self) -> list[Column]:
        return [
            Column(
                wording.head(field),
                SHEET_KINDS.get(field.kind, "text"),
                field.width,
            )
            for field in self.fields
        ]


def write(selection: Selection, kind: str) -> tuple[BinaryIO, int]:
    """The file, and how many rows are in it. Raises DomainError where a workbook would be too long."""
    rows = RowsOf(selection)
    notes = heading(selection)
    if kind == "csv":
        return _zipped_csv(rows, notes), rows.number
    _expect_short(selection.asked)
    title = label(selection.asked.listing.label)
    content = write_workbook([Sheet(title, rows.columns(), rows, notes)])
    return io.BytesIO(content), rows.number


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


def note_export(selection: Selection, kind: str, number: int, *, by: User) -> None:
    """Who took which rows out, in the audit log."""
    state = selection.asked.state
    record(
        "list.exported",
        None,
        by=by,
        name=selection.asked.listing.label,
        list=selection.asked.listing.key,
        format=kind,
        filter=state.text,
        scope=my_scope().label,
        columns=[field.key for field in state.columns],
        is_selection=selection.ids is not None,
        count=number,
    )


def _expect_short(asked: Asked) -> None:
    """More rows than that are no table to look at, and a workbook of them takes minutes."""
    key = asked.listing.model.id
    beyond = asked.query.with_only_columns(key).order_by(None).offset(MOST_ROWS_OF_A_WORKBOOK)
    if session.scalar(beyond.limit(1)) is not None:
        message = N_("超过 %(most)s 行，不宜导出为工作簿；请导出 CSV，或先筛选。")
        raise DomainError(message, most=f"{MOST_ROWS_OF_A_WORKBOOK:,}")


def _zipped_csv(rows: RowsOf, notes: Sequence[str]) -> BinaryIO:
    file = TemporaryFile()  # noqa: SIM115 - closed by who sends it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(_("数据") + ".csv", "w", force_zip64=True) as data:
            for line in csv_lines([column.header for column in rows.columns()], _in_wan(rows)):
                data.write(line)
        archive.writestr(_("说明") + ".txt", "\ufeff" + "\r\n".join(notes))
    file.seek(0)
    return file


def _in_wan(rows: RowsOf) -> Iterator[Sequence[Any]]:
    """A CSV has no formats: amounts are written in the unit that the header names."""
    amounts = [i for i, field in enumerate(rows.fields) if field.kind == Kind.MONEY]
    for row in rows:
        cells = list(row)
        for i in amounts:
            cells[i] = None if cells[i] is None else f"{to_wan(cells[i]):f}"
        yield cells
