"""`flask setup` makes the database ready; `flask serve` does so first and then serves it (`./run`)."""

import fcntl
import json
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click
import flask_migrate
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app

from config import Config
from crm.audit.services import SYSTEM
from crm.cli import beside
from crm.core import clock
from crm.core.db import session, switch_to_wal, writing
from crm.demo import accounts, desk, world
from crm.people import park
from crm.people.queries import user_by_username
from crm.plans import planning
from crm.reference import settings as named
from crm.reference import working_days
from crm.web.uploads import LARGEST_UPLOAD

PLAN_YEAR = 2020
COMPANIES, PROJECTS, SEED = 1200, 160, 2020  # of the demo park
ACCOUNTS_FILE = "demo-accounts.json"


_empty = click.option("--empty", is_flag=True, help="Without demo firms and projects.")


@click.command("setup")
@_empty
def setup(empty: bool) -> None:
    """Create or upgrade the database; on the first start fill it with the plan and demo data."""
    make_ready(empty=empty)


def make_ready(*, empty: bool = False) -> None:
    """Everything that a start needs, each part only where it is missing."""
    settings: Config = current_app.config["SETTINGS"]
    with _alone(settings.data_dir):
        _bring_schema_up_to_date(settings)
        _extend_calendar()
        if settings.is_demo or not named.get("setup.finished"):
            _fill(settings, empty=empty)
    if settings.is_demo:
        _tell_accounts(settings.data_dir / ACCOUNTS_FILE)
    else:
        click.echo(
            "开户 / add people: .venv/bin/flask --app wsgi user create NAME --role ROLE --unit UNIT"
        )


def _fill(settings: Config, *, empty: bool) -> None:
    """Each step does nothing where it was done before, so a start that was broken off is simply made again."""
    is_first = not named.get("setup.finished")
    if is_first:
        with writing():
            park.found(by=SYSTEM)
            planning.adopt_plan(PLAN_YEAR, by=SYSTEM)
    if settings.is_demo:
        accounts.ensure_accounts(settings.data_dir / ACCOUNTS_FILE, by=SYSTEM)
    if is_first:
        with writing():
            if settings.is_demo and not empty:
                click.echo("· 生成演示数据 / generating demo data …")
                world.load(
                    companies=COMPANIES,
                    projects=PROJECTS,
                    seed=SEED,
                    by=SYSTEM,
                    today=clock.today(),
                )
            named.put("setup.finished", True, by=SYSTEM)
        if settings.is_demo and not empty and (clerk := user_by_username("a")):
            desk.lay_out(clerk)


def _extend_calendar() -> None:
    """An upgrade may bring the holidays of further years; what an administrator entered stays."""
    if working_days.missing_years():
        with writing():
            working_days.seed(by=SYSTEM)


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Two first starts at once: the second waits for the first."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _bring_schema_up_to_date(settings: Config) -> None:
    if settings.sqlite_path and not settings.sqlite_path.exists():
        settings.sqlite_path.parent.mkdir(parents=True, exist_ok=True)
        switch_to_wal(settings.sqlite_path)
    connection = session.connection()
    present = MigrationContext.configure(connection).get_current_heads()
    session.rollback()
    wanted = ScriptDirectory(str(current_app.config["ROOT"] / "migrations")).get_heads()
    if set(present) != set(wanted):
        flask_migrate.upgrade()


def _tell_accounts(path: Path) -> None:
    click.echo(f"演示账号 / demo accounts ({path}):")
    for name, account in json.loads(path.read_text(encoding="utf-8")).items():
        click.echo(
            f"  {name:12} {account['username']:12} {account['password']:14} {account['unit']}"
        )


@click.command("serve")
@_empty
@click.option("--no-worker", is_flag=True, help="`flask jobs work` runs elsewhere.")
def serve(empty: bool, no_worker: bool) -> None:
    """Serve the product with waitress (it buffers slow clients, so it may face a network on its own), a worker beside it."""
    import waitress

    make_ready(empty=empty)
    settings: Config = current_app.config["SETTINGS"]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        listener = socket.create_server(
            (settings.host, settings.port),
            family=socket.AF_INET6 if ":" in settings.host else socket.AF_INET,
        )
    except OSError as error:
        raise click.ClickException(
            f"无法在 {host}:{settings.port} 上监听（{error.strerror}）。端口可能已被占用，请换一个，如 PORT=5001 ./run\n"
            f"Cannot listen on {host}:{settings.port} ({error.strerror}). The port may be in use; "
            f"choose another, e.g. PORT=5001 ./run"
        ) from None
    click.echo(
        f"常州科教城企业孵化系统 / incubation CRM: http://{host}:{settings.port}/  (Ctrl-C 停止 / stops)"
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the worker is stopped as well
    with nullcontext() if no_worker else beside.worker(current_app.config["ROOT"]):
        waitress.serve(
            current_app._get_current_object(),  # type: ignore[attr-defined]
            sockets=[listener],
            threads=8,
            connection_limit=1000,
            channel_timeout=60,
            max_request_body_size=LARGEST_UPLOAD,
            ident=None,
        )


def init_app(app: Flask) -> None:
    app.cli.add_command(setup)
    app.cli.add_command(serve)
