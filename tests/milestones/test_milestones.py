"""Milestones: what proves them, what is late, and that every change of a date stays with its reason."""

from datetime import date

import pytest
from sqlalchemy import select

from crm.core.db import session, writing
from crm.core.errors import DomainError, StaleRecord
from crm.milestones import queries, services
from crm.milestones.models import PROVED, Milestone, MilestoneChange, MilestoneDate, MilestoneKind
from crm.milestones.services import AlreadyPromised, MilestoneDetails
from crm.people.scope import scope_of
from crm.projects.models import Project, Stage
from crm.projects.moves import move_to_stage
from tests import factories

START, PERMIT, OTHER = MilestoneKind.START, MilestoneKind.PERMIT, MilestoneKind.OTHER
ACCEPTANCE, IN_USE = MilestoneKind.ACCEPTANCE, MilestoneKind.IN_USE
DUE = date(2020, 9, 30)


def mark(project):
    return queries.marks_of([project.id])[project.id][0]


def change(milestone, cast, reason="", version=None, **dates):
    now = {"planned_on": milestone.planned_on, "forecast_on": milestone.forecast_on}
    details = MilestoneDetails(milestone.kind, **{**now, "done_on": milestone.done_on, **dates})
    with writing():
        fresh = session.get_one(Milestone, milestone.id)
        services.change_dates(fresh, details, reason, version=version, by=cast.investment)


def test_a_milestone_is_late_from_the_day_after_it_was_expected(project, promise):
    promise(PERMIT, DUE)
    assert not mark(project).is_late(DUE)
    assert mark(project).is_late(date(2020, 10, 1))


def test_a_forecast_moves_the_day_and_the_slip_is_counted_from_the_first_plan(
    project, promise, cast
):
    made = promise(PERMIT, date(2020, 8, 1))
    change(made, cast, "设计变更", planned_on=date(2020, 8, 20))
    change(session.get_one(Milestone, made.id), cast, "图审未过", forecast_on=DUE)
    found = mark(project)
    assert (found.due_on, found.slip_days) == (DUE, 60)
    assert not found.is_late(DUE)
    said = session.scalars(select(MilestoneChange).order_by(MilestoneChange.id)).all()
    assert [(c.what, c.before_on, c.after_on, c.reason) for c in said] == [
        (MilestoneDate.PLANNED, None, date(2020, 8, 1), ""),
        (MilestoneDate.PLANNED, date(2020, 8, 1), date(2020, 8, 20), "设计变更"),
        (MilestoneDate.FORECAST, None, DUE, "图审未过"),
    ]
    assert {c.by_id for c in said} == {cast.investment.id}


@pytest.mark.parametrize(
    ("dates", "is_asked"),
    [
        ({"planned_on": date(2020, 9, 29)}, True),
        ({"forecast_on": date(2020, 9, 28)}, False),  # the plan itself
        ({"forecast_on": date(2020, 9, 29)}, True),
        ({"done_on": date(2020, 9, 30)}, False),
        ({}, False),
    ],
)
def test_what_changes_an_earlier_word_asks_for_a_reason(promise, cast, dates, is_asked):
    made = promise(PERMIT, date(2020, 9, 28))
    if is_asked:
        with pytest.raises(DomainError, match="请填写原因"):
            change(made, cast, **dates)
    else:
        change(made, cast, **dates)


def test_it_is_not_done_tomorrow(promise, cast):
    with pytest.raises(DomainError, match="不能晚于今天"):
        change(promise(PERMIT, DUE), cast, done_on=date(2020, 10, 1))


@pytest.mark.parametrize("kind", PROVED)
def test_nobody_types_the_day_that_the_project_proves(promise, cast, kind):
    with pytest.raises(DomainError, match="证明"):
        change(promise(kind, DUE), cast, done_on=date(2020, 9, 1))


def test_the_start_is_proved_by_the_stage_and_lost_again_with_it(project, promise, cast):
    promise(START, DUE)
    assert mark(project).done_on is None
    on = date(2020, 9, 7)
    for stage, reason in ((Stage.CONSTRUCTION, "放行"), (Stage.APPROVAL, "误操作")):
        with writing():
            fresh = session.get_one(Project, project.id)
            move_to_stage(fresh, stage, by=cast.investment, on=on, reason=reason, waive=True)
        assert mark(project).done_on == (on if stage == Stage.CONSTRUCTION else None)


