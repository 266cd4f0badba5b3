"""Firms whose operating figures of the last quarter that is due have not come in."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template
from sqlalchemy import Select

from crm.companies.models import Company, CompanyKind, Residence
from crm.companies.queries import covers, visible_to
from crm.core import clock
from crm.core.db import session
from crm.operating.asking import due_period
from crm.operating.periods import Period
from crm.operating.queries import is_reported
from crm.operating.rounds import open_rounds
from crm.people.models import Unit, User
from crm.people.roles import Action
from crm.people.scope import Scope, scope_of
from crm.web.guards import my_scope, needs
from crm.web.paging import Count, count, page

bp = Blueprint("missing_reports", __name__, url_prefix="/operating/missing")

AT_HOME = 6
MOST_COUNTED_AT_HOME = 100  # a home page says "100+": it reads no further, however large the park


def missing_reports(scope: Scope, period: Period, today: date) -> Select[*tuple[Any, ...]]:
    """Enterprises in residence since before the quarter's end, without figures through its last month or later."""
    return (
        visible_to(scope)
        .join(Residence, Residence.company_id == Company.id)
        .join(Unit, Unit.id == Company.unit_id)
        .where(
            Company.kind == CompanyKind.ENTERPRISE,
            Residence.is_counted,
            Residence.from_on <= period.end_on,
            covers(Residence, today),
            ~is_reported(Company.id, period),
        )
        .with_only_columns(Company.id, Company.name, Unit.name.label("unit"))
    )


def _asked(scope: Scope) -> tuple[Period, Select[*tuple[Any, ...]]]:
    period = due_period()
    return period, missing_reports(scope, period, clock.today())


@bp.get("")
@needs(Action.COMPANIES_READ)
def index() -> Any:
    """All of them, the rows behind the widget's figure."""
    period, query = _asked(my_scope())
    return render_template(
        "operating/missing.html",
        page=page(query, Company.id),
        count=count(query),
        period=period,
    )


def at_home(user: User) -> Any:
    """The home widget: how many, the first of them, the round that collects them; no card where all have reported."""
    scope = scope_of(user)
    period, query = _asked(scope)
    rows = session.execute(query.order_by(Company.id).limit(MOST_COUNTED_AT_HOME + 1)).all()
    if not rows:
        return None
    number = Count(min(len(rows), MOST_COUNTED_AT_HOME), len(rows) > MOST_COUNTED_AT_HOME)
    one = session.scalar(open_rounds(scope).limit(1))
    return {"rows": rows[:AT_HOME], "count": number, "period": period, "round": one}
