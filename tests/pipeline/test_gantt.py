"""The gantt: where days lie, how milestones are drawn, and that the page opens and keeps what it should."""

import re
from datetime import date
from fractions import Fraction
from html import unescape

import pytest
from sqlalchemy import select

from crm.core.db import session, writing
from crm.milestones import services
from crm.milestones.models import Milestone, MilestoneKind
from crm.milestones.queries import Mark
from crm.milestones.services import MilestoneDetails
from crm.pipeline.gantt import Sign, month_after, sign_of, tracks, window_from
from crm.projects.models import Project
from tests import factories

TODAY = date(2020, 9, 30)
WINDOW = window_from(date(2020, 6, 1))


def mark(planned_on, forecast_on=None, done_on=None):
    kind = MilestoneKind.PERMIT
    return Mark(1, 7, kind, "", planned_on, planned_on, forecast_on, done_on)


def drawn(*marks):
    return tracks({7: marks}, WINDOW, TODAY)[7]


def test_months_follow_each_other_over_the_years_end():
    assert [month_after(date(2020, 11, 1), n) for n in (-11, 0, 1, 2)] == [
        date(2019, 12, 1), date(2020, 11, 1), date(2020, 12, 1), date(2021, 1, 1),
    ]  # fmt: skip
    assert WINDOW.ends_on == date(2021, 9, 1)


def test_a_day_lies_between_the_edges_or_outside():
    assert (WINDOW.place(date(2020, 6, 1)), WINDOW.place(date(2021, 9, 1))) == (0, 1)
    assert WINDOW.place(date(2020, 7, 1)) == Fraction(30, 457)
    days = (date(2020, 5, 31), date(2020, 6, 1), date(2021, 8, 31), date(2021, 9, 1))
    assert [WINDOW.shows(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("one", "sign"),
    [
        (mark(date(2020, 9, 29)), Sign.LATE),
        (mark(TODAY), Sign.EXPECTED),
        (mark(date(2020, 8, 3), forecast_on=date(2020, 10, 2)), Sign.EXPECTED),
        (mark(date(2020, 8, 3), done_on=TODAY), Sign.DONE),
        (mark(date(2020, 8, 3), done_on=date(2020, 10, 1)), Sign.LATE),
    ],
)
def test_a_milestone_is_done_expected_or_late(one, sign):
    assert sign_of(one, TODAY) == sign


def test_the_plan_runs_above_and_what_is_done_leads_on_to_what_is_expected():
    track = drawn(
        mark(date(2020, 7, 1), done_on=date(2020, 7, 20)),
        mark(date(2020, 9, 1), done_on=date(2020, 9, 9)),
        mark(date(2020, 12, 1), forecast_on=date(2021, 1, 5)),
    )
    spans = {bar.sign: (bar.start, bar.start + bar.width) for bar in track.bars}
    assert spans == {
        Sign.PLANNED: (WINDOW.place(date(2020, 7, 1)), WINDOW.place(date(2020, 12, 1))),
        Sign.DONE: (WINDOW.place(date(2020, 7, 20)), WINDOW.place(date(2020, 9, 9))),
        Sign.EXPECTED: (WINDOW.place(date(2020, 9, 9)), WINDOW.place(date(2021, 1, 5))),
    }


def test_what_lies_outside_is_cut_off_and_said():
    assert drawn(mark(date(2019, 1, 1), done_on=date(2019, 2, 1))).points == ()
    track = drawn(mark(date(2019, 1, 1)), mark(date(2022, 1, 1)))
    assert all(bar.start >= 0 and bar.start + bar.width <= 1 for bar in track.bars)
    assert track.points == ()


@pytest.fixture
def project(cast):
    made = factories.make_project(cast.office, "深蓝大厦", owner=cast.investment)
    with writing():
        details = MilestoneDetails(MilestoneKind.PERMIT, date(2020, 9, 20))
        services.promise(session.get_one(Project, made.id), details, by=cast.investment)
    return made


def test_each_mark_opens_its_project(project, browser_of):
    page = browser_of("leader").get("/projects/gantt").text
    assert page.count(f'<a href="/projects/{project.id}#milestones"') == 2  # planned, and overdue
    assert "取得施工许可：逾期 2020-09-20" in page
    assert "节点不在这几个月内" in browser_of("leader").get("/projects/gantt?month=2022-01").text
    assert "没有符合条件的项目" in browser_of("leader").get("/projects/gantt?q=不存在").text


def test_projects_without_milestones_are_counted_and_one_click_away(project, cast, browser_of):
    leader = browser_of("leader")
    assert "没有设节点" not in leader.get("/projects/gantt").text
    factories.make_project(cast.office, "无节点大厦")
    factories.make_project(cast.office, "无节点广场")
    page = leader.get("/projects/gantt?q=大厦").text
    assert "设有节点的项目 1 个" in page
    assert "另有 1 个没有设节点" in page
    assert "无节点大厦" not in page
    address = re.search(r'<a href="([^"]+)">另有', page)[1]
    rows = leader.get(unescape(address)).text
    assert "无节点大厦" in rows
    assert "无节点广场" not in rows
    assert "深蓝大厦" not in rows
    with writing():
        services.drop(
            session.scalars(select(Milestone)).one(), "不建了", version=None, by=cast.investment
        )
    assert "还没有项目设节点" in leader.get("/projects/gantt").text


def test_others_and_sealed_projects_are_not_drawn(project, cast, browser_of):
    assert "深蓝大厦" not in browser_of("a").get("/projects/gantt").text
    with writing():
        session.get_one(Project, project.id).is_sealed = True
    assert "深蓝大厦" not in browser_of("auditor").get("/projects/gantt").text
    assert "深蓝大厦" in browser_of("leader").get("/projects/gantt").text


def test_it_costs_the_same_for_many(project, cast, browser_of, query_count):
    browser = browser_of("leader")

    def cost():
        with query_count() as queries:
            assert browser.get("/projects/gantt").status_code == 200
        return len(queries)

    few = cost()
    for number in range(6):
        factories.make_project(cast.office, f"项目{number}")
    assert cost() == few
