from datetime import date

import pytest

from crm.core.db import session, writing
from crm.responsibility import rounds
from crm.responsibility.models import ReportRound
from crm.targets.models import AnnualPlan

AUGUST = date(2020, 8, 31)


@pytest.fixture
def august(plan, cast):
    """The round of August, opened on the plan's last day; its number."""
    with writing():
        one = session.get(AnnualPlan, plan.id)
        found = rounds.open_round(one, AUGUST, by=cast.supervisor, on=date(2020, 9, 1))
        session.flush()
        number = found.id
    return session.get(ReportRound, number)
