"""`flask report pipeline`: a report as a file, for the whole park or one unit."""

import sys
from datetime import date
from pathlib import Path

import click
from flask import Flask

from crm.audit.services import SYSTEM
from crm.core import clock
from crm.core.db import writing
from crm.core.errors import DomainError
from crm.people.queries import unit_by_code
from crm.people.scope import WHOLE_PARK_SCOPE, Scope
from crm.reports import faces, pipeline, services

TO_STANDARD_OUTPUT = "-"


@click.group("report")
def report() -> None:
    """Reports as files."""


@report.command("pipeline")
@click.option("--as-of", metavar="DATE", help="Like 2020-09-30; today where it is left out.")
@click.option("--since", metavar="DATE", help="Compared with; the end of the month before.")
@click.option("--unit", metavar="CODE", help="One unit and those below it; else the whole park.")
@click.option("--format", "kind", type=click.Choice(list(faces.FORMATS)), required=True)
@click.option("--out", metavar="FILE", default=TO_STANDARD_OUTPUT, help="- is standard output.")
def pipeline_report(
    as_of: str | None, since: str | None, unit: str | None, kind: str, out: str
) -> None:
    """The seven batches as of a day, and what moved since another. The export is noted in the audit log."""
    if out == TO_STANDARD_OUTPUT and kind != "json" and sys.stdout.isatty():
        raise click.ClickException(
            "请用 --out 指定要写入的文件 / name the file to write with --out"
        )
    try:
        found = pipeline.build(
            scope_of_unit(unit), _day("--as-of", as_of) or clock.today(), _day("--since", since)
        )
    except DomainError as error:
        raise click.ClickException(
            f"{error} / the dates must not lie ahead, and --since must lie before --as-of"
        ) from None
    content = faces.to_file(found, kind)
    try:
        with click.open_file(out, "wb") as file:
            with writing():
                services.note_export(found, kind, by=SYSTEM)
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
