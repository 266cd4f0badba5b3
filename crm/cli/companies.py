"""`flask companies duplicates`: firms that may be one, looked for anew among all of them."""

import click
from flask import Flask
from flask.cli import AppGroup

from crm.companies.comparing import compare_all
from crm.companies.duplicate_queries import likely, waiting
from crm.core.db import session
from crm.people.scope import WHOLE_PARK_SCOPE

companies = AppGroup("companies", help="The register of firms.")


@companies.command("duplicates")
@click.option("--refresh", is_flag=True, help="Compare all firms anew, some at a time.")
def show_duplicates(refresh: bool) -> None:
    """How many pairs wait to be looked at."""
    if refresh:
        compare_all()
    pairs = waiting(WHOLE_PARK_SCOPE)
    number, all_ = (len(session.scalars(query).all()) for query in (likely(pairs), pairs))
    click.echo(
        f"✓ {number} 对企业待核对 / pairs to look at（另有可能性低的 / unlikely: {all_ - number}）"
    )


def init_app(app: Flask) -> None:
    app.cli.add_command(companies)
