"""The rooms of a carrier that a project means to move into: those that its 用房 names, as far as the ledger of rooms has them."""

import re
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, and_, delete, func, insert, select

from crm.audit.services import SYSTEM, record
from crm.carriers.models import Building, Room
from crm.carriers.queries import visible_rooms
from crm.core.among import among
from crm.core.db import session, writing
from crm.core.registry import SubjectRef
from crm.people.scope import Scope
from crm.projects.models import Project, ProjectRoom, Stage
from crm.projects.queries import visible_to

BETWEEN = "、"
SETTLED = (Stage.COMPLETED, Stage.LOST)  # moved in, or never will
_IS_WAITING = and_(Project.rooms != "", Project.stage.not_in(SETTLED))
_SEPARATORS = re.compile(r"[、，,；;\n]")


def link_rooms(projects: Mapping[int, tuple[int | None, str]]) -> None:
    """Link projects anew to the rooms that they name; each with its carrier and its 用房. What the ledger lacks stays text."""
    session.execute(delete(ProjectRoom).where(among(ProjectRoom.project_id, list(projects))))
    links = _links_of(projects)
    if links:
        rows = [{"project_id": project, "room_id": room} for project, room in sorted(links)]
        session.execute(insert(ProjectRoom), rows)


def link_daily() -> None:
    """Link what a room entered since, or a project written down before there were links, left as text (registry.upkeep)."""
    waiting = select(Project.id, Project.carrier_id, Project.rooms).where(
        _IS_WAITING, Project.carrier_id.is_not(None)
    )
    projects = {id_: (carrier_id, text) for id_, carrier_id, text in session.execute(waiting)}
    there = session.execute(select(ProjectRoom.project_id, ProjectRoom.room_id))
    lacking = sorted({project_id for project_id, _ in _links_of(projects) - {*map(tuple, there)}})
    if not lacking:
        return
    with writing():
        for project in session.scalars(select(Project).where(among(Project.id, lacking))):
            link_rooms({project.id: (project.carrier_id, project.rooms)})
            record("project.rooms_linked", project, by=SYSTEM, rooms=project.rooms)


def _links_of(projects: Mapping[int, tuple[int | None, str]]) -> set[tuple[int, int]]:
    """Each project with the rooms that its 用房 names in its carrier."""
    wanted = [
        (project_id, carrier_id, _key(name))
        for project_id, (carrier_id, text) in projects.items()
        if carrier_id
        for name in _names(text)
    ]
    if not wanted:
        return set()
    keys = sorted({key for *_, key in wanted})
    ledger = select(Building.carrier_id, _LEDGER_KEY, Room.id).join(Building)
    rooms = {
        (carrier_id, key): room_id
        for carrier_id, key, room_id in session.execute(ledger.where(among(_LEDGER_KEY, keys)))
    }
    return {
        (project_id, rooms[carrier_id, key])
        for project_id, carrier_id, key in wanted
        if (carrier_id, key) in rooms
    }


def named(project: Project, scope: Scope) -> list[tuple[str, int | None]]:
    """What the project's 用房 names, each with the number of the room where it is one that the reader may open."""
    mine = visible_rooms(scope).join(ProjectRoom, ProjectRoom.room_id == Room.id)
    query = mine.where(ProjectRoom.project_id == project.id)
    rows = session.execute(query.with_only_columns(_LEDGER_KEY.label("key"), Room.id))
    known = {row.key: row.id for row in rows}
    return [(name, known.get(_key(name))) for name in _names(project.rooms)]


def seekers(room_ids: Collection[int], scope: Scope) -> dict[int, list[SubjectRef]]:
    """Room → the projects that mean to move in, as far as they are there for the reader."""
    query = (
        visible_to(scope)
        .join(ProjectRoom, ProjectRoom.project_id == Project.id)
        .where(among(ProjectRoom.room_id, list(room_ids)), Project.stage.not_in(SETTLED))
        .with_only_columns(ProjectRoom.room_id, Project.id, Project.name, Project.unit_id)
        .order_by(Project.id)
    )
    found: dict[int, list[SubjectRef]] = {}
    for room_id, id_, name, unit_id in session.execute(query):
        found.setdefault(room_id, []).append(SubjectRef(id_, name, unit_id, f"/projects/{id_}"))
    return found


def unknown(carrier_id: int, scope: Scope) -> list[tuple[SubjectRef, list[str]]]:
    """The projects whose 用房 names what the carrier's ledger lacks, as far as they are there for the reader, and these names."""
    query = (
        visible_to(scope)
        .where(_IS_WAITING, Project.carrier_id == carrier_id)
        .with_only_columns(Project.id, Project.name, Project.unit_id, Project.rooms)
        .order_by(Project.id)
    )
    projects = session.execute(query).all()
    keys = {_key(name) for row in projects for name in _names(row.rooms)}
    ledger = select(_LEDGER_KEY).select_from(Room).join(Building)
    there = ledger.where(Building.carrier_id == carrier_id, among(_LEDGER_KEY, sorted(keys)))
    known = set(session.scalars(there)) if keys else set()
    found = []
    for row in projects:
        if lacking := [name for name in _names(row.rooms) if _key(name) not in known]:
            ref = SubjectRef(row.id, row.name, row.unit_id, f"/projects/{row.id}")
            found.append((ref, lacking))
    return found


def suggested(typed: str, carrier_id: int, scope: Scope, most: int) -> list[str]:
    """What may be meant: the rooms of the carrier that go on as the last name does, behind the names that are complete."""
    *complete, last = _SEPARATORS.split(typed)
    like = visible_rooms(scope).where(
        Building.carrier_id == carrier_id,
        Room.closed_on.is_(None),
        _LEDGER_KEY.contains(_key(last), autoescape=True),
    )
    rows = session.scalars(like.order_by(Building.name, Room.number).limit(most))
    return [BETWEEN.join([*map(str.strip, complete), room.name]) for room in rows]


def _names(text: str) -> list[str]:
    return [name for part in _SEPARATORS.split(text) if (name := part.strip())]


def _key(name: str) -> str:
    """Of a room as people write it: A座1203室, A座 1203."""
    return re.sub(r"[\s室]", "", name)


_LEDGER_KEY: ColumnElement[str] = func.replace(
    func.replace(Building.name + Room.number, " ", ""), "室", ""
)
