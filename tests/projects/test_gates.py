"""Gates, by stage and kind, on plain objects."""

from datetime import date

import pytest

from crm.projects.gates import missing, needs_reason
from crm.projects.models import PIPELINE, Project, ProjectKind, Stage
from tests.projects.conftest import FACTS

BUILD, MOVE_IN = ProjectKind.CONSTRUCTION, ProjectKind.MOVE_IN
NEGOTIATING = ["investor", "contact", "owner_id", "future_industry", "source"]
INTENT = ["expected_investment", "visited_on", "space_wish", "intent_document"]


def fields(found):
    return [requirement.field for requirement in found]


def project(kind, **values):
    return Project(kind=kind, stage=Stage.LEAD, **values)


@pytest.mark.parametrize(
    ("kind", "stood_at", "to_stage", "asked"),
    [
        (BUILD, Stage.LEAD, Stage.NEGOTIATING, NEGOTIATING),
        (MOVE_IN, Stage.LEAD, Stage.NEGOTIATING, NEGOTIATING),
        (BUILD, Stage.NEGOTIATING, Stage.INTENT, INTENT),
        (MOVE_IN, Stage.NEGOTIATING, Stage.INTENT, INTENT),
        (BUILD, Stage.INTENT, Stage.SIGNED, ["agreement_number", "agreement_on", "agreed_investment"]),
        (MOVE_IN, Stage.INTENT, Stage.SIGNED, ["agreement_number", "agreement_on"]),
        (BUILD, Stage.SIGNED, Stage.APPROVAL, ["builder_id", "filing_number", "approvals"]),
        (MOVE_IN, Stage.SIGNED, Stage.APPROVAL, ["builder_id"]),
        (BUILD, Stage.APPROVAL, Stage.CONSTRUCTION, ["permit_number", "works_seen_on"]),
        (MOVE_IN, Stage.APPROVAL, Stage.CONSTRUCTION, ["works_seen_on"]),
        (BUILD, Stage.CONSTRUCTION, Stage.COMPLETED, ["accepted_on"]),
        (MOVE_IN, Stage.CONSTRUCTION, Stage.COMPLETED, ["in_use_on"]),
    ],
)  # fmt: skip
def test_a_gate_names_all_that_an_empty_project_lacks_and_nothing_that_a_full_one_has(
    kind, stood_at, to_stage, asked
):
    assert fields(missing(project(kind), to_stage, stood_at=stood_at)) == asked
    full = project(kind, owner_id=5, builder_id=7, **FACTS)
    assert missing(full, to_stage, stood_at=stood_at) == []


def test_a_skip_asks_for_the_gates_of_the_skipped_stages_as_well():
    assert fields(missing(project(BUILD), Stage.INTENT)) == NEGOTIATING + INTENT


@pytest.mark.parametrize("to_stage", [Stage.LEAD, Stage.NEGOTIATING, Stage.PAUSED, Stage.LOST])
def test_a_step_back_or_aside_meets_no_gate(to_stage):
    assert missing(project(BUILD), to_stage, stood_at=Stage.SIGNED) == []


def test_a_dated_fact_counts_from_its_own_day():
    full = project(BUILD, owner_id=5, builder_id=7, **FACTS)
    step = {"to_stage": Stage.COMPLETED, "stood_at": Stage.CONSTRUCTION}
    assert fields(missing(full, on=date(2020, 8, 31), **step)) == ["accepted_on"]
    assert missing(full, on=date(2020, 9, 1), **step) == []


def test_only_one_step_forward_needs_no_reason():
    for at, stage in enumerate(PIPELINE):
        free = [to for to in Stage if to != stage and not needs_reason(stage, stage, to)]
        assert free == list(PIPELINE[at + 1 : at + 2])
    assert needs_reason(Stage.PAUSED, Stage.LEAD, Stage.NEGOTIATING)
