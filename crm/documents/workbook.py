"""Rows → .xlsx. Figures are numbers, codes are text, dates are dates, nothing is a formula."""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any, BinaryIO, Literal

from crm.core.money import to_wan
from crm.documents.cells import plain_text

Kind = Literal["text", "int", "money_wan", "date", "percent", "decimal"]

NUMBER_FORMATS: dict[Kind, str] = {
    "text": "@",
    "int": "#,##0",
    "money_wan": "#,##0.00",
    "date": "yyyy-mm-dd",
    "percent": "0.0%",
    "decimal": "#,##0.00",
}
FONT = "Microsoft YaHei"
LONGEST_TEXT = 32_767  # UTF-16 units; Excel's own limit for a cell
LONGEST_TITLE = 31
MOST_ROWS = 1_048_576
FORBIDDEN_IN_TITLE = re.compile(r"[\[\]:*?/\\\s]+")


@dataclass(frozen=True)
class Column:
    """`money_wan` takes yuan and writes 万元, `percent` a fraction of 1; the header says so."""

    header: str
    kind: Kind = "text"
    width: float = 14


@dataclass(frozen=True)
class Sheet:
    """`notes` stand above the table: what it is, as of when, for whom, whether it is demo data."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]
    notes: Sequence[str] = ()


class TooManyRows(Exception):
    """More rows than a sheet can hold."""


def write_workbook(sheets: Sequence[Sheet]) -> bytes:
    """The workbook as bytes; a long one is better written into a file."""
    file = io.BytesIO()
    write_workbook_into(file, sheets)
    return file.getvalue()


def write_workbook_into(file: BinaryIO, sheets: Sequence[Sheet]) -> None:
    """Rows are written as they come, so a long sheet needs little memory. None: an empty cell."""
    import xlsxwriter  # a tenth of a second at each start, and few requests want a workbook

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        styles = _Styles(book)
        taken: set[str] = set()
        for sheet in sheets:
            _write_sheet(book.add_worksheet(_tab_name(sheet.title, taken)), sheet, styles)


class _Styles:
    def __init__(self, book: Any) -> None:
        book.formats[0].set_font_name(FONT)
        edge = {"border": 1, "border_color": "#C9CFD6", "valign": "top"}
        self.title = book.add_format({"font_name": FONT, "bold": True, "font_size": 14})
        self.note = book.add_format({"font_name": FONT, "font_color": "#55606C"})
        self.header = book.add_format(
            {"font_name": FONT, "bold": True, "bg_color": "#E4ECF5", "text_wrap": True}
            | {"align": "center", **edge, "valign": "vcenter"}
        )
        self.cells = {
            kind: book.add_format({"font_name": FONT, "num_format": number_format, **edge})
            for kind, number_format in NUMBER_FORMATS.items()
        }


def _write_sheet(page: Any, sheet: Sheet, styles: _Styles) -> None:
    columns, last_column = sheet.columns, len(sheet.columns) - 1
    for i, column in enumerate(columns):
        page.set_column(i, i, column.width)

    for row, note in enumerate(sheet.notes):
        page.write_string(row, 0, _cell_text(note), styles.note if row else styles.title)
    header_row = len(sheet.notes) + 1 if sheet.notes else 0
    for i, column in enumerate(columns):
        page.write_string(header_row, i, _cell_text(column.header), styles.header)

    row = header_row
    for row, values in enumerate(sheet.rows, start=header_row + 1):
        if row >= MOST_ROWS:
            raise TooManyRows(sheet.title)
        for i, (column, value) in enumerate(zip(columns, values, strict=True)):
            _write_cell(page, row, i, value, column.kind, styles)

    page.freeze_panes(header_row + 1, 0)
    page.autofilter(header_row, 0, row, last_column)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(header_row)
    page.set_footer("&C&P / &N")


def _write_cell(page: Any, row: int, i: int, value: Any, kind: Kind, styles: _Styles) -> None:
    style = styles.cells[kind]
    if value is None or value == "":
        page.write_blank(row, i, None, style)
    elif kind == "text":
        page.write_string(row, i, _cell_text(value), style)
    elif kind == "date":
        page.write_datetime(row, i, _day(value), style)
    else:
        page.write_number(row, i, _figure(value, kind), style)


def _day(value: object) -> date:
    if type(value) is not date:  # an instant must first become a day of Asia/Shanghai
        raise TypeError(f"{value!r} is not a day")
    return value


def _figure(value: object, kind: Kind) -> float:
    """A cell is a double: the only place where a figure becomes one."""
    if kind == "money_wan" and isinstance(value, int | Decimal):
        return float(to_wan(Decimal(value)))
    if kind != "money_wan" and isinstance(value, int | Decimal | Fraction):
        return float(value)
    raise TypeError(f"{value!r} is not a figure of kind {kind}")


def _cell_text(value: object) -> str:
    text = plain_text(value)
    if _utf16_length(text) <= LONGEST_TEXT:
        return text
    return _cut(text, LONGEST_TEXT - 1) + "…"


def _tab_name(title: str, taken: set[str]) -> str:
    """A title that Excel accepts: 31 units, no []:*?/\\, no apostrophe at the ends, each once."""
    cleaned = FORBIDDEN_IN_TITLE.sub(" ", plain_text(title)).strip(" '")
    base = name = _cut(cleaned or "Sheet", LONGEST_TITLE).rstrip(" '")
    for n in count(2):
        if name.casefold() not in taken and name.casefold() != "history":
            break
        name = f"{_cut(base, LONGEST_TITLE - len(str(n)) - 1)} {n}"
    taken.add(name.casefold())
    return name


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, length: int) -> str:
    """The first `length` UTF-16 units, never half a character."""
    return text.encode("utf-16-le")[: 2 * length].decode("utf-16-le", "ignore")
