"""A sheet arrives: its rows are kept, its columns guessed or remembered, what was left out is noted for the page."""

import json
from collections.abc import Sequence

from sqlalchemy import select

from crm.core.attributes import MoneyUnit
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.imports import headings, mapping, staging
from crm.imports.kinds import ImportKind
from crm.imports.models import Import, ImportMapping
from crm.imports.queries import kind_of
from crm.imports.sheets import Sheet


def arrive(import_id: int, sheet: Sheet) -> None:
    """Stage the sheet and propose what its columns hold. Opens transactions of its own; raises Conflict."""
    staging.stage(import_id, sheet)
    with writing():
        import_ = session.get_one(Import, import_id, with_for_update={"of": Import})
        kind = kind_of(import_.kind)
        import_.mapping = mapping.to_json(remembered(kind, sheet) or mapping.guessed(kind, sheet))
        remarks = [[one.text, dict(one.values)] for one in sheet.remarks]
        import_.reading = json.dumps(
            {"sheets": sheet.sheets, "unit": sheet.unit and sheet.unit.value, "remarks": remarks},
            ensure_ascii=False,
        )


def remembered(kind: ImportKind, sheet: Sheet) -> dict[int, mapping.Use]:
    """How a sheet with this head was read the last time."""
    query = select(ImportMapping.mapping).where(
        ImportMapping.kind == kind.key,
        ImportMapping.head == mapping.head_digest(sheet.headings),
    )
    found = session.scalar(query)
    return mapping.kept(kind, mapping.from_json(found), len(sheet.headings)) if found else {}


def sheets_of(import_: Import) -> tuple[str, ...]:
    """The sheets of the file that could be read."""
    return tuple(json.loads(import_.reading).get("sheets", ()))


def unit_of(import_: Import, column: int) -> MoneyUnit:
    """What the sheet says of a column's amounts: its heading, else a line above the table, else the usual unit."""
    above = json.loads(import_.reading).get("unit")
    said = headings.unit_of(json.loads(import_.headings)[column])
    return said or (MoneyUnit(above) if above else mapping.USUAL_UNIT)


def remarks_of(import_: Import) -> Sequence[DomainError]:
    """What was told when it was read, as sentences."""
    return [
        DomainError(text, **values)
        for text, values in json.loads(import_.reading).get("remarks", ())
    ]
