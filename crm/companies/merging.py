"""Two records of one firm become one: what would move, what stands against it, and the merge (docs/decisions/0016).

The record that is merged stays as a tombstone: archived, its addresses lead to the other one, its code stays reserved
unless the other one takes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, record
from crm.companies import completeness, duplicates
from crm.companies.duplicate_models import DuplicatePair, Merge, PairState
from crm.companies.former_names import FormerNameDetails, former_name_row
from crm.companies.ledger import Ledger
from crm.companies.links import LinkDetails, expect_sound_at
from crm.companies.merge_children import Reference, Row, references, settle
from crm.companies.models import Company, FormerName, Residence
from crm.companies.residence import details_of as stay_details
from crm.companies.residence import home_of
from crm.companies.services import (
    CompanyDetails,
    already_registered,
    details_of,
    expect_staff,
    facts_row,
)
from crm.companies.stays import Together, together
from crm.core import clock
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_

COMPANIES: Table = Company.__table__  # type: ignore[assignment]
FACTS = tuple(each.name for each in fields(CompanyDetails))
KEPT_BECAUSE = N_("与“%(name)s”重复登记")
_TOMBSTONE = ("uscc", "archived_at", "archived_by_id", "archive_reason", "merged_into_id")
_LINK = tuple(each.name for each in fields(LinkDetails))


@dataclass(frozen=True)
class Obstacle:
    """Why two firms cannot be merged as they are: a sentence, and the page where it can be settled."""

    message: str
    values: Mapping[str, Any]
    href: str = ""


class MergeRefused(Conflict):
    """Rows of the two firms contradict each other; a person must settle that first."""

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        super().__init__(N_("两家企业的记录有 %(n)s 处矛盾，请先处理。"), n=len(obstacles))
        self.obstacles = obstacles


@dataclass(frozen=True)
class Line:
    """One kind of rows: how many the firm that goes on has, how many come to it, how many stay with the other record."""

    reference: Reference
    there: int
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


def merge(
    winner: Company,
    loser: Company,
    details: CompanyDetails,
    *,
    version: int | None,
    other_version: int | None,
    by: Actor,
) -> Merge:
    """Take the second firm's record into the first one's, which says `details` from then on.

    Raises StaleRecord, MergeRefused, AlreadyRegistered, DomainError.
    """
    versions = {winner.id: version, loser.id: other_version}
    for firm in sorted((winner, loser), key=lambda firm: firm.id):
        firm.expect_version(versions[firm.id])
    _expect_two_standing(winner, loser)
    if details.staff_contact_id not in (winner.staff_contact_id, loser.staff_contact_id):
        expect_staff(details.staff_contact_id, by)
    found = plan(winner, loser)
    if found.obstacles:
        raise MergeRefused(found.obstacles)
    session.flush()
    before = {firm.id: _columns(firm) for firm in (winner, loser)}
    ledger = Ledger()
    _move(found, ledger, winner, loser)
    _bury(loser, winner, details, by=by)
    _keep_names(winner, loser, details, ledger)
    session.flush()
    session.expire_all()
    _describe(winner, details, by=by)
    for firm in (winner, loser):
        ledger.note(COMPANIES, {"id": firm.id}, before[firm.id], _columns(firm))
    ledger.mark(line.table for line in references())
    made = Merge(winner_id=winner.id, loser_id=loser.id, by_id=by.id, written=ledger.dump())
    session.add(made)
    session.flush()
    _say_merged(winner.id, loser.id, by)
    duplicates.look_again(winner, loser)
    _log(winner, loser, before, made, by=by)
    return made


# What would move


def _line(
    reference: Reference,
    winner: Company,
    loser: Company,
    stays: Together,
    obstacles: list[Obstacle],
) -> Line:
    there = reference.rows(winner.id)
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
    return Line(reference, len(there), moving, staying)


def _split(rows: Sequence[Row], is_left: Any) -> tuple[list[Row], list[Row]]:
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


# The merge


def _expect_two_standing(winner: Company, loser: Company) -> None:
    if winner.id == loser.id:
        raise DomainError(N_("请选择两家不同的企业。"))
    for firm in (winner, loser):
        if firm.merged_into:
            message = N_("“%(name)s”已并入“%(into)s”，不能再合并。")
            raise Conflict(message, name=firm.name, into=firm.merged_into.name)
        if firm.archived_at:
            raise Conflict(N_("“%(name)s”已归档，请先恢复再合并。"), name=firm.name)


def _move(found: Plan, ledger: Ledger, winner: Company, loser: Company) -> None:
    has_first = any(contact.is_primary for contact in winner.contacts)
    for line in found.lines:
        table, column = line.reference.table, line.reference.column
        if table.name == "last_contacts" and line.staying:
            _touch(table, line, ledger, winner)
        elif table.name == "contacts" and has_first:
            ledger.write(table, line.moving, {column: winner.id, "is_primary": False})
        elif line.moving:
            ledger.write(table, line.moving, {column: winner.id})
    _join_stays(found.stays, ledger)


def _touch(table: Table, line: Line, ledger: Ledger, winner: Company) -> None:
    """The last contact is the later of the two."""
    last_on = line.staying[0]["last_on"]
    for row in line.reference.rows(winner.id):
        if row["last_on"] < last_on:
            ledger.write(table, [row], {"last_on": last_on})


def _join_stays(stays: Together, ledger: Ledger) -> None:
    table: Table = Residence.__table__  # type: ignore[assignment]
    for id_, values in stays.written.items():
        rows = session.execute(select(table).where(table.c.id == id_)).mappings().all()
        ledger.write(table, rows, values)


def _bury(loser: Company, winner: Company, details: CompanyDetails, *, by: Actor) -> None:
    """The tombstone keeps its code, so that nobody registers it anew, unless the other firm takes it."""
    if details.uscc == loser.uscc:
        loser.uscc = None
    loser.archived_at, loser.archived_by_id = clock.now(), by.id
    loser.archive_reason = (KEPT_BECAUSE % {"name": details.name})[:200]
    loser.merged_into_id = winner.id


def _keep_names(winner: Company, loser: Company, details: CompanyDetails, ledger: Ledger) -> None:
    """Names that the firm then no longer has become former ones: searches and lists of names find it by them."""
    names = (winner.name, loser.name)
    known = {details.name, *(former.name for former in winner.former_names)}
    known |= {former.name for former in loser.former_names}
    reason = KEPT_BECAUSE % {"name": details.name}
    for name in dict.fromkeys(names):
        if name not in known:
            kept = FormerNameDetails(name, clock.today(), reason[:200])
            former = FormerName(company_id=winner.id, **former_name_row(kept))
            session.add(former)
            session.flush()
            ledger.added.append((FormerName.__tablename__, former.id))


def _describe(winner: Company, details: CompanyDetails, *, by: Actor) -> None:
    row = facts_row(
        details,
        former_names=[former.name for former in winner.former_names],
        people=[contact.name for contact in winner.contacts],
        former_codes=winner.former_codes,
    )
    row["completeness"] = completeness.percentage(row, has_contact=completeness.has_contact(winner))
    counted = [stay_details(each) for each in winner.residences if each.is_counted]
    row["unit_id"] = home_of(counted) if counted else winner.unit_id
    try:
        with session.begin_nested():
            for name, value in row.items():
                setattr(winner, name, value)
            session.flush()
    except IntegrityError as error:
        raise already_registered(row["uscc"], by) from error


def _say_merged(winner_id: int, loser_id: int, by: Actor) -> None:
    """The pair's row tells of every merge, also of one that nobody had proposed."""
    pair = session.scalar(duplicates.pair_of(winner_id, loser_id))
    if pair is None:
        lower, higher = sorted((winner_id, loser_id))
        pair = DuplicatePair(
            lower_id=lower, higher_id=higher, reasons=frozenset(), score=0, seen=""
        )
        session.add(pair)
    pair.state, pair.decided_by_id, pair.decided_at = PairState.MERGED, by.id, clock.now()


def _log(
    winner: Company,
    loser: Company,
    before: Mapping[int, Mapping[str, Any]],
    made: Merge,
    *,
    by: Actor,
) -> None:
    was = before[winner.id]
    now = {name: getattr(winner, name) for name in (*FACTS, "unit_id")}
    changes = {name: (was[name], value) for name, value in now.items() if was[name] != value}
    told = {"merge_id": made.id, "version": winner.version}
    record("company.merged", winner, by=by, changes=changes, other=loser.name, **told)
    record("company.merged_away", loser, by=by, into=winner.name, merge_id=made.id)


def _columns(firm: Company) -> dict[str, Any]:
    return {name: getattr(firm, name) for name in (*FACTS, "unit_id", *_TOMBSTONE)}


def _residences(firm: Company) -> Sequence[Residence]:
    return session.scalars(select(Residence).where(Residence.company_id == firm.id)).all()


def defaults(winner: Company, loser: Company) -> CompanyDetails:
    """What the result says until a person chooses: the first firm's facts, the second one's where those are empty."""
    mine, theirs = details_of(winner), details_of(loser)
    chosen = {name: getattr(mine, name) or getattr(theirs, name) for name in FACTS}
    return CompanyDetails(**{**chosen, "kind": mine.kind})
