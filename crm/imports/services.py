"""What people do with an import: bring it in, say what its columns hold, mend cells, choose among look-alikes, give it up.

Reading, checking, landing and undoing take time: staging.py, checking.py, landing.py and undo.py do them.
"""

import json
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from crm.audit.services import record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import Conflict, DomainError, NotAllowed
from crm.core.words import N_
from crm.files.services import stored
from crm.files.store import Kept
from crm.imports import mapping
from crm.imports.kinds import ImportKind
from crm.imports.mapping import Columns
from crm.imports.models import Import, ImportMapping, ImportRow, ImportState
from crm.imports.queries import kind_of
from crm.imports.stored import look_alikes_from
from crm.jobs.models import Job
from crm.people.models import User

LONGEST_CELL = 4000
LEFT_AS = {
    ImportState.READING: ImportState.FAILED,
    ImportState.CHECKING: ImportState.UPLOADED,
    ImportState.LANDING: ImportState.CHECKED,
}
"""What is under way → what it is again when that comes to nothing: nothing was written, people go on."""
OVER = (ImportState.LANDED, ImportState.UNDONE, ImportState.DROPPED)


def receive(kind: str, kept: Kept, name: str, token: str, *, by: User, source: str = "") -> Import:
    """A file has come. The same form sent twice finds the import that it made the first time.

    `source` is the document that proves the rows. Raises NotAllowed, DomainError.
    """
    expect_allowed(kind_of(kind), by)
    known = select(Import).where(Import.token == token, Import.requested_by_id == by.id)
    if (found := session.scalar(known)) is not None:
        return found
    import_ = Import(
        kind=kind,
        name=name,
        source=source,
        file_id=stored(kept).id,
        token=token,
        requested_by_id=by.id,
    )
    try:
        with session.begin_nested():
            session.add(import_)
    except IntegrityError:
        if (found := session.scalar(known)) is None:
            raise
        return found
    record("import.received", import_, by=by, kind=kind, sha256=kept.sha256)
    return import_


def map_columns(
    import_: Import, columns: Columns, *, by: User, version: int | None = None, source: str = ""
) -> None:
    """What each column holds, and in what unit: remembered for the next sheet with this head. The rows are to be checked.

    Raises StaleRecord, Conflict, DomainError.
    """
    kind = kind_of(import_.kind)
    expect_allowed(kind, by)
    _hold(import_, version)
    mapping.expect_sound(kind, columns)
    import_.mapping = mapping.to_json(columns)
    import_.source = source or import_.source
    _begin_checking(import_)
    _remember(import_, by)


def mend(
    import_: Import, row: int, column: int, text: str, *, by: User, version: int | None = None
) -> None:
    """A person put a cell right; the row waits for the next check. Raises StaleRecord, Conflict, DomainError."""
    mend_many(import_, [(row, column, text)], by=by, version=version)


def mend_many(
    import_: Import,
    cells: Sequence[tuple[int, int, str]],
    *,
    by: User,
    version: int | None = None,
) -> None:
    """(row, column, text) of each cell that was put right, also of a pasted block."""
    expect_allowed(kind_of(import_.kind), by)
    _hold(import_, version)
    numbers = {row for row, _, _ in cells}
    query = select(ImportRow).where(
        ImportRow.import_id == import_.id, ImportRow.number.in_(numbers)
    )
    rows = {row.number: row for row in session.scalars(query)}
    for number, column, text in cells:
        row = rows.get(number)
        now = json.loads((row.mended or row.cells) if row else "[]")
        if row is None or not 0 <= column < len(now):
            raise DomainError(N_("没有第%(row)s行的这一格。"), row=number)
        if len(text) > LONGEST_CELL:
            raise DomainError(N_("单元格不能超过%(most)s个字符。"), most=LONGEST_CELL)
        now[column] = text
        row.mended = json.dumps(now, ensure_ascii=False)
        row.outcome = ""


def choose(
    import_: Import,
    rows: Sequence[int],
    record_id: int | None,
    *,
    by: User,
    version: int | None = None,
) -> None:
    """Which of its look-alikes a row means, 0 for a new record, None to leave it open again.

    Several rows at once take the same answer, 0 or None. Raises StaleRecord, Conflict, DomainError.
    """
    expect_allowed(kind_of(import_.kind), by)
    _hold(import_, version)
    query = select(ImportRow).where(ImportRow.import_id == import_.id, ImportRow.number.in_(rows))
    for row in session.scalars(query):
        if record_id and record_id not in {one.id for one in look_alikes_from(row.look_alikes)}:
            raise DomainError(N_("请在列出的记录中选择。"))
        row.chosen_id = record_id
        row.outcome = ""


