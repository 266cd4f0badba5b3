"""`flask check`: the main job from end to end, on a copy of the data; leaves only its report files behind."""

import json
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click
from flask import Flask, current_app
from sqlalchemy import select

from config import Config
from crm.cli.start import make_ready
from crm.companies import services as companies
from crm.companies.models import CompanyKind, ResidenceKind
from crm.companies.residence import ResidenceDetails
from crm.core import clock
from crm.core.db import session, writing
from crm.core.identifiers import uscc_check_character
from crm.people.models import User
from crm.people.queries import user_by_username
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.projects import gates, moves
from crm.projects.models import PIPELINE, Project, Stage
from crm.projects.queries import visible_to
from crm.reports import faces, pipeline
from crm.targets import as_json
from crm.targets.board import board as board_of
from crm.targets.queries import plan_of


class _Undo(Exception):
    """Ends the rehearsal on a database that cannot be copied: everything is rolled back."""


@click.command("check")
def check() -> None:
    """Register an entrant, move a project on, write the pipeline report and the target board; then forget it all."""
    make_ready()
    settings: Config = current_app.config["SETTINGS"]
    folder = settings.data_dir / "check"
    folder.mkdir(parents=True, exist_ok=True)
    if settings.sqlite_path is None:
        try:
            with writing():
                _do_the_main_job(folder)
                raise _Undo
        except _Undo:
            pass
    else:
        with tempfile.TemporaryDirectory(prefix="crm-check-") as scratch:
            copy = Path(scratch) / "crm.sqlite3"
            _copy(settings.sqlite_path, copy)
            _rehearse(replace(settings, database_url=f"sqlite:///{copy}"), folder)
    click.echo("✓ 主要工作全部完成，数据未改动 / the main job works; the data is as it was")


def _copy(source: Path, copy: Path) -> None:
    with closing(sqlite3.connect(source)) as before, closing(sqlite3.connect(copy)) as after:
        before.backup(after)


def _rehearse(settings: Config, folder: Path) -> None:
    from crm import create_app, db

    with create_app(settings).app_context():
        with writing():
            _do_the_main_job(folder)
        session.remove()
        db.engine.dispose()


def _do_the_main_job(folder: Path) -> None:
    today = clock.today()
    before = board_of(plan_of(today.year), today, WHOLE_PARK_SCOPE)
    _register_an_entrant()
    _move_a_project()
    session.flush()

    report = pipeline.build(WHOLE_PARK_SCOPE, today)
    for name, content in (("pdf", faces.to_pdf(report)), ("xlsx", faces.to_xlsx(report))):
        path = folder / f"pipeline-{today}.{name}"
        path.write_bytes(content)
        click.echo(f"· 项目推进报告 / pipeline report: {path} ({len(content):,} bytes)")

    board = board_of(plan_of(today.year), today, WHOLE_PARK_SCOPE)
    path = folder / f"targets-{today}.json"
    path.write_text(
        json.dumps(as_json.as_dict(board), ensure_ascii=False, indent=1), encoding="utf-8"
    )
    click.echo(
        f"· 指标完成情况 / target board: {path} ({len(board.rows)} + {len(board.milestones)})"
    )
    was, now = (
        next(r.actual for r in b.rows if r.indicator.code == "T01") for b in (before, board)
    )
    click.echo(f"· 新增入驻企业 / new entrants (T01): {was} → {now}")
    if was is None or now != was + 1:
        raise click.ClickException(
            "登记后的指标没有相应变化 / the figure did not follow the registration"
        )


def _register_an_entrant() -> None:
    staff = _person("a")
    today = clock.today()
    first = "91320412MACHECK01"
    company = companies.register(
        companies.Registration(
            company=companies.CompanyDetails(
                name="常州启程演练智能科技有限公司",
                kind=CompanyKind.ENTERPRISE,
                uscc=first + uscc_check_character(first),
                established_on=today - timedelta(days=20),
                industry_code="I65",
            ),
            contact=None,
            residences=(
                ResidenceDetails(
                    carrier_id=staff.unit_id,
                    kind=ResidenceKind.REGISTERED,
                    from_on=today,
                    agreement_number="演练-001",
                    agreement_on=today,
                ),
            ),
        ),
        by=staff,
    )
    click.echo(
        f"· 登记入驻 / registered: {company.name} {company.uscc} → {staff.unit.name} {today}"
    )


def _move_a_project() -> None:
    """The first project whose next gate is met goes one stage on."""
    candidates = session.scalars(
        select(Project)
        .where(Project.id.in_(visible_to(WHOLE_PARK_SCOPE).with_only_columns(Project.id)))
        .where(Project.stage.in_(PIPELINE[:-1]))
        .order_by(Project.id)
    )
    for project in candidates:
        next_stage: Stage = PIPELINE[PIPELINE.index(project.stage) + 1]
        if not gates.missing(project, next_stage):
            before = project.stage
            moves.move_to_stage(project, next_stage, by=_person("investment"), on=clock.today())
            click.echo(f"· 推进项目 / moved: {project.name} {before.label} → {next_stage.label}")
            return
    raise click.ClickException("没有一个项目满足下一阶段的条件 / no project meets its next gate")


def _person(username: str) -> User:
    user = user_by_username(username)
    if user is None:
        raise click.ClickException(
            f"缺少演示账号 {username}；./run --check 需要演示模式 / no demo account {username}: --check needs demo mode"
        )
    return user


def init_app(app: Flask) -> None:
    app.cli.add_command(check)
