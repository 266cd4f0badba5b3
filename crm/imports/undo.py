"""A landed import is taken back as a whole, updates included; refused, with the rows, where later work would be lost."""

import hashlib
from collections.abc import Callable

from sqlalchemy import and_, bindparam, update

from crm.audit.services import record
from crm.core import clock
from crm.core.collecting import collector_paused
from crm.core.db import session, writing
from crm.core.errors import Conflict
from crm.core.words import N_
from crm.imports import queries
from crm.imports.kinds import Fault, RevertRefused
from crm.imports.models import Import, ImportRow, ImportState
from crm.imports.services import expect_allowed
from crm.imports.staging import Tell, nothing, quiet
from crm.imports.stored import as_text, faults_as_text, sentence_as_json
from crm.people.models import User


@collector_paused()
def undo(
    import_id: int, by_id: int, tell: Tell = quiet, finish: Callable[[], None] = nothing
) -> None:
    """Put everything back as it was before the import landed, in one transaction. `finish` as in landing.land.

    Run again after it was killed it does the whole, or finds it done. Raises RevertRefused, DomainError.
    """
    tell(0, 0, N_("撤销"))
    try:
        with writing():
            import_ = session.get_one(Import, import_id, with_for_update={"of": Import})
            if import_.state is ImportState.UNDONE:
                return
            _take_back(import_, session.get_one(User, by_id))
            finish()
    except RevertRefused as refused:
        _tell_rows(import_id, refused)
        raise


def _take_back(import_: Import, by: User) -> None:
    if import_.state is not ImportState.LANDED:
        raise Conflict(N_("这份导入没有写入内容，无需撤销。"))
    if import_.cleared_at is not None:
        raise Conflict(N_("导入之后过了保存期，撤销所需的内容已清除，不能再撤销。"))
    kind = queries.kind_of(import_.kind)
    expect_allowed(kind, by)
    landed = queries.landed_rows(import_)
    kind.revert(landed, by)
    import_.state, import_.undone_at = ImportState.UNDONE, clock.now()
    import_.failure = ""
    import_.version += 1
    digest = hashlib.sha256(as_text([[one.record_id, one.before] for one in landed]).encode())
    record(
        "import.undone",
        import_,
        by=by,
        kind=import_.kind,
        count=len(landed),
        sha256=digest.hexdigest(),
    )


def _tell_rows(import_id: int, refused: RevertRefused) -> None:
    """Each row that stands in the way says so; those of an earlier try are forgotten."""
    table = ImportRow.__table__
    of_import = table.c.import_id == import_id
    told = [
        {"at": number, "faults": faults_as_text([Fault(None, error)], {})}
        for number, error in refused.rows
    ]
    with writing():
        import_ = session.get_one(Import, import_id, with_for_update={"of": Import})
        import_.failure = as_text(sentence_as_json(refused))
        written = and_(of_import, table.c.before.is_not(None))
        session.execute(update(table).where(written).values(faults=""))  # type: ignore[arg-type]
        one_row = and_(of_import, table.c.number == bindparam("at"))
        session.connection().execute(update(table).where(one_row), told)  # type: ignore[arg-type]
