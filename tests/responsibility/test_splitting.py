"""What may be split, what the parts make together, what a suggestion begins from."""

from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.responsibility.splitting import (
    by_weight,
    evenly,
    months_of,
    nested,
    quarters_of,
    total,
    whole_of,
)


def target(kind="flow", comparator=">=", value="20", unit_word="家"):
    return SimpleNamespace(
        kind=kind, comparator=comparator, target=Decimal(value), unit_word=unit_word
    )


@pytest.mark.parametrize(
    ("one", "floor", "whole"),
    [
        (target(), None, "20"),
        (target("sum", unit_word="亿元"), None, "20"),
        (target("reported"), None, "20"),
        (target("stock"), None, "20"),
        (target(comparator="range", value="1"), None, "1"),
        (target("growth", value="30", unit_word="%"), Decimal(2702), "2702"),
        (target("growth", value="30", unit_word="%"), None, None),
        (target("milestone"), None, None),
        (target(comparator="<="), None, None),
        (target(unit_word="%"), None, None),
    ],
)
def test_what_may_be_split_is_decided_by_kind_and_a_refusal_is_said(one, floor, whole):
    found = whole_of(one, floor)
    assert found.value == (None if whole is None else Decimal(whole))
    assert bool(found.refusal) == (whole is None)


def test_a_share_below_another_share_is_never_added():
    paths = {1: "/1/2/", 2: "/1/2/5/", 3: "/1/3/", 4: "/1/22/"}
    assert nested(paths) == {2}
    values = {1: Decimal(10), 2: Decimal(4), 3: Decimal(5), 4: Decimal("0.5")}
    assert total(values, paths) == Decimal("15.5")
    del values[1]
    assert total(values, paths) == Decimal("9.5")


@given(
    whole=st.decimals(0, 10**6, places=2),
    weights=st.dictionaries(st.integers(1, 40), st.fractions(0, 1000), min_size=1),
)
def test_a_suggestion_is_exactly_the_whole_and_fair_to_one_piece(whole, weights):
    found = by_weight(whole, weights, 2)
    heavy = {number: weight for number, weight in weights.items() if weight}
    assert set(found) == set(heavy)
    if heavy:
        assert sum(found.values()) == whole
        for number, value in found.items():
            exact = Fraction(whole) * heavy[number] / sum(heavy.values())
            assert abs(Fraction(value) - exact) < Fraction(1, 100)


def test_what_does_not_divide_evenly_goes_to_the_first():
    assert evenly(Decimal(20), [7, 8, 9], 0) == {7: Decimal(7), 8: Decimal(7), 9: Decimal(6)}


def test_quarters_become_months_and_back():
    months = months_of([Decimal(10), Decimal(30), Decimal(60), Decimal(100)])
    assert len(months) == 12
    assert Fraction(months[0]) == Fraction(1, 30)
    assert Fraction(months[8]) == Fraction(3, 5)
    assert quarters_of(months) == [10, 30, 60, 100]
