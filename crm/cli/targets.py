"""`flask targets …`: adopt a year's plan, and print how it stands."""

import json
from datetime import date, datetime
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from crm.audit.services import SYSTEM
from crm.cli.tables import padded, print_table
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.metrics.figures import drill_down, figure
from crm.people.queries import unit_by_code
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.plans import planning
from crm.reference.settings import is_demo_data
from crm.targets.as_json import as_dict, plain_number
from crm.targets.board import Board
from crm.targets.board import board as board_of
from crm.targets.models import AnnualPlan, Indicator
from crm.targets.queries import by_code, plan_of
from crm.targets.standing import question_of
from crm.targets.wording import target_text
from crm.web import filters

YEAR = click.IntRange(1900, 2199)
targets = AppGroup("targets", help="The annual plan and how it stands.")

COLUMNS = (("", 4), ("指标", 36), ("目标", 10), ("完成", 10), ("完成率", 8), ("序时", 8))


@targets.command("board")
@click.option("--year", type=YEAR, help="The plan's year; this year by default.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="End of this day; by default today, for a past plan its 31 December.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def board(year: int | None, as_of: datetime | None, as_json: bool) -> None:
    """Every target with its figure, pace and light; every milestone."""
    year = year or clock.today().year
    day = as_of.date() if as_of else clock.opening_date(year)
    try:
        found = board_of(plan_of(year), day, WHOLE_PARK_SCOPE)
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(as_dict(found), ensure_ascii=False, indent=2))
    else:
        _print(found, day)


@targets.command("rows")
@click.argument("code")
@click.option("--year", type=YEAR, help="The plan's year; that of the day by default.")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="End of this day; today by default."
)
@click.option("--unit", help="Only what lies in this unit and those below it, by its code.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def rows(
    code: str, year: int | None, as_of: datetime | None, unit: str | None, as_json: bool
) -> None:
    """The figure of one target and exactly the rows that it is the sum of."""
    day = as_of.date() if as_of else clock.opening_date(year or clock.today().year)
    try:
        found = _rows_of(plan_of(year or day.year), code, day, unit)
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    click.echo(f"{found['id']} {found['subject']}  {day}  {found['scope']}  {found['actual']}")
    lines = [
        (row["label"], row["date"], row["unit"], str(row["contribution"])) for row in found["rows"]
    ]
    print_table(("记录", "日期", "单位", "计入"), lines)


def _rows_of(plan: AnnualPlan, code: str, day: date, unit_code: str | None) -> dict[str, Any]:
    indicator = session.scalar(by_code(Indicator, plan, code))
    if indicator is None:
        raise click.ClickException(f"没有指标{code}。")
    if not indicator.is_computed:
        raise click.ClickException(f"{code} 由人工填报，没有逐条记录。")
    unit = unit_by_code(unit_code) if unit_code else None
    if unit_code and unit is None:
        raise click.ClickException(f"没有单位{unit_code}。")
    scope = WHOLE_PARK_SCOPE.within(unit) if unit else WHOLE_PARK_SCOPE
    question = question_of(indicator, plan.year, day, scope)
    return {
        "id": indicator.code,
        "subject": indicator.name,
        "metric": indicator.metric,
        "filters": indicator.filters,
        "year": plan.year,
        "as_of": day.isoformat(),
        "scope": scope.label,
        "is_demo": is_demo_data(),
        "unit": question.metric.unit,
        "actual": plain_number(figure(question)),
        "rows": [
            {
                "id": row.record_id,
                "label": row.label,
                "date": row.happened_on.isoformat(),
                "unit": row.unit,
                "contribution": plain_number(row.contribution),
                "page": f"{question.metric.page}{row.record_id}",
            }
            for row in drill_down(question)
        ],
    }


@targets.command("adopt")
@click.option("--year", type=YEAR, required=True)
def adopt(year: int) -> None:
    """Write the plan file of a year into the database; does nothing where that was done."""
    try:
        with writing():
            plan = planning.adopt_plan(year, by=SYSTEM)
    except (DomainError, LookupError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(plan.name)


def _print(found: Board, day: date) -> None:
    click.echo(f"{found.plan.name}  {day}" + ("  演示数据 / generated" if is_demo_data() else ""))
    click.echo(_line(*(title for title, _ in COLUMNS)) + "  差距  灯")
    for row in found.rows:
        indicator, stands = row.indicator, row.standing
        figures = (
            target_text(indicator),
            filters.number(stands.actual),
            filters.percent(stands.completion),
            filters.percent(stands.pace),
        )
        name = f"{indicator.name}（{indicator.unit_word}）"
        gap = filters.points(stands.gap_points)
        click.echo(_line(indicator.code, name, *figures) + f"  {gap}  {stands.light.label}")
    for milestone in found.milestones:
        promised = milestone.milestone
        name = f"{promised.name} {promised.event}"
        done = filters.day(milestone.done_on)
        dates = (filters.day(promised.due_on), done)
        click.echo(_line(promised.code, name, *dates, "", "") + f"  {milestone.light.label}")


def _line(*cells: str) -> str:
    return "  ".join(
        padded(cell, width, is_figure=n > 1)
        for n, (cell, (_, width)) in enumerate(zip(cells, COLUMNS, strict=True))
    )


def init_app(app: Flask) -> None:
    app.cli.add_command(targets)
