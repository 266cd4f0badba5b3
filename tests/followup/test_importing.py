"""Activities from spreadsheets: author and day are kept, sealed projects are not there, the last contact follows."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from crm.core.db import session
from crm.followup.models import Activity, LastContact
from crm.imports.kinds import RevertRefused
from tests.factories import make_company, make_project, make_user
from tests.imports.rows import check, land, outcomes, revert, words

FIRM = "常州甲科技有限公司"
ROW = {"company": FIRM, "kind": "走访", "happened_on": "2020-05-12", "summary": "了解复工情况。"}


def _there() -> list[tuple[date, int | None, str, str]]:
    session.rollback()
    session.expire_all()
    rows = select(Activity).where(Activity.archived_at.is_(None)).order_by(Activity.id)
    return [(a.happened_on, a.by_id, a.summary, a.people_met) for a in session.scalars(rows)]


def _last() -> list[date]:
    return list(session.scalars(select(LastContact.last_on).order_by(LastContact.last_on)))


def test_who_did_it_and_when_stay_and_undoing_takes_the_contact_back(
    browser_of: Any, cast: Any, query_count: Any
) -> None:
    make_company(cast.carrier_a, FIRM)
    first = land("activities", cast.investment, {**ROW, "by": "安一"})
    assert _there() == [(date(2020, 5, 12), cast.a.id, "了解复工情况。", "")]
    again = {**ROW, "by": "a", "people_met": "李总"}
    assert outcomes(check("activities", cast.investment, ROW, again)) == ["unchanged", "update"]
    later = {**ROW, "happened_on": "2020-06-01"}
    second = land("activities", cast.investment, {**again, "by": "白二"}, later)
    assert [row[1] for row in _there()] == [cast.b.id, cast.investment.id]
    assert _last() == [date(2020, 6, 1)]
    address = f"/followup/activities/{first[0].record_id}"
    assert browser_of("a").get(address).location == "/followup/companies/1"
    assert browser_of("b").get(address).status_code == 404
    with pytest.raises(RevertRefused):
        revert("activities", cast.investment, first)
    revert("activities", cast.investment, second)
    assert _there() == [(date(2020, 5, 12), cast.a.id, "了解复工情况。", "")]
    assert _last() == [date(2020, 5, 12)]
    with query_count() as few:
        two = land(
            "activities", cast.investment, {**ROW, "summary": "甲"}, {**ROW, "summary": "乙"}
        )
    rows = [{**ROW, "summary": f"第{n}次", "by": "安一" if n % 2 else "白二"} for n in range(6)]
    with query_count() as many:
        land("activities", cast.investment, *rows)
    assert len(many) == len(few) + 1  # who did it was asked
    revert("activities", cast.investment, two)


def test_sealed_projects_and_other_units_records_are_not_there(app: Any, cast: Any) -> None:
    make_company(cast.carrier_b, FIRM)
    make_project(cast.office, "甲项目")
    make_project(cast.office, "乙项目", is_sealed=True)
    make_user(unit=cast.office, name="陈招商")
    about = {"kind": "电话", "happened_on": "2020-05-12", "summary": "联系"}
    found = check(
        "activities",
        cast.investment,
        {**about, "project": "甲项目"},
        {**about, "project": "乙项目"},
        {**about, "project": "甲项目", "company": FIRM},
        {**about, "project": "甲项目", "by": "陈招商"},
        {**about, "project": "甲项目", "by": "无此人"},
        {**about, "project": "甲项目", "happened_on": "2020-10-01"},
    )
    assert outcomes(found) == ["create"] + ["error"] * 5
    assert [words(one)[0][0] for one in found[1:]] == [
        "project",
        "company",
        "by",
        "by",
        "happened_on",
    ]
    assert "不在您的数据范围内" in words(check("activities", cast.a, ROW)[0])[0][1]
