"""What we do with the library: take firms in, change who looks after them, let them out with a result."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record, record_many
from crm.companies.models import Company
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.cultivation import queries
from crm.cultivation.models import Cultivation, Result
from crm.ladder.history import COUNTED
from crm.ladder.queries import standings_of
from crm.ladder.rungs import Rung
from crm.people.models import User

CHUNK = 5000
MOST_YEARS_AHEAD = 10


class AlreadyTakenIn(Conflict):
    """The firm is in this library already."""


@dataclass(frozen=True)
class CultivationDetails:
    """What is planned for a firm. The last three are for imports and demo data."""

    target_rung: Rung
    target_year: int
    entered_on: date
    leader_id: int | None = None
    officer_id: int | None = None
    measures: str = ""
    left_on: date | None = None
    result: Result | None = None
    recorded_at: datetime | None = None


def take_in(company: Company, details: CultivationDetails, *, by: Actor) -> Cultivation:
    """Put a firm into the library of a rung. Raises AlreadyTakenIn, DomainError for one that holds the rung already."""
    _check(details)
    _check_people(details)
    if details.target_rung in standings_of([company.id], clock.today())[company.id].held:
        raise DomainError(N_("这家企业已达到该层级，无须入库培育。"), field="target_rung")
    cultivation = Cultivation(**_row(company.id, details))
    changes = changes_of(cultivation)
    try:
        with session.begin_nested():
            session.add(cultivation)
    except IntegrityError:
        raise AlreadyTakenIn(N_("这家企业已在该层级的培育库中。"), field="target_rung") from None
    record("cultivation.taken_in", cultivation, by=by, changes=changes, name=company.name)
    return cultivation


@dataclass(frozen=True)
class Intake:
    """What taking in many did: how many went in, and how many were in the library or hold the rung already."""

    taken: int
    present: int
    reached: int


def take_in_selection(
    company_ids: Sequence[int], details: CultivationDetails, *, by: Actor
) -> Intake:
    """Put many firms into one library with the same target; those that need it not are left out."""
    _check(details)
    _check_people(details)
    present = queries.members(details.target_rung, company_ids)
    others = [number for number in company_ids if number not in present]
    standings = standings_of(others, clock.today())
    wanted = [number for number in others if details.target_rung not in standings[number].held]
    if wanted:
        take_in_many([(number, details) for number in wanted], by=by)
    return Intake(len(wanted), len(present), len(others) - len(wanted))


def take_in_many(rows: Sequence[tuple[int, CultivationDetails]], *, by: Actor) -> int:
    """Many firms, each by its id with its own plan: all or none, one entry in the log. Returns how many."""
    found = []
    for company_id, details in rows:
        _check(details)
        found.append(_row(company_id, details))
    try:
        with session.begin_nested():
            for start in range(0, len(found), CHUNK):
                chunk = found[start : start + CHUNK]
                session.execute(insert(Cultivation), chunk, execution_options=BULK)
    except IntegrityError:
        raise AlreadyTakenIn(N_("有企业已在该层级的培育库中，未写入任何一条。")) from None
    record_many("cultivation.taken_in_many", rows, by=by)
    return len(found)


def change(
    cultivation: Cultivation, details: CultivationDetails, *, version: int | None, by: Actor
) -> None:
    """Another year, other people, other measures; the rung stays: another one is another library."""
    cultivation.expect_version(version)
    _expect_open(cultivation)
    _check(details)
    _check_people(details)
    cultivation.target_year = details.target_year
    cultivation.leader_id, cultivation.officer_id = details.leader_id, details.officer_id
    cultivation.measures = details.measures
    changes, name = changes_of(cultivation), cultivation.company.name
    record("cultivation.changed", cultivation, by=by, changes=changes, name=name)


def let_out(
    cultivation: Cultivation,
    *,
    on: date,
    result: Result,
    note: str,
    version: int | None,
    by: Actor,
) -> None:
    """Out of the library, with the result that a person confirms."""
    cultivation.expect_version(version)
    _expect_open(cultivation)
    if on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="on")
    if on < cultivation.entered_on:
        raise DomainError(N_("出库日期不能早于入库日期。"), field="on")
    if result is Result.REACHED and not _reached_on(cultivation, on):
        raise DomainError(N_("到这一天还没有达到目标层级的证明，不能记为达成。"), field="result")
    cultivation.left_on, cultivation.result, cultivation.note = on, result, note
    changes, name = changes_of(cultivation), cultivation.company.name
    record("cultivation.let_out", cultivation, by=by, changes=changes, name=name)


def _reached_on(cultivation: Cultivation, day: date) -> bool:
    standing = standings_of([cultivation.company_id], day)[cultivation.company_id]
    return cultivation.target_rung in standing.held


def _expect_open(cultivation: Cultivation) -> None:
    if cultivation.left_on:
        raise Conflict(N_("已于%(day)s出库。"), day=cultivation.left_on.isoformat())


def _row(company_id: int, details: CultivationDetails) -> dict[str, Any]:
    row = {field.name: getattr(details, field.name) for field in fields(details)}
    return row | {"company_id": company_id, "recorded_at": details.recorded_at or clock.now()}


def _check(details: CultivationDetails) -> None:
    if details.target_rung not in COUNTED:
        raise DomainError(N_("请选择小微以上的层级。"), field="target_rung")
    if details.entered_on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="entered_on")
    first = details.entered_on.year
    if not first <= details.target_year <= first + MOST_YEARS_AHEAD:
        message = N_("目标年份应为入库当年至其后%(most)s年。")
        raise DomainError(message, field="target_year", most=MOST_YEARS_AHEAD)


def _check_people(details: CultivationDetails) -> None:
    for field, number in (("leader", details.leader_id), ("officer", details.officer_id)):
        person = session.get(User, number) if number else None
        if number and (person is None or person.disabled_at):
            raise DomainError(N_("请选择在用的账号。"), field=field)
