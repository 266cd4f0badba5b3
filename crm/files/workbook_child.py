"""Run as a process of its own by crm.files.grids: one sheet of the workbook on standard input, as lines of JSON.

calamine makes room for every cell between the first and the last, and the system ends a process that asks for too much: a
workbook of five kilobytes with one cell at the far corner does it. So it is read where nothing else is lost. Imports nothing
of ours: a child starts in a few hundredths of a second.
"""

import json
import re
import resource
import sys
import zipfile
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO
from xml.etree import ElementTree

MOST_MEMORY = 1536 * 1024 * 1024
MOST_SECONDS = 60
MOST_TEXT = 80_000_000  # characters of all cells together: few texts can be named by many cells
EXACT = 10**15  # a sheet's number has fifteen digits; of a longer one the last are lost
_CHUNK = 1024 * 1024
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_NUMBER = re.compile(rb'\br="(\d{1,7})"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def main(wanted: str, most_rows: int, most_columns: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineError, PasswordError

    try:
        _say_sheet(sys.stdin.buffer, wanted, most_rows, most_columns)
    except PasswordError:
        _say({"error": "locked"})
    except (CalamineError, OSError, ValueError, KeyError, IndexError, ElementTree.ParseError):
        _say({"error": "broken"})


def _say_sheet(file: BinaryIO, wanted: str, most_rows: int, most_columns: int) -> None:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(file)
    tables = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    shown = [one.name for one in tables if one.visible == SheetVisibleEnum.Visible]
    names = shown or [one.name for one in tables]
    if not names:
        return _say({"error": "empty"})
    name = wanted if wanted in names else names[0]
    sheet = book.get_sheet_by_name(name)
    last_row, last_column = sheet.end or (0, 0)
    if last_column >= most_columns:
        return _say({"error": "wide"})
    if last_row >= most_rows:
        return _say({"error": "long"})
    _say({"sheet": name, "sheets": names, "hidden": _hidden_rows(file, name)})
    above, left = sheet.start or (0, 0)
    for _ in range(above):
        _say([])
    _say_rows(sheet, above, [""] * left)
    return None


def _say_rows(sheet: Any, above: int, margin: list[str]) -> None:
    """An area merged downwards says the same in each of its rows."""
    down = {
        (row, start[1]): start
        for start, end in sheet.merged_cell_ranges or ()
        for row in range(start[0] + 1, min(end[0], above + sheet.height) + 1)
    }
    heads = set(down.values())
    said: dict[tuple[int, int], str] = {}
    left = MOST_TEXT
    merged_columns = {column for _, column in heads}
    for number, values in enumerate(sheet.iter_rows(), above):
        cells = margin + [_text(value) for value in values]
        for column in merged_columns:
            place = (number, column)
            if column < len(cells) and place in heads:
                said[place] = cells[column]
            elif column < len(cells) and place in down:
                cells[column] = said.get(down[place], "")
        left -= sum(map(len, cells))
        if left < 0:
            return _say({"error": "large"})
        _say(cells)
    return None


def _text(value: Any) -> str:
    """A cell as people see it. A number too long for a sheet stays in the form that shows that its last digits are lost."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        if abs(value) >= EXACT:
            return f"{value:.14E}"
        return str(int(value)) if value == int(value) else f"{Decimal(f'{value:.15g}'):f}"
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    return str(value) if isinstance(value, timedelta) else str(value.isoformat())


def _hidden_rows(file: BinaryIO, name: str) -> list[int]:
    """As people count them; only the newer kind of workbook says so."""
    file.seek(0)
    if not zipfile.is_zipfile(file):
        return []
    found: list[int] = []
    with zipfile.ZipFile(file) as archive, archive.open(_member_of(archive, name)) as content:
        rest = b""
        while chunk := content.read(_CHUNK):
            rest += chunk
            end = 0
            for row in _ROW.finditer(rest):
                end = row.end()
                number = _NUMBER.search(row[0])
                if number and _HIDDEN.search(row[0]):
                    found.append(int(number[1]))
            rest = rest[max(end, len(rest) - 4096) :]
    return found


def _member_of(archive: zipfile.ZipFile, name: str) -> str:
    """The part of the workbook that holds the sheet of this name."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    key = next(one.get(_REL) for one in book.iter() if one.get("name") == name and one.get(_REL))
    target = targets[key]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _say(what: Any) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
