"""Contacts from spreadsheets: known again by name with telephone or position, undone as they came."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.companies.models import Company, Contact
from crm.companies.queries import search, visible_to
from crm.core.db import session
from crm.imports.kinds import RevertRefused
from crm.people.scope import WHOLE_PARK_SCOPE
from tests.factories import make_company
from tests.imports.rows import check, land, outcomes, revert, words

ROW = {
    "company": "常州甲科技有限公司",
    "name": "李雷",
    "position": "经理",
    "phone": "138 1234 0000",
}


def _people() -> list[tuple[str, str, str, bool]]:
    session.rollback()
    session.expire_all()
    there = select(Contact).where(Contact.archived_at.is_(None)).order_by(Contact.id)
    return [(c.name, c.position, c.phone, c.is_primary) for c in session.scalars(there)]


def _found(text: str) -> list[str]:
    return [firm.name for firm in session.scalars(search(visible_to(WHOLE_PARK_SCOPE), text))]


def test_contacts_land_and_are_undone(app: Any, cast: Any, query_count: Any) -> None:
    for name in ("常州甲科技有限公司", "常州乙科技有限公司"):
        make_company(cast.carrier_a, name)
    first = land(
        "contacts", cast.a, ROW, {**ROW, "name": "韩梅梅", "phone": "", "position": "会计"}
    )
    assert _people() == [
        ("李雷", "经理", "138 1234 0000", True),
        ("韩梅梅", "会计", "", False),
    ]
    assert _found("韩梅梅") == ["常州甲科技有限公司"]
    assert session.scalars(select(Company.completeness).order_by(Company.id)).first() == 40
    assert outcomes(check("contacts", cast.a, {**ROW, "phone": "13812340000"})) == ["update"]
    assert outcomes(check("contacts", cast.a, ROW)) == ["unchanged"]
    other = {"company": "常州乙科技有限公司", "name": "赵乙", "phone": "13912340001"}
    second = land(
        "contacts", cast.a, {**ROW, "position": "总经理", "email": "a@example.com"}, other
    )
    assert _people()[0] == ("李雷", "总经理", "138 1234 0000", True)
    log = "\n".join(session.scalars(select(AuditEntry.details)))
    assert "138****0000" in log
    assert "138 1234" not in log
    assert "13812340000" not in log
    with query_count() as few:
        check("contacts", cast.a, ROW)
    with query_count() as many:
        check(
            "contacts",
            cast.a,
            ROW,
            other,
            {**ROW, "name": "新人", "phone": "1"},
            {**other, "name": "新人"},
        )
    assert len(few) == len(many)
    with pytest.raises(RevertRefused) as refused:
        revert("contacts", cast.a, first)
    assert [number for number, _ in refused.value.rows] == [2]
    revert("contacts", cast.a, second)
    assert [person[:3] for person in _people()] == [
        ("李雷", "经理", "138 1234 0000"),
        ("韩梅梅", "会计", ""),
    ]
    assert _found("赵乙") == []


def test_the_number_of_statements_does_not_grow_with_the_rows(
    app: Any, cast: Any, query_count: Any
) -> None:
    names = [f"常州{sign}科技有限公司" for sign in "子丑寅卯辰巳"]
    for name in names:
        make_company(cast.carrier_a, name)
    rows = [
        {"company": name, "name": f"张{name[2]}", "phone": f"1381234{n:04}"}
        for n, name in enumerate(names)
    ]
    with query_count() as few:
        land("contacts", cast.a, *rows[:2])
    with query_count() as many:
        land("contacts", cast.a, *rows[2:])
    assert len(many) == len(few)
    changed = [
        {**row, "position": f"职务{n}", "email": "" if n % 2 else "a@b.cn"}
        for n, row in enumerate(rows)
    ]
    with query_count() as few:
        two = land("contacts", cast.a, *changed[:2])
    with query_count() as many:
        four = land("contacts", cast.a, *changed[2:])
    assert len(many) == len(few)
    with query_count() as few:
        revert("contacts", cast.a, two)
    with query_count() as many:
        revert("contacts", cast.a, four)
    assert len(many) == len(few)
    assert {person[1] for person in _people()} == {""}


def test_what_is_wrong_is_said_and_other_units_firms_stay_theirs(app: Any, cast: Any) -> None:
    make_company(cast.carrier_a, "常州甲科技有限公司")
    make_company(cast.carrier_b, "常州乙科技有限公司")
    land("contacts", cast.a, ROW, {**ROW, "phone": "13900000000", "position": "会计"})
    found = check(
        "contacts",
        cast.a,
        {**ROW, "company": "常州乙科技有限公司"},
        {**ROW, "company": "常州甲科技公司"},
        {"company": "常州甲科技有限公司", "name": "李雷"},
        {"name": "李雷"},
        {"company": "常州甲科技有限公司", "name": "新人", "phone": "1", "position": "甲"},
        {"company": "常州甲科技有限公司", "name": "新人", "phone": "2", "position": "甲"},
    )
    assert outcomes(found) == ["error", "error", "error", "error", "create", "create"]
    assert "不在您的数据范围内" in words(found[0])[0][1]
    assert [one.name for one in found[1].look_alikes] == ["常州甲科技有限公司"]
    assert words(found[2]) == [("name", "该企业有几位“李雷”，请填写电话或职务。")]
    assert words(found[3])[0][0] == "company"
    assert found[4].key == found[5].key  # one person twice: the engine refuses the second


def test_a_contact_opens_on_the_page_of_its_firm(browser_of: Any, cast: Any) -> None:
    make_company(cast.carrier_a, "常州甲科技有限公司")
    (landed,) = land("contacts", cast.a, ROW)
    address = f"/companies/contacts/{landed.record_id}"
    assert browser_of("a").get(address).location == "/companies/1#contacts"
    assert browser_of("b").get(address).status_code == 404
    assert json.loads(json.dumps(landed.before)) is None
