"""Firms whose operating figures of the last quarter that is due have not come in."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, render_template
from sqlalchemy import Select, select

from crm.companies.models import Company, CompanyKind, Residence
from crm.companies.queries import covers, visible_to
from crm.core import clock
from crm.core.db import session
from crm.operating.models import OperatingReport
from crm.people.models import Unit, User
from crm.people.roles import Action
from crm.people.scope import Scope, scope_of
from crm.reference import settings
from crm.web.guards import my_scope, needs
from crm.web.paging import count, page

bp = Blueprint("missing_reports", __name__, url_prefix="/operating/missing")

AT_HOME = 6
_QUARTER_ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))


class Period(NamedTuple):
    """Figures from January through a month."""

    year: int
    through_month: int


def period_due(today: date, due_days: int) -> Period:
    """The last quarter whose figures are due: its end lies at least `due_days` back."""
    return max(
        Period(year, month)
        for year in (today.year - 1, today.year)
        for month, day in _QUARTER_ENDS
        if date(year, month, day) + timedelta(days=due_days) <= today
    )


def missing_reports(scope: Scope, period: Period, today: date) -> Select[*tuple[Any, ...]]:
    """Enterprises in residence since before the quarter's end, without figures through its last month or later."""
    end = date(*period, dict(_QUARTER_ENDS)[period.through_month])
    is_reported = (
        select(OperatingReport.id)
        .where(
            OperatingReport.company_id == Company.id,
            OperatingReport.year == period.year,
            OperatingReport.through_month >= period.through_month,
        )
        .exists()
    )
    return (
        visible_to(scope)
        .join(Residence, Residence.company_id == Company.id)
        .join(Unit, Unit.id == Company.unit_id)
        .where(
            Company.kind == CompanyKind.ENTERPRISE,
            Residence.is_counted,
            Residence.from_on <= end,
            covers(Residence, today),
            ~is_reported,
        )
        .with_only_columns(Company.id, Company.name, Unit.name.label("unit"))
    )


def _asked(scope: Scope) -> tuple[Period, Select[*tuple[Any, ...]]]:
    today = clock.today()
    period = period_due(today, settings.get("operating.due_days"))
    return period, missing_reports(scope, period, today)


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
    """The home widget: how many, and the first of them; no card where all have reported."""
    period, query = _asked(scope_of(user))
    rows = session.execute(query.order_by(Company.id).limit(AT_HOME)).all()
    return {"rows": rows, "count": count(query), "period": period} if rows else None
