"""Projects from spreadsheets: known by investor and name, moved by the one service with its gates, undone as they came."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from crm.core.db import session
from crm.core.money import Currency
from crm.imports.kinds import RevertRefused
from crm.projects.models import Project, Stage, StageChange, Valuation
from tests.factories import make_activity, make_company, make_project
from tests.imports.rows import check, land, outcomes, revert, words

ROW = {
    "name": "智能装备总部", "investor": "光合控股", "kind": "建设类", "origin": "国内", "first_reported_on": "2020-03-05",
    "expected_investment": 20_000,
}  # fmt: skip
TALKS = {
    "contact": "李雷", "owner": "陈招商", "future_industry": "机器人", "source": "展会", "stage": "在谈项目",
    "stage_on": "2020-04-01",
}  # fmt: skip


def _projects() -> list[Project]:
    session.rollback()
    session.expire_all()
    there = select(Project).where(Project.archived_at.is_(None)).order_by(Project.id)
    return list(session.scalars(there))


def _steps() -> list[tuple[Stage, date]]:
    steps = select(StageChange).where(StageChange.is_counted).order_by(StageChange.id)
    return [(step.to_stage, step.effective_on) for step in session.scalars(steps)]


def test_a_project_lands_moves_by_its_gates_and_is_undone(app: Any, cast: Any) -> None:
    make_company(cast.carrier_a, "常州甲科技有限公司")
    first = land("projects", cast.investment, ROW)
    (project,) = _projects()
    assert (project.unit_id, project.stage, project.expected_investment) == (
        cast.office.id, Stage.LEAD, Decimal(200_000_000),
    )  # fmt: skip
    assert outcomes(check("projects", cast.investment, ROW)) == ["unchanged"]
    (lacking,) = check(
        "projects", cast.investment, {**ROW, "stage": "在谈项目", "stage_on": "2020-04-01"}
    )
    ((column, said),) = words(lacking)
    assert column == "stage"
    assert all(item in said for item in ("联系人", "责任人", "产业", "线索来源"))
    row = {**ROW, **TALKS, "builder": "常州甲科技有限公司", "agreed_investment": "1.5"}
    second = land("projects", cast.investment, row)
    (project,) = _projects()
    assert (project.stage, project.stage_entered_on, project.owner_id) == (
        Stage.NEGOTIATING, date(2020, 4, 1), cast.investment.id,
    )  # fmt: skip
    assert outcomes(check("projects", cast.investment, row, ROW | {"name": "另一个"})) == [
        "unchanged",
        "create",
    ]
    with pytest.raises(RevertRefused):
        revert("projects", cast.investment, first)
    revert("projects", cast.investment, second)
    (project,) = _projects()
    assert (project.stage, project.owner_id, project.contact, project.builder_id) == (
        Stage.LEAD,
        None,
        "",
        None,
    )
    assert project.agreed_investment is None
    assert _steps() == [(Stage.LEAD, date(2020, 3, 5))]
    said = session.scalars(select(Valuation).order_by(Valuation.id)).all()
    assert [(row.figure.value, row.amount) for row in said][-2:] == [
        ("agreed", 15000),
        ("agreed", None),
    ]
    new = land("projects", cast.investment, {**row, "name": "研发中心", "currency": "万美元"})
    assert [p.currency for p in _projects()] == [Currency.CNY, Currency.USD]
    revert("projects", cast.investment, new)
    assert [p.name for p in _projects()] == ["智能装备总部"]
    assert outcomes(check("projects", cast.investment, {**row, "name": "研发中心"})) == ["create"]


def test_gates_skips_amounts_and_twins_are_refused_by_column(app: Any, cast: Any) -> None:
    make_project(cast.office, "智能装备总部", investor="光合控股", expected_investment=Decimal(100))
    make_project(cast.carrier_a, "机器人基地", investor="")
    found = check(
        "projects",
        cast.investment,
        ROW,
        {**ROW, "expected_investment": None, **TALKS, "stage": "竣工项目"},
        {**ROW, "expected_investment": None, **TALKS, "stage": "流失/终止"},
        {**ROW, "expected_investment": None, **TALKS, "stage_on": "2020-01-01"},
        {**ROW, "name": "机器人基地"},
        {**ROW, "name": "新的", "first_reported_on": "2020-10-01"},
        {**ROW, "name": "新的", "kind": None},
        {**ROW, "name": "新的", "owner": "无此人"},
        {**ROW, "name": "新的", "nature": "增资"},
        {**ROW, "name": "新的", "became_on": "2020-05-01"},
    )
    assert outcomes(found) == ["error"] * 10
    assert [words(one)[0][0] for one in found] == [
        "expected_investment", "stage", "stage_reason", "stage_on", "name", "first_reported_on", "kind", "owner",
        "adds_to", "became_on",
    ]  # fmt: skip
    assert [alike.name for alike in found[4].look_alikes] == ["机器人基地"]


def test_sealed_projects_are_not_there_for_who_may_not_see_them(app: Any, cast: Any) -> None:
    make_project(cast.office, "智能装备总部", investor="光合控股", is_sealed=True)
    (hidden,) = check("projects", cast.investment, ROW)
    assert hidden.record_id is None
    assert hidden.look_alikes == ()
    assert "光合" not in str(words(hidden))
    (known,) = check("projects", cast.leader, {**ROW, "expected_investment": None})
    assert known.outcome == "unchanged"
    (sealed,) = check("projects", cast.investment, {**ROW, "name": "新的", "is_sealed": "是"})
    assert words(sealed)[0][0] == "is_sealed"
    own = {**ROW, "name": "新的", "is_sealed": "是", "owner": "陈招商"}
    assert outcomes(check("projects", cast.investment, own)) == ["create"]


def test_the_number_of_statements_does_not_grow_and_later_work_stops_the_undoing(
    app: Any, cast: Any, query_count: Any
) -> None:
    rows = [
        {**ROW, **TALKS, "name": f"{sign}项目", "investor": f"{sign}集团"}
        for sign in "甲乙丙丁戊己"
    ]
    with query_count() as few:
        two = land("projects", cast.investment, *rows[:2])
    with query_count() as many:
        four = land("projects", cast.investment, *rows[2:])
    assert len(many) == len(few)
    changed = [{**row, ("rooms" if n % 2 else "plot"): "一"} for n, row in enumerate(rows)]
    with query_count() as few:
        land("projects", cast.investment, *changed[:2])
    with query_count() as many:
        land("projects", cast.investment, *changed[2:4])
    assert len(many) == len(few)
    make_activity(session.get_one(Project, four[3].record_id), date(2020, 5, 1))
    with pytest.raises(RevertRefused) as refused:
        revert("projects", cast.investment, four)
    assert [number for number, _ in refused.value.rows] == [2, 3, 5]
    with query_count() as few:
        revert("projects", cast.investment, four[2:3])
    assert two
