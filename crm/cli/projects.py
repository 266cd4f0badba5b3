"""`flask projects …`: the board of a day, what moved between two days, and a move."""

import json
from datetime import date, datetime
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from crm.audit.services import SYSTEM
from crm.cli.report import scope_of_unit
from crm.cli.tables import print_table
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.money import to_wan
from crm.core.words import N_
from crm.people.queries import user_by_username
from crm.people.roles import Action
from crm.people.scope import WHOLE_PARK_SCOPE, Scope, scope_of
from crm.pipeline import board as boards
from crm.pipeline import flow as flows
from crm.pipeline.paths import Meant
from crm.projects import moves
from crm.projects.amounts import Sums
from crm.projects.models import LossReason, Project, Stage
from crm.projects.queries import visible_to
from crm.web.addresses import LARGEST_ID
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
    scope = scope_of_unit(unit)
    try:
        days = flows.period(_day(until) or clock.today(), _day(since))
        moved = flows.build(Meant(scope, "", visible_to(scope)), *days)
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


@projects.command("move")
@click.argument("project_id", metavar="ID", type=click.IntRange(1, LARGEST_ID))
@click.argument("stage", metavar="STAGE", type=click.Choice([stage.value for stage in Stage]))
@click.option("--on", type=DAY, required=True, help="The day on which it took effect.")
@click.option("--reason", default="", help="For a skip, a step back, a pause, a loss, a return.")
@click.option(
    "--loss", type=click.Choice([why.value for why in LossReason]), help="Of which sort a loss is."
)
@click.option("--waive", is_flag=True, help="Let pass what the gates lack.")
@click.option("--insert", is_flag=True, help="A day before the last move is meant so.")
@click.option(
    "--by", "username", help="Who moves it, by the rights of that account; else the system."
)
@AS_JSON
def move(
    project_id: int,
    stage: str,
    on: datetime,
    reason: str,
    loss: str | None,
    waive: bool,
    insert: bool,
    username: str | None,
    as_json: bool,
) -> None:
    """Take a project to a stage, by the same rules as the board.

    STAGE is one of lead, negotiating, intent, signed, approval, construction, completed, paused, lost.
    """
    try:
        with writing():
            by, scope = _mover(username)
            project = session.scalar(visible_to(scope).where(Project.id == project_id))
            if project is None:
                raise DomainError(N_("没有编号为 %(id)s 的项目。"), id=project_id)
            step = moves.move_to_stage(
                project,
                Stage(stage),
                on=on.date(),
                reason=reason,
                loss_reason=LossReason(loss) if loss else None,
                waive=waive,
                insert=insert,
                by=by,
            )
            name = project.name
    except moves.GateNotMet as error:
        lacking = "、".join(one.label for one in error.missing)
        raise click.ClickException(f"{sentence(error)}{lacking}") from None
    except DomainError as error:
        raise click.ClickException(sentence(error)) from None
    if as_json:
        _print_json(
            {
                "project": project_id,
                "step": step.id,
                "from": step.from_stage,
                "to": step.to_stage,
                "on": step.effective_on.isoformat(),
                "waived": step.waived,
            }
        )
    else:
        before = step.from_stage.label if step.from_stage else ""
        click.echo(f"✓ {name}: {before} → {step.to_stage.label} {step.effective_on} / moved")


def _mover(username: str | None) -> tuple[moves.Mover, Scope]:
    """Who moves, and whose projects: the system has no sealed ones before it."""
    if username is None:
        return SYSTEM, WHOLE_PARK_SCOPE
    found = user_by_username(username)
    if found is None or found.disabled_at:
        raise DomainError(N_("没有用户名为 %(name)s 的账号。"), name=username)
    if not found.may(Action.PROJECTS_WRITE):
        raise DomainError(N_("%(name)s 没有推进项目的权限。"), name=username)
    return found, scope_of(found)


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
