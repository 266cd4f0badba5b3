"""Two records of one firm become one (docs/decisions/0016).

The record that is merged stays as a tombstone: archived, its addresses lead to the other one, its code stays reserved
unless the other one takes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, record
from crm.companies import completeness, duplicates
from crm.companies.duplicate_models import DuplicatePair, Merge, PairState
from crm.companies.former_names import FormerNameDetails, former_name_row
from crm.companies.ledger import Ledger
from crm.companies.merge_children import references
from crm.companies.merge_plan import Line, Obstacle, Plan, plan
from crm.companies.models import Company, FormerName, Residence
from crm.companies.residence import details_of as stay_details
from crm.companies.residence import home_of, tell_of
from crm.companies.services import (
    CompanyDetails,
    already_registered,
    details_of,
    expect_staff,
    facts_row,
)
from crm.companies.stays import Together
from crm.core import clock
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_

COMPANIES: Table = Company.__table__  # type: ignore[assignment]
FACTS = tuple(each.name for each in fields(CompanyDetails))
KEPT_BECAUSE = N_("与“%(name)s”重复登记")
_TOMBSTONE = ("uscc", "archived_at", "archived_by_id", "archive_reason", "merged_into_id")


class MergeRefused(Conflict):
    """Rows of the two firms contradict each other; a person must settle that first."""

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        super().__init__(N_("两家企业的记录有 %(n)s 处矛盾，请先处理。"), n=len(obstacles))
        self.obstacles = obstacles


def defaults(winner: Company, loser: Company) -> CompanyDetails:
    """What the result says until a person chooses: the first firm's facts, the second one's where those are empty."""
    mine, theirs = details_of(winner), details_of(loser)
    chosen = {name: getattr(mine, name) or getattr(theirs, name) for name in FACTS}
    return CompanyDetails(**{**chosen, "kind": mine.kind})


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
    tell_of(winner)
    _log(winner, loser, before, made, by=by)
    return made


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
        elif line.reference.kind.rewritten is not None:
            for row in line.moving:
                then = line.reference.kind.rewritten(row, winner.id)
                ledger.write(table, [row], {column: winner.id, **then})
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
    record(
        "company.merged", winner, by=by, changes=changes, other=loser.name, merge_id=made.id,
        version=winner.version,
    )  # fmt: skip
    record("company.merged_away", loser, by=by, into=winner.name, merge_id=made.id)


def _columns(firm: Company) -> dict[str, Any]:
    return {name: getattr(firm, name) for name in (*FACTS, "unit_id", *_TOMBSTONE)}
