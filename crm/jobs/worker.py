"""The worker: one process beside the web server that does the jobs, takes up what it left when it was killed, and keeps house.

Only it launches DBOS. A second one for the same data or of the same name waits outside: it would wake what the first one does.
"""

import fcntl
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import structlog
from flask import Flask
from sqlalchemy import func, select

from crm.audit.services import SYSTEM
from crm.core import registry
from crm.core.db import session, writing
from crm.jobs import queueing, services
from crm.jobs.queueing import APPLICATION, QUEUE, WORKFLOW
from crm.jobs.running import forget_left_over, run_now, under_way, worker_name

APPLICATION_VERSION = "1"
"""Raised only when jobs that wait cannot be done by newer code: DBOS does what it began under the same version."""

AT_ONCE = 2  # a short job does not wait for a long one
NICENESS = 5  # pages go before jobs
SWEEP_EVERY = 60.0
UPKEEP_EVERY = 24 * 3600.0

log = structlog.get_logger()


def work(app: Flask, *, parent: int | None = None) -> None:
    """Do jobs until the process is told to stop, or until `parent` is not its parent any more."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _setter(stopping))
    with alone(app, stopping) as is_alone:
        if not is_alone:
            return
        os.nice(NICENESS)
        with app.app_context():
            forget_left_over()
            store = queueing.store_url()
        _launch(app, store)
        log.info("worker ready", worker=worker_name(), pid=os.getpid())
        _keep_house(app, stopping, parent)
    log.info("worker stops", worker=worker_name())
    os._exit(0)  # a job under way is dropped here, and taken up at the next start


def _launch(app: Flask, store: str) -> None:
    from dbos import DBOS, DBOSPortableJSONSerializer

    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": store,
            "application_version": APPLICATION_VERSION,
            "executor_id": worker_name(),
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
        }
    )

    @DBOS.workflow(name=WORKFLOW)
    def do(job_id: int) -> None:
        with app.app_context():
            run_now(job_id)

    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=AT_ONCE)


def _keep_house(app: Flask, stopping: threading.Event, parent: int | None) -> None:
    """Each minute: say that it lives, look for what the queue missed; each day what the rooms have to be done."""
    swept_at = kept_at = -UPKEEP_EVERY
    while not stopping.wait(1.0):
        if parent is not None and os.getppid() != parent:
            break
        now = time.monotonic()
        if now - swept_at >= SWEEP_EVERY:
            swept_at = now
            _do(app, _show_life)
            _do(app, _sweep)
        if now - kept_at >= UPKEEP_EVERY:
            kept_at = now
            for task in registry.upkeep:
                _do(app, task)
    _do(app, _say_goodbye)


def _do(app: Flask, task: Callable[[], None]) -> None:
    try:
        with app.app_context():
            task()
    except Exception as error:  # noqa: BLE001 - the next minute comes, and the jobs go on
        log.error("worker's housekeeping", task=task.__qualname__, exc_info=error)


def _show_life() -> None:
    with writing():
        services.show_life(worker_name())


def _sweep() -> None:
    queueing.sweep(worker_name(), under_way)


def _say_goodbye() -> None:
    with writing():
        services.say_goodbye(worker_name())


def forget_old_results() -> None:
    with writing():
        services.expire(by=SYSTEM)


@contextmanager
def alone(app: Flask, stopping: threading.Event) -> Iterator[bool]:
    """One worker for a data folder, and one of a name for a database: another waits until the first has gone, or until it is
    told to stop. What a killed one held is free at once."""
    settings = app.config["SETTINGS"]
    with ExitStack() as held, app.app_context():
        folders = {settings.data_dir.resolve()}
        if settings.sqlite_path:
            folders.add(settings.sqlite_path.resolve().parent)
        free = [_folder(path, held) for path in sorted(folders)]
        if not settings.sqlite_path:
            free.append(_name(worker_name(), held))
        is_told = False
        while not stopping.is_set():
            if all(take() for take in free):
                yield True
                return
            if not is_told:
                log.warning(
                    "worker waits: another one has its name or its data", worker=worker_name()
                )
                is_told = True
            stopping.wait(1.0)
        yield False


def _folder(path: Path, held: ExitStack) -> Callable[[], bool]:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = held.enter_context((path / "worker.lock").open("w"))

    def take() -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    return take


def _name(name: str, held: ExitStack) -> Callable[[], bool]:
    """On PostgreSQL, which other machines use as well: held as long as this connection is there."""
    engine = session.get_bind().engine
    connection = held.enter_context(
        engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    )
    held.callback(connection.invalidate)  # not handed on to somebody with the lock
    key = func.hashtextextended(f"crm worker {name}", 0)
    return lambda: bool(connection.scalar(select(func.pg_try_advisory_lock(key))))


def _setter(event: threading.Event) -> Callable[[int, FrameType | None], None]:
    return lambda _number, _frame: event.set()
