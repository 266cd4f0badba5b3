"""Gates, by stage and kind, on plain objects; and what is asked of the database for them."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.followup.models import ActivityKind
from crm.people.models import User
from crm.projects import approvals, gate_rules, gates
from crm.projects.approvals import ApprovalDetails
from crm.projects.gate_models import ApprovalKind, DocumentKind
from crm.projects.gates import missing, needs_reason
from crm.projects.models import PIPELINE, Project, ProjectKind, Stage
from crm.projects.requirements import (
    CATALOGUE,
    LISTED,
    NOTHING,
    Approval,
    Asks,
    Evidence,
    Requirement,
    is_met,
)
from tests import factories
from tests.projects.conftest import FACTS

BUILD, MOVE_IN = ProjectKind.CONSTRUCTION, ProjectKind.MOVE_IN
NEGOTIATING = ["investor", "contact", "owner_id", "future_industry", "source"]
INTENT = ["expected_investment", "talk", "space_wish", "intent_document"]
LIST = Evidence(approvals={"land": (Approval(date(2020, 6, 1), None),)})
TODAY = date(2020, 9, 30)
D = date


def keys(found):
    return [requirement.key for requirement in found]


def lacks(facts, to_stage, *, evidence=NOTHING, **when):
    return keys(missing(facts, to_stage, rules=gate_rules.standard(), evidence=evidence, **when))


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
        (BUILD, Stage.SIGNED, Stage.APPROVAL, ["builder_id", "filing_number", "listed"]),
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
    assert lacks(project(kind), to_stage, stood_at=stood_at) == asked
    full = project(kind, owner_id=5, builder_id=7, **FACTS)
    assert lacks(full, to_stage, stood_at=stood_at, evidence=LIST) == []


def test_a_skip_asks_for_the_gates_of_the_skipped_stages_as_well():
    assert lacks(project(BUILD), Stage.INTENT) == NEGOTIATING + INTENT


@pytest.mark.parametrize("to_stage", [Stage.LEAD, Stage.NEGOTIATING, Stage.PAUSED, Stage.LOST])
def test_a_step_back_or_aside_meets_no_gate(to_stage):
    assert lacks(project(BUILD), to_stage, stood_at=Stage.SIGNED) == []


def test_a_dated_fact_counts_from_its_own_day():
    full = project(BUILD, owner_id=5, builder_id=7, **FACTS)
    step = {"to_stage": Stage.COMPLETED, "stood_at": Stage.CONSTRUCTION}
    assert lacks(full, on=D(2020, 8, 31), **step) == ["accepted_on"]
    assert lacks(full, on=D(2020, 9, 1), **step) == []


def test_only_one_step_forward_needs_no_reason():
    for at, stage in enumerate(PIPELINE):
        free = [to for to in Stage if to != stage and not needs_reason(stage, stage, to)]
        assert free == list(PIPELINE[at + 1 : at + 2])
    assert needs_reason(Stage.PAUSED, Stage.LEAD, Stage.NEGOTIATING)


WAITS, GRANTED = Approval(D(2020, 6, 1), None), Approval(None, D(2020, 5, 6))
OPEN, NEEDLESS = Approval(None, None), Approval(None, None, is_inapplicable=True)


@pytest.mark.parametrize(
    ("asked", "evidence", "day", "is_there"),
    [
        ("approval.listed", Evidence(), TODAY, False),
        ("approval.listed", Evidence(approvals={"land": (WAITS,), "fire": (NEEDLESS,)}), TODAY, True),
        ("approval.listed", Evidence(approvals={"land": (WAITS,), "fire": (OPEN,)}), TODAY, False),
        ("approval.land", Evidence(approvals={"land": (WAITS,)}), TODAY, False),
        ("approval.land", Evidence(approvals={"land": (GRANTED,)}), D(2020, 5, 5), False),
        ("approval.land", Evidence(approvals={"land": (GRANTED,)}), D(2020, 5, 6), True),
        ("approval.land", Evidence(approvals={"land": (NEEDLESS,)}), D(2020, 1, 1), True),
        ("field.permit_number", Evidence(approvals={"construction_permit": (GRANTED,)}), TODAY, True),
        ("field.permit_number", Evidence(approvals={"construction_permit": (WAITS,)}), TODAY, False),
        ("document.site_photo", Evidence(frozenset({"project.permit"})), TODAY, False),
        ("document.site_photo", Evidence(frozenset({"project.site_photo"})), TODAY, True),
        ("activity.talk", Evidence(activities={"call": D(2020, 5, 1)}), TODAY, False),
        ("activity.talk", Evidence(activities={"meeting": D(2020, 5, 2)}), D(2020, 5, 1), False),
        ("activity.talk", Evidence(activities={"meeting": D(2020, 5, 2)}), D(2020, 5, 2), True),
        ("activity.visit", Evidence(activities={"meeting": D(2020, 5, 2)}), TODAY, False),
    ],
)  # fmt: skip
def test_papers_approvals_and_activities_prove_what_they_are_asked_for(
    asked, evidence, day, is_there
):
    assert is_met(CATALOGUE[asked], project(BUILD), evidence, day) is is_there


def test_what_is_kept_beside_the_fields_is_read_in_one_statement_for_any_number_of_projects(
    app, cast, ready, query_count
):
    made = [ready(name=f"项目{n}") for n in range(4)]
    by = session.get_one(User, cast.investment.id)
    with writing():
        for one in made[:2]:
            approvals.add_approval(
                session.get_one(Project, one.id),
                ApprovalDetails(ApprovalKind.LAND, due_on=D(2020, 6, 1)),
                by=by,
            )
    factories.make_activity(made[0], D(2020, 5, 9), kind=ActivityKind.MEETING)
    factories.make_activity(made[0], D(2020, 5, 4), kind=ActivityKind.MEETING)
    ids = [one.id for one in made]
    with query_count() as few:
        found = gates.evidence_of(ids[:1])
    with query_count() as many:
        all_of_them = gates.evidence_of(ids)
    assert len(few) == len(many) == 1
    assert found[ids[0]] == all_of_them[ids[0]]
    assert found[ids[0]].activities == {"meeting": D(2020, 5, 4)}
    assert all_of_them[ids[1]].approvals == LIST.approvals
    assert all_of_them[ids[3]] == NOTHING


def rows_of(ids):
    return session.execute(select(*gates.PROGRESS_FIELDS).where(Project.id.in_(ids))).all()


def test_progress_counts_what_the_next_gate_has_in_a_constant_number_of_statements(
    app, cast, ready, query_count
):
    half = ready(contact="", source="").id
    signed = ready((Stage.LEAD, D(2020, 3, 5)), (Stage.SIGNED, D(2020, 5, 1))).id
    ready((Stage.LEAD, D(2020, 3, 5)), (Stage.LOST, D(2020, 5, 1)))
    all_of_them = session.scalars(select(Project.id)).all()
    with query_count() as many:
        found = gates.progress(rows_of(all_of_them), TODAY)
    with query_count() as few:
        gates.progress(rows_of([half]), TODAY)
    assert len(many) == len(few) == 2
    assert found == {
        half: gates.Progress(Stage.NEGOTIATING, 3, 5),
        signed: gates.Progress(Stage.APPROVAL, 2, 3),
    }


PHOTO = CATALOGUE["document.site_photo"]


def set_gate(cast, requirements, valid_from, stage=Stage.CONSTRUCTION):
    with writing():
        by = session.get_one(User, cast.admin.id)
        return gate_rules.change(MOVE_IN, stage, requirements, valid_from=valid_from, by=by)


def test_a_new_version_holds_from_its_day_and_for_its_kind_only(app, cast):
    new = [Requirement(PHOTO.asks, PHOTO.key, "装修照片")]
    set_gate(cast, new, TODAY + timedelta(days=5))
    before, after = gate_rules.rules_on(D(2020, 10, 4)), gate_rules.rules_on(D(2020, 10, 5))
    here = MOVE_IN, Stage.CONSTRUCTION
    assert keys(before[here].requirements) == ["works_seen_on"]
    assert list(after[here].requirements) == new
    assert after[here].since == D(2020, 10, 5)
    assert after[BUILD, Stage.CONSTRUCTION] == before[BUILD, Stage.CONSTRUCTION]
    set_gate(cast, [], TODAY + timedelta(days=5))  # the later one of a day holds
    assert gate_rules.rules_on(D(2020, 10, 5))[here].requirements == ()


@pytest.mark.parametrize(
    ("valid_from", "stage", "field"),
    [(TODAY - timedelta(days=1), Stage.SIGNED, "valid_from"), (TODAY, Stage.LEAD, "stage")],
)
def test_a_gate_does_not_change_backwards_and_a_lead_has_none(app, cast, valid_from, stage, field):
    with pytest.raises(DomainError) as refused:
        set_gate(cast, [PHOTO], valid_from, stage)
    assert refused.value.field == field


def test_an_unchanged_gate_is_no_version(app, cast):
    same = gate_rules.standard()[MOVE_IN, Stage.SIGNED].requirements
    with pytest.raises(DomainError, match="相同"):
        set_gate(cast, same, TODAY, Stage.SIGNED)


def test_every_default_and_every_document_is_in_the_catalogue():
    for gate in gate_rules.standard().values():
        assert {one.code for one in gate.requirements} <= CATALOGUE.keys()
    assert CATALOGUE[f"{Asks.APPROVAL}.{LISTED}"]
    assert all(f"document.{kind.value}" in CATALOGUE for kind in DocumentKind)
