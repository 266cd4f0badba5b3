"""`flask supervision …`: which orders there are, and which are overdue."""

import json

import click
from flask import Flask
from flask.cli import AppGroup

from crm.cli.report import scope_of_unit
from crm.cli.tables import print_table
from crm.core import clock
from crm.core.db import session
from crm.supervision import queries
from crm.supervision.models import SupervisionOrder
from crm.supervision.services import course_of

supervision = AppGroup("supervision", help="Supervision orders and how they stand.")


@supervision.command("list")
@click.option(
    "--overdue", is_flag=True, help="Only those past their limit without a signed answer."
)
@click.option("--unit", metavar="CODE", help="One unit and those below it; else the whole park.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def list_orders(overdue: bool, unit: str | None, as_json: bool) -> None:
    """Every order but those about sealed projects, by number."""
    order, today = SupervisionOrder, clock.today()
    query = queries.with_names(queries.visible_to(scope_of_unit(unit)))
    if overdue:
        query = query.where(queries.is_overdue(today))
    found = session.scalars(query.order_by(order.year, order.number)).all()
    if as_json:
        click.echo(json.dumps([_as_dict(one) for one in found], ensure_ascii=False, indent=2))
        return
    print_table(
        ("编号 事项", "状态", "牵头单位", "时限", "逾期天数"),
        [
            (
                f"{one.name} {one.title}",
                one.state.label,
                one.unit.name,
                one.due_on.isoformat(),
                str(course_of(one).days_overdue(today) or ""),
            )
            for one in found
        ],
    )


def _as_dict(order: SupervisionOrder) -> dict[str, object]:
    return {
        "number": order.name,
        "title": order.title,
        "source": order.source.value,
        "state": order.state.value,
        "unit": order.unit.name,
        "joint_units": [joint.unit.name for joint in order.joint_units],
        "due_on": order.due_on.isoformat(),
        "first_due_on": order.first_due_on.isoformat(),
        "days_overdue": course_of(order).days_overdue(clock.today()),
        "returns": order.returns,
        "extensions": order.extensions,
    }


def init_app(app: Flask) -> None:
    app.cli.add_command(supervision)
