"""Generated projects: every step in order, every gate met on its own day."""

from collections import defaultdict
from datetime import date
from itertools import pairwise
from random import Random

import pytest

from crm.core.clock import park_date
from crm.demo import permits
from crm.demo.landmarks import LANDMARKS, landmark_row
from crm.demo.pipeline import projects
from crm.projects import gate_rules, gates
from crm.projects.models import PIPELINE, Origin, ProjectKind, Purpose, Stage
from crm.projects.requirements import Approval, Evidence
from tests.demo.made import TODAY, made_office

DAYS = [date(2020, 1, 1), date(2020, 9, 30), date(2021, 3, 1)]


def made(count: int = 400, today: date = TODAY):
    office = made_office(today=today)
    return [landmark_row(b, n, office) for n, b in enumerate(LANDMARKS)] + list(
        projects(count, office)
    )


def test_the_same_seed_gives_the_same_projects():
    assert made(60) == made(60)


def test_every_stage_kind_and_origin_occurs():
    rows = made()
    assert {row.steps[-1].to_stage for row in rows} == set(Stage)
    assert {row.details.kind for row in rows} == set(ProjectKind)
    assert {row.details.origin for row in rows} == set(Origin)


@pytest.mark.parametrize("today", DAYS)
def test_steps_are_in_order_and_none_is_after_today(today: date):
    for row in made(today=today):
        assert row.steps[0].to_stage is Stage.LEAD
        assert row.steps[0].effective_on >= date(2017, 12, 1)
        for before, after in pairwise(row.steps):
            assert before.effective_on <= after.effective_on
            assert before.recorded_at <= after.recorded_at
            assert before.to_stage is not after.to_stage
        assert row.steps[-1].effective_on <= today
        assert park_date(row.steps[-1].recorded_at) <= today
        dates = [row.details.visited_on, row.details.agreement_on, row.details.works_seen_on,
                 row.details.accepted_on, row.details.in_use_on]  # fmt: skip
        assert all(day <= today for day in dates if day)


def _lacking(row, to_stage, **when):
    """What the gates lack, with the list of approvals that the world would write for the row."""
    items = defaultdict(tuple)
    for _id, item in permits.lists([(1, row)], Random(7), TODAY):
        items[item.kind] += (Approval(item.due_on, item.granted_on, item.is_inapplicable),)
    known = {"rules": gate_rules.standard(), "evidence": Evidence(approvals=items)}
    return gates.missing(row.details, to_stage, **known, **when)


@pytest.mark.parametrize("today", DAYS)
def test_every_step_met_its_gate_on_its_own_day_or_says_why(today: date):
    for row in made(today=today):
        stage = stood_at = Stage.LEAD
        for step in row.steps[1:]:
            lacking = _lacking(row, step.to_stage, stood_at=stood_at, on=step.effective_on)
            assert [requirement.key for requirement in lacking] == []
            if gates.needs_reason(stage, stood_at, step.to_stage):
                assert step.note
            stage = step.to_stage
            stood_at = stage if stage in PIPELINE else stood_at


def test_agreed_investment_is_not_the_expected_one():
    signed = [r.details for r in made() if r.details.agreed_investment]
    differing = [d for d in signed if d.agreed_investment != d.expected_investment]
    assert len(differing) > 0.9 * len(signed) > 0


def test_some_projects_already_show_what_their_next_gate_asks_for_and_some_do_not():
    waiting = [r for r in made() if r.steps[-1].to_stage in PIPELINE[:-1]]
    ready = []
    for row in waiting:
        now = row.steps[-1].to_stage
        next_stage = PIPELINE[PIPELINE.index(now) + 1]
        ready.append(not _lacking(row, next_stage, stood_at=now))
    assert any(ready)
    assert not all(ready)


def test_only_the_talent_flats_are_talent_housing():
    housing = [r.details for r in made() if r.details.purpose is Purpose.TALENT_HOUSING]
    assert [(d.name, d.floor_area) for d in housing] == [("人才公寓", 150_000)]


def test_some_next_actions_are_overdue_and_some_are_still_to_come():
    due = [r.details.next_action_on for r in made() if r.details.next_action_on]
    assert min(due) < TODAY < max(due)