def test_being_in_use_is_not_being_accepted(project, promise):
    promise(ACCEPTANCE, DUE)
    promise(IN_USE, DUE)
    with writing():
        session.get_one(Project, project.id).in_use_on = date(2020, 9, 2)
    found = {m.kind: m.done_on for m in queries.marks_of([project.id])[project.id]}
    assert found == {ACCEPTANCE: None, IN_USE: date(2020, 9, 2)}


def test_a_day_that_lies_ahead_is_not_done_yet(project, promise):
    promise(IN_USE, DUE)
    with writing():
        session.get_one(Project, project.id).in_use_on = date(2020, 10, 2)
    assert not mark(project).is_done(date(2020, 10, 1))
    assert mark(project).is_done(date(2020, 10, 2))


def test_the_same_milestone_is_promised_once_until_it_is_dropped(project, promise, cast):
    made = promise(START, DUE)
    with pytest.raises(AlreadyPromised):
        promise(START, date(2020, 11, 1))
    with pytest.raises(DomainError, match="节点名称"):
        promise(OTHER, DUE)
    with writing():
        services.drop(
            session.get_one(Milestone, made.id), "改为租赁", version=None, by=cast.investment
        )
    assert queries.marks_of([project.id]) == {}
    assert promise(START, DUE).id != made.id


def test_two_people_do_not_change_one_milestone_unseen(promise, cast):
    made = promise(PERMIT, DUE)
    change(made, cast, version=1, done_on=DUE)
    with pytest.raises(StaleRecord):
        change(made, cast, version=1, done_on=date(2020, 9, 1))


def test_late_projects_are_those_with_a_milestone_that_was_not_reached(project, promise, cast):
    other = factories.make_project(cast.office)
    promise(PERMIT, date(2020, 9, 29))
    both = (project.id, other.id)
    assert queries.late_projects(both, date(2020, 9, 29)) == set()
    assert queries.late_projects(both, DUE) == {project.id}


def test_late_projects_are_those_of_which_a_mark_says_so(cast):
    began = (Stage.LEAD, date(2020, 1, 6))
    signed, back = (Stage.SIGNED, date(2020, 3, 2)), (Stage.INTENT, date(2020, 5, 4))
    aside = (Stage.PAUSED, date(2020, 6, 1))
    histories = ((), (signed,), (signed, aside), (signed, back), (signed, back, aside), (aside,))
    ids = []
    for steps in histories:
        for kind in (MilestoneKind.AGREEMENT, START, ACCEPTANCE, PERMIT):
            made = factories.make_project(cast.office, "", began, *steps)
            with writing():
                details = MilestoneDetails(kind, date(2020, 9, 1))
                services.promise(made, details, by=cast.investment)
            ids.append(made.id)
    found = queries.marks_of(ids)
    late = {number for number in ids if found[number][0].is_late(DUE)}
    assert queries.late_projects(ids, DUE) == late
    assert len(ids) - len(late) == 2  # those that are signed, or were when they paused


def test_what_is_due_is_the_owners_and_costs_the_same_for_many(project, promise, cast, query_count):
    promise(PERMIT, DUE)
    promise(START, date(2020, 12, 1))
    own = cast.investment, scope_of(cast.investment)
    with query_count() as few:
        due = queries.due_marks(*own, date(2020, 12, 1), 200)
    assert [m.kind for m in due] == [PERMIT, START]
    assert [m.kind for m in queries.due_marks(*own, date(2020, 11, 30), 200)] == [PERMIT]
    assert queries.due_marks(cast.leader, scope_of(cast.leader), date(2020, 12, 1), 200) == []
    for number in range(9):
        promise(OTHER, DUE, name=f"节点{number}")
    with query_count() as many:
        assert len(queries.due_marks(*own, date(2020, 12, 1), 5)) == 5
    assert len(many) == len(few) == 1
