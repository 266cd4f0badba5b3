"""A firm as something that activities, tasks and instructions are about."""

from collections.abc import Collection

from crm.companies.models import Company
from crm.companies.queries import visible_to
from crm.core.db import session
from crm.core.registry import Subject, SubjectRef
from crm.core.words import N_
from crm.people.scope import Scope


def find_many(ids: Collection[int], scope: Scope) -> dict[int, SubjectRef]:
    query = visible_to(scope).where(Company.id.in_(ids))
    rows = session.execute(query.with_only_columns(Company.id, Company.name, Company.unit_id))
    return {
        row.id: SubjectRef(row.id, row.name, row.unit_id, f"/companies/{row.id}") for row in rows
    }


COMPANY = Subject(N_("企业"), "building", find_many)
