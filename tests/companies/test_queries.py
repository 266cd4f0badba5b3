"""Whose firms are seen, what a search finds, which names look alike, where a fact is counted."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz
from sqlalchemy import select

from crm.companies import grams, queries
from crm.companies.models import Company
from crm.core.db import session
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from tests.factories import make_company, make_residence, make_unit, make_uscc


def _found(words: str) -> set[str]:
    query = queries.search(queries.visible_to(WHOLE_PARK_SCOPE), words)
    return {company.name for company in session.scalars(query)}


def test_a_search_finds_two_characters_initials_and_parts_of_the_code(app: Any) -> None:
    carrier = make_unit()
    a = make_company(carrier, "常州重庆银行科技有限公司", uscc=make_uscc(77))
    b = make_company(carrier, "南京光子芯片有限公司", uscc=make_uscc(88))
    assert _found("光子") == {b.name}
    assert _found("GZXP") == {b.name}
    assert _found("cqyh") == {a.name}
    assert _found(a.uscc[-6:]) == {a.name}
    assert _found("芯片 南京") == {b.name}
    assert _found("芯片 重庆") == set()
    assert _found("") == {a.name, b.name}


def test_signs_of_the_pattern_language_mean_themselves(app: Any) -> None:
    carrier = make_unit()
    make_company(carrier, "常州甲科技有限公司")
    odd = make_company(carrier, "50%_a/b\\c'\"--科技")
    assert _found("%") == _found("_") == _found("/") == _found("\\") == {odd.name}
    assert _found("'\"--") == {odd.name}


def test_staff_see_the_firms_of_their_own_unit_and_those_below(cast: Any) -> None:
    below = make_unit(parent=cast.carrier_a)
    mine, deeper = make_company(cast.carrier_a), make_company(below)
    make_company(cast.carrier_b)
    seen = session.scalars(queries.visible_to(scope_of(cast.a))).all()
    assert {company.id for company in seen} == {mine.id, deeper.id}
    assert len(session.scalars(queries.visible_to(scope_of(cast.leader))).all()) == 3
    assert session.scalars(queries.visible_to(scope_of(cast.admin))).all() == []


def test_a_residence_counts_from_its_first_day_until_the_day_before_it_ended(app: Any) -> None:
    first, second = make_unit(), make_unit()
    company = make_company(first)
    make_residence(company, first, date(2019, 3, 4), date(2020, 5, 6))
    make_residence(company, second, date(2020, 5, 6))
    make_residence(company, second, date(2018, 1, 1), is_counted=False)

    def home_on(day: date) -> int | None:
        home, at_home = queries.counted_carrier(Company.id, day)
        return session.scalar(select(home.carrier_id).select_from(Company).join(home, at_home))

    assert home_on(date(2019, 3, 3)) is None
    assert home_on(date(2019, 3, 4)) == first.id
    assert home_on(date(2020, 5, 5)) == first.id
    assert home_on(date(2020, 5, 6)) == second.id
    assert home_on(date(2030, 1, 1)) == second.id


def test_the_day_of_counting_can_be_a_column_of_the_fact(app: Any) -> None:
    first, second = make_unit(), make_unit()
    before = make_company(first, established_on=date(2020, 5, 5))
    after = make_company(first, established_on=date(2020, 5, 6))
    for company in (before, after):
        make_residence(company, first, date(2019, 3, 4), date(2020, 5, 6))
        make_residence(company, second, date(2020, 5, 6))
    home, at_home = queries.counted_carrier(Company.id, Company.established_on)
    rows = session.execute(select(Company.id, home.carrier_id).join(home, at_home)).all()
    assert {tuple(row) for row in rows} == {(before.id, first.id), (after.id, second.id)}


def _alike(name: str, uscc: str | None = None, **kwargs: Any) -> list[str]:
    return [found.name for found in queries.look_alikes(name, uscc, WHOLE_PARK_SCOPE, **kwargs)]


def test_names_that_differ_in_legal_form_or_one_added_character_look_alike(app: Any) -> None:
    carrier = make_unit()
    same = make_company(carrier, "常州光子芯片科技有限公司")
    longer = make_company(carrier, "常州光子芯片新科技股份有限公司")
    make_company(carrier, "常州量子雷达装备有限公司")
    assert _alike("常州（光子芯片）科技有限责任公司") == [same.name, longer.name]
    assert _alike("南京完全不同材料有限公司") == []
    assert _alike(same.name, leave_out=same.id) == [longer.name]


def test_the_same_code_looks_alike_whatever_the_name(app: Any) -> None:
    company = make_company(make_unit(), "常州光子芯片科技有限公司", uscc=make_uscc(91))
    [found] = queries.look_alikes("另一名称", make_uscc(91), WHOLE_PARK_SCOPE)
    assert (found.company_id, found.has_same_code) == (company.id, True)
    assert _alike("", None) == []


def test_of_a_firm_outside_the_scope_only_its_carrier_is_told(cast: Any) -> None:
    company = make_company(cast.carrier_b, "常州光子芯片科技有限公司")
    [found] = queries.look_alikes(company.name, company.uscc, scope_of(cast.a))
    assert found == queries.LookAlike(cast.carrier_b.name, has_same_code=True)
    assert company.name not in repr(found)


def test_no_more_than_five_are_shown_likeliest_first(app: Any) -> None:
    carrier = make_unit()
    for letter in "甲乙丙丁戊己":
        make_company(carrier, f"常州高新光子芯片科技研究院{letter}")
    exact = make_company(carrier, "常州高新光子芯片科技研究院")
    found = _alike("常州高新光子芯片科技研究院有限公司")
    assert len(found) == 5
    assert found[0] == exact.name


@given(st.text("甲乙丙丁", min_size=1, max_size=24), st.text("甲乙丙丁", min_size=1, max_size=24))
def test_pieces_of_a_key_never_miss_a_very_similar_one(key: str, other: str) -> None:
    """What the candidates' query relies on: were it to leave one out, this would find it."""
    if fuzz.ratio(key, other) >= queries.VERY_SIMILAR:
        (shortest, longest), parts = queries.pieces(key)
        assert shortest <= len(other) <= longest
        assert any(part in other for part in parts)


