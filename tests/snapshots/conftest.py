"""A snapshot on its way, and the records it counts."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.core.db import session, writing
from crm.snapshots import services
from crm.snapshots.models import Snapshot
from crm.snapshots.taking import take
from crm.targets.models import AnnualPlan, PlanMilestone, ProgressReport, ReviewState

AUG_31 = date(2020, 8, 31)


@pytest.fixture
def taken(plan, cast):
    """taken() is a draft as of 31 August by the supervisor; taken(until="approved") goes on from there."""

    def make(as_of=AUG_31, *, until="draft", title="8月份指标通报", replaces=None):
        found = take(session.get_one(AnnualPlan, plan.id), as_of)
        with writing():
            made = services.keep(found, title=title, by=cast.supervisor, replaces=replaces)
            if until != "draft":
                services.submit(made, by=cast.supervisor)
            if until == "approved":
                session.flush()
                services.approve(made, by=cast.leader)
            number = made.id
        return session.get_one(Snapshot, number)

    return make


def told_done(cast, code, on):
    """A milestone is reported done by hand, and verified; its number."""
    milestone = session.scalars(select(PlanMilestone).where(PlanMilestone.code == code)).one()
    with writing():
        session.add(
            ProgressReport(
                milestone_id=milestone.id, as_of_on=on, value=Decimal(1), note="报告",
                state=ReviewState.VERIFIED, reported_by_id=cast.a.id,
            )
        )  # fmt: skip
    return milestone.id
