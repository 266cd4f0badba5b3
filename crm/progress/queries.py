"""What we ask about progress notes: which projects owe one, who has not reported, what was said."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import joinedload

from crm.core import clock
from crm.core.db import session
from crm.people.models import Unit, User
from crm.people.scope import Scope
from crm.progress.models import ProgressNote
from crm.progress.periods import Period
from crm.projects.models import Project, Stage
from crm.projects.queries import readable, stage_on
from crm.reference import settings


def owing(scope: Scope, period: Period) -> Select[*tuple[Any, ...]]:
    """The projects that owe a note for a period: those that stood at its end (or stand) in one of the stages that report."""
    stages = [Stage(stage) for stage in settings.get("progress.stages")]
    query = (
        select(
            Project.id,
            Project.name,
            Project.owner_id,
            User.name.label("owner"),
            Unit.name.label("unit"),
            is_noted(period).label("is_noted"),
        )
        .join(Unit, Unit.id == Project.unit_id)
        .outerjoin(User, User.id == Project.owner_id)
        .where(readable(scope), Project.first_reported_on <= period.ends_on)
    )
    if period.ends_on >= clock.today():
        return query.where(Project.stage.in_(stages))
    placed = stage_on(period.ends_on)
    return query.join(placed, placed.c.project_id == Project.id).where(placed.c.stage.in_(stages))


def is_noted(period: Period) -> ColumnElement[bool]:
    """The condition that something was said of a project for the period."""
    return exists().where(
        ProgressNote.project_id == Project.id,
        ProgressNote.cadence == period.cadence,
        ProgressNote.starts_on == period.starts_on,
    )


def sitting(scope: Scope, period: Period, owner_id: int | None) -> Select[*tuple[Any, ...]]:
    """One person's projects that owe a note, in the order in which they are gone through."""
    return owing(scope, period).where(Project.owner_id == owner_id).order_by(Project.id)


def standing(scope: Scope, period: Period, owner_id: int) -> tuple[int, int]:
    """How many projects a person's sitting has, and how many of them are not reported."""
    rows = sitting(scope, period, owner_id).order_by(None).subquery()
    is_left = case((rows.c.is_noted, 0), else_=1)
    total, left = session.execute(select(func.count(), func.sum(is_left)).select_from(rows)).one()
    return total, left or 0


def missing(scope: Scope, period: Period) -> Select[*tuple[Any, ...]]:
    """未报: the projects of which nothing was said yet, by who owns them."""
    return (
        owing(scope, period)
        .where(~is_noted(period))
        .order_by(User.name, Project.owner_id, Project.id)
    )


def notes_in(project_ids: Sequence[int] | Select[int], period: Period) -> dict[int, ProgressNote]:
    """What counts of these projects for a period: the last word on each, in one query."""
    rows = session.scalars(
        select(ProgressNote)
        .where(
            ProgressNote.cadence == period.cadence,
            ProgressNote.starts_on == period.starts_on,
            ProgressNote.project_id.in_(project_ids),
        )
        .order_by(ProgressNote.ordinal)
    )
    return {note.project_id: note for note in rows}


def note_before(project_id: int, period: Period) -> ProgressNote | None:
    """What was said last before a period: the next note begins from it."""
    return session.scalar(
        select(ProgressNote)
        .where(
            ProgressNote.project_id == project_id,
            ProgressNote.cadence == period.cadence,
            ProgressNote.starts_on < period.starts_on,
        )
        .order_by(ProgressNote.starts_on.desc(), ProgressNote.ordinal.desc())
        .limit(1)
    )


def notes_of(project_id: int, limit: int, *, until: date | None = None) -> Select[ProgressNote]:
    """What was said of one project, newest first, corrections included."""
    query = select(ProgressNote).where(ProgressNote.project_id == project_id)
    if until is not None:
        query = query.where(ProgressNote.starts_on <= until)
    return (
        query.order_by(ProgressNote.starts_on.desc(), ProgressNote.id.desc())
        .limit(limit)
        .options(joinedload(ProgressNote.by))
    )
