"""A firm of carrier A that is over the line of software, and what it reported."""

from datetime import date
from decimal import Decimal

import pytest

from tests import factories


def report(firm, year, month, revenue_wan, **values):
    last_day = date(year + month // 12, month % 12 + 1, 1).toordinal() - 1
    return factories.make_operating_report(
        firm,
        year,
        month,
        date.fromordinal(last_day),
        revenue=Decimal(revenue_wan) * 10_000,
        **values,
    )


def resident(carrier, name="", **values):
    values = {"established_on": date(2015, 3, 2), **values}
    firm = factories.make_company(carrier, name, **values)
    factories.make_residence(firm, carrier, date(2016, 5, 3))
    return firm


@pytest.fixture
def firm(cast):
    made = resident(cast.carrier_a, "常州过线软件有限公司")
    report(made, 2020, 8, 2345)
    return made
