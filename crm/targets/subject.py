"""A target as something that activities, tasks and instructions are about."""

from collections.abc import Collection

from sqlalchemy import select

from crm.core.db import session
from crm.core.registry import Subject, SubjectRef
from crm.core.words import N_
from crm.people.scope import Scope
from crm.targets.models import AnnualPlan, Indicator


def find_many(ids: Collection[int], scope: Scope) -> dict[int, SubjectRef]:
    rows = session.execute(
        select(Indicator.id, Indicator.code, Indicator.name, Indicator.unit_id, AnnualPlan.year)
        .join(AnnualPlan)
        .where(scope.includes(Indicator.unit_id), Indicator.id.in_(ids))
    )
    return {
        row.id: SubjectRef(
            row.id, f"{row.code} {row.name}", row.unit_id, f"/targets/{row.code}?year={row.year}"
        )
        for row in rows
    }


TARGET = Subject(N_("指标"), "target", find_many)
