"""`flask projects …`: the board of a day, what moved between two days."""

import json
from datetime import date, datetime
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from crm.cli.report import scope_of_unit
from crm.cli.tables import print_table
from crm.core import clock
from crm.core.errors import DomainError
from crm.core.money import to_wan
from crm.pipeline import board as boards
from crm.pipeline import flow as flows
from crm.pipeline.amounts import Sums
from crm.projects.queries import visible_to
from crm.web.locale import sentence

projects = AppGroup("projects", help="The seven batches: the board, what moved, moves.")

DAY = click.DateTime(["%Y-%m-%d"])
UNIT = click.option(
    "--unit", metavar="CODE", help="One unit and those below it; else the whole park."
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")


@projects.command("board")
@click.option("--as-of", type=DAY, help="End of this day; today where it is left out.")
@UNIT
@AS_JSON
def board(as_of: datetime | None, unit: str | None, as_json: bool) -> None:
    """How many projects stand in each stage, and the sum of its investment figure, each currency by itself."""
    day = as_of.date() if as_of else clock.today()
    if day > clock.today():
        raise click.ClickException("日期不能晚于今天 / the day must not lie ahead")
    past = day if day < clock.today() else None
    heads = boards.totals_by_stage(visible_to(scope_of_unit(unit)), as_of=past)
    if as_json:
        _print_json({"as_of": day.isoformat(), "stages": boards.as_dicts(heads.values())})
        return
    print_table(
        ("阶段", "项目数", "投资额"),
        [
            (column.stage.label, str(column.count), _amounts(column.sums) if column.figure else "")
            for column in heads.values()
        ],
    )


@projects.command("flow")
@click.option("--from", "since", type=DAY, help="The end of the month before by default.")
@click.option("--to", "until", type=DAY, help="Today by default.")
@UNIT
@AS_JSON
def flow(since: datetime | None, until: datetime | None, unit: str | None, as_json: bool) -> None:
    """For each stage: opening + came - went + revalued = closing, from the end of one day to the end of another."""
    found = visible_to(scope_of_unit(unit))
    try:
        days = flows.period(_day(until) or clock.today(), _day(since))
        moved = flows.build(found, *days)
    except DomainError as error:
        raise click.ClickException(sentence(error)) from None
    if as_json:
        _print_json(flows.as_dict(moved))
        return
    click.echo(f"{moved.since} – {moved.until}")
    print_table(
        ("阶段", *(term.label for term in flows.Term)),
        [
            (line.stage.label if line.stage else "合计", *_terms(line))
            for line in (*moved.stages.values(), moved.total)
        ],
    )


def _terms(line: flows.StageFlow) -> list[str]:
    amounts = [line.of(term) for term in flows.Term]
    return [
        f"{each.count}（{_amounts(each.sums)}）" if each.sums else str(each.count)
        for each in amounts
    ]


def _amounts(sums: Sums) -> str:
    return "，".join(f"{to_wan(amount):,.2f} {currency.label}" for currency, amount in sums.items())


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _print_json(found: Any) -> None:
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


def init_app(app: Flask) -> None:
    app.cli.add_command(projects)
