"""久未联系: firms in the park with which nobody was in touch for as long as the setting says."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template
from sqlalchemy import Select, and_, or_, select

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
from crm.web.paging import count, page

bp = Blueprint("neglected", __name__, url_prefix="/companies")

AT_HOME = 6


def neglected(scope: Scope, days: int) -> Select[*tuple[Any, ...]]:
    """Firms in residence today without a contact in the last `days`, with the last one there was."""
    today = clock.today()
    is_here = (
        select(Residence.id)
        .where(Residence.company_id == Company.id, Residence.is_counted, covers(Residence, today))
        .exists()
    )
    about_it = and_(LastContact.subject_type == "company", LastContact.subject_id == Company.id)
    return (
        visible_to(scope)
        .outerjoin(LastContact, about_it)
        .join(Unit, Unit.id == Company.unit_id)
        .where(
            is_here,
            or_(
                LastContact.last_on.is_(None),
                LastContact.last_on < today - timedelta(days=days),
            ),
        )
        .with_only_columns(Company.id, Company.name, Unit.name.label("unit"), LastContact.last_on)
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
    """The home widget: how many, and some of them, longest ago first, those never contacted last."""
    days = settings.get("followup.neglected_days")
    query = neglected(scope_of(user), days)
    number = count(query.with_only_columns(Company.id))
    ordered = query.order_by(LastContact.last_on.is_(None), LastContact.last_on, Company.id)
    return {"rows": session.execute(ordered.limit(AT_HOME)).all(), "count": number, "days": days}
