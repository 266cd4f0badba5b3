"""Money: exact in code, whole fen in the database, 万元 for people."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import text

from crm.companies.models import Company
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.money import from_wan, to_wan
from tests import factories


@pytest.mark.parametrize(
    ("typed", "yuan"),
    [
        ("1200.5", "12005000.00"),
        ("1,200", "12000000.00"),
        ("0.000001", "0.01"),
        (" 3 ", "30000.00"),
    ],
)
def test_what_people_type_in_wan_becomes_exact_yuan(typed: str, yuan: str) -> None:
    assert from_wan(typed) == Decimal(yuan)
    assert to_wan(Decimal(yuan)) == Decimal(yuan) / 10000


@pytest.mark.parametrize(
    "typed", ["", "一百", "1e400", "1e999999", "NaN", "Infinity", "99999999999"]
)
def test_what_is_no_amount_gets_a_sentence(typed: str) -> None:
    with pytest.raises(DomainError):
        from_wan(typed)


def test_an_amount_is_kept_as_whole_fen(app: Flask) -> None:
    unit = factories.make_unit()
    company = factories.make_company(unit, registered_capital=Decimal("123456789012.34"))

    session.remove()
    stored = session.execute(text("SELECT registered_capital FROM companies")).scalar_one()
    assert stored == 12345678901234
    assert session.get_one(Company, company.id).registered_capital == Decimal("123456789012.34")


def test_a_fraction_of_a_fen_is_refused(app: Flask) -> None:
    unit = factories.make_unit()
    with pytest.raises(Exception, match="whole number of fen"):
        factories.make_company(unit, registered_capital=Decimal("0.001"))
    session.rollback()
