"""久未联系: firms in the park with which nobody was in touch for as long as the setting says."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template
from sqlalchemy import Select, and_, func, or_, select

from crm.companies.models import Company, Residence
from crm.companies.queries import covers, visible_to
from crm.core import clock
from crm.core.db import session
from crm.followup.models import LastContact
from crm.people.models import Unit, User
from crm.people.roles import Action
from crm.people.scope import Scope, scope_of
from crm.reference import settings
from crm.web.guards import my_scope, needs
from crm.web.paging import Count, count, page

bp = Blueprint("neglected", __name__, url_prefix="/companies")

AT_HOME, COUNTED = 6, 1000


def neglected(scope: Scope, days: int) -> Select[*tuple[Any, ...]]:
    """Firms in residence today without a contact in the last `days`, with the last one there was."""
    last_on = LastContact.last_on
    query = _residents(scope).outerjoin(LastContact, _ABOUT_IT)
    return query.where(or_(last_on.is_(None), last_on < _limit(days)))


def longest_ago(scope: Scope, days: int) -> Select[*tuple[Any, ...]]:
    """Those of them with a contact, the oldest first: read off an index, without sorting."""
    query = _residents(scope).join(LastContact, _ABOUT_IT)
    query = query.where(LastContact.last_on < _limit(days))
    return query.order_by(LastContact.last_on, LastContact.subject_id)


def never_contacted(scope: Scope) -> Select[*tuple[Any, ...]]:
    """Those with none at all, newest firms first."""
    query = _residents(scope).outerjoin(LastContact, _ABOUT_IT)
    return query.where(LastContact.last_on.is_(None)).order_by(Company.id.desc())


_ABOUT_IT = and_(LastContact.subject_type == "company", LastContact.subject_id == Company.id)


def _limit(days: int) -> date:
    return clock.today() - timedelta(days=days)


def _residents(scope: Scope) -> Select[*tuple[Any, ...]]:
    is_here = (
        select(Residence.id)
        .where(
            Residence.company_id == Company.id,
            Residence.is_counted,
            covers(Residence, clock.today()),
        )
        .exists()
    )
    return (
        visible_to(scope)
        .join(Unit, Unit.id == Company.unit_id)
        .where(is_here)
        .with_only_columns(Company.id, Company.name, Unit.name.label("unit"), LastContact.last_on)
        .select_from(Company)
    )


@bp.get("/neglected")
@needs(Action.FOLLOWUP_READ)
def index() -> Any:
    """All of them, the rows behind the widget's figure."""
    days = settings.get("followup.neglected_days")
    query = neglected(my_scope(), days)
    return render_template(
        "companies/neglected.html", page=page(query, Company.id), count=count(query), days=days
    )


def at_home(user: User) -> Any:
    """The home widget: how many, and some: longest ago first, then those never contacted; none where all were seen."""
    days, scope = settings.get("followup.neglected_days"), scope_of(user)
    rows = list(session.execute(longest_ago(scope, days).limit(AT_HOME)))
    if len(rows) < AT_HOME:
        rows += session.execute(never_contacted(scope).limit(AT_HOME - len(rows)))
    if not rows:
        return None
    some = neglected(scope, days).with_only_columns(Company.id).limit(COUNTED + 1)
    number = session.scalar(select(func.count()).select_from(some.subquery())) or 0
    return {"rows": rows, "count": Count(min(number, COUNTED), number > COUNTED), "days": days}
