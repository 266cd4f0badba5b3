"""`flask plan …`: what a plan of work promises, read from its text."""

import json
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from crm.core.errors import DomainError
from crm.plan_reader.files import text_of
from crm.plan_reader.reader import Reading, read

plan = AppGroup("plan", help="Plans of work as people wrote them.")


@plan.command("read")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--year", type=click.IntRange(1990, 2100), help="Where the text does not say it.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def read_file(file: Path, year: int | None, as_json: bool) -> None:
    """Every numeric target and dated milestone of a plan (.txt, .html, .docx, .pdf, .doc)."""
    try:
        found = read(text_of(file.read_bytes()), year)
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(as_dict(found), ensure_ascii=False, indent=2))
    else:
        _print(found)


def as_dict(found: Reading) -> dict[str, Any]:
    """A reading as JSON has it: numbers as numbers, days as ISO dates."""
    return {
        "year": found.year,
        "chapters": [asdict(chapter) for chapter in found.chapters],
        "targets": [_plain(asdict(target)) for target in found.targets],
        "milestones": [_plain(asdict(milestone)) for milestone in found.milestones],
    }


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {key: _as_json(value) for key, value in record.items()}


def _as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def _print(found: Reading) -> None:
    click.echo(f"{found.year}：{len(found.targets)} 个指标，{len(found.milestones)} 个节点")
    for target in found.targets:
        upper = "" if target.value_to is None else f"–{target.value_to}"
        value = f"{target.comparator} {target.value}{upper}{target.unit}"
        click.echo(
            f"{target.chapter:>2} {target.task:>3}  {target.subject}  {value}  {target.modal}"
        )
    for milestone in found.milestones:
        window = f"{milestone.not_before} – {milestone.due}"
        click.echo(
            f"{milestone.chapter:>2} {milestone.task:>3}  {milestone.subject}  {milestone.event}  {window}"
        )


def init_app(app: Flask) -> None:
    app.cli.add_command(plan)
