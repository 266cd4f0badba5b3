"""What the pages of firms share: the firm in the reader's scope, and a refusal put where it can be mended."""

from typing import Any

from flask import abort
from sqlalchemy import Select

from crm.companies.models import Company
from crm.companies.queries import visible_to
from crm.core.db import session
from crm.core.errors import DomainError
from crm.web.guards import my_scope
from crm.web.locale import sentence


def visible(company_id: int) -> Select[Company]:
    return visible_to(my_scope()).where(Company.id == company_id)


def company_in_scope(company_id: int) -> Company:
    """The firm, if it lies in the reader's scope; 404 otherwise."""
    return session.scalar(visible(company_id)) or abort(404)


def blame(form: Any, error: DomainError) -> int:
    """Put a refusal on the field that the person can mend, else on the form; its status."""
    if error.field and error.field in form:
        form[error.field].errors = [sentence(error)]
    else:
        form.form_errors = [sentence(error)]
    return error.status
