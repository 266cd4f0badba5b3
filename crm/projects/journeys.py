"""A project's way through the stages: the day on which it first came to each of them, or beyond.

Who builds figures on this counts each project once in each stage, however often it stepped back and came again. `Project.came_on`
repeats what the steps say, so that neither a chart nor the rows behind it walk over all steps. A day knows those until then.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case

from crm.core.columns import day_at
from crm.projects.models import PIPELINE, Project, Stage

NEVER = date.max
NOWHERE = (NEVER,) * len(PIPELINE)


def first_days(
    steps: Iterable[tuple[Stage, date]], so_far: tuple[date, ...] = NOWHERE
) -> tuple[date, ...]:
    """The first days at each stage or beyond, NEVER where none was; after more steps to those `so_far`, in any order."""
    days = list(so_far)
    for stage, on in steps:
        if stage in PIPELINE:
            for place in range(PIPELINE.index(stage) + 1):
                days[place] = min(days[place], on)
    return tuple(days)


def came_to(stage: Stage, on: date) -> ColumnElement[Any]:
    """The first day at a stage or beyond; none where the project had not come so far by a day."""
    came = day_at(Project.came_on, PIPELINE.index(stage))
    return case((came <= on, came))


def is_furthest(stage: Stage, on: date) -> ColumnElement[bool]:
    """The condition that a project had come to a stage by a day, and to none beyond it."""
    is_there = came_to(stage, on).is_not(None)
    if stage == PIPELINE[-1]:
        return is_there
    return and_(is_there, came_to(PIPELINE[PIPELINE.index(stage) + 1], on).is_(None))
