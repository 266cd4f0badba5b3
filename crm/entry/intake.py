"""Applications with their whole history, written in bulk: for demo data and for a desk that kept its own lists before."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select

from crm.audit.services import Actor, record
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.words import N_
from crm.entry.checklists import Item
from crm.entry.limits import NO_CLOCK, Clock, Limits, after_step, limits
from crm.entry.models import (
    EntryApplication,
    EntryErrand,
    EntryMaterial,
    EntryReview,
    EntryState,
    EntryStep,
)
from crm.entry.moves import AgreementDetails, ReviewDetails, number_of
from crm.entry.services import ApplicationDetails, EntryRefused, Receipt, columns_of, searched
from crm.reference.working_days import Calendar, calendar_around


@dataclass(frozen=True)
class StepRow:
    """One step of a history."""

    to_state: EntryState
    on: date
    by_id: int | None = None
    opinion: str = ""
    missing: str = ""
    recorded_at: datetime | None = None


@dataclass(frozen=True)
class ErrandRow:
    """One errand, done or not."""

    name: str
    done_on: date | None = None
    is_skipped: bool = False
    by_id: int | None = None
    note: str = ""


@dataclass(frozen=True)
class EntryRow:
    """An application with all that belongs to it."""

    details: ApplicationDetails
    steps: tuple[StepRow, ...]
    materials: tuple[tuple[Item, Receipt], ...] = ()
    review: ReviewDetails | None = None
    agreement: AgreementDetails | None = None
    errands: tuple[ErrandRow, ...] = ()
    owner_id: int | None = None
    received_by_id: int | None = None
    reviewed_by_id: int | None = None
    company_id: int | None = None
    recorded_at: datetime | None = None


def receive_many(rows: Sequence[EntryRow], *, by: Actor) -> list[int]:
    """Write applications with their histories; gates are not asked. Returns their ids in order.

    Numbered by the day on which each was handed in. Raises EntryRefused when a history is empty or out of order.
    """
    for row in rows:
        _check_order(row)
    if not rows:
        return []
    calendar = calendar_around(step.on for row in rows for step in row.steps)
    numbers = _numbers(rows)
    values = [
        _columns(row, numbers.get(place), limits(), calendar) for place, row in enumerate(rows)
    ]
    statement = insert(EntryApplication).returning(
        EntryApplication.id, sort_by_parameter_order=True
    )
    ids = list(session.scalars(statement, values))
    pairs = list(zip(ids, rows, strict=True))
    _write(EntryStep, [v for id_, row in pairs for v in _steps(id_, row)])
    _write(EntryMaterial, [v for id_, row in pairs for v in _materials(id_, row)])
    _write(EntryReview, [v for id_, row in pairs for v in _reviews(id_, row)])
    _write(EntryErrand, [v for id_, row in pairs for v in _errands(id_, row)])
    digest = hashlib.sha256("".join(map(repr, rows)).encode())
    record("entries.received", None, by=by, count=len(ids), sha256=digest.hexdigest())
    return ids


def _write(model: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(model), rows, execution_options=BULK)


def _check_order(row: EntryRow) -> None:
    days = [step.on for step in row.steps]
    if not days or days != sorted(days):
        raise EntryRefused(N_("“%(name)s”的办理记录顺序有误。"), name=row.details.name)


def _numbers(rows: Sequence[EntryRow]) -> dict[int, tuple[int, int]]:
    """Place in `rows` → year and sequence, going on after the last one of each year."""
    handed_in = sorted(
        (step.on, place)
        for place, row in enumerate(rows)
        for step in row.steps[1:2]
        if step.to_state is EntryState.ACCEPTANCE
    )
    query = select(EntryApplication.year, func.max(EntryApplication.sequence)).where(
        EntryApplication.year.is_not(None)
    )
    last: defaultdict[int, int] = defaultdict(int)
    for year, sequence in session.execute(query.group_by(EntryApplication.year)):
        last[year or 0] = sequence or 0
    numbers = {}
    for day, place in handed_in:
        last[day.year] += 1
        numbers[place] = (day.year, last[day.year])
    return numbers


def _columns(
    row: EntryRow, number: tuple[int, int] | None, limits: Limits, calendar: Calendar
) -> dict[str, Any]:
    running, returned_from = _clock(row, limits, calendar)
    year, sequence = number or (None, None)
    text = number_of(*number) if number else None
    agreement = row.agreement
    return {
        **columns_of(row.details, text),
        "number": text,
        "year": year,
        "sequence": sequence,
        "search_text": searched(row.details.name, row.details.uscc, text),
        "owner_id": row.owner_id,
        "received_by_id": row.received_by_id,
        "state": row.steps[-1].to_state,
        "state_entered_on": row.steps[-1].on,
        "returned_from": returned_from,
        "clock_from_on": running.from_on,
        "days_allowed": running.days,
        "due_on": running.due_on(calendar),
        "agreement_number": agreement.number if agreement else "",
        "agreement_on": agreement.signed_on if agreement else None,
        "rooms": agreement.rooms if agreement else "",
        "pledge_on": agreement.pledge_on if agreement else None,
        "company_id": row.company_id,
        "recorded_at": row.recorded_at or clock.now(),
        "version": 1,
    }


def _clock(row: EntryRow, limits: Limits, calendar: Calendar) -> tuple[Clock, EntryState | None]:
    """The clock as the steps left it, and where an application that is being corrected came from."""
    running, before = NO_CLOCK, None
    for step in row.steps:
        running = after_step(
            running, before, step.to_state, step.on, limits=limits, calendar=calendar
        )
        returned_from = before if step.to_state is EntryState.CORRECTION else None
        before = step.to_state
    return running, returned_from


def _steps(application_id: int, row: EntryRow) -> list[dict[str, Any]]:
    before = None
    found = []
    for step in row.steps:
        found.append(
            {
                "application_id": application_id,
                "from_state": before,
                "to_state": step.to_state,
                "effective_on": step.on,
                "by_id": step.by_id,
                "opinion": step.opinion,
                "missing": step.missing,
                "recorded_at": step.recorded_at or row.recorded_at or clock.now(),
            }
        )
        before = step.to_state
    return found


def _materials(application_id: int, row: EntryRow) -> list[dict[str, Any]]:
    return [
        {
            "application_id": application_id,
            "position": position,
            **asdict(item),
            **asdict(receipt),
            "received_by_id": row.owner_id if receipt.received_on else None,
        }
        for position, (item, receipt) in enumerate(row.materials, 1)
    ]


def _reviews(application_id: int, row: EntryRow) -> list[dict[str, Any]]:
    if row.review is None:
        return []
    recorded_at = row.recorded_at or clock.now()
    return [
        {
            "application_id": application_id,
            **vars(row.review),
            "by_id": row.reviewed_by_id,
            "recorded_at": recorded_at,
        }
    ]


def _errands(application_id: int, row: EntryRow) -> list[dict[str, Any]]:
    return [
        {"application_id": application_id, "position": position, **asdict(errand)}
        for position, errand in enumerate(row.errands, 1)
    ]
