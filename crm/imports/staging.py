"""The rows of a file on their way in: kept as they came, in short transactions, so that a file that was broken off goes on."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import delete, func, select

from crm.core.bulk import insert_many
from crm.core.db import session, writing
from crm.core.errors import Conflict
from crm.core.words import N_
from crm.imports.models import Import, ImportRow, ImportState
from crm.imports.sheets import Sheet
from crm.imports.stored import as_text

CHUNK = 2000

Row = TypeVar("Row")
Tell = Callable[[int, int, str], None]
"""How far it is: done, of how many, doing what (a msgid)."""


def quiet(_done: int, _total: int, _phase: str) -> None:
    """Nobody waits."""


def nothing() -> None:
    """Nothing else belongs into the transaction."""


def in_chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[at : at + CHUNK] for at in range(0, len(rows), CHUNK))


def stage(import_id: int, sheet: Sheet, tell: Tell = quiet) -> None:
    """Keep the rows of a sheet with their import; another sheet than before takes the place of that one.

    Opens a transaction for each chunk. Begun again after it was broken off, it goes on where it stopped. Raises Conflict.
    """
    with writing():
        import_ = _held(import_id)
        if _is_another(import_, sheet):
            session.execute(delete(ImportRow).where(ImportRow.import_id == import_id))
            import_.rows = 0
            import_.mapping = "{}"
        import_.sheet, import_.head_row = sheet.name, sheet.head_row
        import_.headings = json.dumps(sheet.headings, ensure_ascii=False)
        last = session.scalar(
            select(func.max(ImportRow.number)).where(ImportRow.import_id == import_id)
        )
    left = [line for line in sheet.rows if line.number > (last or 0)]
    done = len(sheet.rows) - len(left)
    for chunk in in_chunks(left):
        with writing():
            _held(import_id)
            rows = [
                {
                    "import_id": import_id,
                    "number": line.number,
                    "cells": as_text(line.cells),
                }
                for line in chunk
            ]
            insert_many(ImportRow, rows)
        done += len(chunk)
        tell(done, len(sheet.rows), N_("读入"))
    with writing():
        _held(import_id).rows = len(sheet.rows)


def _held(import_id: int) -> Import:
    import_ = session.get_one(Import, import_id, with_for_update={"of": Import})
    if import_.state not in (ImportState.READING, ImportState.UPLOADED, ImportState.CHECKED):
        raise Conflict(N_("正在处理这份导入，请稍候。"))
    if import_.state is ImportState.CHECKED:
        import_.state = ImportState.UPLOADED
    return import_


def _is_another(import_: Import, sheet: Sheet) -> bool:
    before = (import_.sheet, import_.head_row, json.loads(import_.headings))
    return before != (sheet.name, sheet.head_row, [*sheet.headings])
