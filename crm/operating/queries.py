"""What we ask about operating figures."""

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from crm.companies.models import Company
from crm.companies.queries import visible_to
from crm.operating.models import OperatingReport
from crm.people.scope import Scope


def visible_reports(scope: Scope) -> Select[OperatingReport]:
    ids = visible_to(scope).with_only_columns(Company.id).order_by(None)
    return select(OperatingReport).where(OperatingReport.company_id.in_(ids))


def reports_of(company_id: int) -> Select[OperatingReport]:
    """A firm's operating reports, newest period first, with who entered and who verified them."""
    return (
        select(OperatingReport)
        .where(OperatingReport.company_id == company_id)
        .options(joinedload(OperatingReport.reported_by), joinedload(OperatingReport.verified_by))
        .order_by(OperatingReport.period_end_on.desc())
    )