def begin_reading(import_: Import, *, by: User, version: int | None = None) -> None:
    """A sheet of the file is to be read (again); a job does it (reading.py). Raises StaleRecord, Conflict."""
    expect_allowed(kind_of(import_.kind), by)
    _hold(import_, version, is_read=False)
    import_.state = ImportState.READING
    import_.failure = ""


def begin_checking(import_: Import, *, by: User) -> None:
    """The rows are to be checked (again); who asked calls checking.check after the commit, or has a job do it."""
    expect_allowed(kind_of(import_.kind), by)
    _hold(import_, None)
    if not json.loads(import_.mapping):
        raise DomainError(N_("请先对应各列。"))
    _begin_checking(import_)


def begin_landing(import_: Import, *, by: User, version: int | None = None) -> None:
    """What was checked is to be written; landing.land does it. Raises StaleRecord, Conflict, DomainError."""
    expect_allowed(kind_of(import_.kind), by)
    _hold(import_, version)
    if import_.state is not ImportState.CHECKED:
        raise Conflict(N_("请先核对，再导入。"))
    unchecked = select(ImportRow.number).where(
        ImportRow.import_id == import_.id, ImportRow.outcome == ""
    )
    if session.scalar(unchecked.limit(1)) is not None:
        raise Conflict(N_("有修改过的行还没有核对，请重新核对后再导入。"))
    if not import_.creates + import_.updates:
        raise DomainError(N_("没有需要写入的内容。"))
    import_.state = ImportState.LANDING
    import_.failure = ""


def drop(import_: Import, *, by: User) -> None:
    """Given up: nothing was written and nothing will be. Raises Conflict where it is under way or over."""
    expect_allowed(kind_of(import_.kind), by)
    _hold(import_, None, is_read=False)
    import_.state = ImportState.DROPPED
    record("import.dropped", import_, by=by)


def expect_allowed(kind: ImportKind, by: User) -> None:
    """Raises NotAllowed for who may not write such records."""
    if not by.may(kind.action):
        raise NotAllowed(N_("您的角色不包含这项操作。如工作需要，请联系系统管理员。"))


def is_under_way(import_: Import) -> bool:
    """Whether a job has yet to check, land or undo it, or is about it."""
    job = session.get(Job, import_.job_id) if import_.job_id else None
    return job is not None and job.is_open


def let_go(job: Job) -> None:
    """The job about an import came to nothing. One that is held by another transaction is left to that."""
    query = select(Import).where(Import.job_id == job.id)
    import_ = session.scalar(query.with_for_update(of=Import, skip_locked=True))
    if import_ is not None:
        import_.state = LEFT_AS.get(import_.state, import_.state)


def _hold(import_: Import, version: int | None, *, is_read: bool = True) -> None:
    """Hold the import until the commit. What is being checked or landed is left alone, what is over stays as it is."""
    import_.expect_version(version)
    if import_.state in LEFT_AS:
        if is_under_way(import_):
            raise Conflict(N_("正在处理这份导入，请稍候。"))
        import_.state = LEFT_AS[import_.state]  # it was killed where no job did it
    if import_.state in OVER:
        raise Conflict(N_("这份导入已经结束（%(state)s）。"), state=import_.state)
    if is_read and import_.state is ImportState.FAILED:
        raise Conflict(N_("这份表格没有读完，请重新读取。"))


def _begin_checking(import_: Import) -> None:
    import_.state = ImportState.CHECKING
    import_.failure = ""


def _remember(import_: Import, by: User) -> None:
    """Of two that remember one head at once, the later one counts."""
    head = mapping.head_digest(json.loads(import_.headings))
    same = (ImportMapping.kind == import_.kind, ImportMapping.head == head)
    kept = {"mapping": import_.mapping, "user_id": by.id, "recorded_at": clock.now()}
    if session.execute(update(ImportMapping).where(*same).values(kept)).rowcount:  # type: ignore[attr-defined]
        return
    try:
        with session.begin_nested():
            session.add(ImportMapping(kind=import_.kind, head=head, **kept))
    except IntegrityError:
        session.execute(update(ImportMapping).where(*same).values(kept))
