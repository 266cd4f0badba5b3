"""CSV for those who want it. The workbook is the better file: a CSV knows no types."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from crm.documents.cells import plain_text

# A spreadsheet takes a cell that begins so for a formula; some read the full-width forms alike.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with the byte order mark by which Excel knows it; a formula's look gets a '."""
    return b"".join(csv_lines(headers, rows))


def csv_lines(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """The same in pieces, so that a long list is never held whole."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([escaped(header) for header in headers])
    yield text.getvalue().encode("utf-8-sig")
    for row in rows:
        text.seek(0)
        text.truncate()
        writer.writerow([escaped(value) for value in row])
        yield text.getvalue().encode()


def escaped(value: object) -> str:
    """The cell as it is written. Only text can be a formula: the number -5 stays -5."""
    text = plain_text(value)
    if isinstance(value, str) and text.startswith(FORMULA_STARTS):
        return "'" + text
    return text
