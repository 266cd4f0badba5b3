"""What was checked is written, whole or not at all, in one transaction; killed at any moment it is simply begun again.

Reading the cells takes time and stays outside. Inside, the rows are judged anew by the same functions: what has become
otherwise since people saw it refuses the whole, and the rows show what has become of them.
"""

import hashlib
from collections.abc import Callable, Sequence

from sqlalchemy import and_, bindparam, select, update

from crm.audit.services import record
from crm.core import clock
from crm.core.collecting import collector_paused
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.imports import checking, queries
from crm.imports.kinds import Landed, Outcome, Verdict
from crm.imports.models import Import, ImportRow, ImportState
from crm.imports.services import expect_allowed
from crm.imports.staging import Tell, in_chunks, nothing, quiet
from crm.imports.stored import as_text, landed_as_text, sentence_as_json
from crm.people.models import User

_NAMED = 10  # rows that a refusal names one by one


class ChangedSince(Conflict):
    """Rows are not any more what the check said; `verdicts` are what has become of them."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        named = "、".join(str(verdict.draft.number) for verdict in verdicts[:_NAMED])
        super().__init__(
            N_(
                "核对之后有%(count)s行的情况变了（第%(rows)s行），没有写入任何内容，请再看一遍后导入。"
            ),
            count=len(verdicts),
            rows=named + ("…" if len(verdicts) > _NAMED else ""),
        )
        self.verdicts = verdicts


@collector_paused()
def land(
    import_id: int, by_id: int, tell: Tell = quiet, finish: Callable[[], None] = nothing
) -> None:
    """Write what was checked. `finish` is called inside the transaction (a job ends with it).

    Run again after it was killed it does the whole, or finds it done. A refusal leaves the import checked, with the
    reason. Raises DomainError.
    """
    import_ = session.get_one(Import, import_id)
    if import_.state is not ImportState.LANDING:
        return
    columns: dict[str, int] = {}
    try:
        tell(0, import_.rows, N_("读取各行"))
        read = checking.read_rows(import_)
        columns.update(read.columns)
        tell(import_.rows, import_.rows, N_("写入"))
        with writing():
            import_ = session.get_one(Import, import_id, with_for_update={"of": Import})
            if import_.state is not ImportState.LANDING:
                return
            _write(import_, read, session.get_one(User, by_id))
            finish()
    except DomainError as error:
        _leave_checked(import_id, error, columns)
        raise


def _write(import_: Import, read: checking.Read, by: User) -> None:
    kind = queries.kind_of(import_.kind)
    expect_allowed(kind, by)
    verdicts = checking.judge(kind, read, by)
    _expect_as_shown(import_, verdicts)
    wanted = [v for v in verdicts if v.outcome in (Outcome.CREATE, Outcome.UPDATE)]
    landed = kind.land(wanted, by, import_.source)
    digest = _keep(import_.id, landed)
    import_.state, import_.landed_at = ImportState.LANDED, clock.now()
    record(
        "import.landed",
        import_,
        by=by,
        kind=import_.kind,
        file=import_.file.sha256 if import_.file else None,
        creates=import_.creates,
        updates=import_.updates,
        count=len(landed),
        sha256=digest,
    )


def _expect_as_shown(import_: Import, verdicts: Sequence[Verdict]) -> None:
    shown = {
        number: rest
        for number, *rest in session.execute(
            select(
                ImportRow.number, ImportRow.outcome, ImportRow.record_id, ImportRow.changes
            ).where(ImportRow.import_id == import_.id)
        )
    }
    changed = [
        verdict
        for verdict in verdicts
        if shown[verdict.draft.number]
        != [verdict.outcome, verdict.record_id, checking.changes_as_text(verdict)]
    ]
    if changed:
        raise ChangedSince(changed)


def _keep(import_id: int, landed: Sequence[Landed]) -> str:
    """What was written stays with the rows, to be undone; the digest of it goes into the log."""
    digest = hashlib.sha256()
    table = ImportRow.__table__
    one_row = and_(table.c.import_id == import_id, table.c.number == bindparam("at"))
    for chunk in in_chunks(landed):
        rows = [
            {
                "at": one.number,
                "record_id": one.record_id,
                "version": one.version,
                "before": landed_as_text(one),
            }
            for one in chunk
        ]
        session.connection().execute(update(table).where(one_row), rows)  # type: ignore[arg-type]
        digest.update(repr(rows).encode())
    return digest.hexdigest()


def _leave_checked(import_id: int, error: DomainError, columns: dict[str, int]) -> None:
    """Nothing was written: people see why, and what has become of the rows."""
    with writing():
        import_ = session.get_one(Import, import_id, with_for_update={"of": Import})
        if import_.state is not ImportState.LANDING:
            return
        import_.state = ImportState.CHECKED
        import_.failure = as_text(sentence_as_json(error))
        if isinstance(error, ChangedSince):
            checking.keep_verdicts(import_id, error.verdicts, columns)
            checking.count(import_)
