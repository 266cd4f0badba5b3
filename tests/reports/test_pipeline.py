"""The figures of the report: edges of the period, money apart, parts and stalled, opening + in − out = closing."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.audit.services import SYSTEM
from crm.core.db import writing
from crm.core.money import Currency
from crm.people.scope import WHOLE_PARK_SCOPE, Scope
from crm.pipeline import board
from crm.pipeline.flow import MoveKind, PeriodRefused
from crm.projects.models import PIPELINE, Figure, Origin, ProjectKind, Stage
from crm.projects.queries import visible_to
from crm.projects.services import ProjectDetails, ProjectRow, StageStep, register_many
from crm.reports import pipeline
from crm.reports.figures import StageLine
from tests.factories import Cast, make_project

AS_OF, SINCE = date(2020, 9, 30), date(2020, 8, 31)


def build(
    as_of: date = AS_OF, since: date | None = None, scope: Scope = WHOLE_PARK_SCOPE
) -> pipeline.PipelineReport:
    return pipeline.build(scope, as_of, since)


def line_of(report: pipeline.PipelineReport, stage: Stage) -> StageLine:
    return next(line for line in (*report.stages, *report.aside) if line.stage == stage)


def test_each_stage_is_explained_by_its_steps(projects: Any) -> None:
    report = build()
    negotiating = line_of(report, Stage.NEGOTIATING)
    assert (
        negotiating.opening,
        negotiating.entered,
        negotiating.moved_on,
        negotiating.set_aside,
    ) == (1, 2, 1, 1)
    assert negotiating.now.count == 1
    intent = line_of(report, Stage.INTENT)
    assert (
        intent.opening,
        intent.entered,
        intent.moved_on,
        intent.moved_back,
        intent.now.count,
    ) == (3, 1, 1, 1, 2)
    paused = line_of(report, Stage.PAUSED)
    assert (paused.opening, paused.entered, paused.returned, paused.now.count) == (1, 1, 1, 1)


def test_the_changes_count_projects_and_steps_apart(projects: Any) -> None:
    found = {change.kind: (change.projects, change.steps) for change in build().changes}
    assert found == {
        MoveKind.NEW: (1, 1), MoveKind.ADVANCE: (2, 3), MoveKind.BACK: (1, 1),
        MoveKind.RETURN: (1, 1), MoveKind.PAUSE: (1, 1), MoveKind.LOSS: (1, 1),
    }  # fmt: skip


def test_a_step_on_the_day_of_comparison_is_before_the_period_and_one_on_the_last_day_in_it(
    projects: Any,
) -> None:
    moved = {step.project for step in build().movements}
    assert "期前意向" not in moved
    assert "末日签约" in moved
    assert "期前意向" in {step.project for step in build(since=date(2020, 8, 30)).movements}
    assert "末日签约" not in {step.project for step in build(date(2020, 9, 29)).movements}


def test_the_stage_on_both_sides_of_a_change(projects: Any) -> None:
    project_id = projects["last_day"].id
    for day, stage in ((date(2020, 9, 29), Stage.INTENT), (date(2020, 9, 30), Stage.SIGNED)):
        line = next(line for line in build(day).lines if line.id == project_id)
        assert line.stage == stage


def test_a_project_is_not_there_before_it_was_reported(projects: Any) -> None:
    names = {line.id for line in build(date(2020, 9, 19)).lines}
    assert projects["hostile"].id not in names
    assert projects["hostile"].id in {line.id for line in build(date(2020, 9, 20)).lines}


def test_expected_and_agreed_investment_are_never_one_sum(projects: Any) -> None:
    report = build()
    assert line_of(report, Stage.LEAD).now.expected == Decimal("13345678.96")
    assert line_of(report, Stage.LEAD).now.agreed is None
    assert line_of(report, Stage.SIGNED).now.agreed == Decimal("88000000")
    assert line_of(report, Stage.SIGNED).now.expected is None
    assert report.total.now.expected == Decimal("13345678.96") + 70000000 + 3000000
    assert report.total.now.agreed == Decimal("600345600.5")
    assert report.total.now.without_amount == 2  # 连进两步 and 恢复项目


def test_paused_and_lost_projects_are_in_no_sum(projects: Any) -> None:
    report = build()
    assert report.total.now.count == 8
    assert len(report.lines) == 10
    assert [line.now.expected for line in report.aside] == [None, None]


def test_the_figures_agree_with_the_board(projects: Any) -> None:
    for day in (AS_OF, date(2020, 9, 4), SINCE):
        totals = board.totals_by_stage(visible_to(WHOLE_PARK_SCOPE), as_of=day)
        for line in build(day).stages:
            column = totals[line.stage]
            amount = line.now.agreed if column.figure == Figure.AGREED else line.now.expected
            assert (line.now.count, amount) == (
                column.count,
                column.sums.get(Currency.CNY),
            )


def test_each_breakdown_adds_up_to_the_total(projects: Any) -> None:
    report = build()
    for by in report.breakdowns:
        assert sum(part.now.count for part in by.parts) == report.total.now.count
        assert sum(part.now.expected or 0 for part in by.parts) == report.total.now.expected
        assert sum(part.now.agreed or 0 for part in by.parts) == report.total.now.agreed
        for part in by.parts:
            assert len(report.behind(by.name, part.key)) == part.now.count
    unit = next(by for by in report.breakdowns if by.name == "unit")
    assert [(part.label, part.now.count) for part in unit.parts] == [
        ("国家大学科技园", 3), ("产业发展处", 3), ("大创园", 2),
    ]  # fmt: skip


def test_a_project_is_stalled_from_the_day_after_the_usual_time(cast: Cast) -> None:
    make_project(cast.office, "三十日", (Stage.LEAD, AS_OF - timedelta(days=30)))
    assert build().stalled == ()
    make_project(cast.office, "三十一日", (Stage.LEAD, AS_OF - timedelta(days=31)))
    assert [(line.name, line.days, line.usual_days) for line in build().stalled] == [
        ("三十一日", 31, 30)
    ]


def test_the_middle_of_an_even_number_of_stays(cast: Cast) -> None:
    for days in (1, 4):
        make_project(cast.office, "", (Stage.LEAD, AS_OF - timedelta(days=days)))
    assert line_of(build(), Stage.LEAD).median_days == Decimal("2.5")


@pytest.mark.parametrize(
    ("as_of", "since"),
    [
        (date(2020, 9, 30), date(2020, 8, 31)),
        (date(2020, 9, 1), date(2020, 8, 31)),
        (date(2020, 1, 31), date(2019, 12, 31)),
        (date(2020, 3, 1), date(2020, 2, 29)),
    ],
)
def test_a_report_is_compared_with_the_end_of_the_month_before(
    app: Any, as_of: date, since: date
) -> None:
    assert build(as_of).since == since


@pytest.mark.parametrize(
    ("as_of", "since"),
    [
        (date(2020, 10, 1), None),
        (AS_OF, AS_OF),
        (AS_OF, date(2020, 10, 1)),
        (date.min, None),
        (AS_OF, date(1899, 12, 31)),
    ],
)
def test_days_that_make_no_period_are_refused(app: Any, as_of: date, since: date | None) -> None:
    with pytest.raises(PeriodRefused):
        build(as_of, since)


def test_a_unit_sees_its_own_projects_alone(projects: Any, cast: Cast) -> None:
    report = build(scope=WHOLE_PARK_SCOPE.within(cast.carrier_b))
    assert {line.unit for line in report.lines} == {"大创园"}
    assert {step.project_id for step in report.movements} == {
        projects[name].id for name in ("hostile", "back", "lost")
    }
    assert (report.scope, sum(line.opening for line in (*report.stages, *report.aside))) == (
        "大创园",
        2,
    )


def test_an_empty_park_has_an_empty_report(app: Any) -> None:
    report = build()
    assert report.is_empty
    assert (report.total.now.count, report.total.now.expected, report.total.median_days) == (
        0,
        None,
        None,
    )


def test_the_number_of_queries_does_not_grow_with_the_projects(
    cast: Cast, query_count: Any
) -> None:
    counts = []
    for more in (2, 40):
        for _ in range(more):
            make_project(cast.office)
        with query_count() as queries:
            build()
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


class _Undo(Exception):
    pass


DAYS = st.dates(date(2020, 1, 1), date(2020, 6, 30))
HISTORIES = st.lists(st.tuples(st.sampled_from(Stage), DAYS), min_size=1, max_size=6)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    histories=st.lists(HISTORIES, max_size=8),
    days=st.tuples(DAYS, DAYS).filter(lambda pair: pair[0] != pair[1]),
)
def test_opening_and_what_came_and_went_give_the_closing(
    cast: Cast, histories: Any, days: Any
) -> None:
    since, as_of = sorted(days)
    steps = [_in_order(history) for history in histories]
    details = ProjectDetails("项目", ProjectKind.MOVE_IN, Origin.LOCAL, cast.office.id)
    try:
        with writing():
            register_many([ProjectRow(details, history) for history in steps], by=SYSTEM)
            report = build(as_of, since)
            raise _Undo
    except _Undo:
        pass
    closing = Counter(stage for history in steps if (stage := _stage_on(history, as_of)))
    opening = Counter(stage for history in steps if (stage := _stage_on(history, since)))
    for line in (*report.stages, *report.aside):
        assert line.opening == opening[line.stage]
        assert line.now.count == closing[line.stage] == line.opening + line.entered - line.left
    total = report.total
    assert (
        total.now.count
        == total.opening + total.entered - total.left
        == sum(closing[stage] for stage in PIPELINE)
    )


def _in_order(history: list[tuple[Stage, date]]) -> tuple[StageStep, ...]:
    kept: list[StageStep] = []
    for (stage, _), day in zip(history, sorted(day for _, day in history), strict=True):
        if not kept or kept[-1].to_stage != stage:
            kept.append(StageStep(stage, day))
    return tuple(kept)


def _stage_on(history: tuple[StageStep, ...], day: date) -> Stage | None:
    past = [step.to_stage for step in history if step.effective_on <= day]
    return past[-1] if past else None
