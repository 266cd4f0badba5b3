"""The dated rows behind the four figures as owners of files: vouchers, agreements, site records."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import select

from crm.core.db import session
from crm.core.registry import SubjectRef
from crm.core.words import N_
from crm.investments.models import PaidInFund, WorksReport
from crm.people.scope import Scope
from crm.projects.models import Project, Valuation
from crm.projects.queries import readable

Rows = type[Valuation] | type[PaidInFund] | type[WorksReport]


def _find(model: Rows, record_id: int, scope: Scope) -> SubjectRef | None:
    """The row where its project is there for the reader: named by the project, found on the page of its money."""
    row = session.execute(
        select(Project.id, Project.name, Project.unit_id)
        .join(model, model.project_id == Project.id)
        .where(model.id == record_id, readable(scope))
    ).first()
    if row is None:
        return None
    return SubjectRef(record_id, row.name, row.unit_id, f"/investments/projects/{row.id}")


OWNERS: tuple[tuple[str, str, Callable[[int, Any], SubjectRef | None]], ...] = (
    ("valuation", N_("投资额记录"), partial(_find, Valuation)),
    ("paid_in_fund", N_("到账记录"), partial(_find, PaidInFund)),
    ("works_report", N_("完成投资记录"), partial(_find, WorksReport)),
)
