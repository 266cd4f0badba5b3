"""The sweep finds what the queue believes to be done while nobody does it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from dbos import DBOS
from flask import Flask
from sqlalchemy import create_engine, text

import crm
from crm.core.db import writing, writing_connection
from crm.jobs import queueing, services
from tests import factories


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    """Where the queue is kept, as a worker makes it."""
    url = queueing.store_url()
    DBOS.migrate(url)
    yield url
    found = app.config["SETTINGS"]
    for file in found.data_dir.glob("jobs.sqlite3*"):
        file.unlink()
    if found.sqlite_path is None:
        with writing_connection(crm.db.engine) as connection:
            connection.exec_driver_sql("DROP SCHEMA IF EXISTS dbos CASCADE")


def test_what_was_handed_out_is_woken_where_nobody_does_it(
    cast: factories.Cast, kind_of: Any, ask: Any, url: str
) -> None:
    job_id = ask(kind_of(lambda running: None), cast.a)
    with writing():
        services.show_life("here")
        services.show_life("there")
    queueing.sweep("here", ())
    assert status_of(url, job_id) == "ENQUEUED"
    for worker, seconds_ago, under_way, status in (
        ("here", 60, {job_id}, "PENDING"),
        ("here", 60, (), "ENQUEUED"),
        ("here", 1, (), "PENDING"),  # its thread is about to begin
        ("there", 60, (), "PENDING"),
        ("dead", 60, (), "ENQUEUED"),
    ):
        hand_out(url, worker, seconds_ago)
        queueing.sweep("here", under_way)
        assert status_of(url, job_id) == status, (worker, seconds_ago, under_way)


def hand_out(url: str, worker: str, seconds_ago: int) -> None:
    """What a worker does before it begins."""
    engine = create_engine(url)
    table = "workflow_status" if engine.dialect.name == "sqlite" else "dbos.workflow_status"
    at = int((time.time() - seconds_ago) * 1000)
    with engine.begin() as connection:
        connection.execute(
            text(f"UPDATE {table} SET status = 'PENDING', executor_id = :by, started_at_epoch_ms = :at"),  # noqa: S608
            {"by": worker, "at": at},
        )  # fmt: skip
    engine.dispose()


def status_of(url: str, job_id: int) -> str:
    with queueing.client(url) as queue:
        (found,) = queue.list_workflows(workflow_ids=[str(job_id)])
        return str(found.status)
