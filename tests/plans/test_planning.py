import pytest
from sqlalchemy import func, select

from crm.audit.services import SYSTEM
from crm.core.db import session, writing
from crm.plans.planning import UnitsMissing, adopt_plan, bind_milestone
from crm.targets import queries
from crm.targets.models import (
    AnnualPlan,
    Chapter,
    Indicator,
    IndicatorMention,
    PlanMilestone,
    PlanTask,
)
from tests import factories


def count(model):
    return session.scalar(select(func.count()).select_from(model))


def task_of(number):
    return session.scalar(select(PlanTask).where(PlanTask.number == number))


def test_the_plan_becomes_nine_chapters_33_tasks_45_targets_49_mentions_and_7_milestones(plan):
    models = (Chapter, PlanTask, Indicator, IndicatorMention, PlanMilestone)
    assert [count(model) for model in models] == [9, 33, 45, 49, 7]


def test_adopting_a_plan_again_changes_nothing(plan):
    with writing():
        assert adopt_plan(2020, by=SYSTEM).id == plan.id
    assert (count(AnnualPlan), count(Indicator)) == (1, 45)


def test_a_plan_whose_units_are_missing_is_refused_with_all_of_them_and_leaves_nothing(cast):
    with pytest.raises(UnitsMissing) as refusal, writing():
        adopt_plan(2020, by=SYSTEM)
    codes = refusal.value.values["codes"].split(", ")
    assert "innovation" in codes
    assert "ip_center" in codes
    assert "industry" not in codes
    assert count(AnnualPlan) == 0


def test_a_year_without_a_file_has_no_plan(cast):
    with pytest.raises(LookupError), writing():
        adopt_plan(1999, by=SYSTEM)
    with pytest.raises(queries.NoPlan):
        queries.plan_of(1999)


def test_a_task_is_led_by_the_unit_of_most_of_its_targets(plan):
    assert task_of(12).unit.code == "innovation"  # T26, T27; T28 is the patent centre's
    assert task_of(18).unit.code == "construction"  # milestones only
    assert task_of(1).unit is None


def test_a_repeat_is_a_mention_of_the_original_in_its_own_task(plan):
    found = {m.code: m for m in session.scalars(select(IndicatorMention))}
    assert found["T17"].indicator.code == "T06"
    assert found["T17"].task.number == 8
    assert found["T06"].task is None


def test_parts_and_one_thing_twice_are_linked(plan):
    indicators = {i.code: i for i in session.scalars(queries.indicators(plan))}
    milestones = {m.code: m for m in session.scalars(queries.milestones(plan))}
    assert indicators["T14"].parent is indicators["T03"]
    assert milestones["M5"].same_as is indicators["T44"]
    assert milestones["M6"].same_as is indicators["T39"]
    assert milestones["M1"].same_as is None


def test_a_milestone_is_bound_to_a_project_and_let_go_again(plan, cast):
    project = factories.make_project(cast.office, "深兰亚太中心")
    with writing():
        milestone = session.scalars(queries.milestones(plan)).first()
        bind_milestone(milestone, project, by=SYSTEM)
    assert session.scalars(queries.milestones(plan)).first().project.name == "深兰亚太中心"
    with writing():
        bind_milestone(session.scalars(queries.milestones(plan)).first(), None, by=SYSTEM)
    assert session.scalars(queries.milestones(plan)).first().project is None
