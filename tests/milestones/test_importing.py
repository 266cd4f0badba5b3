"""Milestones from spreadsheets: another day has its reason and stays on record, undoing says the old day again."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from crm.core.db import session, writing
from crm.imports.kinds import RevertRefused
from crm.milestones.models import Milestone, MilestoneChange
from crm.milestones.services import MilestoneDetails, change_dates
from tests.imports.rows import check, land, outcomes, revert, words

ROW = {"project": "深蓝大厦", "kind": "主体封顶", "planned_on": "2020-11-30"}
LATER = {**ROW, "planned_on": "2020-12-31", "reason": "图纸晚到"}


def _there() -> list[Milestone]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(Milestone).order_by(Milestone.id)))


def _said() -> list[tuple[date | None, str]]:
    query = select(MilestoneChange.after_on, MilestoneChange.reason).order_by(MilestoneChange.id)
    return [(row.after_on, row.reason) for row in session.execute(query)]


def test_another_day_has_its_reason_and_undoing_says_the_old_one_again(
    cast: Any, project: Any, query_count: Any
) -> None:
    by = cast.investment
    first = land("milestones", by, ROW)
    verdicts = check(
        "milestones", by, ROW, {**LATER, "reason": None}, LATER, {**ROW, "kind": "开工", "done_on": "2020-09-01"},
        {**ROW, "kind": "其他"}, {"project": "深蓝大厦", "kind": "取得用地"}, {**ROW, "project": "别的大厦"},
    )  # fmt: skip
    assert outcomes(verdicts) == ["unchanged", "error", "update", *["error"] * 4]
    wrong = [words(verdicts[at])[0][0] for at in (1, 3, 4, 5, 6)]
    assert wrong == ["reason", "done_on", "name", "planned_on", "project"]
    second = land("milestones", by, LATER)
    (found,) = _there()
    assert (found.planned_on, found.first_planned_on) == (date(2020, 12, 31), date(2020, 11, 30))
    with pytest.raises(RevertRefused):
        revert("milestones", by, first)
    revert("milestones", by, second)
    (found,) = _there()
    assert found.planned_on == date(2020, 11, 30)
    assert _said() == [
        (date(2020, 11, 30), ""), (date(2020, 12, 31), "图纸晚到"), (date(2020, 11, 30), "撤销导入"),
    ]  # fmt: skip
    new = land("milestones", by, {**ROW, "kind": "取得用地"})
    revert("milestones", by, new)
    assert [one.dropped_on is None for one in _there()] == [True, False]
    third = land("milestones", by, LATER)
    with writing():
        details = MilestoneDetails(found.kind, date(2021, 1, 31))
        change_dates(_there()[0], details, "又晚了", version=None, by=by)
    with pytest.raises(RevertRefused):
        revert("milestones", by, third)
    rows = [{**ROW, "kind": "其他", "name": f"第{n}栋"} for n in range(6)]
    with query_count() as few:
        land("milestones", by, *rows[:2])
    with query_count() as many:
        land("milestones", by, *rows[2:])
    assert len(many) == len(few)
