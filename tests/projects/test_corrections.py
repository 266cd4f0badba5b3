"""Wrong steps are put right by others: corrected, taken back, told in their place; what was written stays to be read."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crm.audit.services import SYSTEM
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError, NotAllowed, StaleRecord
from crm.people.models import User
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.pipeline import board as boards
from crm.projects import corrections, history, queries, timeline
from crm.projects.history import MoveRefused
from crm.projects.models import PIPELINE, LossReason, Project, Stage, StageChange
from crm.projects.moves import GateNotMet, OutOfOrder, move_to_stage
from tests import factories
from tests.conftest import _empty

D = date
LEAD, TALKS, INTENT, SIGNED = PIPELINE[:4]
PATH = ((LEAD, D(2020, 3, 5)), (TALKS, D(2020, 4, 1)), (INTENT, D(2020, 6, 1)))


def path(project):
    session.rollback()
    steps = session.scalars(queries.path(project.id)).all()
    assert [s.from_stage for s in steps] == [None, *(s.to_stage for s in steps[:-1])]
    stored = session.get_one(Project, project.id)
    assert (stored.stage, stored.stage_entered_on) == (steps[-1].to_stage, steps[-1].effective_on)
    told = [(s.to_stage, s.effective_on) for s in steps]
    assert stored.first_reported_on == told[0][1]
    for place, came in enumerate(stored.came_on):
        days = [day for stage, day in told if stage in PIPELINE[place:]]
        assert came == min(days, default=date.max)
    return told


def step_of(project, place):
    return session.scalars(queries.path(project.id)).all()[place]


def by_whom(cast, who="investment"):
    return session.get_one(User, getattr(cast, who).id)


def correct(cast, project, place, to_stage, on, **values):
    with writing():
        step = step_of(project, place)
        values = {"reason": "写错了", "by": by_whom(cast), **values}
        return corrections.correct_step(step, to_stage=to_stage, on=on, **values)


def withdraw(cast, project, place, **values):
    with writing():
        step = step_of(project, place)
        values = {"reason": "没有这回事", "by": by_whom(cast), **values}
        return corrections.withdraw_step(step, **values)


def insert(cast, project, to_stage, on, **values):
    with writing():
        stored = session.get_one(Project, project.id)
        values = {"reason": "漏记", "by": by_whom(cast), "insert": True, **values}
        return move_to_stage(stored, to_stage, on=on, **values)


def rows(project):
    query = select(StageChange).where(StageChange.project_id == project.id)
    return session.scalars(query.order_by(StageChange.id)).all()


def test_a_corrected_day_moves_the_step_in_every_picture_and_the_old_row_stays(app, cast, ready):
    project = ready(*PATH)
    correct(cast, project, 1, TALKS, D(2020, 5, 1))
    assert path(project) == [PATH[0], (TALKS, D(2020, 5, 1)), PATH[2]]
    old, new = rows(project)[1], rows(project)[3]
    assert (old.is_counted, old.effective_on) == (False, D(2020, 4, 1))
    assert (new.corrects_id, new.correction, new.is_counted) == (old.id, "写错了", True)
    board = boards.build(queries.visible_to(WHOLE_PARK_SCOPE), as_of=D(2020, 4, 20))
    assert [column.count for column in board.columns] == [1, 0, 0, 0, 0, 0, 0]
    steps = queries.steps_of(queries.visible_to(WHOLE_PARK_SCOPE), D(2020, 3, 1), D(2020, 9, 1))
    assert [step.id for step in session.execute(steps)] == [
        rows(project)[0].id,
        new.id,
        rows(project)[2].id,
    ]


def test_a_corrected_stage_links_the_next_step_anew(app, cast, ready):
    project = ready(*PATH, (SIGNED, D(2020, 7, 1)))
    correct(cast, project, 1, Stage.PAUSED, D(2020, 4, 1))
    assert path(project)[1:3] == [(Stage.PAUSED, D(2020, 4, 1)), PATH[2]]
    relinked = rows(project)[-1]
    assert (relinked.from_stage, relinked.to_stage, relinked.corrects_id) == (
        Stage.PAUSED,
        INTENT,
        rows(project)[2].id,
    )


def test_steps_of_the_same_day_keep_their_order_when_the_first_is_told_anew(app, cast, ready):
    day = D(2020, 6, 1)
    project = ready(PATH[0], (TALKS, day), (INTENT, day), (SIGNED, day))
    insert(cast, project, Stage.PAUSED, D(2020, 5, 1))
    assert path(project) == [
        PATH[0], (Stage.PAUSED, D(2020, 5, 1)), (TALKS, day), (INTENT, day), (SIGNED, day)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "to_stage", "on", "field"),
    [
        (1, TALKS, D(2020, 3, 4), "effective_on"),  # before the step before
        (1, TALKS, D(2020, 6, 2), "effective_on"),  # after the one after
        (1, TALKS, D(2020, 4, 1), "effective_on"),  # nothing is corrected
        (2, INTENT, D(2020, 10, 1), "effective_on"),  # tomorrow
        (1, INTENT, D(2020, 4, 1), "to_stage"),  # the next step leads there
        (0, TALKS, D(2020, 3, 5), "to_stage"),  # every project begins as it was registered
        (2, Stage.LOST, D(2020, 6, 1), "loss_reason"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(app, cast, ready, place, to_stage, on, field):
    project = ready(*PATH)
    with pytest.raises(MoveRefused) as refused:
        correct(cast, project, place, to_stage, on)
    assert refused.value.field == field
    assert path(project) == list(PATH)
    assert len(rows(project)) == 3


def test_edges_of_a_corrected_day(app, cast, ready):
    project = ready(*PATH)
    correct(cast, project, 1, TALKS, D(2020, 3, 5))
    correct(cast, project, 1, TALKS, D(2020, 6, 1))
    assert path(project) == [PATH[0], (TALKS, D(2020, 6, 1)), PATH[2]]


def test_the_first_report_is_corrected_with_its_step(app, cast, ready):
    project = ready(*PATH)
    correct(cast, project, 0, LEAD, D(2020, 2, 28))
    assert path(project)[0] == (LEAD, D(2020, 2, 28))
    assert session.get_one(Project, project.id).first_reported_on == D(2020, 2, 28)


def test_a_correction_that_leads_further_passes_the_gates_or_needs_the_right(app, cast, ready):
    project = ready(*PATH, agreement_number="")
    other = factories.make_user(*cast.investment.roles, unit=cast.office, username="other")
    with pytest.raises(NotAllowed):
        correct(
            cast, project, 2, SIGNED, D(2020, 6, 1), waive=True, by=session.get_one(User, other.id)
        )
    with pytest.raises(GateNotMet) as refused:
        correct(cast, project, 2, SIGNED, D(2020, 6, 1))
    assert [one.key for one in refused.value.missing] == ["agreement_number"]
    assert correct(cast, project, 2, SIGNED, D(2020, 6, 1), waive=True).waived == "协议编号"


def test_a_step_that_never_was_is_taken_back_and_the_next_comes_from_the_one_before(
    app, cast, ready
):
    project = ready(*PATH)
    taken_back = withdraw(cast, project, 1)
    assert (taken_back.is_withdrawal, taken_back.is_counted) == (True, False)
    assert path(project) == [PATH[0], PATH[2]]
    withdraw(cast, project, 1)
    assert path(project) == [PATH[0]]
    with pytest.raises(MoveRefused):
        withdraw(cast, project, 0)


def test_nothing_is_taken_back_that_leaves_a_step_from_a_stage_to_itself(app, cast, ready):
    project = ready(PATH[0], PATH[1], (LEAD, D(2020, 6, 1)))
    with pytest.raises(MoveRefused, match="前后两步"):
        withdraw(cast, project, 1)


def test_what_was_corrected_is_not_corrected_again_and_who_saw_an_older_state_is_refused(
    app, cast, ready
):
    project = ready(*PATH)
    correct(cast, project, 1, TALKS, D(2020, 5, 1), version=1)
    with pytest.raises(StaleRecord):
        correct(cast, project, 1, TALKS, D(2020, 5, 2), version=1)
    old = rows(project)[1].id
    with pytest.raises(Conflict, match="已被更正"), writing():
        corrections.withdraw_step(session.get_one(StageChange, old), reason="x", by=by_whom(cast))
    with pytest.raises(MoveRefused) as refused:
        withdraw(cast, project, 1, reason=" ")
    assert refused.value.field == "reason"


def test_a_move_before_the_last_one_is_refused_unless_it_is_meant_so(app, cast, ready):
    project = ready(*PATH)
    with pytest.raises(OutOfOrder, match="按日期插入"):
        insert(cast, project, Stage.PAUSED, D(2020, 5, 31), insert=False)
    told = insert(cast, project, Stage.PAUSED, D(2020, 5, 31))
    assert path(project) == [*PATH[:2], (Stage.PAUSED, D(2020, 5, 31)), PATH[2]]
    assert (told.corrects_id, told.correction, bool(told.note)) == (None, "", True)
    with pytest.raises(MoveRefused, match="首报"):
        insert(cast, project, Stage.PAUSED, D(2020, 3, 4))
    with pytest.raises(MoveRefused, match="当时已在"):
        insert(cast, project, TALKS, D(2020, 4, 20))
    with pytest.raises(MoveRefused) as refused:
        insert(cast, project, SIGNED, D(2020, 4, 20), reason="")
    assert refused.value.field == "reason"


def test_an_inserted_move_meets_the_gates_of_its_own_day(app, cast, ready):
    project = ready(PATH[0], (SIGNED, D(2020, 7, 1)))  # visited on 10 March
    for day, lacking in ((D(2020, 3, 9), ["talk"]), (D(2020, 3, 10), [])):
        stage, stood_at = history.standing(session.get_one(Project, project.id), day)
        assert (stage, stood_at) == (LEAD, LEAD)
        if lacking:
            with pytest.raises(GateNotMet) as refused:
                insert(cast, project, INTENT, day)
            assert [one.key for one in refused.value.missing] == lacking
        else:
            insert(cast, project, INTENT, day)


def test_the_move_just_made_is_undone_but_not_one_that_others_built_on(app, cast, ready):
    project = ready(*PATH)
    with writing():
        corrections.undo_move(step_of(project, 2), by=by_whom(cast))
    assert path(project) == list(PATH[:2])
    first = step_of(project, 1)
    insert(cast, project, INTENT, D(2020, 9, 1))
    with pytest.raises(Conflict), writing():
        corrections.undo_move(session.get_one(StageChange, first.id), by=by_whom(cast))


def test_the_timeline_strikes_out_what_counts_no_more(app, cast, ready):
    project = ready(*PATH)
    correct(cast, project, 2, Stage.LOST, D(2020, 6, 3), loss_reason=LossReason.FUNDS)
    withdraw(cast, project, 2)
    told = [(item.on.day, item.is_void, item.note) for item in timeline.of_project(project.id)]
    assert told[:3] == [(3, False, "没有这回事"), (3, True, "写错了"), (1, True, "")]


DAYS = [D(2020, 9, 1) + timedelta(days=n) for n in range(6)]
OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["move", "move", "insert", "correct", "withdraw", "undo"]),
        st.sampled_from(list(Stage)),
        st.sampled_from(DAYS),
        st.integers(0, 7),
    ),
    min_size=3,
    max_size=14,
)


def perform(project_id, told, operation):
    """Do it, through the services; `told` is a plain list of what should be the history then."""
    what, stage, day, number = operation
    loss = LossReason.OTHER if stage is Stage.LOST else None
    place = number % len(told)
    with writing():
        project = session.get_one(Project, project_id)
        steps = session.scalars(queries.path(project_id)).all()
        common = {"by": SYSTEM, "reason": "随机"}
        if what in ("move", "insert"):
            move_to_stage(
                project,
                stage,
                on=day,
                loss_reason=loss,
                waive=True,
                insert=what == "insert",
                **common,
            )
            after = sum(on <= day for _, on in told)
            return [*told[:after], (stage, day), *told[after:]]
        if what == "correct":
            corrections.correct_step(
                steps[place], to_stage=stage, on=day, loss_reason=loss, waive=True, **common
            )
            return [*told[:place], (stage, day), *told[place + 1 :]]
        if what == "withdraw":
            corrections.withdraw_step(steps[place], **common)
            return [*told[:place], *told[place + 1 :]]
        corrections.undo_move(steps[-1], by=SYSTEM)
        return told[:-1]


def replayed(project_id):
    """The events in the order in which they were written: what each adds, puts in another's place or takes back."""
    query = select(StageChange).where(StageChange.project_id == project_id)
    standing = {}
    for event in session.scalars(query.order_by(StageChange.id)):
        if event.corrects_id:
            del standing[event.corrects_id]
        if not event.is_withdrawal:
            standing[event.id] = event
    steps = sorted(standing.values(), key=lambda step: (step.effective_on, step.id))
    assert [s.from_stage for s in steps] == [None, *(s.to_stage for s in steps[:-1])]
    return [(step.to_stage, step.effective_on) for step in steps]


