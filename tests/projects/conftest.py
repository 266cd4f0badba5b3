"""What the tests of projects begin with: a project that lacks nothing, and one that lacks everything."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.companies.models import FutureIndustry
from tests import factories

FACTS: dict[str, Any] = {
    "investor": "深蓝控股", "contact": "王经理", "future_industry": FutureIndustry.AI, "source": "以商引商",
    "expected_investment": Decimal(3_000_000), "visited_on": date(2020, 3, 10), "space_wish": "三号楼",
    "intent_document": "框架协议", "agreement_number": "协20-7", "agreement_on": date(2020, 4, 8),
    "agreed_investment": Decimal(2_500_000), "filing_number": "备2020-11",
    "permit_number": "施2020-3", "works_seen_on": date(2020, 7, 2), "accepted_on": date(2020, 9, 1),
    "in_use_on": date(2020, 9, 12),
}  # fmt: skip


@pytest.fixture
def ready(app: Any, cast: factories.Cast) -> Any:
    """ready(…) makes a project whose every gate is met, but for what is overridden."""
    firm = factories.make_company(cast.carrier_a)

    def make(*stages: Any, **values: Any) -> Any:
        owner = values.pop("owner", cast.investment)
        values = {**FACTS, "builder_id": firm.id, **values}
        return factories.make_project(
            cast.carrier_a, values.pop("name", ""), *stages, owner=owner, **values
        )

    return make
