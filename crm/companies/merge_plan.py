"""What merging two records of one firm would do to all that hangs on them, and what stands against it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import select

from crm.companies.links import LinkDetails, expect_sound_at
from crm.companies.merge_children import Reference, Row, references, settle
from crm.companies.models import Company, Residence
from crm.companies.stays import Together, together
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_

_LINK = tuple(each.name for each in fields(LinkDetails))


@dataclass(frozen=True)
class Obstacle:
    """Why two firms cannot be merged as they are: a sentence, and the page where it can be settled."""

    message: str
    values: Mapping[str, Any]
    href: str = ""


@dataclass(frozen=True)
class Line:
    """One kind of rows: how many the firm that goes on has, how many come to it, how many stay with the other record."""

    reference: Reference
    there: Sequence[Row]
    moving: Sequence[Row]
    staying: Sequence[Row] = ()


@dataclass(frozen=True)
class Plan:
    """What a merge would do to all that hangs on the two firms."""

    lines: Sequence[Line]
    obstacles: Sequence[Obstacle]
    stays: Together


def plan(winner: Company, loser: Company) -> Plan:
    """Asked of the present rows; nothing is written."""
    obstacles: list[Obstacle] = []
    stays = together(*(_residences(firm) for firm in (winner, loser)))
    obstacles += _two_places(stays, winner)
    lines = []
    for reference in references():
        line = _line(reference, winner, loser, stays, obstacles)
        if line.there or line.moving or line.staying:
            lines.append(line)
    obstacles += _unsound(lines, winner, loser)
    return Plan(lines, obstacles, stays)


def _line(
    reference: Reference,
    winner: Company,
    loser: Company,
    stays: Together,
    obstacles: list[Obstacle],
) -> Line:
    there = reference.rows(winner.id)
    moving: Sequence[Row]
    staying: Sequence[Row]
    match reference.table.name:
        case "residences":
            moving, staying = _split(
                reference.rows(loser.id), lambda row: row["id"] in stays.joined
            )
        case "residence_moves":
            left = _steps_left_behind(loser, stays)
            moving, staying = _split(reference.rows(loser.id), lambda row: row["id"] in left)
        case "company_links":
            moving, staying = _links(reference, winner, loser, obstacles)
        case "last_contacts":
            moving, staying = _split(reference.rows(loser.id), lambda _row: bool(there))
        case _:
            settled = settle(reference, winner.id, loser.id)
            obstacles += [_contradiction(reference, *pair) for pair in settled.refused]
            moving, staying = settled.moving, settled.staying
    return Line(reference, there, moving, staying)


def _split(rows: Sequence[Row], is_left: Callable[[Row], bool]) -> tuple[list[Row], list[Row]]:
    return [row for row in rows if not is_left(row)], [row for row in rows if is_left(row)]


def _contradiction(reference: Reference, row: Row, there: Row) -> Obstacle:
    kind = reference.kind
    name = next((str(there[n]) for n in ("number", "name", "what") if there.get(n)), "")
    values = {"kind": kind.label, "name": name}
    message = N_("两家都有同一项“%(kind)s”%(name)s，但内容不同，请先更正其中一项。")
    return Obstacle(message, values, kind.href.format_map(row))


def _two_places(stays: Together, winner: Company) -> Iterator[Obstacle]:
    for one, other in stays.refused:
        day = max(one.from_on, other.from_on).isoformat()
        message = N_("两家的入驻记录在 %(on)s 有冲突，无法判断当日的统计归属，请先更正入驻日期。")
        yield Obstacle(message, {"on": day}, f"/companies/{winner.id}#residences")


def _steps_left_behind(loser: Company, stays: Together) -> set[int]:
    """Steps that only residences left behind speak of."""
    spoken_of: dict[bool, set[int]] = {True: set(), False: set()}
    for stay in _residences(loser):
        spoken_of[stay.id in stays.joined] |= {stay.begun_with_id or 0, stay.ended_with_id or 0}
    for written in stays.written.values():
        spoken_of[False] |= {
            written.get("begun_with_id") or 0,
            written.get("ended_with_id") or 0,
        }
    return spoken_of[True] - spoken_of[False]


def _links(
    reference: Reference, winner: Company, loser: Company, obstacles: list[Obstacle]
) -> tuple[list[Row], list[Row]]:
    """A link that the other firm has just so stays behind, as one that has ended between the two does."""
    here = {_link(row, loser.id, winner.id) for row in reference.rows(winner.id)}
    moving, staying = [], []
    for row in reference.rows(loser.id):
        details = _link(row, loser.id, winner.id)
        if details.parent_id == details.child_id:
            if row["to_on"] is None:
                message = N_("两家之间登记有关联关系，说明是两家企业；登记有误的，请先结束关联。")
                obstacles.append(Obstacle(message, {}, f"/companies/{loser.id}#links"))
            staying.append(row)
        elif details in here:
            staying.append(row)
        else:
            moving.append(row)
    return moving, staying


def _unsound(lines: Sequence[Line], winner: Company, loser: Company) -> Iterator[Obstacle]:
    """What the links of both firms together would be that links may not."""
    coming = [
        _link(row, loser.id, winner.id)
        for line in lines
        if line.reference.table.name == "company_links"
        for row in line.moving
    ]
    try:
        expect_sound_at(winner.id, loser.id, coming)
    except DomainError as error:
        yield Obstacle(error.message, error.values, f"/companies/{loser.id}#links")


def _link(row: Row, of_id: int, as_id: int) -> LinkDetails:
    ends = {n: as_id if row[n] == of_id else row[n] for n in ("parent_id", "child_id")}
    return LinkDetails(**{**{name: row[name] for name in _LINK}, **ends})


def _residences(firm: Company) -> Sequence[Residence]:
    return session.scalars(select(Residence).where(Residence.company_id == firm.id)).all()
