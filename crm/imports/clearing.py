"""What came in does not lie about for ever: when an import is long over, or lies untouched for as long, personal data leaves
its rows and the file goes. What became of each row stays, and the records themselves are no part of it.
"""

import json
from collections.abc import Collection, Mapping
from datetime import timedelta

from sqlalchemy import Select, and_, bindparam, exists, func, select, update

from crm.audit.services import SYSTEM, record
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.imports import mapping
from crm.imports.models import Import, ImportRow, ImportState
from crm.imports.services import OVER
from crm.imports.staging import CHUNK
from crm.imports.stored import as_text
from crm.jobs.models import OPEN, Job
from crm.reference import settings


def clear_old() -> None:
    """Daily, by the worker. Broken off, it goes on the next day: an import is marked when all its rows are done."""
    for import_id in session.scalars(_due()).all():
        clear(import_id)


def clear(import_id: int) -> None:
    """Leave of its cells only those of columns that were read as facts of no person. What undoing needs goes as well."""
    import_ = session.get_one(Import, import_id)
    columns = _harmless(import_)
    last: int | None = 0
    while last is not None:
        with writing():
            last = _clear_stretch(import_id, last, columns)
    with writing():
        import_ = session.get_one(Import, import_id, with_for_update={"of": Import})
        if import_.state not in OVER:
            import_.state = ImportState.DROPPED
        import_.file_id, import_.cleared_at = None, clock.now()
        import_.version += 1
        record("import.cleared", import_, by=SYSTEM, count=import_.rows)


def _due() -> Select[int]:
    """Those over or left lying for longer than the setting says, about which no job is."""
    before = clock.now() - timedelta(days=settings.get("imports.kept_days"))
    touched = func.coalesce(Import.undone_at, Import.landed_at, Import.recorded_at)
    is_busy = exists().where(Job.id == Import.job_id, Job.state.in_(OPEN))
    return select(Import.id).where(Import.cleared_at.is_(None), touched < before, ~is_busy)


def _harmless(import_: Import) -> Mapping[int, str]:
    """The columns that may stay, and what they were read as. One that was not read may hold anything."""
    kind = registry.import_kinds.get(import_.kind)
    if kind is None:
        return {}
    uses = mapping.from_json(import_.mapping).items()
    read = {at: kind.attribute(use.attribute) for at, use in uses}
    return {at: one.name for at, one in read.items() if one is not None and not one.is_personal}


def _clear_stretch(import_id: int, after: int, columns: Mapping[int, str]) -> int | None:
    """The next rows; the number of the last one, None where there was none."""
    query = (
        select(
            ImportRow.number, ImportRow.cells, ImportRow.mended, ImportRow.faults, ImportRow.changes
        )
        .where(ImportRow.import_id == import_id, ImportRow.number > after)
        .order_by(ImportRow.number)
        .limit(CHUNK)
    )
    rows = session.execute(query).all()
    names = set(columns.values())
    cleared = [
        {
            "at": row.number,
            "cells": _cells(row.cells, columns),
            "mended": row.mended and _cells(row.mended, columns),
            "faults": _faults(row.faults, columns),
            "look_alikes": "",
            "changes": _changes(row.changes, names),
            "before": None,
        }
        for row in rows
    ]
    if not cleared:
        return None
    table = ImportRow.__table__
    one_row = and_(table.c.import_id == import_id, table.c.number == bindparam("at"))
    session.connection().execute(update(table).where(one_row), cleared)  # type: ignore[arg-type]
    return int(rows[-1].number)


def _cells(text: str, columns: Collection[int]) -> str:
    return as_text([cell if at in columns else "" for at, cell in enumerate(json.loads(text))])


def _faults(text: str, columns: Collection[int]) -> str:
    """A sentence may quote its cell."""
    kept = [one for one in json.loads(text or "[]") if one[0] is None or one[0] in columns]
    return as_text(kept) if kept else ""


def _changes(text: str, names: Collection[str]) -> str:
    kept = {name: one for name, one in json.loads(text or "{}").items() if name in names}
    return as_text(kept) if kept else ""
