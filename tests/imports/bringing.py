"""A sheet on its way in, as far as a test wants it."""

import itertools
from collections.abc import Sequence

from crm.core import registry
from crm.core.db import session, writing
from crm.files.content import MediaType
from crm.files.store import Kept
from crm.imports import checking, landing, mapping, services, staging
from crm.imports.models import Import, ImportRow
from crm.imports.sheets import Line, Sheet
from crm.people.models import User

_tokens = itertools.count(1)


def bring(kind: str, headings: Sequence[str], *rows: Sequence[str], by: User) -> Import:
    """A sheet that was brought in, its columns guessed, its rows checked."""
    lines = [Line(at, tuple(row)) for at, row in enumerate(rows, 2)]
    sheet = Sheet("表1", 1, tuple(headings), lines)
    guessed = mapping.guessed(registry.import_kinds[kind], sheet)
    assert set(guessed) == set(range(len(headings))), "every column is understood"
    return bring_sheet(kind, sheet, by)


def bring_sheet(kind: str, sheet: Sheet, by: User) -> Import:
    """The same of a sheet of which only the columns are read that the guess understands."""
    import_ = received(kind, by)
    staging.stage(import_.id, sheet)
    guessed = mapping.guessed(registry.import_kinds[kind], sheet)
    with writing():
        services.map_columns(import_, guessed, by=by)
    checking.check(import_.id, by.id)
    return fresh(import_)


def received(kind: str, by: User) -> Import:
    """A file that has come; what is in it is said when it is read."""
    number = next(_tokens)
    with writing():
        kept = Kept(f"{number:064x}", 100, MediaType.XLSX)
        return services.receive(kind, kept, f"表{number}.xlsx", f"token {number}", by=by)


def check_again(import_: Import, by: User) -> Import:
    with writing():
        services.begin_checking(import_, by=by)
    checking.check(import_.id, by.id)
    return fresh(import_)


def land(import_: Import, by: User) -> Import:
    with writing():
        services.begin_landing(import_, by=by)
    landing.land(import_.id, by.id)
    return fresh(import_)


def fresh(import_: Import) -> Import:
    session.rollback()
    session.expire_all()
    return session.get_one(Import, import_.id)


def row(import_: Import, number: int) -> ImportRow:
    return session.query(ImportRow).filter_by(import_id=import_.id, number=number).one()


def counts(import_: Import) -> tuple[int, int, int, int]:
    return import_.creates, import_.updates, import_.unchanged, import_.errors
