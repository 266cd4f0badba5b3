"""A real worker process, killed in the middle: the job is done once, by the next one."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import crm
from crm.audit.models import AuditEntry
from crm.core import registry
from crm.core.db import session, writing_connection
from crm.core.registry import JobKind
from crm.jobs import queries, queueing, worker
from crm.jobs.models import JobState
from tests import factories
from tests.jobs import slow_worker
from tests.jobs.conftest import job_of

PATIENCE = 120  # seconds; a busy machine takes twenty to start a process


@pytest.fixture
def start_worker(app: Flask) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """start_worker() is a worker's process; none of them, nor their queue, outlives the test."""
    registry.job_kinds[slow_worker.KIND] = JobKind("慢", slow_worker.run)
    made: list[subprocess.Popen[bytes]] = []
    found = app.config["SETTINGS"]
    environment = os.environ | {
        "CRM_DATA_DIR": str(found.data_dir),
        "DATABASE_URL": found.database_url,
        "CRM_SECRET_KEY": found.secret_key,
        "CRM_WORKER_NAME": "test",
    }

    def start() -> subprocess.Popen[bytes]:
        made.append(
            subprocess.Popen([sys.executable, "-m", "tests.jobs.slow_worker"], env=environment)
        )
        return made[-1]

    yield start
    for process in made:
        process.kill()
        process.wait()
    del registry.job_kinds[slow_worker.KIND]
    for file in found.data_dir.glob("jobs.sqlite3*"):
        file.unlink()
    if found.sqlite_path is None:
        with writing_connection(crm.db.engine) as connection:
            connection.exec_driver_sql("DROP SCHEMA IF EXISTS dbos CASCADE")


def test_a_job_whose_worker_is_killed_is_done_once_by_the_next(
    app: Flask, cast: factories.Cast, ask: Any, start_worker: Any, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    number = ask(slow_worker.KIND, cast.a, {"gate": str(gate)})  # no worker yet: it waits
    assert queries.is_silent()
    first = start_worker()
    wait_until(lambda: job_of(number).done > 1)
    second = start_worker()  # waits outside while the first lives
    later = ask(slow_worker.KIND, cast.b, {"gate": str(gate)})
    queueing.enqueue(later)
    wait_until(lambda: job_of(later).done > 1)
    assert second.poll() is None

    first.send_signal(signal.SIGKILL)
    first.wait()
    assert [job_of(number).state, job_of(later).state] == [JobState.RUNNING] * 2
    gate.touch()
    wait_until(lambda: not job_of(number).is_open and not job_of(later).is_open)
    for job in (job_of(number), job_of(later)):
        assert (job.state, job.attempts, job.result_href) == (JobState.DONE, 2, "/companies")
    landed = session.scalars(
        select(AuditEntry.origin).where(AuditEntry.action == "setting.changed")
    )
    assert sorted(landed) == [f"job {number}", f"job {later}"]

    second.terminate()
    assert second.wait(PATIENCE) == 0
    session.rollback()
    assert queries.is_silent()


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def test_a_worker_waits_for_another_of_its_name_with_other_data_or_of_its_data_with_another_name(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.config["SETTINGS"]

    def is_let_in(name: str, data: Path) -> bool:
        monkeypatch.setenv("CRM_WORKER_NAME", name)
        monkeypatch.setitem(app.config, "SETTINGS", replace(settings, data_dir=data))
        stopping = threading.Event()
        threading.Timer(0.2, stopping.set).start()
        with worker.alone(app, stopping) as is_alone:
            return is_alone

    monkeypatch.setenv("CRM_WORKER_NAME", "one")
    with worker.alone(app, threading.Event()) as is_alone:
        assert is_alone
        assert not is_let_in("one", tmp_path)
        assert not is_let_in("other", settings.data_dir)
        on_another_machine = settings.sqlite_path is None
        assert is_let_in("other", tmp_path) == on_another_machine
    assert is_let_in("one", tmp_path)
