"""`flask report pipeline` and `flask report dispatch`: a report as a file, for the whole park or one unit."""

import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import click
from flask import Flask

from crm.audit.services import SYSTEM
from crm.core import clock
from crm.core.db import writing
from crm.core.errors import DomainError
from crm.people.queries import unit_by_code
from crm.people.scope import WHOLE_PARK_SCOPE, Scope
from crm.reports import dispatch, dispatch_faces, faces, pipeline, services

TO_STANDARD_OUTPUT = "-"


@click.group("report")
def report() -> None:
    """Reports as files."""


UNIT = click.option(
    "--unit", metavar="CODE", help="One unit and those below it; else the whole park."
)
OUT = click.option(
    "--out", metavar="FILE", default=TO_STANDARD_OUTPUT, help="- is standard output."
)


@report.command("pipeline")
@click.option("--as-of", metavar="DATE", help="Like 2020-09-30; today where it is left out.")
@click.option("--since", metavar="DATE", help="Compared with; the end of the month before.")
@UNIT
@click.option("--format", "kind", type=click.Choice(list(faces.FORMATS)), required=True)
@OUT
def pipeline_report(
    as_of: str | None, since: str | None, unit: str | None, kind: str, out: str
) -> None:
    """The seven batches as of a day, and what moved since another. The export is noted in the audit log."""
    _expect_file(kind, out)
    try:
        found = pipeline.build(
            scope_of_unit(unit), _day("--as-of", as_of) or clock.today(), _day("--since", since)
        )
    except DomainError as error:
        raise click.ClickException(
            f"{error} / the dates must not lie ahead, and --since must lie before --as-of"
        ) from None
    _write(out, faces.to_file(found, kind), partial(services.note_export, found, kind, by=SYSTEM))


@report.command("dispatch")
@click.option("--month", metavar="MONTH", help="Like 2020-09; this month where it is left out.")
@UNIT
@click.option("--format", "kind", type=click.Choice(list(dispatch_faces.FORMATS)), required=True)
@OUT
def dispatch_report(month: str | None, unit: str | None, kind: str, out: str) -> None:
    """项目调度, the month's table of projects under way. The export is noted in the audit log."""
    _expect_file(kind, out)
    asked = _day("--month", f"{month}-01") if month else None
    try:
        found = dispatch.build(scope_of_unit(unit), asked or clock.today())
    except DomainError as error:
        raise click.ClickException(f"{error} / the month must have begun") from None
    noted = partial(
        services.note_dispatch_export,
        dispatch_faces.title(found),
        kind,
        as_of=found.overview.as_of,
        scope=found.overview.scope,
        rows=len(found.lines),
        by=SYSTEM,
    )
    _write(out, dispatch_faces.to_file(found, kind), noted)


def _expect_file(kind: str, out: str) -> None:
    """Raises ClickException for what is no text and would go to a screen."""
    if out == TO_STANDARD_OUTPUT and kind != "json" and sys.stdout.isatty():
        raise click.ClickException(
            "请用 --out 指定要写入的文件 / name the file to write with --out"
        )


def _write(out: str, content: bytes, note: Callable[[], None]) -> None:
    """The file, and the note in the log that it was taken out."""
    try:
        with click.open_file(out, "wb") as file:
            with writing():
                note()
            file.write(content)
    except OSError as error:
        raise click.ClickException(
            f"无法写入 {out}（{error.strerror}）/ cannot write {out}: {error.strerror}"
        ) from None
    if out != TO_STANDARD_OUTPUT:
        click.echo(f"已写入 / written: {Path(out)} ({len(content):,} bytes)")


def _day(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.ClickException(
            f"{option} {text!r} 不是 2020-09-30 这样的日期 / is not a date like 2020-09-30"
        ) from None


def scope_of_unit(code: str | None) -> Scope:
    """One unit and those below it, for anybody; the whole park where none is named."""
    if code is None:
        return WHOLE_PARK_SCOPE
    unit = unit_by_code(code)
    if unit is None:
        raise click.ClickException(f"没有代码为 {code!r} 的单位 / no unit has the code {code!r}")
    return WHOLE_PARK_SCOPE.within(unit)


def init_app(app: Flask) -> None:
    app.cli.add_command(report)
