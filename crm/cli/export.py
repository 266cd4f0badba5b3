"""`flask export companies --format xlsx --out FILE`: a list as a file, as a person sees it or the whole park."""

import shutil
import sys
import tempfile
from io import BufferedRandom
from pathlib import Path

import click
from flask import Flask, current_app

from crm.audit.services import SYSTEM, Actor
from crm.cli.people import refusal
from crm.cli.tables import print_table
from crm.core import registry
from crm.core.db import writing
from crm.core.errors import DomainError, NotAllowed
from crm.core.words import N_
from crm.lists import exports, files
from crm.lists.cells import as_sheet_value, as_typed_value
from crm.lists.exports import Export
from crm.lists.files import RowsOf
from crm.lists.selection import chosen
from crm.people.queries import user_by_username
from crm.people.roles import Action
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.web.guards import act_as, may, me

FORMATS = ("xlsx", "csv", "json")


@click.command("export")
@click.argument("kind", required=False)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="xlsx", show_default=True)
@click.option("--out", metavar="FILE", help="- is standard output.")
@click.option("--filter", "state", default="", help="What stands behind the ? of the list's page.")
@click.option(
    "--as", "username", metavar="USER", help="As this person sees it; else the whole park."
)
@click.option("--purpose", default="", help="What for; noted in the audit log.")
@click.option("--list", "lists_kinds", is_flag=True, help="The kinds there are.")
def export(
    kind: str | None,
    format_: str,
    out: str | None,
    state: str,
    username: str | None,
    purpose: str,
    lists_kinds: bool,
) -> None:
    """A list as a file, noted in the audit log. Nothing sealed is in the whole park's."""
    if lists_kinds:
        rows = [(key, str(listing.label)) for key, listing in sorted(registry.lists.items())]
        print_table(("种类 / kind", "名称 / name"), rows)
        return
    if kind not in registry.lists:
        raise click.UsageError(
            f"没有 {kind!r} 这种列表，见 flask export --list / no such list; see flask export --list"
        )
    if out is None or (out == "-" and format_ == "xlsx" and sys.stdout.isatty()):
        raise click.UsageError("请用 --out 指定要写入的文件 / name the file to write with --out")
    with current_app.test_request_context():
        try:
            by = _reader(username)
            if not (may(Action.REPORTS_EXPORT) and may(registry.lists[kind].action)):
                raise NotAllowed(N_("%(name)s 没有导出这个列表的权限。"), name=username or by.name)
            number = _write(
                Export(chosen(registry.lists[kind], state, None), format_, purpose), out, by
            )
        except DomainError as error:
            raise refusal(error) from None
    if out != "-":
        click.echo(f"✓ {number} 行 / rows → {out}")


def _reader(username: str | None) -> Actor:
    if username is None:
        act_as(SYSTEM, WHOLE_PARK_SCOPE)
        return SYSTEM
    found = user_by_username(username)
    if found is None or found.disabled_at:
        raise DomainError(N_("没有用户名为 %(name)s 的账号。"), name=username)
    act_as(found)
    return me()


def _write(export: Export, out: str, by: Actor) -> int:
    """Whole or not at all: written beside, noted, then put in its place."""
    reading = as_typed_value if export.format == "json" else as_sheet_value
    rows = RowsOf(export.selection, reading=reading)
    with tempfile.TemporaryFile() as file:
        match export.format:
            case "csv":
                files.write_csv(rows, file)
            case "json":
                files.write_json(export.selection, rows, file)
            case _:
                files.write(export.selection, export.format, file, rows)
        with writing():
            exports.note(export, rows.number, exports.digest(file), by=by)
        file.seek(0)
        _put(file, out)
    return rows.number


def _put(file: BufferedRandom, out: str) -> None:
    try:
        with click.open_file(out, "wb", atomic=out != "-") as target:
            shutil.copyfileobj(file, target)
    except OSError as error:
        raise click.ClickException(
            f"无法写入 {Path(out)}（{error.strerror}）/ cannot write {out}: {error.strerror}"
        ) from None


def init_app(app: Flask) -> None:
    app.cli.add_command(export)
