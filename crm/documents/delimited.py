"""CSV for those who want it. The workbook is the better file: a CSV knows no types and must be escaped."""

import csv
import io
from collections.abc import Iterable, Sequence

from crm.documents.cells import plain_text

# Spreadsheets take a cell that begins so for a formula; the full-width forms are read alike in Chinese editions.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with the byte order mark by which Excel knows it. Text that looks like a formula gets a leading '."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([escaped(header) for header in headers])
    writer.writerows([escaped(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def escaped(value: object) -> str:
    """The cell as it is written. Only text can be a formula: the number -5 stays -5."""
    text = plain_text(value)
    if isinstance(value, str) and text.startswith(FORMULA_STARTS):
        return "'" + text
    return text