NAMES = st.text("甲乙丙丁戊己", min_size=5, max_size=30)


@given(NAMES, NAMES)
def test_groups_of_a_key_never_miss_a_very_similar_one(key: str, other: str) -> None:
    _expect_a_whole_group(key, other)


@given(NAMES, st.data())
def test_groups_of_a_key_never_miss_one_with_a_few_characters_changed(key: str, data: Any) -> None:
    other = list(key)
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(other)))
        other[at : at + data.draw(st.integers(0, 1))] = data.draw(st.sampled_from(["", "甲", "庚"]))
    _expect_a_whole_group(key, "".join(other))


def _expect_a_whole_group(key: str, other: str) -> None:
    groups = queries.groups_of(key)
    if groups and fuzz.ratio(key, other) >= queries.VERY_SIMILAR:
        assert any(set(group) <= set(grams.pairs_of(other)) for group in groups)


def test_no_short_key_is_very_similar_to_another() -> None:
    for length in range(1, queries.SHORTEST_UNLIKE):
        assert fuzz.ratio("甲" * length, "甲" * (length + 1)) < queries.VERY_SIMILAR
    assert fuzz.ratio("甲" * length + "甲", "甲" * (length + 2)) >= queries.VERY_SIMILAR


@pytest.mark.parametrize("name", ["哈哈哈哈哈哈哈有限公司", "有限公司", "常州甲"])
def test_a_name_with_few_pairs_of_neighbours_still_finds_its_like(app: Any, name: str) -> None:
    company = make_company(make_unit(), name)
    assert _alike(company.name) == [company.name]
