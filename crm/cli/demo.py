"""`flask demo load`: fill the database with a generated park of any size."""

import time

import click
from flask import Flask
from sqlalchemy import select

from crm.audit.services import SYSTEM
from crm.companies.models import Company
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.demo import world
from crm.demo.arrivals import PLAN_YEAR
from crm.people import park
from crm.plans import planning
from crm.reference.settings import is_demo_data


@click.group("demo")
def demo() -> None:
    """演示数据 / generated data, marked as such on every page."""


@demo.command("load")
@click.option("--companies", default=1200, show_default=True, help="Firms.")
@click.option("--projects", default=160, show_default=True, help="Investment projects.")
@click.option("--seed", default=2020, show_default=True, help="The same seed gives the same park.")
def load(companies: int, projects: int, seed: int) -> None:
    """Write so many firms and projects with all that belongs to them: all of it, or nothing.

    They are added to generated data that is there; real data they are never mixed with.
    """
    if not is_demo_data() and session.scalar(select(Company.id).limit(1)):
        raise click.ClickException(
            "数据库中已有真实企业，不能混入演示数据 / there are real firms: generated data is not mixed with them"
        )
    began = time.monotonic()

    def tell(what: str, count: int) -> None:
        click.echo(f"  {time.monotonic() - began:6.1f} s  {count:>8} {what}")

    try:
        with writing():
            park.found(by=SYSTEM)
            planning.adopt_plan(PLAN_YEAR, by=SYSTEM)
            summary = world.load(
                companies=companies,
                projects=projects,
                seed=seed,
                by=SYSTEM,
                today=clock.today(),
                tell=tell,
            )
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"✓ {summary.companies} 家企业 / firms, {summary.qualifications} 项证明 / proofs, "
        f"{summary.operating_reports} 份经营数据 / operating reports, {summary.projects} 个项目 / projects, "
        f"{summary.progress_reports} 份填报 / progress reports, {summary.applications} 件入驻申请 / applications, "
        f"{summary.people} 位同事 / colleagues: "
        f"{time.monotonic() - began:.1f} s"
    )


def init_app(app: Flask) -> None:
    app.cli.add_command(demo)
