"""Commands of `flask --app wsgi`, one file for each thing they are about."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError

from crm.cli import (
    check,
    companies,
    demo,
    docs,
    export,
    files,
    imports,
    jobs,
    people,
    plan,
    projects,
    report,
    snapshots,
    start,
    supervision,
    targets,
)

COMMANDS = (
    start, check, jobs, imports, people, report, export, companies, projects, targets, snapshots, supervision, plan, files,
    demo, docs,
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Put every command on the application."""
    for commands in COMMANDS:
        commands.init_app(app)
    for command in app.cli.commands.values():
        if command.callback is None or command.callback.__module__.startswith("crm."):
            _answer_without_a_database(command)


def _answer_without_a_database(command: click.Command) -> None:
    """A missing or old database and a number that no column holds get a sentence; anything else is shown as it is."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            _answer_without_a_database(each)
    elif command.callback and not hasattr(command.callback, "answers_without_a_database"):
        command.callback = _guarded(command.callback)


def _guarded(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return callback(*args, **kwargs)
        except (OperationalError, ProgrammingError) as error:
            if "no such table" in str(error.orig) or "does not exist" in str(error.orig):
                raise click.ClickException(
                    "数据库尚未建立或未升级，请先运行 ./run / the database is not set up yet: run ./run first"
                ) from None
            raise
        except (OverflowError, DataError):
            raise click.UsageError(
                "数字或日期超出可用范围 / a number or a day is out of range"
            ) from None

    run.answers_without_a_database = True  # type: ignore[attr-defined]
    return run
