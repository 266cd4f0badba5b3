"""Reading, checking, landing and undoing as jobs: done by the worker, shown as they go, taken up again after it was killed."""

from collections.abc import Callable
from typing import Any

from crm.core import registry
from crm.core.registry import JobKind
from crm.core.words import N_
from crm.imports import arrival, checking, landing, services, undo
from crm.imports.models import Import
from crm.imports.staging import Tell
from crm.jobs import services as jobs
from crm.jobs.running import Running
from crm.people.models import User

READ, CHECK, LAND, UNDO = "imports.read", "imports.check", "imports.land", "imports.undo"
READ_AT_ONCE = 512 * 1024  # bytes of a file that a request reads itself: some 5 000 rows
_TITLES = {
    READ: N_("读取“%(name)s”"),
    CHECK: N_("核对导入“%(name)s”"),
    LAND: N_("导入“%(name)s”"),
    UNDO: N_("撤销导入“%(name)s”"),
}


def ask_for(step: str, import_: Import, *, by: User, language: str = "", **said: Any) -> int:
    """Have a job do it; its number, to be enqueued after the commit (crm.jobs.queueing).

    Checking and landing were begun before (services.begin_checking, begin_landing, map_columns), in the same transaction.
    """
    job = jobs.request(
        step,
        {"import_id": import_.id, **said},
        by=by,
        title=_TITLES[step],
        values={"name": import_.name},
        key=f"{step} {import_.id} {import_.version}",
        language=language,
    )
    import_.job_id = job.id
    return job.id


def ask_to_read(
    import_: Import,
    *,
    by: User,
    language: str,
    sheet: str = "",
    head_row: int | None = None,
    version: int | None = None,
) -> int:
    """The same for a sheet of a file of more than READ_AT_ONCE bytes. Raises StaleRecord, Conflict."""
    services.begin_reading(import_, by=by, version=version)
    return ask_for(READ, import_, by=by, language=language, sheet=sheet, head_row=head_row)


def _read(running: Running) -> None:
    said = running.payload

    def act(import_id: int, _by_id: int, tell: Tell, finish: Callable[[], None]) -> None:
        arrival.read_and_arrive(import_id, said["sheet"], said["head_row"], tell, finish)

    _at_once(act, running)


def _check(running: Running) -> None:
    import_id = running.payload["import_id"]
    checking.check(import_id, running.user.id, running.tell)
    running.finish_at(_page(import_id))


def _land(running: Running) -> None:
    _at_once(landing.land, running)


def _undo(running: Running) -> None:
    _at_once(undo.undo, running)


def _at_once(act: Callable[[int, int, Tell, Callable[[], None]], None], running: Running) -> None:
    """The job ends in the very transaction that holds what it did."""
    import_id = running.payload["import_id"]
    page = _page(import_id)
    act(import_id, running.user.id, running.tell, lambda: running.finish_at(page))


def _page(import_id: Any) -> str:
    return f"/imports/{import_id}"


def offer() -> None:
    """Tell the worker what it is to do."""
    free = services.let_go
    registry.job_kinds[READ] = JobKind(N_("读取表格"), _read, let_go=free)
    registry.job_kinds[CHECK] = JobKind(N_("核对导入"), _check, let_go=free)
    registry.job_kinds[LAND] = JobKind(N_("导入"), _land, let_go=free)
    registry.job_kinds[UNDO] = JobKind(N_("撤销导入"), _undo, let_go=free)
