"""Workbooks as people send them, made here: nobody keeps a hostile file in a repository."""

import io
import struct
from collections.abc import Iterable, Sequence
from datetime import date
from typing import IO, Any

import xlsxwriter


def workbook(*sheets: Sequence[Sequence[Any]], hide: Iterable[int] = ()) -> IO[bytes]:
    """A workbook of these sheets; rows in `hide` (from 0) of the first one are hidden."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, rows in enumerate(sheets):
            page = book.add_worksheet(f"表{number + 1}")
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    page.write(r, c, value, day if isinstance(value, date) else None)
            for row in hide if number == 0 else ():
                page.set_row(row, None, None, {"hidden": True})
    file.seek(0)
    return file


def far_cell() -> IO[bytes]:
    """Two cells, one in each corner of the sheet: five kilobytes that ask for half a terabyte."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        page.write(0, 0, "企业名称")
        page.write(1_048_575, 16_383, "远")
    file.seek(0)
    return file


def old_workbook(rows: Sequence[Sequence[str | float]]) -> IO[bytes]:
    """An .xls of one sheet "表1": BIFF8 records in a compound file."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    begin = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0x600))
    title = "表1".encode("utf-16-le")
    bound = 4 + 2 + 2 + len(title) + 4
    at = len(begin) + bound + 4
    sheet = struct.pack("<IBBBB", at, 0, 0, 2, 1) + title
    stream = begin + record(0x85, sheet) + record(0x0A, b"")
    stream += record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0x600))
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, str):
                text = value.encode("utf-16-le")
                cell = struct.pack("<HHHHB", r, c, 0, len(value), 1) + text
                stream += record(0x204, cell)
            else:
                stream += record(0x203, struct.pack("<HHHd", r, c, 0, value))
    stream += record(0x0A, b"")
    return io.BytesIO(_compound(stream))


def _compound(stream: bytes) -> bytes:
    """A compound file with one stream "Workbook": header, one sector of the table, one of the folder, then the content."""
    size = max(-(-len(stream) // 512), 8)
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + size), 0xFFFFFFFE]
    table = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))

    def entry(name: str, kind: int, child: int, start: int, length: int) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0"
        return (
            text.ljust(64, b"\0")
            + struct.pack("<HBB", len(text), kind, 1)
            + struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
            + bytes(36)
            + struct.pack("<IQ", start, length)
        )

    root = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)
    folder = root + entry("Workbook", 2, 0xFFFFFFFF, 2, size * 512) + bytes(256)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return header + table + folder + stream.ljust(size * 512, b"\0")
