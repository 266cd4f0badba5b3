"""The person's own sheet back, each faulty row with why: to be mended in Excel and sent again, read with the same settings."""

import json
import re
from collections.abc import Iterable
from tempfile import TemporaryFile
from typing import IO, Any

from crm.core.db import session
from crm.documents.cells import plain_text
from crm.documents.workbook import FONT
from crm.imports import mapping, queries
from crm.imports.kinds import Outcome
from crm.imports.models import Import, ImportRow
from crm.imports.stored import faults_from
from crm.web.locale import sentence

REASONS = mapping.REASONS
_AT_ONCE = 2000
_NEVER_IN_A_TAB = re.compile(r"[\[\]:*?/\\']+")
_LONGEST_TAB = 31


def write(import_: Import, *, only_faulty: bool) -> tuple[IO[bytes], int]:
    """The workbook, and how many rows are in it. Cells are text as they came or were mended; faulty ones are marked."""
    import xlsxwriter  # a tenth of a second at each start, and few requests want a workbook

    file = TemporaryFile()  # noqa: SIM115 - closed by who sends it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    headings = [*json.loads(import_.headings), REASONS]
    number = 0
    with xlsxwriter.Workbook(file, options) as book:
        head = book.add_format(
            {"font_name": FONT, "bold": True, "bg_color": "#E4ECF5", "border": 1}
        )
        plain = book.add_format({"font_name": FONT, "num_format": "@"})
        marked = book.add_format({"font_name": FONT, "num_format": "@", "bg_color": "#FAD7D4"})
        page = book.add_worksheet(_NEVER_IN_A_TAB.sub(" ", import_.sheet)[:_LONGEST_TAB] or None)
        page.set_column(0, len(headings) - 2, 16, plain)
        page.set_column(len(headings) - 1, len(headings) - 1, 60, plain)
        for column, words in enumerate(headings):
            page.write_string(0, column, plain_text(words), head)
        for number, row in enumerate(_rows(import_, only_faulty), 1):
            faults = faults_from(row.faults)
            faulty = {column for column, _ in faults}
            cells = json.loads(row.mended or row.cells)
            reasons = "；".join(_reason(headings, column, error) for column, error in faults)
            for column, text in enumerate([*cells, reasons]):
                if text:
                    style = marked if column in faulty else plain
                    page.write_string(number, column, plain_text(text), style)
        page.freeze_panes(1, 0)
    file.seek(0)
    return file, number


def _rows(import_: Import, only_faulty: bool) -> Iterable[ImportRow]:
    query = queries.rows_with(import_, Outcome.ERROR) if only_faulty else queries.rows_of(import_)
    return session.scalars(query.execution_options(yield_per=_AT_ONCE))


def _reason(headings: list[str], column: int | None, error: Any) -> str:
    said = sentence(error)
    return said if column is None else f"{headings[column]}：{said}"
