"""What every page of a firm begins with: the firm in the reader's scope."""

from flask import abort
from sqlalchemy import Select

from crm.companies.models import Company
from crm.companies.queries import visible_to
from crm.core.db import session
from crm.web.guards import my_scope


def visible(company_id: int) -> Select[Company]:
    return visible_to(my_scope()).where(Company.id == company_id)


def company_in_scope(company_id: int) -> Company:
    """The firm, if it lies in the reader's scope; 404 otherwise."""
    return session.scalar(visible(company_id)) or abort(404)
