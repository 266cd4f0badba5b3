"""A park with unequal numbers, and dates on both sides of 31 August and 30 September 2020."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.companies.models import FutureIndustry
from crm.projects.models import EconomyType, Origin, Stage
from tests.factories import Cast, make_project

HOSTILE = "=1+1<script>alert(1)</script>&\"'{{7*7}}𠮷项目"
LEAD, TALKS, INTENT, SIGNED, _, BUILDING, _, PAUSED, LOST = Stage


@pytest.fixture
def projects(cast: Cast) -> dict[str, Any]:
    """By name; units: three in carrier A, three in B, the others at the office."""
    a, b, office = cast.carrier_a, cast.carrier_b, cast.office
    return {
        # stood still
        "lead": make_project(
            a,
            "甲线索",
            (LEAD, date(2020, 7, 1)),
            expected_investment=Decimal("12345678.91"),
            future_industry=FutureIndustry.ROBOTICS,
            owner=cast.investment,
            next_action="约访",
            next_action_on=date(2020, 10, 9),
        ),
        "hostile": make_project(
            b,
            HOSTILE,
            (LEAD, date(2020, 9, 20)),
            expected_investment=Decimal("1000000.05"),
            investor="@SUM(A1)",
        ),
        # on the very edges of the period: 31 August is before it, 30 September in it
        "before": make_project(
            a,
            "期前意向",
            (LEAD, date(2020, 1, 5)),
            (TALKS, date(2020, 6, 1)),
            (INTENT, date(2020, 8, 31)),
            expected_investment=Decimal("70000000"),
            future_industry=FutureIndustry.AI,
        ),
        "last_day": make_project(
            office,
            "末日签约",
            (LEAD, date(2020, 1, 5)),
            (TALKS, date(2020, 3, 1)),
            (INTENT, date(2020, 5, 1)),
            (SIGNED, date(2020, 9, 30)),
            expected_investment=Decimal("90000000"),
            agreed_investment=Decimal("88000000"),
            economy_type=EconomyType.DIGITAL,
        ),
        # two steps on in one month, and one back
        "two_steps": make_project(
            office,
            "连进两步",
            (LEAD, date(2020, 2, 2)),
            (TALKS, date(2020, 9, 1)),
            (INTENT, date(2020, 9, 15)),
            origin=Origin.SINO_ISRAEL,
        ),
        "back": make_project(
            b,
            "退回在谈",
            (LEAD, date(2019, 5, 5)),
            (TALKS, date(2019, 9, 1)),
            (INTENT, date(2020, 2, 2)),
            (TALKS, date(2020, 9, 10)),
            expected_investment=Decimal("3000000"),
        ),
        "paused": make_project(
            office,
            "暂停项目",
            (LEAD, date(2020, 3, 3)),
            (PAUSED, date(2020, 9, 3)),
            expected_investment=Decimal("50000000"),
        ),
        "lost": make_project(
            b,
            "流失项目",
            (LEAD, date(2020, 4, 4)),
            (TALKS, date(2020, 5, 5)),
            (LOST, date(2020, 9, 9)),
        ),
        "returned": make_project(
            office,
            "恢复项目",
            (LEAD, date(2020, 1, 1)),
            (PAUSED, date(2020, 6, 6)),
            (LEAD, date(2020, 9, 5)),
        ),
        "building": make_project(
            a,
            "在建项目甲",
            (LEAD, date(2018, 1, 1)),
            (SIGNED, date(2018, 6, 1)),
            (BUILDING, date(2018, 9, 30)),
            expected_investment=Decimal("400000000"),
            agreed_investment=Decimal("512345600.5"),
            owner=cast.a,
        ),
    }
