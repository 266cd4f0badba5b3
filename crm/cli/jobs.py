"""`flask jobs work` does what people have asked for (`flask serve` starts it); `flask jobs list` shows what there is."""

import json

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from crm.audit.services import SYSTEM
from crm.cli.people import refusal
from crm.cli.tables import print_table
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.jobs import queries, services, worker
from crm.jobs.models import Job
from crm.web.filters import moment

jobs = AppGroup("jobs", help="Durable work.")


@jobs.command("work")
@click.option("--parent", type=int, help="End when this process is not the parent any more.")
def work(parent: int | None) -> None:
    """Do the jobs that wait, until told to stop."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    session.remove()  # the worker's jobs have sessions of their own
    worker.work(app, parent=parent)


@jobs.command("list")
@click.option("--all", "shows_all", is_flag=True, help="Those that are over too.")
@click.option("--json", "as_json", is_flag=True)
def list_(shows_all: bool, as_json: bool) -> None:
    """The jobs that wait or run, newest first; whether a worker is there."""
    query = queries.newest(queries.everybodys() if shows_all else queries.unfinished())
    found = session.scalars(query.limit(200)).all()
    if as_json:
        click.echo(json.dumps([_as_dict(job) for job in found], ensure_ascii=False, indent=1))
        return
    titles = ("编号 / number", "任务 / job", "状态 / state", "进度 / done", "时间 / asked")
    rows = [
        (str(job.id), job.title % job.called, job.state.value, _progress(job), moment(job.created_at))
        for job in found
    ]  # fmt: skip
    print_table(titles, rows)
    if queries.is_silent():
        click.echo("没有处理进程在运行 / no worker is running (flask jobs work)", err=True)


@jobs.command("cancel")
@click.argument("number", type=int)
def cancel(number: int) -> None:
    """Stop somebody's job; what it has done so far is left without effect."""
    try:
        with writing():
            job = session.get(Job, number)
            if job is None:
                raise DomainError(N_("没有编号为 %(number)s 的任务。"), number=number)
            services.cancel(job, by=SYSTEM)
    except DomainError as error:
        raise refusal(error) from None
    click.echo(f"✓ 已取消任务 {number} / job {number} cancelled")


def _progress(job: Job) -> str:
    return f"{job.done}/{job.total}" if job.total else str(job.done)


def _as_dict(job: Job) -> dict[str, object]:
    return {
        "id": job.id,
        "kind": job.kind,
        "title": job.title % job.called,
        "state": job.state.value,
        "done": job.done,
        "total": job.total,
        "asked_by": job.requested_by.username,
        "asked_at": job.created_at.isoformat(),
        "error": job.error,
    }


def init_app(app: Flask) -> None:
    app.cli.add_command(jobs)
