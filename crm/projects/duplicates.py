"""Projects that may be one: the same investor with the same undertaking, registered twice by two offices."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import Row, Select, false, or_, select

from crm.companies.names import name_key
from crm.core.among import among
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
    """The projects anywhere in the park that may be this one, those of the same name first."""
    return twins_many([(name, investor, leave_out)], scope)[0]


def twins_many(asked: Sequence[tuple[str, str, int | None]], scope: Scope) -> list[list[Twin]]:
    """The same for many by name and investor, each without one that is known to be another; in one statement.

    A sealed project is hinted at only to who would see it were it open: other units are not told that it exists.
    """
    if not asked:
        return []
    keys = [(name_key(name), name_key(investor)) for name, investor, _ in asked]
    named, invested = (sorted(set(some) - {""}) for some in zip(*keys, strict=True))
    by_name: dict[str, list[Any]] = defaultdict(list)
    by_investor: dict[str, list[Any]] = defaultdict(list)
    for row in session.execute(_candidates(named, invested, scope)):
        by_name[row.name_key].append(row)
        by_investor[row.investor_key].append(row)
    found = []
    for (key, investor_key), (_name, _investor, leave_out) in zip(keys, asked, strict=True):
        near = by_name.get(key, []) if key else []
        near = [*near, *(by_investor.get(investor_key, []) if investor_key else [])]
        likely = {
            row.id: row
            for row in near[:_CANDIDATES]
            if row.id != leave_out and _is_one(key, investor_key, row.name_key, row.investor_key)
        }
        ranked = sorted(likely.values(), key=lambda row, key=key: row.name_key != key)  # type: ignore[misc]
        found.append([_told(row) for row in ranked[:SHOWN]])
    return found


def _candidates(
    names: Sequence[str], investors: Sequence[str], scope: Scope
) -> Select[*tuple[Any, ...]]:
    columns = ((Project.name_key, names), (Project.investor_key, investors))
    conditions = [among(column, keys) for column, keys in columns if keys]
    return (
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
            or_(false(), *conditions),
        )
        .order_by(Project.id.desc())
    )


def _is_one(key: str, investor_key: str, other: str, other_investor: str) -> bool:
    if key == other:  # an investor who is not yet known may be the same
        return investor_key == other_investor or not (investor_key and other_investor)
    return bool(key) and fuzz.ratio(key, other) >= SIMILAR


def _told(row: Row[*tuple[Any, ...]]) -> Twin:
    if row.is_there:
        return Twin(row.unit, row.id, row.name, row.stage)
    return Twin() if row.is_sealed else Twin(row.unit)
