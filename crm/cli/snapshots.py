"""`flask targets snapshot`: take one as of a day, list them, print what differs since."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import click
from flask import Flask
from sqlalchemy import select

from crm.audit.services import SYSTEM
from crm.cli.tables import print_table
from crm.cli.targets import targets
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.reference.settings import is_demo_data
from crm.snapshots import queries, services, told
from crm.snapshots.differences import Comparison
from crm.snapshots.models import Snapshot
from crm.snapshots.paper import paper_of
from crm.snapshots.promised import MilestoneLine, moved
from crm.snapshots.taking import take
from crm.targets.board import board
from crm.targets.queries import plan_of
from crm.web import filters


@click.command("snapshot")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Take one as of the end of this day."
)
@click.option("--title", default="", help="What it is called.")
@click.option("--replaces", type=int, help="The number of the approved one that it corrects.")
@click.option("--list", "lists", is_flag=True, help="All that there are.")
@click.option("--differences", type=int, metavar="N", help="What differs since from number N.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def snapshot(
    as_of: datetime | None,
    title: str,
    replaces: int | None,
    lists: bool,
    differences: int | None,
    as_json: bool,
) -> None:
    """Freeze a plan's figures as of a day: a draft, which people fill in and approve on its page."""
    if sum((as_of is not None, lists, differences is not None)) != 1:
        raise click.UsageError("One of --as-of, --list and --differences.")
    try:
        if as_of is not None:
            _take(as_of.date(), title, replaces, as_json)
        elif differences is not None:
            _compare(differences, as_json)
        else:
            _list(as_json)
    except DomainError as error:
        raise click.ClickException(str(error)) from None


def _take(day: date, title: str, replaces: int | None, as_json: bool) -> None:
    plan = plan_of(day.year)
    services.expect_day(plan, day)
    taken = take(plan, day)
    with writing():
        made = services.keep(
            taken,
            title=title or f"截至{day.isoformat()}指标快照",
            by=SYSTEM,
            replaces=_found(replaces) if replaces is not None else None,
        )
    if as_json:
        paper = paper_of(made, is_demo=is_demo_data())
        _print_json(told.with_figures(made, paper))
    else:
        click.echo(f"{made.id}  {made.title}  {made.as_of}")


def _list(as_json: bool) -> None:
    found = session.scalars(queries.in_order(select(Snapshot))).all()
    if as_json:
        _print_json([told.as_dict(one) for one in found])
        return
    rows = [
        (one.title, str(one.id), filters.day(one.as_of), one.state.label, one.sha256[:12])
        for one in found
    ]
    print_table(("标题", "编号", "截至日期", "状态", "摘要"), rows)


def _compare(number: int, as_json: bool) -> None:
    found = _found(number)
    paper = paper_of(found, is_demo=is_demo_data())
    compared = told.comparisons(found, paper, WHOLE_PARK_SCOPE)
    now = moved(paper.milestones, board(found.plan, found.as_of, WHOLE_PARK_SCOPE).milestones)
    milestones = [(line, now[line.code]) for line in paper.milestones if line.code in now]
    if as_json:
        _print_json(told.with_differences(found, compared, milestones))
    else:
        _print_differences(compared, milestones)


def _print_differences(
    compared: Iterable[Comparison], milestones: Sequence[tuple[MilestoneLine, date | None]]
) -> None:
    rows = [
        (
            f"{one.line.code} {difference.label}",
            difference.cause.label,
            filters.number(difference.before.contribution if difference.before else None),
            filters.number(difference.now.contribution if difference.now else None),
        )
        for one in compared
        for difference in one.differences
    ]
    print_table(("记录", "原因", "当时计入", "现在计入"), rows)
    if milestones:
        click.echo()
        days = [
            (f"{line.code} {line.name}", filters.day(line.system_on), filters.day(now))
            for line, now in milestones
        ]
        print_table(("里程碑", "当时完成日期", "现在完成日期"), days)


def _found(number: int) -> Snapshot:
    found = session.get(Snapshot, number) if number < 2**31 else None
    if found is None:
        raise click.ClickException(f"No snapshot {number}.")
    return found


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def init_app(_app: Flask) -> None:
    targets.add_command(snapshot)
