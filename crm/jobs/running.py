"""Doing a job: as its requester, with what that person may see now, telling how far it is."""

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any

import structlog
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from crm.audit.services import origin
from crm.core import registry
from crm.core.db import is_writing, session, writing, writing_aside
from crm.core.errors import DomainError
from crm.files.content import MediaType, media_type_of
from crm.files.owners import store
from crm.files.services import stored
from crm.jobs import services
from crm.jobs.models import Job, JobState
from crm.jobs.services import ResultFile, Stopped
from crm.people.models import User
from crm.web.guards import act_as, me
from crm.web.locale import DEFAULT, sentence

under_way: set[int] = set()  # the jobs that this process does now
PAUSE = 0.5  # seconds between two lines of progress, and between two looks whether it was cancelled

log = structlog.get_logger()


class Running:
    """What a kind's `run` is handed: the job's payload and requester, and ways to tell how far it is and what came of it.

    A job may be killed at any moment and is then run again from its beginning: whatever `run` does before its end must
    be harmless when it is done twice. What counts is written once, with `finish_at` in the same transaction, or is a file.
    """

    def __init__(self, job_id: int, payload: Mapping[str, Any]) -> None:
        self.job_id = job_id
        self.payload = payload
        self._told_at = self._looked_at = 0.0
        self._is_cancelled = False

    @property
    def user(self) -> User:
        """The requester as he is now; in the session at hand."""
        return me()

    @cached_property
    def folder(self) -> Path:
        """A folder of the job's own for what it needs meanwhile; gone when the job ends."""
        folder = _folder_of(self.job_id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def tell(self, done: int, total: int = 0, phase: str = "") -> None:
        """How far it is (`total` 0: nobody knows), `phase` a msgid. Written at most twice a second, beside the transaction.

        Inside writing() it says nothing. Raises Stopped where the job was cancelled.
        """
        now = time.monotonic()
        if is_writing() or now - self._told_at < PAUSE:
            return
        self._told_at = now
        line = update(Job).where(Job.id == self.job_id, Job.state == JobState.RUNNING)
        try:
            with writing_aside() as connection:
                told = connection.execute(line.values(done=done, total=total, phase=phase))
        except OperationalError:  # somebody is writing for long: progress is not worth a failure
            return
        if not told.rowcount:
            raise Stopped

    def is_cancelled(self) -> bool:
        """Whether it is to stop. What it would finish now is undone anyway."""
        now = time.monotonic()
        if not self._is_cancelled and now - self._looked_at >= PAUSE:
            self._looked_at = now
            with session.get_bind().engine.connect() as connection:  # not in the session's snapshot
                state = connection.scalar(select(Job.state).where(Job.id == self.job_id))
            self._is_cancelled = state != JobState.RUNNING
        return self._is_cancelled

    def finish_with_file(
        self,
        path: Path,
        name: str,
        media_type: str,
        *,
        noting: Callable[[], None] | None = None,
    ) -> None:
        """Done: the file is kept for the requester to take. Call it outside writing().

        `noting` writes, in the same transaction, what the log is to know of the file. Raises Stopped.
        """
        with path.open("rb") as file:
            kept = store().keep_own(file, media_type_of(file) or MediaType.TEXT)
            with writing():
                services.finish(self.job_id, file=ResultFile(stored(kept), name, media_type))
                if noting is not None:
                    noting()

    def finish_at(self, address: str) -> None:
        """Done: what came of it is at this address. Inside writing() it is part of that transaction. Raises Stopped."""
        with _landing():
            services.finish(self.job_id, href=address)


def run_now(job_id: int) -> None:
    """Do a job in this process and wait for it: what the worker does, and a test. Nothing where it is over already."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.app_context(), app.test_request_context(), _as_origin(f"job {job_id}"), _noted(job_id):
        with writing():
            job = services.begin(job_id, worker_name())
            begun = None if job is None else (job.kind, job.given, job.requested_by, job.language)
        if begun is None:
            return
        kind, payload, requester, language = begun
        act_as(requester)
        with force_locale(language or DEFAULT):
            try:
                _run(registry.job_kinds[kind], Running(job_id, payload))
            finally:
                shutil.rmtree(_folder_of(job_id), ignore_errors=True)


def worker_name() -> str:
    """The same after a restart, another on another machine: what a dead worker left is taken up by its successor."""
    return os.environ.get("CRM_WORKER_NAME") or socket.gethostname()


def forget_left_over() -> None:
    """What jobs that were killed left in their folders."""
    shutil.rmtree(_folder_of(0).parent, ignore_errors=True)


def _run(kind: registry.JobKind, running: Running) -> None:
    job_id = running.job_id
    try:
        services.expect_allowed(kind.action, running.user)
        kind.run(running)
        with writing():
            _finish_if_running(job_id)
    except Stopped:
        session.rollback()
        log.info("job stopped", job=job_id)
        with writing():
            services.stopped(job_id)
    except DomainError as refused:
        _fail(job_id, sentence(refused))
    except Exception as error:  # noqa: BLE001 - whatever it is, the person is told and the worker lives on
        log.error("job crashed", job=job_id, exc_info=error)
        _fail(job_id, _("系统出错，任务没有完成；问题已记录，可以重新发起。"))


def _finish_if_running(job_id: int) -> None:
    """A kind that has nothing to hand over need not say that it is done."""
    job = session.get(Job, job_id)
    if job is not None and job.state == JobState.RUNNING:
        services.finish(job_id)


def _fail(job_id: int, said: str) -> None:
    session.rollback()
    with writing():
        services.fail(job_id, said)


def _landing() -> AbstractContextManager[None]:
    return nullcontext() if is_writing() else writing()


def _folder_of(job_id: int) -> Path:
    folder: Path = current_app.config["SETTINGS"].data_dir / "jobs" / str(job_id)
    return folder


@contextmanager
def _noted(job_id: int) -> Iterator[None]:
    under_way.add(job_id)
    try:
        yield
    finally:
        under_way.discard(job_id)


@contextmanager
def _as_origin(name: str) -> Iterator[None]:
    token = origin.set(name)
    try:
        yield
    finally:
        origin.reset(token)
