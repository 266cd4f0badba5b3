"""What reports ask beyond the queries of the features they report on."""

from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import defer, joinedload

from crm.people.models import Unit, User
from crm.people.scope import Scope
from crm.pipeline.amounts import said_on
from crm.projects.models import Figure, Project
from crm.projects.queries import stage_on, visible_to
from crm.reports.models import IssuedReport


def placed_projects(scope: Scope, day: date) -> Select[*tuple[Any, ...]]:
    """Every project that had been reported by a day, with its stage on that day and the names around it."""
    placed = stage_on(day)
    return (
        visible_to(scope)
        .select_from(Project)
        .join(placed, placed.c.project_id == Project.id)
        .join(Unit, Unit.id == Project.unit_id)
        .outerjoin(User, User.id == Project.owner_id)
        .with_only_columns(
            Project.id,
            Project.name,
            Project.kind,
            Project.investor,
            Project.origin,
            Project.economy_type,
            Project.future_industry,
            Project.currency,
            said_on(day, Project.id, Figure.EXPECTED.value).label("expected_investment"),
            said_on(day, Project.id, Figure.AGREED.value).label("agreed_investment"),
            Project.next_action,
            Project.next_action_on,
            Project.unit_id,
            Unit.name.label("unit"),
            User.name.label("owner"),
            placed.c.stage,
            placed.c.entered_on,
        )
    )


def issued_reports(scope: Scope) -> Select[IssuedReport]:
    """The reports that went out about units of the scope (the whole park's for who sees all of it), the newest first."""
    inside = scope.includes(func.coalesce(IssuedReport.unit_id, 0))
    if scope.is_whole_park:
        inside = or_(IssuedReport.unit_id.is_(None), inside)
    return (
        select(IssuedReport)
        .where(inside)
        .order_by(IssuedReport.month.desc(), IssuedReport.id.desc())
        .options(
            joinedload(IssuedReport.unit),
            joinedload(IssuedReport.approved_by),
            defer(IssuedReport.content),
        )
    )
