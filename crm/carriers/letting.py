"""Who has which room: letting, giving back, extending. No room is ever let beyond its area."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, or_, select

from crm.audit.services import Actor, changes_of, record
from crm.carriers.bulk import digest, insert_many, stamp
from crm.carriers.models import Building, Let, LetKind, Room
from crm.carriers.queries import overlapping
from crm.companies.models import Company, MoveKind, Residence, ResidenceMove
from crm.companies.queries import counted_residence_on
from crm.core import clock
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_

ARRIVALS = (MoveKind.MOVED_IN, MoveKind.RETURNED, MoveKind.TRANSFERRED)


@dataclass(frozen=True)
class LetDetails:
    """A firm in a room from a day until, not including, another. Area in ㎡."""

    company_id: int
    from_on: date
    agreed_to_on: date | None = None
    kind: LetKind = LetKind.SPACE
    area: Decimal = Decimal(0)
    desks: int | None = None
    rent_note: str = ""
    to_on: date | None = None  # the end that holds; the agreed one where it is not given


def let_room(room: Room, details: LetDetails, *, by: Actor) -> Let:
    """A firm gets a room, or a part of it. Raises DomainError.

    The firm must be in the park from the first day to the last, or until today; together nobody gets more than the
    room's area on any day. The firm is held before the room, as every step that ends its lets does.
    """
    company = session.get_one(Company, details.company_id)
    session.refresh(company, with_for_update=True)
    session.refresh(room, with_for_update={"of": Room})
    row = _let_row(room.id, details)
    _expect_resident(company, details.from_on, row["to_on"])
    if room.closed_on and (row["to_on"] is None or row["to_on"] > room.closed_on):
        raise DomainError(N_("该房间已停止使用。"), field="from_on")
    new = Let(**row)
    session.add(new)
    expect_fit(room, new.from_on, new.to_on, field="area")
    record("room.let", room, by=by, company=company.name, **_told(details))
    return new


def end_let(let: Let, *, on: date, version: int | None, by: Actor) -> None:
    """The firm gives the room back; on that day it no longer has it. Raises StaleRecord, DomainError."""
    let.expect_version(version)
    if on <= let.from_on:
        since = let.from_on.isoformat()
        raise DomainError(N_("结束日期须晚于开始日期 %(since)s。"), field="on", since=since)
    if let.to_on is not None and on > let.to_on:
        raise DomainError(N_("结束日期晚于合同到期日，请办理续租。"), field="on")
    let.to_on = on
    record("room.given_back", let.room, by=by, company=let.company.name, changes=changes_of(let))


def extend_let(let: Let, *, agreed_to_on: date | None, version: int | None, by: Actor) -> None:
    """A later end is agreed, or none. Raises StaleRecord, DomainError when the room is promised to others by then."""
    session.refresh(let.room, with_for_update={"of": Room})
    let.expect_version(version)
    if let.to_on is None or (agreed_to_on is not None and agreed_to_on <= let.to_on):
        raise DomainError(N_("新的到期日须晚于现在的到期日。"), field="agreed_to_on")
    if let.to_on <= clock.today() and let.to_on != let.agreed_to_on:
        raise DomainError(N_("该用房已提前结束，请重新登记用房。"), field="agreed_to_on")
    if let.room.closed_on:
        raise DomainError(N_("该房间已停止使用。"), field="agreed_to_on")
    let.to_on = let.agreed_to_on = agreed_to_on
    changes = changes_of(let)
    expect_fit(let.room, let.from_on, let.to_on, field="agreed_to_on")
    record("room.extended", let.room, by=by, company=let.company.name, changes=changes)


def lets_many(rows: Sequence[tuple[int, LetDetails]], *, by: Actor) -> int:
    """Let many (room id, details) at once, all or none; how many. The caller says that they fit in.

    One audit entry with the count and the SHA-256 of all rows.
    """
    values = [{**stamp(), **_let_row(room_id, details)} for room_id, details in rows]
    insert_many(Let, values)
    record("rooms.let", None, by=by, count=len(values), sha256=digest(values))
    return len(values)


# What follows a firm's steps (crm.core.registry.DepartureFollower)


def end_lets_of(move: ResidenceMove) -> None:
    """The firm left the park: what it has ends the same day. Refused where it got a room only afterwards."""
    for let in session.scalars(_lets_open_on(move.company_id, move.happened_on)):
        _end_with(let, move, field="on")


def redate_lets_of(move: ResidenceMove) -> None:
    """The day of leaving was corrected: what ended with it ends on that day, if the room was still free."""
    for let in session.scalars(select(Let).where(Let.ended_with_id == move.id)):
        session.refresh(let.room, with_for_update={"of": Room})
        _end_with(let, move, field="to_on")
        expect_fit(let.room, let.from_on, let.to_on, field="to_on")


def restore_lets_of(move: ResidenceMove) -> None:
    """A step was undone: what its leaving ended goes on, if it still fits in; a room got since its coming stands in the way."""
    if move.kind in ARRIVALS and session.scalar(_lets_begun_after(move).limit(1)):
        raise DomainError(N_("企业此后已登记用房，不能撤销，请先结束或更正用房。"))
    for let in session.scalars(select(Let).where(Let.ended_with_id == move.id)):
        session.refresh(let.room, with_for_update={"of": Room})
        let.to_on, let.ended_with_id = let.agreed_to_on, None
        let.version += 1
        expect_fit(let.room, let.from_on, let.to_on, field=None)


def _end_with(let: Let, move: ResidenceMove, *, field: str) -> None:
    if move.happened_on <= let.from_on:
        since = let.from_on.isoformat()
        message = N_("企业自 %(since)s 起使用“%(room)s”，请先更正用房，再办理离园。")
        raise DomainError(message, field=field, since=since, room=let.name)
    let.to_on, let.ended_with_id = move.happened_on, move.id
    let.version += 1


def expect_fit(room: Room, from_on: date, to_on: date | None, *, field: str | None) -> None:
    """Refuse what is now in the session if on some day of the period more is let than there is."""
    session.flush()
    lets = session.scalars(overlapping(room.id, from_on, to_on)).all()
    for day in sorted({max(let.from_on, from_on) for let in lets}):
        there = (let for let in lets if let.from_on <= day < (let.to_on or date.max))
        taken = sum((let.area for let in there), Decimal(0))
        if taken > room.area:
            message = N_("“%(room)s”共 %(area)s ㎡，%(day)s 将出租 %(taken)s ㎡，超出了房间面积。")
            raise DomainError(
                message,
                field=field,
                room=room.name,
                area=f"{room.area.normalize():f}",
                day=day.isoformat(),
                taken=f"{taken.normalize():f}",
            )


def _lets_open_on(company_id: int, day: date) -> Select[Let]:
    is_open = or_(Let.to_on.is_(None), Let.to_on > day)
    return select(Let).where(Let.company_id == company_id, is_open)


def _lets_begun_after(move: ResidenceMove) -> Select[*tuple[Any, ...]]:
    """Lets at the carrier that the step brought the firm to, written down since."""
    carrier_ids = select(Residence.carrier_id).where(Residence.begun_with_id == move.id)
    return (
        select(Let.id)
        .join(Room)
        .join(Building)
        .where(
            Let.company_id == move.company_id,
            Let.recorded_at >= move.recorded_at,
            Building.carrier_id.in_(carrier_ids),
        )
    )


def _let_row(room_id: int, details: LetDetails) -> dict[str, Any]:
    row = {"room_id": room_id, **vars(details)}
    row["to_on"] = details.to_on or details.agreed_to_on
    if row["to_on"] is not None and row["to_on"] <= details.from_on:
        raise DomainError(N_("结束日期须晚于开始日期。"), field="agreed_to_on")
    match details.kind:
        case LetKind.ADDRESS:
            row["area"], row["desks"] = Decimal(0), None
        case LetKind.DESKS if not details.desks:
            raise DomainError(N_("请填写工位数。"), field="desks")
        case LetKind.SPACE if details.area <= 0:
            raise DomainError(N_("请填写面积。"), field="area")
    return row


def _expect_resident(company: Company, from_on: date, to_on: date | None) -> None:
    """Whether it is in the park on the first and the last of these days that are not in the future."""
    today = clock.today()
    last = today if to_on is None else min(to_on - timedelta(days=1), today)
    if any(counted_residence_on(company, day) is None for day in {min(from_on, today), last}):
        raise DomainError(N_("企业在这段时间不在园，请先登记入驻。"), field="from_on")


def _told(details: LetDetails) -> dict[str, Any]:
    return {name: value for name, value in asdict(details).items() if value not in (None, "")}
