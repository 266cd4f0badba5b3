"""What the tests of follow-up begin with: a firm of the first carrier, one of the second, and a way to give to do."""

from datetime import date
from typing import Any

import pytest

from crm.core.db import session, writing
from crm.followup import instructions, requests, subjects
from crm.followup.instructions import InstructionDetails
from crm.followup.models import Instruction, Request, RequestCategory
from crm.followup.requests import RequestDetails
from crm.people.scope import WHOLE_PARK_SCOPE
from tests import factories

DUE = date(2020, 10, 9)


@pytest.fixture
def firm(cast: factories.Cast) -> Any:
    return factories.make_company(cast.carrier_a, "常州甲公司")


@pytest.fixture
def other_firm(cast: factories.Cast) -> Any:
    return factories.make_company(cast.carrier_b, "常州乙公司")


@pytest.fixture
def asked(cast: factories.Cast, firm: Any) -> Request:
    """A request of 28 September for policy advice: due by 3 October, handled by who keeps the firm."""
    details = RequestDetails(date(2020, 9, 28), RequestCategory.POLICY, "咨询补贴", cast.a.id)
    with writing():
        ref = subjects.find("company", firm.id, WHOLE_PARK_SCOPE)
        return requests.receive("company", ref, details, by=session.merge(cast.a))


@pytest.fixture
def instruct(cast: factories.Cast, firm: Any) -> Any:
    """instruct(by=…) gives the firm's clerk the leader's instruction."""

    def give(by: Any = None, **values: Any) -> Instruction:
        details = InstructionDetails(
            **{
                "leader_id": cast.leader.id, "given_on": date(2020, 9, 29), "text": "请跟踪融资进展",
                "owner_id": cast.a.id, "due_on": DUE, **values,
            }
        )  # fmt: skip
        with writing():
            ref = subjects.find("company", firm.id, WHOLE_PARK_SCOPE)
            return instructions.give("company", ref, details, by=by or cast.leader)

    return give
