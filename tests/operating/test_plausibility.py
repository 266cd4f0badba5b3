"""Odd figures are asked about: each rule on both sides of its edge, beside the firm's last report and by themselves."""

from dataclasses import replace
from decimal import Decimal

import pytest

from crm.operating.plausibility import DoubtKind, doubts, replaced
from crm.operating.services import OperatingDetails

MARCH = OperatingDetails(
    2020, 3, revenue=Decimal(3_000_000), assets=Decimal(5_000_000), staff=20, tech_staff=6,
    tax=Decimal(120_000), profit=Decimal(200_000), r_and_d=Decimal(150_000), high_tech_income=Decimal(900_000),
)  # fmt: skip
JUNE = replace(
    MARCH, through_month=6, revenue=Decimal(6_100_000), tax=Decimal(250_000), r_and_d=Decimal(310_000),
    high_tech_income=Decimal(1_800_000),
)  # fmt: skip
NEXT_MARCH = replace(JUNE, year=2021, through_month=3)


def kinds(now, before=MARCH):
    return [(doubt.figure.name, doubt.kind) for doubt in doubts(now, before)]


def test_figures_that_go_on_as_before_raise_no_question():
    assert kinds(JUNE) == []
    assert kinds(JUNE, None) == []


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        # 本年累计 never falls within the year
        ("revenue", "2999999.99", DoubtKind.FALLS),
        ("revenue", "3000000", None),
        ("tax", "119999", DoubtKind.FALLS),
        ("r_and_d", "149999", DoubtKind.FALLS),
        ("high_tech_income", "899999", DoubtKind.FALLS),
        # ten times the pace: 1 000 000 a month in March, 10 000 000 a month in June
        ("revenue", "59999999", None),
        ("revenue", "60000000", DoubtKind.JUMPS),
        # a stock has no pace
        ("assets", "49999999", None),
        ("assets", "50000001", DoubtKind.JUMPS),
        ("assets", "500001", None),
        ("assets", "499999", DoubtKind.DROPS),
        # exactly so many times: another unit of money
        ("revenue", "30000000", DoubtKind.SLIP),
        ("revenue", "3000000000", DoubtKind.SLIP),
        ("revenue", "30000000000", DoubtKind.SLIP),
        ("assets", "5000", DoubtKind.SLIP),
        ("assets", "500", DoubtKind.SLIP),
        ("assets", "500000", DoubtKind.SLIP),
        # profit may do what it likes but for the unit
        ("profit", "-400000", None),
        ("profit", "1999999", None),
        ("profit", "2000000000", DoubtKind.SLIP),
    ],
)
def test_an_amount_beside_the_last_one(name, value, kind):
    changed = replace(JUNE, tax=None, r_and_d=None, high_tech_income=None)
    found = kinds(replace(changed, **{name: Decimal(value)}))
    assert [k for n, k in found if n == name and k != DoubtKind.EXCEEDS] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("staff", "is_asked"), [(60, False), (61, True), (7, False), (6, True), (0, True)]
)
def test_staff_more_than_three_times_or_less_than_a_third(staff, is_asked):
    found = kinds(replace(JUNE, staff=staff, tech_staff=None))
    assert (("staff", DoubtKind.STAFF) in found) == is_asked


def test_two_people_more_are_no_question_in_the_smallest_firm():
    few = replace(MARCH, staff=1, tech_staff=0)
    assert kinds(replace(JUNE, staff=3, tech_staff=3), few) == []
    assert kinds(replace(JUNE, staff=4, tech_staff=0), few) == [("staff", DoubtKind.STAFF)]


def test_a_new_year_begins_anew_but_keeps_the_pace():
    before = replace(JUNE, through_month=12, revenue=Decimal(12_000_000))
    assert ("revenue", DoubtKind.FALLS) not in kinds(NEXT_MARCH, before)
    slow = replace(
        NEXT_MARCH, revenue=Decimal(300_000), tax=None, r_and_d=None, high_tech_income=None
    )
    assert kinds(slow, before) == [("revenue", DoubtKind.DROPS)]
    faster = replace(slow, revenue=Decimal(300_001))
    assert kinds(faster, before) == []


@pytest.mark.parametrize("name", ["tax", "r_and_d", "high_tech_income"])
def test_no_part_is_larger_than_the_revenue(name):
    full = replace(MARCH, **{name: MARCH.revenue})
    assert kinds(full, None) == []
    more = replace(MARCH, **{name: MARCH.revenue + Decimal("0.01")})
    assert kinds(more, None) == [(name, DoubtKind.EXCEEDS)]
    assert kinds(replace(more, revenue=None), None) == []


def test_no_more_technicians_than_people():
    assert kinds(replace(MARCH, tech_staff=20), None) == []
    assert kinds(replace(MARCH, tech_staff=21), None) == [("tech_staff", DoubtKind.OUTNUMBERS)]


def test_what_was_nothing_or_not_told_is_compared_with_nothing():
    nothing = replace(
        MARCH, revenue=Decimal(0), assets=None, tax=None, r_and_d=None, high_tech_income=None
    )
    assert kinds(replace(JUNE, assets=Decimal(1)), nothing) == []


def test_the_same_question_has_the_same_key_and_another_figure_another():
    (one,) = doubts(replace(JUNE, staff=61), MARCH)
    (same,) = doubts(replace(JUNE, staff=61, revenue=Decimal(6_200_000)), MARCH)
    (other,) = doubts(replace(JUNE, staff=62), MARCH)
    assert one.key == same.key != other.key


def test_what_would_be_replaced_is_asked_figure_by_figure():
    found = replaced(replace(MARCH, staff=21, profit=None), MARCH)
    assert [(d.figure.name, d.before, d.now) for d in found] == [
        ("staff", 20, 21),
        ("profit", MARCH.profit, None),
    ]
