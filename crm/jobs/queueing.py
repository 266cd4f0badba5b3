"""The queue in front of the worker. It only wakes: a job that the queue has lost is put in again, one that is over does nothing.

DBOS is loaded when it is needed (a second of work, 26 MB), so a web process that starts no job never pays for it.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

import structlog
from flask import current_app

from crm.core import clock
from crm.core.db import session, writing
from crm.jobs import queries, services

if TYPE_CHECKING:
    from dbos import DBOSClient

QUEUE = WORKFLOW = "jobs"
APPLICATION = "crm-jobs"
HANDED_OUT = "PENDING"
OVER = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})
HAND_TO_WORK = 30.0  # seconds that a thread may take to begin what it was handed

log = structlog.get_logger()


def store_url() -> str:
    """Where the queue is kept: a file beside the SQLite database, or a schema of its own in the PostgreSQL database."""
    settings = current_app.config["SETTINGS"]
    if settings.sqlite_path:
        return f"sqlite:///{settings.sqlite_path.with_name('jobs.sqlite3')}"
    return str(settings.database_url)


def enqueue(job_id: int) -> None:
    """Wake the worker for a job that is committed. The caller does not wait; what goes wrong, the sweep makes good.

    Without a living worker there may be no queue yet: its first sweep finds the job.
    """
    if not queries.is_silent():
        Thread(target=_put_in, args=(store_url(), job_id)).start()


def sweep(worker: str, under_way: Collection[int]) -> None:
    """Put in what the queue does not have, wake what nobody does, give up what the queue will not do any more.

    `under_way` is what this worker does now: what the queue believes it does besides was lost on the way. Of another
    worker the queue is believed while that one lives.
    """
    unfinished = {str(job.id): job.id for job in session.scalars(queries.unfinished())}
    if not unfinished:
        return
    others = frozenset(session.scalars(queries.living_workers())) - {worker}
    with client(store_url()) as queue:
        found = queue.list_workflows(
            workflow_ids=[*unfinished], load_input=False, load_output=False
        )
        known = {workflow.workflow_id: workflow for workflow in found}
        for number, job_id in unfinished.items():
            if number not in known:
                _enqueue(queue, job_id)
            elif (
                _was_handed_out(known[number])
                and job_id not in under_way
                and known[number].executor_id not in others
            ):
                queue.resume_workflow(number, queue_name=QUEUE)
    for number, job_id in unfinished.items():
        if number in known and known[number].status in OVER:
            with writing():
                services.fail(job_id, services.GAVE_UP)


@contextmanager
def client(url: str) -> Iterator["DBOSClient"]:
    from dbos import DBOSClient, DBOSPortableJSONSerializer

    queue = DBOSClient(
        system_database_url=url,
        serializer=DBOSPortableJSONSerializer(),
        application_name=APPLICATION,
        lazy=True,
        retry_connection_errors=False,
    )
    try:
        yield queue
    finally:
        queue.destroy()


def _was_handed_out(workflow: Any) -> bool:
    """So long ago that whoever took it has begun."""
    taken_at = (workflow.dequeued_at or 0) / 1000
    return workflow.status == HANDED_OUT and clock.now().timestamp() - taken_at > HAND_TO_WORK


def _put_in(url: str, job_id: int) -> None:
    try:
        with client(url) as queue:
            _enqueue(queue, job_id)
    except Exception as error:  # noqa: BLE001 - the sweep finds it
        log.warning("job not enqueued", job=job_id, exc_info=error)


def _enqueue(queue: "DBOSClient", job_id: int) -> None:
    """Under the job's own number: a second time it is there already."""
    queue.enqueue(
        {"workflow_name": WORKFLOW, "queue_name": QUEUE, "workflow_id": str(job_id)}, job_id
    )
