from decimal import Decimal

import pytest

from crm.reference.size_classes import SizeClass, size_class

LARGE, MEDIUM, SMALL, MICRO = SizeClass
SOFTWARE, FACTORY = "I65", "C34"


def ten_thousand(amount: str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount) * 10_000


def size(industry, employees=None, revenue=None, assets=None):
    """Money in 万元, as the regulation prints it."""
    return size_class(industry, employees, ten_thousand(revenue), ten_thousand(assets))


def test_a_software_firm_of_103_staff_and_15735_is_medium_although_its_revenue_is_large():
    assert size(SOFTWARE, 103, "15735") is MEDIUM


def test_a_factory_of_100_staff_and_2500_is_small_although_its_revenue_is_medium():
    assert size(FACTORY, 100, "2500") is SMALL


@pytest.mark.parametrize(
    ("industry", "employees", "revenue", "assets", "expected"),
    [
        (SOFTWARE, 300, "10000", None, LARGE),
        (SOFTWARE, 299, "10000", None, MEDIUM),
        (SOFTWARE, 300, "9999.99", None, MEDIUM),
        (SOFTWARE, 100, "1000", None, MEDIUM),
        (SOFTWARE, 100, "999.99", None, SMALL),
        (SOFTWARE, 10, "50", None, SMALL),
        (SOFTWARE, 9, "50", None, MICRO),
        (SOFTWARE, 10, "49.99", None, MICRO),
        (FACTORY, 1000, "40000", None, LARGE),
        (FACTORY, 300, "2000", None, MEDIUM),
        (FACTORY, 299, "2000", None, SMALL),
        (FACTORY, 20, "300", None, SMALL),
        (FACTORY, 19, "300", None, MICRO),
        ("B07", 300, "2000", None, MEDIUM),
        ("D44", 300, "1999", None, SMALL),
        ("A01", None, "500", None, MEDIUM),
        ("A01", None, "499", None, SMALL),
        ("E48", None, "80000", "79999", MEDIUM),
        ("E48", None, "300", "299", MICRO),
        ("F51", 20, "5000", None, MEDIUM),
        ("F51", 20, "4999", None, SMALL),
        ("F52", 50, "500", None, MEDIUM),
        ("G54", 300, "3000", None, MEDIUM),
        ("G59", 200, "30000", None, LARGE),
        ("G59", 99, "30000", None, SMALL),
        ("G60", 300, "2000", None, MEDIUM),
        ("G54", 300, "2000", None, SMALL),
        ("H61", 100, "1999", None, SMALL),
        ("H62", 300, "10000", None, LARGE),
        ("I63", 1999, "100000", None, MEDIUM),
        ("I64", 2000, "100000", None, LARGE),
        ("L72", 300, None, "119999", MEDIUM),
        ("L72", 300, None, "120000", LARGE),
    ],
)
def test_a_firm_needs_every_lower_bound_of_its_class(
    industry, employees, revenue, assets, expected
):
    assert size(industry, employees, revenue, assets) is expected


@pytest.mark.parametrize(
    ("industry", "expected"),
    [("K7010", MEDIUM), ("K7020", MICRO), ("K70", SMALL), ("K7030", SMALL), ("M73", SMALL)],
)
def test_real_estate_goes_by_its_four_digits_and_else_counts_as_other(industry, expected):
    assert size(industry, employees=99, revenue="1000", assets="5000") is expected


@pytest.mark.parametrize(("employees", "expected"), [(9, MICRO), (10, SMALL), (100, MEDIUM)])
def test_an_industry_without_a_row_of_its_own_goes_by_staff_alone(employees, expected):
    assert size("M75", employees) is expected


def test_a_missing_figure_leaves_the_class_unknown():
    assert size(SOFTWARE, 103, None) is None
    assert size(SOFTWARE, None, "15735") is None
    assert size("L72", 300, "999999", None) is None
    assert size("", 300, "10000", "10000") is None


def test_a_missing_figure_does_not_matter_once_another_makes_the_firm_micro():
    assert size(SOFTWARE, 9, None) is MICRO
    assert size(SOFTWARE, None, "49") is MICRO


def test_a_nought_is_a_figure():
    assert size(SOFTWARE, 0, "0") is MICRO
    assert size("M73", 0) is MICRO
