"""The worker with a kind of work that waits for a file before it lands: started as a process, to be killed in the middle."""

import sys
import time
from pathlib import Path

import crm
from crm.audit.services import record
from crm.core import registry
from crm.core.db import writing
from crm.core.registry import JobKind
from crm.jobs import worker
from crm.jobs.running import Running

KIND = "slow"


def run(running: Running) -> None:
    gate = Path(running.payload["gate"])
    done = 0
    while not gate.exists():
        done += 1
        running.tell(done, 1000, "等待")
        time.sleep(0.1)
    with writing():
        record("setting.changed", None, by=running.user, name=KIND)
        running.finish_at("/companies")


if __name__ == "__main__":
    app = crm.create_app()
    registry.job_kinds[KIND] = JobKind("慢", run)
    sys.exit(worker.work(app))
