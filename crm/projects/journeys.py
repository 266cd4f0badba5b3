"""A project's way through the stages: the day on which it first came to each of them, or beyond.

Who builds figures on this counts each project once in each stage, however often it stepped back and came again.
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, select

from crm.projects.models import PIPELINE, Stage, StageChange
from crm.projects.queries import counted


def journeys(on: date, among: Select[int] | None = None) -> Subquery:
    """For each project (`among` these) that was reported by a day: project_id, and by `came_to` the days."""
    firsts = [
        func.min(
            case((StageChange.to_stage.in_(PIPELINE[place:]), StageChange.effective_on))
        ).label(_name(stage))
        for place, stage in enumerate(PIPELINE)
    ]
    query = select(StageChange.project_id, *firsts).where(counted(), StageChange.effective_on <= on)
    if among is not None:
        query = query.where(StageChange.project_id.in_(among))
    return query.group_by(StageChange.project_id).subquery("journeys")


def came_to(found: Subquery, stage: Stage) -> ColumnElement[Any]:
    """The first day at a stage or beyond; none where the project has not come so far."""
    return found.c[_name(stage)]


def is_furthest(found: Subquery, stage: Stage) -> ColumnElement[bool]:
    """The condition that a project came to a stage and to none beyond it."""
    is_there = came_to(found, stage).is_not(None)
    if stage == PIPELINE[-1]:
        return is_there
    return and_(is_there, came_to(found, PIPELINE[PIPELINE.index(stage) + 1]).is_(None))


def _name(stage: Stage) -> str:
    return f"came_{stage.value}"
