"""Kill the worker with -9 at random moments of imports: what was written is whole or absent each time, and the next worker
brings the import to its end.

Each import is a file of its own: kept, read, mapped, checked and landed by the jobs of a real `flask jobs work`, asked for
here as the pages do it.

    .venv/bin/python scripts/kill_imports.py --kills 25                      SQLite
    DATABASE_URL=postgresql://… .venv/bin/python scripts/kill_imports.py     an empty database of its own
"""

import argparse
import csv
import io
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from threading import Timer

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench import make_app  # noqa: E402 - after the path
from bench_import import HEAD, firms, prepare  # noqa: E402
from sqlalchemy import func, select  # noqa: E402

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
from crm.people.models import User  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 300.0  # seconds for one import
COUNTED = (Company.id, Contact.id, Residence.id, LikenessKey.company_id.distinct())


class Worker:
    """A process that does the jobs, and the next one when it was killed."""

    def __init__(self, folder: Path) -> None:
        self._environment = os.environ | {
            "CRM_DATA_DIR": str(folder), "CRM_SECRET_KEY": "b" * 32, "CRM_MODE": "demo", "CRM_TODAY": "2020-09-30",
            "CRM_WORKER_NAME": "killed", "PYTHONUTF8": "1",
        }  # fmt: skip
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "work"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL
        )

    def is_dead(self) -> bool:
        return self.process.poll() is not None

    def kill(self) -> None:
        self.process.kill()


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
            worker = Worker(Path(name))
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
                worker.kill()
                worker.process.wait()
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
        if worker.is_dead():
            killed_in = expect_whole_or_absent(import_id, number * rows, rows)
            print(f"  killed in {killed_in}", flush=True)
            worker.start()
        time.sleep(0.02)
    counts = {session.scalar(select(func.count(column))) for column in COUNTED}
    assert counts == {(number + 1) * rows}, counts
    assert verify().first_bad is None
    if worker.is_dead():
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
