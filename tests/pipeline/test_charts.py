"""The funnel, the breakdowns and the forecast over the database: what they count, and that each number opens just that."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.audit.services import SYSTEM
from crm.companies.models import FutureIndustry
from crm.core.db import session, writing
from crm.core.money import Currency
from crm.people.scope import WHOLE_PARK_SCOPE, Scope
from crm.pipeline.breakdowns import DIMENSIONS, breakdown
from crm.pipeline.forecast import Asked, forecast
from crm.pipeline.funnel import Cohort, Level, Loss, funnel
from crm.pipeline.paths import Meant, paths
from crm.projects.corrections import withdraw_step
from crm.projects.models import (
    PIPELINE,
    Figure,
    LossReason,
    Origin,
    Project,
    ProjectKind,
    Stage,
    StageChange,
    Valuation,
)
from crm.projects.queries import visible_to
from crm.projects.services import ProjectDetails, ProjectRow, StageStep, register_many
from crm.reports import pipeline as report
from tests import factories
from tests.conftest import TODAY, _empty
from tests.factories import Cast, make_project
from tests.pipeline.histories import as_paths

D = date
LEAD, TALKS, INTENT, SIGNED, APPROVAL, BUILDING, COMPLETED, PAUSED, LOST = Stage
YEAR = Cohort(D(2020, 1, 1), TODAY, TODAY)


def everything(scope: Scope = WHOLE_PARK_SCOPE, *conditions: Any) -> Meant:
    return Meant(scope, "", visible_to(scope).where(*conditions))


def level(stage: Stage, cohort: Cohort = YEAR, scope: Scope = WHOLE_PARK_SCOPE) -> Level:
    return funnel(everything(scope), cohort).levels[PIPELINE.index(stage)]


@pytest.fixture
def projects(cast: Cast) -> dict[str, Project]:
    a, b = cast.carrier_a, cast.carrier_b
    found = {
        "skips": make_project(
            a, "跳级", (LEAD, D(2020, 1, 1)), (TALKS, D(2020, 1, 11)), (SIGNED, D(2020, 3, 1)),
            agreed_investment=Decimal(90_000_000), future_industry=FutureIndustry.AI,
        ),
        "returns": make_project(
            a, "退回再进", (LEAD, D(2020, 2, 1)), (TALKS, D(2020, 2, 21)), (INTENT, D(2020, 3, 1)),
            (TALKS, D(2020, 4, 1)), (INTENT, D(2020, 6, 1)), expected_investment=Decimal(7_000_000),
        ),
        "dollars": make_project(
            b, "外资", (LEAD, D(2020, 5, 1)), (TALKS, D(2020, 5, 31)), (PAUSED, D(2020, 7, 1)),
            (TALKS, D(2020, 8, 1)), expected_investment=Decimal(5_000_000), currency=Currency.USD,
        ),
        "lost": make_project(
            b, "流失", (LEAD, D(2020, 4, 1)), (TALKS, D(2020, 4, 5)), (LOST, D(2020, 8, 31)), kind=ProjectKind.MOVE_IN
        ),
        "before": make_project(a, "上年", (LEAD, D(2019, 12, 31)), (TALKS, D(2020, 1, 2))),
        "sealed": make_project(a, "保密", (LEAD, D(2020, 6, 1)), is_sealed=True),
    }  # fmt: skip
    with writing():
        step = session.query(StageChange).filter_by(to_stage=LOST).one()
        step.loss_reason = LossReason.FUNDS
    return found


def test_a_project_counts_once_in_each_stage_that_it_came_to_or_passed(projects: Any) -> None:
    levels = funnel(everything(), YEAR).levels
    assert [one.reached for one in levels] == [4, 4, 2, 1, 0, 0, 0]
    assert [(one.open, one.lost) for one in levels[:4]] == [(0, 0), (1, 1), (1, 0), (1, 0)]
    for one, following in zip(levels, levels[1:], strict=False):
        assert one.reached == following.reached + one.open + one.lost
    assert (levels[2].of_previous, levels[3].of_all) == (Decimal("0.5"), Decimal("0.25"))
    assert levels[4].of_previous == 0
    assert levels[5].of_previous is None


def test_the_median_counts_first_stays_and_leaves_out_who_skipped(projects: Any) -> None:
    assert level(LEAD).median_days == 15  # 10, 20, 30, 4: half of them between 10 and 20
    # in talks: 50 and 9 days; one is there since 31 May, one was lost after 148 days
    assert (level(TALKS).median_days, level(TALKS).stays, level(TALKS).moves) == (50, 4, 2)
    assert level(INTENT).stays == 1  # the one that skipped it took no days there


def test_the_cohort_ends_where_it_says_and_the_past_knows_nothing_of_later(projects: Any) -> None:
    assert level(LEAD, Cohort(D(2019, 12, 31), TODAY, TODAY)).reached == 5
    assert level(LEAD, Cohort(D(2020, 1, 1), D(2020, 4, 1), TODAY)).reached == 3
    assert level(LEAD, Cohort(D(2020, 1, 2), D(2020, 3, 31), TODAY)).reached == 1
    then = Cohort(D(2020, 1, 1), D(2020, 8, 30), D(2020, 8, 30))
    assert (level(TALKS, then).lost, level(TALKS, then).open) == (0, 2)
    assert (level(SIGNED, Cohort(D(2020, 1, 1), D(2020, 2, 29), D(2020, 2, 29))).reached) == 0


def test_losses_stand_with_their_stage_and_reason(projects: Any) -> None:
    assert funnel(everything(), YEAR).losses == (Loss(TALKS, LossReason.FUNDS, 1),)


def test_a_step_that_was_corrected_counts_nowhere(projects: Any) -> None:
    with writing():
        wrong = session.query(StageChange).filter_by(to_stage=SIGNED).one()
        withdraw_step(wrong, reason="没有签约", by=SYSTEM)
    assert level(SIGNED).reached == 0


def test_a_scope_counts_its_own_units_and_a_sealed_project_only_for_who_may_see_it(
    projects: Any, cast: Cast
) -> None:
    assert level(LEAD, scope=Scope((cast.carrier_b.path,), "")).reached == 2
    leader = Scope(None, "", cast.leader.id, None)
    assert level(LEAD, scope=leader).reached == 5


DAYS = st.dates(D(2019, 12, 1), TODAY)


@st.composite
def steps(draw: Any) -> list[tuple[Stage, date]]:
    days = sorted(draw(st.lists(DAYS, min_size=1, max_size=6)))
    found: list[tuple[Stage, date]] = [(LEAD, days[0])]
    for day in days[1:]:
        found.append((draw(st.sampled_from([s for s in Stage if s != found[-1][0]])), day))
    return found


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.lists(steps(), min_size=1, max_size=6), day=DAYS)
def test_the_paths_of_any_history_on_any_day_are_those_of_a_replay(
    app: Any, data: Any, day: date
) -> None:
    session.remove()
    _empty(app)
    unit = factories.make_unit()
    details = ProjectDetails("项目", ProjectKind.MOVE_IN, Origin.LOCAL, unit.id)
    rows = [ProjectRow(details, tuple(StageStep(*step) for step in one)) for one in data]
    with writing():
        register_many(rows, by=SYSTEM)
    past = [[step for step in one if step[1] <= day] for one in data]
    replayed = as_paths((ProjectKind.MOVE_IN, one, 0) for one in past if one)
    found = paths(everything(), day)
    assert sorted(zip(found.came.tolist(), found.lost_on.tolist(), strict=True)) == sorted(
        zip(replayed.came.tolist(), replayed.lost_on.tolist(), strict=True)
    )
    later = paths(everything(), TODAY)
    assert sorted(later.furthest(day)[later.is_known(day)]) == sorted(found.furthest(day))


def test_a_breakdown_adds_up_and_keeps_figures_and_currencies_apart(projects: Any) -> None:
    found = breakdown(everything(), "industry", TODAY)
    assert [(part.key, part.count) for part in found.parts] == [("ai", 1), ("", 3)]
    assert found.parts[0].sums == {
        Figure.EXPECTED: {},
        Figure.AGREED: {Currency.CNY: Decimal(90_000_000)},
    }
    assert found.parts[1].sums[Figure.EXPECTED] == {
        Currency.CNY: Decimal(7_000_000),
        Currency.USD: Decimal(5_000_000),
    }
    for name in DIMENSIONS:
        by = breakdown(everything(), name, TODAY)
        assert (
            sum(part.count for part in by.parts) == by.total.count == 4
        )  # without lost and sealed
        for part in by.parts:
            assert sum(segment.count for segment in part.segments) == part.count


def test_a_breakdown_of_the_past_has_its_stages_and_amounts(projects: Any) -> None:
    number = projects["returns"].id
    with writing():
        session.add(
            Valuation(project_id=number, figure=Figure.EXPECTED, amount=Decimal(6_000_000), valid_from=D(2020, 8, 1))
        )  # fmt: skip
        session.get_one(Project, number).expected_investment = Decimal(6_000_000)
    for day, amount in (
        (D(2020, 7, 31), 7_000_000),
        (D(2020, 8, 1), 6_000_000),
        (TODAY, 6_000_000),
    ):
        found = breakdown(everything(), "unit", day).total
        assert found.sums[Figure.EXPECTED][Currency.CNY] == amount
    in_july = breakdown(everything(), "kind", D(2020, 7, 15)).total
    assert in_july.count == 4  # the later lost one is there still, the paused one is not
    assert breakdown(everything(), "origin", D(2019, 12, 30)).parts == ()


def test_the_breakdowns_of_the_report_are_the_same(projects: Any) -> None:
    for by in report.build(WHOLE_PARK_SCOPE, TODAY).breakdowns:
        found = breakdown(everything(), by.name, TODAY)
        assert [(p.key, p.label, p.now.count) for p in by.parts] == [
            (p.key, p.label, p.count) for p in found.parts
        ]


FIGURE = re.compile(
    r'href="(/projects/(?:funnel|breakdowns|forecast)/projects\?[^"]+)"[^>]*>(?:<[^>]*>)*([\d,]+)<'
)


@pytest.mark.parametrize(
    "page",
    [
        "/projects/funnel",
        "/projects/funnel?from=2020-02-01&to=2020-06-01&as_of=2020-08-31",
        "/projects/funnel?q=流失",
        *(f"/projects/breakdowns?by={name}" for name in DIMENSIONS),
        "/projects/breakdowns?by=unit&as_of=2020-03-15",
        "/projects/breakdowns?where=kind:is:construction",
        "/projects/forecast",
        "/projects/forecast?stage=completed&as_of=2020-06-30&by=2021-06-30",
    ],
)
def test_every_number_opens_as_many_projects(projects: Any, browser_of: Any, page: str) -> None:
    leader = browser_of("leader")
    numbers = FIGURE.findall(leader.get(page).text)
    assert numbers
    for address, number in numbers:
        rows = leader.get(address.replace("&amp;", "&"))
        assert rows.status_code == 200
        assert f"共 {number} 个项目" in rows.text, address
        assert rows.text.count('<th scope="row">') == int(number)


def test_who_may_not_see_a_project_finds_it_behind_no_number(
    projects: Any, browser_of: Any
) -> None:
    staff, leader = browser_of("a"), browser_of("leader")
    address = "/projects/funnel/projects?at=lead&what=reached"
    assert "保密" in leader.get(address).text
    text = staff.get(address).text
    assert "退回再进" in text
    assert "流失</a>" not in text
    for page in (
        address,
        "/projects/breakdowns/projects?by=unit",
        "/projects/forecast/projects?at=lead",
    ):
        assert f"/projects/{projects['sealed'].id}" not in staff.get(page).text
    other = f"/projects/breakdowns/projects?by=unit&key={projects['lost'].unit_id}"
    assert staff.get(other).status_code == 404
    assert leader.get(other).status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/projects/funnel?from=2020-09-01&to=2020-08-01", 422),
        ("/projects/funnel/projects?at=lead&what=nothing", 404),
        ("/projects/funnel/projects?at=lost&what=reached", 404),
        ("/projects/funnel/projects?at=lead&what=lost&reason=weather", 404),
        ("/projects/funnel/projects?at=lead&what=reached&as_of=2021-01-01", 422),
        ("/projects/breakdowns?as_of=2020-10-01", 422),
        ("/projects/breakdowns?by=weather", 200),
        ("/projects/breakdowns/projects?by=industry&key=weather", 404),
        ("/projects/breakdowns/projects?by=industry&at=weather", 404),
        ("/projects/forecast?by=2020-09-30", 422),
        ("/projects/forecast?by=2199-01-01", 422),
        ("/projects/forecast/projects?at=completed", 404),
        ("/projects/forecast/hits?by=1900-01-01", 422),
        ("/projects/forecast?as_of=2020-02-30", 422),
    ],
)
def test_what_cannot_be_is_told(projects: Any, browser_of: Any, address: str, status: int) -> None:
    assert browser_of("leader").get(address).status_code == status


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("funnel?from=2020-09-01&to=2020-08-01", "首报期间须从早到晚"),
        ("funnel?as_of=0001-01-01", "年份不合理"),
        ("funnel?to=x", "不是日期"),
        ("forecast?by=9999-12-31", "年份不合理"),
        ("forecast?by=2020-09-30", "预测日期须晚于"),
        ("breakdowns?as_of=2020-10-01", "不能晚于今天"),
        ("breakdowns?by=unit&as_of=0001-01-01", "年份不合理"),
        ("flow?from=0001-01-01", "年份不合理"),
        ("flow?to=2020-02-30", "不是日期"),
        ("flow?to=2020-10-01", "不能晚于今天"),
    ],
)
def test_a_day_that_cannot_be_is_told_above_the_tools_and_the_filter_stays(
    projects: Any, browser_of: Any, address: str, said: str
) -> None:
    answer = browser_of("leader").get(f"/projects/{address}&where=kind:is:construction")
    assert answer.status_code == 422
    assert said in re.search(r'role="alert".*?</div>', answer.text, re.S)[0]
    assert 'name="where" value="kind:is:construction"' in answer.text
    assert answer.text.count('type="date"') >= 1


def test_an_empty_park_has_written_charts(browser_of: Any) -> None:
    leader = browser_of("leader")
    for page in ("funnel", "breakdowns", "forecast", "forecast/hits"):
        assert leader.get(f"/projects/{page}").status_code == 200


def test_a_forecast_says_that_it_is_one_and_keeps_what_is_done_apart(
    projects: Any, browser_of: Any
) -> None:
    page = browser_of("leader").get("/projects/forecast").text
    assert "预测</span>" in page
    assert "怎样算出来的" in page
    found = forecast(everything(), Asked(SIGNED, TODAY, D(2020, 12, 31)))
    assert found.done == 1
    assert [likely.count for likely in found.outlook.by_stage] == [0, 2, 1]
    assert set(found.outlook.investment) == {
        (Figure.EXPECTED, Currency.CNY), (Figure.EXPECTED, Currency.USD),
    }  # fmt: skip
    assert found.outlook.without_amount == 1


def test_a_filter_narrows_who_is_forecast_but_not_what_it_rests_on(projects: Any) -> None:
    asked = Asked(SIGNED, TODAY, D(2020, 12, 31))
    all_of_them = forecast(everything(), asked)
    some = forecast(everything(WHOLE_PARK_SCOPE, Project.currency == Currency.USD), asked)
    assert [likely.count for likely in some.outlook.by_stage] == [0, 1, 0]
    assert some.seen == all_of_them.seen


def test_a_past_forecast_knows_only_what_had_taken_effect(projects: Any) -> None:
    asked = Asked(SIGNED, D(2020, 2, 29), D(2020, 6, 30))
    before = forecast(everything(), asked)
    with writing():
        session.add(
            StageChange(
                project_id=projects["dollars"].id, from_stage=TALKS, to_stage=SIGNED, effective_on=D(2020, 9, 1)
            )
        )  # fmt: skip
    after = forecast(everything(), asked)
    assert (after.outlook.count, after.outlook.by_stage) == (
        before.outlook.count,
        before.outlook.by_stage,
    )
    assert (after.seen, after.stray) == (before.seen, before.stray)
    assert before.done == 0


def test_the_charts_cost_the_same_statements_for_many_projects(
    cast: Cast, browser_of: Any, query_count: Any
) -> None:
    leader = browser_of("leader")
    counts = []
    for more in (2, 20):
        for _ in range(more):
            make_project(
                cast.carrier_a,
                "",
                (LEAD, D(2020, 1, 1)),
                (TALKS, D(2020, 2, 1)),
                (LOST, D(2020, 3, 1)),
            )
        for page in (
            "funnel",
            "breakdowns",
            "forecast",
            "forecast/hits",
            "funnel/projects?at=lead&what=lost",
        ):
            with query_count() as queries:
                leader.get(f"/projects/{page}")
            counts.append(len(queries))
    assert counts[:5] == counts[5:]
