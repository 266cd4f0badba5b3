"""What is typed into a cell becomes yuan or people, or a sentence about what is wrong with it."""

from decimal import Decimal

import pytest

from crm.core.attributes import MoneyUnit
from crm.core.errors import DomainError
from crm.operating.figures import BY_NAME, read, show

REVENUE, STAFF = BY_NAME["revenue"], BY_NAME["staff"]


@pytest.mark.parametrize(
    ("text", "unit", "yuan"),
    [
        ("1,234.5", MoneyUnit.WAN, "12345000"),
        ("１２", MoneyUnit.WAN, "120000"),
        ("1234.5", MoneyUnit.QIAN, "1234500"),
        ("0.30000000000000004", MoneyUnit.YUAN, "0.3"),
        ("-3", MoneyUnit.WAN, "-30000"),
        (" ", MoneyUnit.WAN, None),
    ],
)
def test_money_is_read_in_the_unit_of_the_sheet(text, unit, yuan):
    assert read(REVENUE, text, unit) == (None if yuan is None else Decimal(yuan))


@pytest.mark.parametrize(
    "text",
    ["约500", "500万", "=A1", "nan", "Infinity", "1e999999", "9" * 400, "\ufffe", "--", "1e15"],
)
def test_what_is_no_amount_is_refused_with_a_sentence(text):
    with pytest.raises(DomainError) as caught:
        read(REVENUE, text, MoneyUnit.WAN)
    assert caught.value.field == "revenue"


@pytest.mark.parametrize("text", ["2.5", "10000001", "1e99", "二十"])
def test_people_are_whole(text):
    assert read(STAFF, "23.0", MoneyUnit.QIAN) == 23
    with pytest.raises(DomainError):
        read(STAFF, text, MoneyUnit.QIAN)


def test_what_is_shown_is_read_as_the_same():
    for unit in MoneyUnit:
        assert read(REVENUE, show(REVENUE, Decimal("1234567.89"), unit), unit) == Decimal(
            "1234567.89"
        )
    assert (show(STAFF, 20, MoneyUnit.WAN), show(REVENUE, None, MoneyUnit.WAN)) == ("20", "")
