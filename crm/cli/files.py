"""`flask files clean` takes away what nothing names any more; `flask files verify` reads everything and compares."""

from datetime import timedelta

import click
from flask import Flask
from flask.cli import AppGroup

from crm.audit.services import SYSTEM
from crm.core import registry
from crm.files import cleaning
from crm.files.owners import store
from crm.reference import settings

files = AppGroup("files", help="The store of files.")


@files.command("clean")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken away.")
def clean(dry_run: bool) -> None:
    """Take away contents that no record names and drafts left behind, both older than a day.

    Removed attachments keep theirs, for ever or as the setting files.keep_removed_days says.
    """
    done = cleaned(is_rehearsal=dry_run)
    click.echo(
        f"{'· 将清除 / would take away' if dry_run else '✓ 已清除 / taken away'}: "
        f"{done.contents} 个文件 / files ({done.size:,} bytes), {done.drafts} 个残留草稿 / drafts, "
        f"{done.attachments} 个过期的已移除附件 / removed attachments past their time"
    )


def cleaned(*, is_rehearsal: bool = False) -> cleaning.Cleaned:
    days = settings.get("files.keep_removed_days")
    return cleaning.clean(
        store(),
        by=SYSTEM,
        keep_removed=None if days is None else timedelta(days=days),
        is_rehearsal=is_rehearsal,
    )


def clean_daily() -> None:
    """What the worker does once a day."""
    cleaned()


@files.command("verify")
def verify() -> None:
    """Read every file that a record names; exit code 1 and a line for each that is missing or changed."""
    damages = 0
    for damage in cleaning.verify(store()):
        damages += 1
        what = "缺失 / missing" if damage.is_missing else "已变 / changed"
        click.echo(f"✗ {what}: {damage.sha256} {'、'.join(damage.names)}")
    if damages:
        raise click.ClickException(f"{damages} 个文件有问题 / files are not what they were")
    click.echo("✓ 文件全部完好 / all files are whole")


def init_app(app: Flask) -> None:
    registry.upkeep.append(clean_daily)
    app.cli.add_command(files)
