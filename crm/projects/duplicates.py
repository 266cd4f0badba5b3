"""Projects that may be one: the same investor with the same undertaking, registered twice by two offices."""

from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import Row, and_, or_, select

from crm.companies.names import name_key
from crm.core.db import session
from crm.people.models import Unit
from crm.people.scope import Scope
from crm.projects.models import Project, Stage
from crm.projects.queries import readable

SIMILAR = 75  # per cent of two names, of the same investor
_CANDIDATES, SHOWN = 200, 5


@dataclass(frozen=True)
class Twin:
    """A project that may be the same. One that is not there for the reader has neither number nor name; of a sealed one
    he does not even learn the unit."""

    unit: str = ""
    project_id: int | None = None
    name: str = ""
    stage: Stage | None = None


def twins(name: str, investor: str, scope: Scope, *, leave_out: int | None = None) -> list[Twin]:
    """The projects anywhere in the park that may be this one, those of the same name first.

    A sealed project is hinted at only to who would see it were it open: other units are not told that it exists.
    """
    key, investor_key = name_key(name), name_key(investor)
    rows = session.execute(
        select(
            Project.id,
            Project.name,
            Project.name_key,
            Project.investor_key,
            Project.stage,
            Unit.name.label("unit"),
            Project.is_sealed,
            readable(scope).label("is_there"),
        )
        .join(Unit, Unit.id == Project.unit_id)
        .where(
            Project.archived_at.is_(None),
            or_(Project.is_sealed.is_(False), scope.includes(Project.unit_id)),
            or_(
                and_(Project.name_key == key, Project.name_key != ""),
                and_(Project.investor_key == investor_key, Project.investor_key != ""),
            ),
        )
        .order_by(Project.id.desc())
        .limit(_CANDIDATES)
    ).all()
    likely = [
        (row.name_key == key, row)
        for row in rows
        if row.id != leave_out and _is_one(key, investor_key, row.name_key, row.investor_key)
    ]
    likely.sort(key=lambda found: not found[0])
    return [_told(row) for _, row in likely[:SHOWN]]


def _is_one(key: str, investor_key: str, other: str, other_investor: str) -> bool:
    if key == other:  # an investor who is not yet known may be the same
        return investor_key == other_investor or not (investor_key and other_investor)
    return bool(key) and fuzz.ratio(key, other) >= SIMILAR


def _told(row: Row[*tuple[Any, ...]]) -> Twin:
    if row.is_there:
        return Twin(row.unit, row.id, row.name, row.stage)
    return Twin() if row.is_sealed else Twin(row.unit)
