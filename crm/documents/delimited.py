"""CSV for those who want it. The workbook is the better file: a CSV knows no types."""

import csv
import io
from collections.abc import Iterable, Sequence

from crm.documents.cells import plain_text

# A spreadsheet takes a cell that begins so for a formula; some read the full-width forms alike.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with the byte order mark by which Excel knows it; a formula's look gets a '."""
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
