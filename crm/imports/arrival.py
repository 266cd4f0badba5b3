"""A sheet arrives: its rows are kept, its columns guessed or remembered, what was left out is noted for the page."""

import json
from collections.abc import Callable, Sequence

from sqlalchemy import select

from crm.core.attributes import MoneyUnit
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.files.content import MediaType
from crm.files.models import StoredFile
from crm.files.owners import store
from crm.imports import headings, mapping, sheets, staging
from crm.imports.kinds import ImportKind
from crm.imports.models import Import, ImportMapping, ImportState
from crm.imports.queries import kind_of
from crm.imports.sheets import Sheet
from crm.imports.staging import Tell, nothing, quiet
from crm.imports.stored import as_text, sentence_as_json


def read(import_: Import, sheet: str = "", head_row: int | None = None) -> Sheet:
    """A sheet of the import's file, as it was kept. Raises DomainError."""
    known = mapping.known_keys(kind_of(import_.kind))
    kept = file_of(import_)
    with store().open(kept.sha256) as file:
        return sheets.read(file, MediaType(kept.media_type), known, sheet=sheet, head_row=head_row)


def file_of(import_: Import) -> StoredFile:
    """What came. Raises Conflict where it is kept no more."""
    if import_.file is None:
        raise Conflict(N_("原表已过保存期，请重新上传。"))
    return import_.file


def read_and_arrive(
    import_id: int, sheet: str, head_row: int | None, tell: Tell, finish: Callable[[], None]
) -> None:
    """Both, for a large file whose person waits elsewhere. Begun again after it was killed it goes on; what cannot be read
    leaves the import with the reason. Raises DomainError.
    """
    import_ = session.get_one(Import, import_id)
    if import_.state is not ImportState.READING:
        return
    tell(0, 0, N_("打开文件"))
    try:
        found = read(import_, sheet, head_row)
    except DomainError as error:
        with writing():
            session.get_one(Import, import_id).failure = as_text(sentence_as_json(error))
        raise
    arrive(import_id, found, tell, finish)


def arrive(
    import_id: int, sheet: Sheet, tell: Tell = quiet, finish: Callable[[], None] = nothing
) -> None:
    """Stage the sheet and propose what its columns hold. Opens transactions of its own; `finish` is called in the last.

    Raises Conflict.
    """
    staging.stage(import_id, sheet, tell)
    with writing():
        import_ = session.get_one(Import, import_id, with_for_update={"of": Import})
        kind = kind_of(import_.kind)
        import_.mapping = mapping.to_json(remembered(kind, sheet) or mapping.guessed(kind, sheet))
        remarks = [[one.text, dict(one.values)] for one in sheet.remarks]
        import_.reading = json.dumps(
            {"sheets": sheet.sheets, "unit": sheet.unit and sheet.unit.value, "remarks": remarks},
            ensure_ascii=False,
        )
        if import_.state is ImportState.READING:
            import_.state = ImportState.UPLOADED
        finish()


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