def first_reached(told, stage):
    """The day of the first step to a stage or beyond after which the project never went back behind it."""
    at = PIPELINE.index(stage)
    found = None
    for to_stage, on in told:
        if to_stage in PIPELINE:
            if PIPELINE.index(to_stage) < at:
                found = None
            elif found is None:
                found = on
    return found


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.lists(OPERATIONS, min_size=1, max_size=2))
def test_no_sequence_of_moves_and_corrections_makes_a_picture_disagree_with_the_events(app, data):
    session.remove()
    _empty(app)
    unit = factories.make_unit()
    histories = {}
    for operations in data:
        project = factories.make_project(unit, "", (LEAD, DAYS[0]))
        told = [(LEAD, DAYS[0])]
        for operation in operations:
            try:
                told = perform(project.id, told, operation)
            except DomainError:
                session.rollback()
        histories[project.id] = told
    session.rollback()
    found = queries.visible_to(WHOLE_PARK_SCOPE)
    for project_id, told in histories.items():
        assert replayed(project_id) == told
        stored = session.get_one(Project, project_id)
        assert (stored.stage, stored.stage_entered_on) == told[-1]
        aside = [stage for stage, _ in told if stage in PIPELINE]
        assert queries.stood_at(stored) == (aside[-1] if aside else LEAD)
    for stage in PIPELINE:
        reached = session.execute(select(queries.reached(stage))).all()
        expected = {id_: first_reached(told, stage) for id_, told in histories.items()}
        assert dict(map(tuple, reached)) == {k: v for k, v in expected.items() if v}
    for day in (DAYS[0] - timedelta(days=1), *DAYS):
        on_the_day = {
            id_: [stage for stage, on in told if on <= day] for id_, told in histories.items()
        }
        placed = queries.stage_on(day)
        stages = dict(map(tuple, session.execute(select(placed.c.project_id, placed.c.stage))))
        assert stages == {id_: passed[-1] for id_, passed in on_the_day.items() if passed}
        totals = boards.totals_by_stage(found, as_of=day)
        assert {s: c.count for s, c in totals.items() if c.count} == Counter(stages.values())
