"""The generated park in the database: whole or absent, the plan's numbers meaningful, lights of every colour."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import click
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import ProgrammingError

from crm.audit.services import SYSTEM
from crm.cli import _guarded
from crm.companies.models import Company, CompanyLink, FormerName, Residence
from crm.core import clock
from crm.core.clock import park_date
from crm.core.db import Base, session, writing
from crm.core.errors import DomainError
from crm.demo import world
from crm.ladder.models import Qualification
from crm.operating.models import OperatingReport
from crm.people import park
from crm.people.models import User
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.plans import planning
from crm.projects.models import PIPELINE, Project, Stage, StageChange
from crm.projects.queries import stage_on
from crm.reference import settings
from crm.reference.models import Setting
from crm.targets.board import Board
from crm.targets.board import board as board_of
from crm.targets.models import PlanMilestone, ProgressReport, ReviewState
from crm.targets.queries import plan_of

TODAY = date(2020, 9, 30)
TWICE = 5  # records of firms that are there already


def load(
    companies: int = 60, projects: int = 20, seed: int = 3, today: date = TODAY
) -> world.Summary:
    with writing():
        park.found(by=SYSTEM)
        planning.adopt_plan(2020, by=SYSTEM)
        return world.load(companies=companies, projects=projects, seed=seed, by=SYSTEM, today=today)


def count(model: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def names() -> list[tuple[str, str | None, date]]:
    query = (
        select(Company.name, Company.uscc, Residence.from_on).join(Residence).order_by(Residence.id)
    )
    return [tuple(row) for row in session.execute(query)]


def test_what_was_written_is_what_the_summary_says(app):
    summary = load(companies=83, projects=31)
    records = count(Company) - summary.written_twice
    assert (summary.companies, summary.projects) == (83, 31) == (records, count(Project))
    assert summary.qualifications == count(Qualification) > 0
    assert summary.operating_reports == count(OperatingReport) > 0
    assert summary.progress_reports == count(ProgressReport) > 0
    assert summary.people == count(User) > 0


def test_former_names_and_links_are_written_with_the_firms(app):
    load(companies=240)
    assert count(FormerName) > 0
    assert count(CompanyLink) > 0
    least = session.scalar(select(func.min(Company.completeness)))
    assert least is not None
    assert 0 < least < 100


def test_every_page_will_say_that_the_data_is_generated(app):
    assert not settings.is_demo_data()
    load()
    assert settings.is_demo_data()
    assert settings.get("demo_data")["seed"] == 3


def test_it_is_whole_or_absent_and_the_same_seed_gives_the_same_again(app):
    first = []

    def load_and_break_off() -> None:
        with writing():
            park.found(by=SYSTEM)
            planning.adopt_plan(2020, by=SYSTEM)
            world.load(companies=40, projects=9, seed=5, by=SYSTEM, today=TODAY)
            first.extend(names())
            raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        load_and_break_off()
    assert (count(Company), count(Project), count(User)) == (0, 0, 0)
    load(companies=40, projects=9, seed=5)
    assert names() == first


@pytest.mark.parametrize("today", [date(2020, 1, 1), date(2020, 5, 17), date(2021, 2, 1)])
def test_nothing_is_written_down_after_today(app, today: date):
    clock.set_business_date(today)
    load(today=today)
    for model in (
        Company,
        Residence,
        Qualification,
        OperatingReport,
        Project,
        StageChange,
        ProgressReport,
    ):
        latest: datetime | None = session.scalar(select(func.max(model.recorded_at)))
        assert latest is None or park_date(latest) <= today
    latest_review = session.scalar(select(func.max(ProgressReport.reviewed_at)))
    assert latest_review is None or park_date(latest_review) <= today
    assert (session.scalar(select(func.max(ProgressReport.as_of_on))) or today) <= today


def test_a_second_load_adds_firms_but_not_the_plan_s_own_numbers_again(app):
    load(companies=60, projects=20)
    before = count(ProgressReport), count(User), actual("T01"), actual("T02")
    summary = load(companies=50, projects=12)
    assert (count(Company), count(Project)) == (110 + TWICE, 32)
    assert (summary.progress_reports, summary.people) == (0, 0)
    assert (count(ProgressReport), count(User), actual("T01"), actual("T02")) == before
    assert session.scalar(select(func.count()).where(Project.name == "人才公寓")) == 1
    assert settings.get("demo_data")["companies"] == 110


def actual(code: str) -> Decimal | None:
    board = board_of(plan_of(2020), TODAY, WHOLE_PARK_SCOPE)
    return next(row.actual for row in board.rows if row.indicator.code == code)


def test_a_park_too_small_for_the_plan_is_refused(app):
    with pytest.raises(DomainError):
        load(companies=19)
    with pytest.raises(DomainError):
        load(projects=4)
    assert count(Company) == 0


def test_a_day_before_the_plan_is_refused(app):
    with pytest.raises(DomainError):
        load(today=date(2019, 12, 31))


def test_reports_wait_at_every_step_and_nobody_verifies_their_own(app):
    load()
    reports = session.scalars(select(ProgressReport)).all()
    assert {report.state for report in reports} == set(ReviewState)
    for report in reports:
        people = [
            p for p in (report.reported_by_id, report.signed_by_id, report.verified_by_id) if p
        ]
        assert len(set(people)) == len(people)
        assert (report.verified_by_id is not None) == (report.state == ReviewState.VERIFIED)
        assert report.note


def test_the_stored_stage_is_the_last_step_of_the_history(app):
    load(projects=70)
    placed = stage_on(TODAY)
    rows = session.execute(
        select(Project.stage, Project.stage_entered_on, placed.c.stage, placed.c.entered_on)
        .join(placed, placed.c.project_id == Project.id)
    ).all()  # fmt: skip
    assert len(rows) == 70
    assert all((stage, on) == (was, since) for stage, on, was, since in rows)


def test_the_plan_s_buildings_stand_where_their_milestones_ask(app):
    load()
    milestones = session.scalars(select(PlanMilestone).order_by(PlanMilestone.code)).all()
    found = {m.code: m.project.stage if m.project else None for m in milestones}
    assert found == {
        "M1": Stage.CONSTRUCTION, "M2": Stage.APPROVAL, "M3": Stage.SIGNED, "M4": Stage.CONSTRUCTION,
        "M5": Stage.APPROVAL, "M6": None, "M7": None,
    }  # fmt: skip
    lights = {row.milestone.code: row.light for row in board().milestones}
    assert lights["M1"] == lights["M7"] == "done"
    assert (lights["M2"], lights["M3"], lights["M4"]) == ("green", "yellow", "none")


def board() -> Board:
    return board_of(plan_of(2020), TODAY, WHOLE_PARK_SCOPE)


def test_a_park_of_the_default_size_has_lights_of_every_colour(app):
    written = load(companies=1200, projects=160, seed=2020)
    assert written.cultivations > 30
    rows = board().rows
    lights = Counter(str(row.standing.light) for row in rows)
    assert lights["green"] > sum(lights.values()) / 2
    assert all(lights[light] >= 3 for light in ("done", "green", "yellow", "red", "none"))
    figures = {row.indicator.code: row.actual for row in rows}
    assert (figures["T01"], figures["T02"], figures["T27"]) == (299, 120, 10)
    assert (figures["T30"], figures["T35"], figures["T36"], figures["T44"]) == (2, 107, 2, 0)
    openings = {row.indicator.code: row.opening for row in rows}
    assert (openings["T02"], openings["T35"]) == (110, 100)
    stages = set(session.scalars(select(Project.stage).distinct()))
    assert stages >= {*PIPELINE, Stage.PAUSED, Stage.LOST}


def test_the_command_adds_to_generated_data_and_never_to_real_firms(app):
    runner = app.test_cli_runner()
    size = ["--companies", "25", "--projects", "6"]
    for total in (25, 50):
        done = runner.invoke(args=["demo", "load", *size])
        assert done.exit_code == 0, done.output
        assert count(Company) == total + TWICE

    with writing():
        session.delete(session.get_one(Setting, "demo_data"))
    refused = runner.invoke(args=["demo", "load", *size])
    assert refused.exit_code == 1
    assert "真实企业" in refused.output
    assert count(Company) == 50 + TWICE


def test_a_command_without_a_database_says_what_to_do(app):
    import_error = ProgrammingError("SELECT", {}, Exception('relation "settings" does not exist'))
    with pytest.raises(click.ClickException, match="./run"):
        _guarded(_raise)(import_error)


def _raise(error):
    raise error
