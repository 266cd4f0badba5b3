"""Two firms that have a home, and the least that each kind needs."""

from datetime import date
from decimal import Decimal

import pytest

from crm.core.attributes import Sort
from crm.core.db import writing
from crm.core.identifiers import patent_check_character
from crm.evidence import services
from crm.evidence.kinds import KINDS
from crm.evidence.services import Row
from tests import factories

DAY = date(2020, 3, 12)


def patent_number(serial=1, year=2020, kind=1):
    digits = f"{year}{kind}{serial:07d}"
    return f"{digits}.{patent_check_character(digits)}"


def least(kind, /, **more):
    """Plausible facts for all that a kind requires."""
    usual = {
        Sort.DATE: DAY, Sort.MONEY: Decimal(500_000), Sort.NUMBER: 2020, Sort.CODE: patent_number(),
    }  # fmt: skip
    values = {}
    for one in kind.own:
        if one.is_required:
            member = next(iter(one.choices)) if one.choices else None
            values[one.name] = member or usual.get(one.sort, f"{one.label}甲")
    if kind.key == "patents":
        values["kind"] = None
    return {**values, **more}


def save(key, by, /, *, company_id=None, **more):
    kind = KINDS[key]
    meta = {name: more.pop(name) for name in ("co_holder_ids", "unit_id", "state") if name in more}
    with writing():
        return services.save(kind, Row(least(kind, **more), company_id, **meta), by=by)


@pytest.fixture
def firm(cast):
    company = factories.make_company(cast.carrier_a, "常州甲科技有限公司")
    factories.make_residence(company, cast.carrier_a, date(2016, 3, 1))
    return company


@pytest.fixture
def neighbour(cast):
    company = factories.make_company(cast.carrier_b, "常州乙科技有限公司")
    factories.make_residence(company, cast.carrier_b, date(2016, 3, 1))
    return company
