"""The pipeline as of any day, and the days that prove targets and milestones."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.audit.services import SYSTEM
from crm.core.db import session, writing
from crm.core.money import Currency
from crm.people.scope import WHOLE_PARK_SCOPE, Scope
from crm.pipeline import board as boards
from crm.pipeline.queries import CARDS_PER_COLUMN, more_cards
from crm.projects import queries
from crm.projects.history import MoveRefused
from crm.projects.models import Origin, Project, ProjectKind, Purpose, Stage, StageChange
from crm.projects.services import ProjectDetails, ProjectRow, StageStep, register_many
from tests import factories
from tests.conftest import TODAY, _empty

D = date


def board_on(day, scope=WHOLE_PARK_SCOPE):
    session.rollback()
    return boards.build(queries.visible_to(scope), as_of=day)


def counts(board):
    columns = (*board.columns, *board.aside)
    return {column.stage: column.count for column in columns if column.count}


def test_the_board_shows_the_stage_of_the_day_on_both_sides_of_a_step(app, cast):
    factories.make_project(
        cast.carrier_a, "", (Stage.LEAD, D(2020, 3, 5)), (Stage.INTENT, D(2020, 6, 1))
    )
    assert counts(board_on(D(2020, 3, 4))) == {}
    assert counts(board_on(D(2020, 3, 5))) == {Stage.LEAD: 1}
    assert counts(board_on(D(2020, 5, 31))) == {Stage.LEAD: 1}
    assert counts(board_on(D(2020, 6, 1))) == {Stage.INTENT: 1}
    card = board_on(D(2020, 6, 11)).columns[2].cards[0]
    assert (card.entered_on, card.days) == (D(2020, 6, 1), 10)


def test_two_steps_on_one_day_count_in_the_order_they_were_written(app, cast):
    factories.make_project(
        cast.carrier_a,
        "",
        (Stage.LEAD, D(2020, 3, 5)),
        (Stage.SIGNED, D(2020, 6, 1)),
        (Stage.NEGOTIATING, D(2020, 6, 1)),
    )
    assert counts(board_on(D(2020, 6, 1))) == {Stage.NEGOTIATING: 1}


def test_each_column_adds_up_its_own_figure_over_all_projects_not_only_the_shown_ones(app, cast):
    values = {"expected_investment": Decimal(70_000), "agreed_investment": Decimal(30_000)}
    rows = [
        row_of(cast.carrier_a.id, [(stage, D(2020, 1, 1) + timedelta(days=i))], **values)
        for stage, n in ((Stage.INTENT, CARDS_PER_COLUMN + 3), (Stage.SIGNED, 2))
        for i in range(n)
    ]
    with writing():
        register_many(rows, by=SYSTEM)
    board = boards.build(queries.visible_to(WHOLE_PARK_SCOPE))
    intent, signed = board.columns[2], board.columns[3]
    assert (intent.count, len(intent.cards)) == (53, 50)
    assert (intent.figure, intent.sums) == ("expected", {Currency.CNY: 53 * Decimal(70_000)})
    assert (signed.figure, signed.sums) == ("agreed", {Currency.CNY: 2 * Decimal(30_000)})
    last = intent.last
    rest = session.execute(
        more_cards(
            Stage.INTENT,
            (last.entered_on, last.id),
            queries.visible_to(WHOLE_PARK_SCOPE),
        )
    ).all()
    assert len({card.id for card in intent.cards} | {row.id for row in rest}) == 53
    assert signed.last is None


def row_of(unit_id, steps, **values):
    details = ProjectDetails(
        name="项目", kind=ProjectKind.MOVE_IN, origin=Origin.LOCAL, unit_id=unit_id, **values
    )
    return ProjectRow(details, tuple(StageStep(stage, day) for stage, day in steps))


DAYS = st.dates(D(2019, 12, 1), TODAY)


@st.composite
def histories(draw):
    days = sorted(draw(st.lists(DAYS, min_size=1, max_size=5)))
    found, before = [], None
    for day in days:
        stage = draw(st.sampled_from([stage for stage in Stage if stage != before]))
        found.append((stage, day))
        before = stage
    return found


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.lists(histories(), min_size=1, max_size=6), day=DAYS)
def test_the_board_of_any_day_equals_a_replay_and_todays_equals_the_stored_stages(app, data, day):
    session.remove()
    _empty(app)
    unit = factories.make_unit()
    with writing():
        register_many([row_of(unit.id, steps) for steps in data], by=SYSTEM)
    replayed = Counter()
    for steps in data:
        reached = [stage for stage, on in steps if on <= day]
        if reached:
            replayed[reached[-1]] += 1
    assert counts(board_on(day)) == dict(replayed)
    assert counts(board_on(TODAY)) == counts(boards.build(queries.visible_to(WHOLE_PARK_SCOPE)))
    opening, closing = counts(board_on(D(2020, 3, 31))), counts(board_on(D(2020, 6, 30)))
    steps = session.execute(queries.entered(WHOLE_PARK_SCOPE, D(2020, 4, 1), D(2020, 6, 30))).all()
    for stage in Stage:
        came = sum(step.to_stage == stage for step in steps)
        went = sum(step.from_stage == stage for step in steps)
        assert opening.get(stage, 0) + came - went == closing.get(stage, 0)


def test_a_bulk_history_out_of_order_is_refused(app, cast):
    backwards = [(Stage.LEAD, D(2020, 5, 2)), (Stage.INTENT, D(2020, 5, 1))]
    for steps in ([], backwards, [(Stage.LEAD, D(2020, 5, 1))] * 2):
        with writing(), pytest.raises(MoveRefused):
            register_many([row_of(cast.park.id, steps)], by=SYSTEM)


def test_bulk_rows_keep_their_order_stage_and_history(app, cast):
    rows = [
        row_of(cast.park.id, [(Stage.LEAD, D(2020, 1, 1 + i)), (Stage.LOST, D(2020, 2, 1 + i))])
        for i in range(7)
    ]
    with writing():
        ids = register_many(rows, by=SYSTEM)
    stored = [session.get_one(Project, id_) for id_ in ids]
    assert [p.stage_entered_on.day for p in stored] == [1, 2, 3, 4, 5, 6, 7]
    assert {p.stage for p in stored} == {Stage.LOST}
    assert [c.from_stage for c in stored[3].changes] == [None, Stage.LEAD]
    assert session.query(StageChange).count() == 14


def started():
    """What counts from 1 July through 31 December 2020."""
    window = D(2020, 7, 1), D(2020, 12, 31)
    query = queries.started_floor_area([Purpose.TALENT_HOUSING], *window)
    return [(row.record_id, row.happened_on, row.contribution) for row in session.execute(query)]


def housing(cast, *stages, **values):
    values = {"purpose": Purpose.TALENT_HOUSING, "floor_area": 43_000, **values}
    return factories.make_project(cast.office, "", (Stage.LEAD, D(2019, 5, 1)), *stages, **values)


def test_floor_area_counts_when_construction_began_inside_the_window(app, cast):
    housing(cast, (Stage.CONSTRUCTION, D(2020, 6, 30)))
    first = housing(cast, (Stage.CONSTRUCTION, D(2020, 7, 1)), floor_area=11_000)
    last = housing(cast, (Stage.CONSTRUCTION, D(2020, 12, 31)), floor_area=17_000)
    housing(cast, (Stage.CONSTRUCTION, D(2021, 1, 1)))
    housing(cast, (Stage.APPROVAL, D(2020, 8, 1)))
    housing(cast, (Stage.CONSTRUCTION, D(2020, 8, 1)), purpose=Purpose.OFFICE)
    assert sorted(started()) == [
        (first.id, D(2020, 7, 1), 11_000),
        (last.id, D(2020, 12, 31), 17_000),
    ]


def test_construction_begins_once_and_a_step_that_was_taken_back_is_no_beginning(app, cast):
    paused = housing(
        cast,
        (Stage.CONSTRUCTION, D(2020, 7, 5)),
        (Stage.PAUSED, D(2020, 8, 1)),
        (Stage.CONSTRUCTION, D(2020, 9, 1)),
    )
    mistaken = housing(
        cast,
        (Stage.CONSTRUCTION, D(2020, 7, 6)),
        (Stage.APPROVAL, D(2020, 7, 7)),
        (Stage.CONSTRUCTION, D(2020, 9, 3)),
    )
    housing(cast, (Stage.CONSTRUCTION, D(2020, 7, 8)), (Stage.APPROVAL, D(2020, 7, 8)))
    assert sorted(row[:2] for row in started()) == [
        (paused.id, D(2020, 7, 5)),
        (mistaken.id, D(2020, 9, 3)),
    ]


def test_milestones_are_proved_by_the_first_step_and_by_both_dates(app, cast):
    one = housing(
        cast,
        (Stage.APPROVAL, D(2020, 5, 2)),
        (Stage.CONSTRUCTION, D(2020, 7, 5)),
        accepted_on=D(2020, 9, 1),
        in_use_on=D(2020, 9, 20),
    )
    two = housing(cast, accepted_on=D(2020, 9, 1))
    three = housing(cast, accepted_on=D(2020, 9, 8), in_use_on=D(2020, 9, 3))
    dates = queries.milestone_dates([one.id, two.id, three.id])
    assert dates[one.id] == queries.ProjectDates(
        D(2020, 7, 5), D(2020, 9, 20), D(2020, 5, 2), D(2020, 9, 1), D(2020, 9, 20)
    )
    assert dates[two.id] == queries.ProjectDates(accepted_on=D(2020, 9, 1))
    assert dates[three.id].completed_in_use_on == D(2020, 9, 8)


@pytest.mark.parametrize(("days", "is_stalled"), [(60, False), (61, True)])
def test_a_project_is_stalled_after_more_than_the_usual_days(app, cast, days, is_stalled):
    day = TODAY - timedelta(days=days)
    project = factories.make_project(cast.carrier_a, "", (Stage.NEGOTIATING, day))
    card = boards.build(queries.visible_to(WHOLE_PARK_SCOPE)).columns[1].cards[0]
    assert (card.days, card.is_stalled) == (days, is_stalled)
    condition = queries.stalled(TODAY, {"negotiating": 60})
    found = session.scalars(queries.visible_to(WHOLE_PARK_SCOPE).where(condition)).all()
    assert [p.id for p in found] == ([project.id] if is_stalled else [])


def test_a_scope_sees_and_counts_only_its_own_units(app, cast):
    factories.make_project(cast.carrier_a)
    for _ in range(2):
        factories.make_project(cast.carrier_b)
    scope = Scope((cast.carrier_b.path,), "")
    assert counts(boards.build(queries.visible_to(scope))) == {Stage.LEAD: 2}
    assert counts(board_on(TODAY, scope)) == {Stage.LEAD: 2}
    assert counts(boards.build(queries.visible_to(Scope((), "")))) == {}
