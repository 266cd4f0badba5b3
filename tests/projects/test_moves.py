"""The one service that moves a project."""

import ast
import inspect
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.queries import details_of
from crm.core.db import session, writing
from crm.core.errors import NotAllowed, StaleRecord
from crm.people.models import User
from crm.projects import moves
from crm.projects.history import MoveRefused
from crm.projects.models import LossReason, Project, Stage, StageChange
from crm.projects.moves import GateNotMet, move_to_stage
from tests import factories

TODAY = date(2020, 9, 30)
BEGAN = (Stage.LEAD, date(2020, 3, 5))
TALKS = (Stage.NEGOTIATING, date(2020, 4, 1))


def move(project, to_stage, cast, *, on=TODAY, who="investment", **values):
    with writing():
        return move_to_stage(
            session.get_one(Project, project.id),
            to_stage,
            by=session.get_one(User, getattr(cast, who).id),
            on=on,
            **values,
        )


def stage_of(project):
    session.rollback()
    return session.get_one(Project, project.id).stage


def steps_of(project):
    query = select(StageChange).where(StageChange.project_id == project.id)
    return session.scalars(query.order_by(StageChange.id)).all()


def test_a_step_forward_is_appended_and_logged(app, cast, ready):
    project = ready(BEGAN)
    step = move(project, Stage.NEGOTIATING, cast, on=date(2020, 5, 6))
    stored = session.get_one(Project, project.id)
    assert (stored.stage, stored.stage_entered_on, stored.version) == (
        Stage.NEGOTIATING,
        date(2020, 5, 6),
        2,
    )
    assert (step.from_stage, step.by_id, step.waived) == (Stage.LEAD, cast.investment.id, "")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "project.moved")).one()
    assert details_of(entry)["changes"] == {"stage": ["lead", "negotiating"]}
    assert entry.actor == "陈招商"


def test_a_closed_gate_says_all_that_is_missing_and_nothing_is_changed(app, cast, ready):
    project = ready(BEGAN, contact="", source="", space_wish="")
    with pytest.raises(GateNotMet) as refused:
        move(project, Stage.INTENT, cast, reason="越过")
    assert [r.key for r in refused.value.missing] == ["contact", "source", "space_wish"]
    assert stage_of(project) == Stage.LEAD
    assert len(steps_of(project)) == 1


def test_a_waiver_needs_the_right_and_a_reason_and_keeps_the_names(app, cast, ready):
    project = ready(BEGAN, contact="", source="")
    other = factories.make_user(*cast.investment.roles, unit=cast.office, username="other")
    with writing(), pytest.raises(NotAllowed):
        move_to_stage(
            session.get_one(Project, project.id),
            Stage.NEGOTIATING,
            by=session.get_one(User, other.id),
            on=TODAY,
            waive=True,
            reason="急",
        )
    with pytest.raises(MoveRefused) as refused:
        move(project, Stage.NEGOTIATING, cast, waive=True, reason="  ")
    assert refused.value.field == "reason"
    step = move(project, Stage.NEGOTIATING, cast, waive=True, reason="联系人待定")
    assert step.waived == "联系人、线索来源"
    assert move(project, Stage.INTENT, cast).waived == ""  # what was waived is not asked again


@pytest.mark.parametrize(
    ("stages", "to_stage"),
    [
        ([BEGAN], Stage.INTENT),
        ([BEGAN, TALKS], Stage.LEAD),
        ([BEGAN, TALKS], Stage.PAUSED),
        ([BEGAN, TALKS], Stage.LOST),
        ([BEGAN, TALKS, (Stage.PAUSED, date(2020, 5, 1))], Stage.NEGOTIATING),
        ([BEGAN, TALKS, (Stage.LOST, date(2020, 5, 1))], Stage.INTENT),
        ([BEGAN, (Stage.COMPLETED, date(2020, 5, 1))], Stage.CONSTRUCTION),
    ],
)
def test_a_skip_a_step_back_a_pause_a_loss_and_a_return_need_a_reason(
    app, cast, ready, stages, to_stage
):
    project = ready(*stages)
    with pytest.raises(MoveRefused) as refused:
        move(project, to_stage, cast)
    assert refused.value.field == "reason"
    why = LossReason.FUNDS if to_stage is Stage.LOST else None
    assert move(project, to_stage, cast, reason="有原因", loss_reason=why).note == "有原因"
    assert stage_of(project) == to_stage


def test_who_returns_from_a_pause_meets_the_gates_beyond_where_it_stood(app, cast, ready):
    project = ready(
        BEGAN,
        TALKS,
        (Stage.PAUSED, date(2020, 5, 1)),
        (Stage.LOST, date(2020, 6, 1)),
        contact="",
        space_wish="",
    )
    with pytest.raises(GateNotMet) as refused:
        move(project, Stage.INTENT, cast, reason="恢复")
    assert [r.key for r in refused.value.missing] == ["space_wish"]
    move(project, Stage.NEGOTIATING, cast, reason="恢复")


@pytest.mark.parametrize(
    ("day", "is_refused"),
    [
        (date(2020, 3, 31), True),
        (date(2020, 4, 1), False),
        (TODAY, False),
        (date(2020, 10, 1), True),
    ],
)
def test_the_day_is_neither_before_the_last_step_nor_after_today(app, cast, ready, day, is_refused):
    project = ready(BEGAN, TALKS)
    if is_refused:
        with pytest.raises(MoveRefused) as refused:
            move(project, Stage.INTENT, cast, on=day)
        assert refused.value.field == "effective_on"
    else:
        move(project, Stage.INTENT, cast, on=day)
    assert stage_of(project) == (Stage.NEGOTIATING if is_refused else Stage.INTENT)


def test_the_same_stage_is_no_move(app, cast, ready):
    with pytest.raises(MoveRefused, match="已在"):
        move(ready(BEGAN), Stage.LEAD, cast, reason="x")


def test_of_two_who_saw_the_same_card_the_second_is_refused(app, cast, ready):
    project = ready(BEGAN)
    move(project, Stage.NEGOTIATING, cast, version=1)
    with pytest.raises(StaleRecord):
        move(project, Stage.INTENT, cast, version=1)
    assert stage_of(project) == Stage.NEGOTIATING
    move(project, Stage.INTENT, cast, version=2)


def test_a_wrong_step_is_corrected_by_another_and_both_stay(app, cast, ready):
    project = ready(BEGAN)
    move(project, Stage.NEGOTIATING, cast)
    move(project, Stage.LEAD, cast, reason="误操作")
    assert [(s.from_stage, s.to_stage) for s in steps_of(project)] == [
        (None, Stage.LEAD),
        (Stage.LEAD, Stage.NEGOTIATING),
        (Stage.NEGOTIATING, Stage.LEAD),
    ]


def test_no_code_of_projects_changes_or_removes_a_step():
    for file in Path(inspect.getfile(moves)).parent.glob("*.py"):
        tree = ast.walk(ast.parse(file.read_text()))
        words = {
            name
            for node in tree
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.ImportFrom)
                else [node.attr]
                if isinstance(node, ast.Attribute)
                else []
            )
        }
        knows_steps = bool(words & {"StageChange", "models"})
        assert not (knows_steps and words & {"delete", "bulk_update_mappings"}), file.name
