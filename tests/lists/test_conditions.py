"""Filters in an address: they come back as they were written, and nonsense gets a sentence."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from crm.companies.listing import COMPANIES
from crm.companies.models import Company, CompanyKind
from crm.core.db import session
from crm.core.errors import DomainError
from crm.lists import conditions
from crm.people.scope import WHOLE_PARK_SCOPE
from tests.factories import make_company, make_unit


def _found(*where: str, match: str = "") -> set[str]:
    asked = conditions.read(COMPANIES, where, match)
    query = COMPANIES.visible(WHOLE_PARK_SCOPE).where(asked.expression())
    return set(session.scalars(query.with_only_columns(Company.name)))


@pytest.fixture
def firms(app: Flask) -> None:
    unit = make_unit()
    for name, kind, day, capital, industry in (
        ("甲", CompanyKind.ENTERPRISE, date(2018, 12, 31), 100, "I65"),
        ("乙", CompanyKind.TEAM, date(2019, 1, 1), None, ""),
        ("丙", CompanyKind.BRANCH, None, 5_000_000, "I6513"),
        ("丁", CompanyKind.ENTERPRISE, date(2020, 2, 29), 10_000_000, "M73"),
    ):
        make_company(
            unit,
            name,
            kind=kind,
            established_on=day,
            registered_capital=None if capital is None else Decimal(capital),
            industry_code=industry,
        )


FOUND = (
    (["kind:is:enterprise"], "甲丁"),
    (["kind:is:enterprise,team"], "甲乙丁"),
    (["kind:not:enterprise"], "乙丙"),
    (["established_on:from:2019-01-01"], "乙丁"),
    (["established_on:to:2018-12-31"], "甲"),
    (["established_on:between:2018-12-31,2019-01-01"], "甲乙"),
    (["established_on:empty"], "丙"),
    (["established_on:filled"], "甲乙丁"),
    (["registered_capital:from:500"], "丙丁"),
    (["registered_capital:to:0.01"], "甲"),
    (["registered_capital:empty"], "乙"),
    (["industry:is:I"], "甲丙"),
    (["industry:is:I65"], "甲丙"),
    (["industry:not:I65"], "乙丁"),
    (["industry:empty"], "乙"),
    (["name:has:甲"], "甲"),
    (["name:is:甲"], "甲"),
    (["kind:is:enterprise;established_on:from:2019-01-01"], "丁"),
    (["any;kind:is:team;industry:is:M"], "乙丁"),
    (["any;kind:is:team;industry:is:M", "established_on:to:2019-12-31"], "乙"),
)


def test_conditions_find_what_they_say(firms: None) -> None:
    for where, names in FOUND:
        assert _found(*where) == set(names), where


def test_groups_are_joined_by_and_or_by_or(firms: None) -> None:
    groups = ("kind:is:enterprise;industry:is:M", "kind:is:team")
    assert _found(*groups) == set()
    assert _found(*groups, match="any") == {"乙", "丁"}


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("secret:is:1", "没有“secret”这个筛选字段"),
        ("search_text:has:a", "没有“search_text”"),
        ("kind:has:a", "不能这样比较"),
        ("kind:is:", "请填写要比较的内容"),
        ("kind:is:nonsense", "不在可选的内容中"),
        ("established_on:from:2019-02-30", "不是日期"),
        ("established_on:from:0001-01-01", "年份不合理"),
        ("established_on:between:2019-01-01", "起始值和结束值"),
        ("established_on:between:2019-01-02,2019-01-01", "起始值不能大于结束值"),
        ("registered_capital:from:很多", "不是金额"),
        ("registered_capital:from:1e999999", "金额"),
        ("registered_capital:from:NaN", "金额"),
        ("name:has:" + "甲" * 101, "过长"),
        ("name:has:甲\x07乙", "不能保存的字符"),
        ("unit:is:9", "不在可选的内容中"),
        (";".join(["kind:is:team"] * 21), "不能超过 20 个"),
        ("kind", "不能这样比较"),
        (":::", "没有“”"),
    ],
)
def test_nonsense_gets_a_sentence(app: Flask, where: str, sentence: str) -> None:
    with app.test_request_context(), pytest.raises(DomainError) as refused:
        _with_no_units(lambda: conditions.read(COMPANIES, [where]))
    assert sentence in str(refused.value)


def _with_no_units(read: Any) -> Any:
    from flask import g

    g.units_seen = {}
    return read()


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=30))
@example(":")
@example("a,b;%3B%25::")
def test_what_is_typed_comes_back_from_the_address(words: str) -> None:
    made = conditions.condition(COMPANIES, "name", "has", [words])
    group = conditions.Group((made, made), is_any=True)
    again = conditions.read(COMPANIES, [group.text])
    assert again.groups[0].text == group.text
    assert next(again.conditions).typed == (words,)


def test_a_filter_is_changed_condition_by_condition() -> None:
    asked = conditions.read(COMPANIES, ["kind:is:team;industry:is:I", "industry:empty"])
    assert [group.text for group in asked.without(0, 0).groups] == [
        "industry:is:I",
        "industry:empty",
    ]
    assert [group.text for group in asked.without(1, 0).groups] == ["kind:is:team;industry:is:I"]
    assert asked.turned(0).groups[0].text == "any;kind:is:team;industry:is:I"
    assert asked.turned().pairs()[-1] == ("match", "any")
    more = conditions.condition(COMPANIES, "uscc", "empty", ["left over"])
    assert asked.with_condition(more, 1).groups[1].text == "industry:empty;uscc:empty"
    assert asked.with_condition(more, 7).groups[2].text == "uscc:empty"
