"""Three figures side by side, approved by another person, and then never changed."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import update

from crm.core.db import session, writing
from crm.core.errors import DomainError, NotAllowed, StaleRecord
from crm.people.scope import scope_of
from crm.snapshots import promised, services
from crm.snapshots.differences import units_in
from crm.snapshots.models import Snapshot, SnapshotFigure, SnapshotState
from crm.snapshots.paper import Said, for_reader, line_of, paper_of
from crm.snapshots.promised import Told
from crm.snapshots.rows import digest
from crm.snapshots.services import NotFit, SnapshotRefused, faults
from crm.snapshots.todo import todos
from crm.targets.board import board
from crm.targets.pace import Light
from tests.metrics.test_figures import entrant
from tests.snapshots.conftest import AUG_31, told_done
from tests.targets.test_standing import indicator, reported


def line(found, code):
    return next(one for one in paper_of(found, is_demo=False).lines if one.code == code)


def fields(found, code, said):
    return [fault.field for fault in faults(line(found, code), said)]


def test_a_snapshot_is_the_board_and_reports_the_systems_figure_unless_told_otherwise(
    plan, cast, taken
):
    entrant(cast.carrier_a)
    entrant(cast.carrier_b, date(2020, 9, 1))
    reported(cast, indicator(plan, "T08"), "150.5", date(2020, 8, 31))
    found = taken()
    shown = board(found.plan, AUG_31, scope_of(cast.leader))
    for one in paper_of(found, is_demo=False).lines:
        assert (one.system, one.standing) == (
            shown.row(one.code).actual,
            shown.row(one.code).standing,
        )
        assert one.said == Said(one.system)
    assert (line(found, "T01").system, line(found, "T08").system) == (1, Decimal("150.5"))
    assert line(found, "T12").system is None


def test_where_figures_differ_a_reason_is_asked_for_and_an_authoritys_its_source(plan, cast, taken):
    entrant(cast.carrier_a)
    found = taken()
    day = date(2020, 9, 10)
    assert fields(found, "T01", Said(Decimal(1))) == []
    assert fields(found, "T01", Said(Decimal(2))) == ["reason"]
    assert fields(found, "T01", Said(Decimal(2), reason="含一家已签约未领照")) == []
    assert fields(found, "T01", Said(Decimal(1), Decimal(1), "科技局", day)) == []
    assert fields(found, "T01", Said(Decimal(1), Decimal(3), "科技局", day)) == ["reason"]
    assert fields(found, "T01", Said(Decimal(1), Decimal(1))) == [
        "authority_source",
        "authority_on",
    ]
    assert fields(found, "T01", Said(Decimal(1), None, "科技局")) == ["authority"]
    assert fields(found, "T01", Said(Decimal(-1), reason="错")) == ["reported"]
    late = Said(Decimal(1), Decimal(1), "科技局", date(2020, 10, 1))
    assert fields(found, "T01", late) == ["authority_on"]


def test_the_lamp_burns_by_what_is_reported(plan, cast, taken):
    reported(cast, indicator(plan, "T08"), "190", AUG_31)
    found = taken()
    before = line(found, "T08").standing
    with writing():
        said = {line(found, "T08").indicator_id: Said(Decimal(10), reason="口径调整")}
        services.fill_in(session.get_one(Snapshot, found.id), said, by=cast.supervisor)
    after = line(found, "T08")
    assert (before.actual, after.system, after.standing.actual) == (190, 190, 10)
    assert (before.light, after.standing.light) == (Light.GREEN, Light.RED)


def test_a_milestone_is_frozen_with_its_day_and_another_day_wants_a_reason(plan, cast, taken):
    done_on = date(2020, 8, 20)
    milestone_id = told_done(cast, "M7", done_on)
    found = taken()
    shown = board(found.plan, AUG_31, scope_of(cast.leader))
    lines = {one.code: one for one in paper_of(found, is_demo=False).milestones}
    assert [(row.milestone.code, row.done_on, row.light) for row in shown.milestones] == [
        (one.code, one.system_on, one.light) for one in lines.values()
    ]
    m7 = lines["M7"]
    assert (m7.system_on, m7.told, m7.light) == (done_on, Told(done_on), Light.DONE)
    wrong = (Told(None), ["reason"]), (Told(AUG_31, "改口径"), []), (Told(date(2020, 9, 1), "早报"), ["reported_on"])  # fmt: skip
    for told, fields_at_fault in wrong:
        assert [one.field for one in promised.faults(m7, told, AUG_31)] == fields_at_fault
    with writing():
        told = {milestone_id: Told(None, "待验收")}
        services.fill_in(session.get_one(Snapshot, found.id), {}, told, by=cast.supervisor)
    (after,) = (one for one in paper_of(found, is_demo=False).milestones if one.code == "M7")
    assert (after.system_on, after.told.on, after.light is Light.DONE) == (done_on, None, False)


def test_a_paper_of_before_milestones_were_kept_reads_as_it_was(plan, cast, taken):
    found = taken(until="approved")
    old = json.loads(found.content)
    del old["milestones"]
    text = json.dumps(old, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    with writing():
        session.execute(update(Snapshot).values(content=text, sha256=digest(text)))
    found = session.get_one(Snapshot, found.id)
    assert services.is_intact(found)
    assert paper_of(found, is_demo=False).milestones == ()


def test_it_is_approved_by_another_person_and_then_frozen(plan, cast, taken):
    entrant(cast.carrier_a)
    found = taken(until="submitted")
    assert [one.href for one in todos(cast.leader)] == [f"/targets/snapshots/{found.id}"]
    assert list(todos(cast.supervisor)) == []
    with pytest.raises(NotAllowed), writing():
        services.approve(session.get_one(Snapshot, found.id), by=cast.supervisor)
    with writing():
        services.approve(session.get_one(Snapshot, found.id), by=cast.leader)
    found = session.get_one(Snapshot, found.id)
    paper = paper_of(found, is_demo=False)
    assert (found.state, paper.approved_by) == (SnapshotState.APPROVED, cast.leader.name)
    assert services.is_intact(found)
    for step in (services.submit, services.approve, services.abandon):
        with pytest.raises(SnapshotRefused), writing():
            step(session.get_one(Snapshot, found.id), by=cast.auditor)
    with pytest.raises(SnapshotRefused), writing():
        services.fill_in(session.get_one(Snapshot, found.id), {}, by=cast.supervisor)
    with writing():  # whoever reaches past the services is found out
        session.execute(
            update(Snapshot).values(content=Snapshot.content + " ").where(Snapshot.id == found.id)
        )
    assert not services.is_intact(session.get_one(Snapshot, found.id))


def test_of_two_who_save_the_second_is_told(plan, cast, taken):
    found = taken()
    version = found.version
    with writing():
        services.fill_in(
            session.get_one(Snapshot, found.id), {}, by=cast.supervisor, version=version
        )
    with pytest.raises(StaleRecord), writing():
        services.submit(session.get_one(Snapshot, found.id), by=cast.supervisor, version=version)


def test_what_lacks_its_reason_is_neither_saved_nor_submitted(plan, cast, taken):
    found = taken()
    number = line(found, "T01").indicator_id
    said = {number: Said(Decimal(5))}
    with pytest.raises(NotFit), writing():
        services.fill_in(session.get_one(Snapshot, found.id), said, by=cast.supervisor)
    with writing():  # as if the rule had been another then
        session.execute(update(SnapshotFigure).values(reported=Decimal(5)))
    with pytest.raises(NotFit, match="T01"), writing():
        services.submit(session.get_one(Snapshot, found.id), by=cast.supervisor)


def test_an_approved_day_is_only_corrected_by_another_that_says_so(plan, cast, taken):
    first = taken(until="approved")
    with pytest.raises(SnapshotRefused, match="更正") as refused:
        taken(title="又一份")
    assert refused.value.field == "replaces_id"
    with pytest.raises(SnapshotRefused):
        taken(date(2020, 7, 31), replaces=first)
    second = taken(title="更正", until="submitted", replaces=first)
    third = taken(title="再更正", until="submitted", replaces=session.get_one(Snapshot, first.id))
    with writing():
        services.approve(session.get_one(Snapshot, second.id), by=cast.leader)
    with pytest.raises(SnapshotRefused), writing():
        services.approve(session.get_one(Snapshot, third.id), by=cast.leader)
    assert paper_of(session.get_one(Snapshot, second.id), is_demo=False).replaces == first.title


def test_a_day_outside_the_plans_year_or_to_come_is_refused(plan, taken):
    for day in (date(2019, 12, 31), date(2020, 10, 1)):
        with pytest.raises(DomainError) as refused:
            taken(day)
        assert refused.value.field == "as_of"


def test_a_unit_sees_its_own_part_and_what_it_reports_itself(plan, cast, taken):
    entrant(cast.carrier_a)
    entrant(cast.carrier_a)
    entrant(cast.carrier_b)
    reported(cast, indicator(plan, "T08"), "150", AUG_31)
    found = taken()
    scope = scope_of(cast.b)
    own = for_reader(paper_of(found, is_demo=False), scope, units_in(scope))
    by_code = {one.code: one for one in own.lines}
    assert (by_code["T01"].system, by_code["T01"].said.reported) == (1, None)
    assert "T08" not in by_code  # another unit reports it
    figures = {one.code: line_of(one, AUG_31) for one in found.figures}
    assert replace(figures["T01"], is_part=False) == line(found, "T01")
