"""Kill the worker with -9 at random moments of imports: what was written is whole or absent each time, and the next worker
brings the import to its end.

Each import is a file of its own: kept, read, mapped, checked and landed by the jobs of a real worker process, asked for here
as the pages do it.

    .venv/bin/python scripts/kill_imports.py --kills 25                      SQLite
    DATABASE_URL=postgresql://… .venv/bin/python scripts/kill_imports.py     an empty database of its own
"""

import argparse
import csv
import io
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from threading import Timer
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench import make_app  # noqa: E402 - after the path
from bench_import import HEAD, firms, prepare  # noqa: E402
from flask import Flask  # noqa: E402
from sqlalchemy import func, select  # noqa: E402

import crm  # noqa: E402
from crm.audit.queries import verify  # noqa: E402
from crm.companies.duplicate_models import LikenessKey  # noqa: E402
from crm.companies.models import Company, Contact, Residence  # noqa: E402
from crm.core.db import session, writing  # noqa: E402
from crm.files.grids import ACCEPTED  # noqa: E402
from crm.files.owners import store  # noqa: E402
from crm.imports import mapping, services, work  # noqa: E402
from crm.imports.models import Import, ImportRow, ImportState  # noqa: E402
from crm.jobs import queries, queueing  # noqa: E402
from crm.jobs.models import Job  # noqa: E402
from crm.jobs.worker import work as work_on_jobs  # noqa: E402
from crm.people.models import User  # noqa: E402

PATIENCE = 1800.0  # seconds for one import, on a machine that does much else
COUNTED = (Company.id, Contact.id, Residence.id, LikenessKey.company_id.distinct())


class Worker:
    """The process that does the jobs, and the next one when it was killed.

    Each is forked by a process that has loaded everything and touched nothing: starting one takes no time.
    """

    def __init__(self, app: Flask) -> None:
        asked, self._ask = os.pipe()
        self._answers, answer = os.pipe()
        self._nursery = os.fork()
        if not self._nursery:
            os.close(self._ask)
            _bear(app, asked, answer)
        self.start()

    def start(self) -> None:
        os.write(self._ask, b"1")
        self._pid = int(os.read(self._answers, 20))
        self.is_dead = False

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        self.is_dead = True

    def close(self) -> None:
        self.kill()
        os.close(self._ask)
        os.waitpid(self._nursery, 0)


def _bear(app: Flask, asked: int, answer: int) -> NoReturn:
    """Fork a worker for each byte that comes, until there is nobody to ask for one."""
    import dbos  # noqa: F401

    while os.read(asked, 1):
        pid = os.fork()
        if not pid:
            work_on_jobs(app)
            os._exit(0)
        os.write(answer, str(pid).encode())
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="crm-kill-") as name:
        app = make_app(Path(name))
        with app.app_context():
            prepare(Path(name))
            session.remove()
            crm.db.engine.dispose()
            worker = Worker(app)
            try:
                wait_for_life()
                began = time.monotonic()
                bring_in(0, options.rows, worker)
                usual = time.monotonic() - began
                print(f"{options.rows} rows, undisturbed: {usual:.1f} s", flush=True)
                for number in range(1, options.kills + 1):
                    timer = Timer(rng.uniform(0, usual * 1.05), worker.kill)
                    timer.start()
                    found[bring_in(number, options.rows, worker)] += 1
                    timer.join()
            finally:
                worker.close()
    print(f"{options.kills} kills, none left a half: {dict(found)}")


def wait_for_life() -> None:
    end = time.monotonic() + PATIENCE
    while queries.is_silent():
        assert time.monotonic() < end, "no worker"
        session.rollback()
        time.sleep(0.2)


def bring_in(number: int, rows: int, worker: Worker) -> str:
    """One file, up to its end; where it was when the worker was killed."""
    import_id = received(number, rows)
    killed_in = "no step: it had ended"
    end = time.monotonic() + PATIENCE
    while (state := go_on(import_id)) is not ImportState.LANDED:
        assert time.monotonic() < end, f"import {import_id} is still {state}"
        if worker.is_dead:
            killed_in = expect_whole_or_absent(import_id, number * rows, rows)
            print(f"  killed in {killed_in}", flush=True)
            worker.start()
        time.sleep(0.02)
    counts = {session.scalar(select(func.count(column))) for column in COUNTED}
    assert counts == {(number + 1) * rows}, counts
    assert verify().first_bad is None
    if worker.is_dead:
        worker.start()
    return killed_in


def received(number: int, rows: int) -> int:
    text = io.StringIO()
    lines = islice(firms((number + 1) * rows), number * rows, None)
    csv.writer(text).writerows([HEAD, *lines])
    kept = store().keep(io.BytesIO(text.getvalue().encode()), ACCEPTED)
    with writing():
        by = bench_user()
        import_ = services.receive("companies", kept, f"{number}.csv", f"token {number}", by=by)
        job_id = work.ask_to_read(import_, by=by, language="")
        import_id = import_.id
    queueing.enqueue(job_id)
    return import_id


def go_on(import_id: int) -> ImportState:
    """What its person does on the page when a job has ended."""
    session.rollback()
    import_ = session.get_one(Import, import_id, populate_existing=True)
    job = session.get_one(Job, import_.job_id, populate_existing=True)
    if job.is_open or import_.state is ImportState.LANDED:
        return import_.state
    assert job.error == "", job.error
    with writing():
        by = bench_user()
        if import_.state is ImportState.UPLOADED:
            services.map_columns(import_, mapping.from_json(import_.mapping), by=by)
            job_id = work.ask_for(work.CHECK, import_, by=by)
        else:
            services.begin_landing(import_, by=by)
            job_id = work.ask_for(work.LAND, import_, by=by)
        state = import_.state
    queueing.enqueue(job_id)
    return state


def expect_whole_or_absent(import_id: int, before: int, rows: int) -> str:
    session.rollback()
    import_ = session.get_one(Import, import_id, populate_existing=True)
    kept = select(func.count()).where(
        ImportRow.import_id == import_id, ImportRow.before.is_not(None)
    )
    has_landed = import_.state is ImportState.LANDED
    counts = {session.scalar(select(func.count(column))) for column in COUNTED}
    assert counts == {before + rows if has_landed else before}, counts
    assert session.scalar(kept) == (rows if has_landed else 0)
    return import_.state.value


def bench_user() -> User:
    return session.scalars(select(User).where(User.username == "bench")).one()


if __name__ == "__main__":
    main()
