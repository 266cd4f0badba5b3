"""A firm's coming and going, step by step. At most one counted residence (统计归属) covers any day.

Each step holds the firm until the commit, so that of two people who act on one firm the second is told what the first did.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, or_, select

from crm.audit.services import Actor, record
from crm.companies.models import (
    LEAVING,
    Company,
    EndReason,
    MoveKind,
    Residence,
    ResidenceKind,
    ResidenceMove,
)
from crm.companies.queries import counted_between, last_move
from crm.core import clock, registry
from crm.core.db import session
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.core.words import N_
from crm.people.models import Unit, User
from crm.people.queries import carriers
from crm.people.scope import WHOLE_PARK_SCOPE, Scope, scope_of


@dataclass(frozen=True)
class ResidenceDetails:
    """A firm at a carrier from a day until, not including, another."""

    carrier_id: int
    kind: ResidenceKind
    from_on: date
    to_on: date | None = None
    is_counted: bool = True
    agreement_number: str = ""
    agreement_on: date | None = None
    rooms: str = ""
    reason: EndReason | None = None


# The steps. `seen`: the last step that the form showed (0: none); None asks for no comparison.


def move_in(
    company: Company,
    residence: ResidenceDetails,
    *,
    by: Actor,
    note: str = "",
    seen: int | None = None,
) -> Residence:
    """A further residence at a carrier inside the writer's scope; a counted one takes the record along."""
    hold(company, seen)
    return _begin(company, residence, MoveKind.MOVED_IN, note=note, by=by)


def come_back(
    company: Company,
    residence: ResidenceDetails,
    *,
    by: Actor,
    note: str = "",
    seen: int | None = None,
) -> Residence:
    """A firm that had left resides in the park again: the same record, a new residence. It is not a new entrant."""
    hold(company, seen)
    before = select(Residence.id).where(
        Residence.company_id == company.id, Residence.to_on <= residence.from_on
    )
    if session.scalar(before.limit(1)) is None:
        message = N_("这家企业此前没有已结束的入驻记录，请办理“登记入驻”。")
        raise DomainError(message, field="from_on")
    residence = replace(residence, is_counted=True)
    return _begin(company, residence, MoveKind.RETURNED, note=note, by=by)


def transfer(
    company: Company,
    carrier: Unit,
    *,
    by: Actor,
    on: date,
    note: str = "",
    seen: int | None = None,
) -> Residence:
    """Hand a firm over to another carrier of the park, who keeps its record from then on.

    Its counted residence and its 在孵 at the old carrier end that day and the next residence begins; a firm that had
    left comes back this way.
    """
    hold(company, seen)
    expect_carrier_in(WHOLE_PARK_SCOPE, carrier.id)
    expect_past(on)
    current = session.scalar(counted_between(company.id, on, None))
    if current and current.carrier_id == carrier.id:
        raise DomainError(N_("企业已在“%(carrier)s”。"), field="carrier", carrier=carrier.name)
    kind = MoveKind.TRANSFERRED if current else MoveKind.RETURNED
    move = take_step(company, kind, on, note, by)
    if current:
        beside = open_after(company, on).where(
            Residence.carrier_id == current.carrier_id,
            Residence.kind == ResidenceKind.INCUBATED,
            Residence.id != current.id,
        )
        for ending in (current, *session.scalars(beside)):
            end_residence(ending, on, EndReason.TRANSFERRED, move)
    residence_kind = current.kind if current else ResidenceKind.REGISTERED
    new = add_residence(company, ResidenceDetails(carrier.id, residence_kind, on), move)
    company.unit_id = carrier.id
    record(
        "company.transferred",
        company,
        by=by,
        on=on,
        note=note,
        carrier=[current.carrier.name if current else None, carrier.name],
    )
    tell_of(company)
    return new


def leave(
    company: Company,
    *,
    on: date,
    reason: EndReason,
    by: Actor,
    note: str = "",
    seen: int | None = None,
) -> None:
    """The firm leaves the park: all its residences end; that day it is no longer there. The record stays."""
    hold(company, seen)
    expect_past(on)
    if reason not in LEAVING:
        raise DomainError(N_("请选择离园的原因。"), field="reason")
    ending = session.scalars(open_after(company, on)).all()
    if not ending:
        raise DomainError(N_("该日没有仍在园的记录，无需办理离园。"), field="on")
    move = take_step(company, MoveKind.LEFT, on, note, by)
    for residence in ending:
        end_residence(residence, on, reason, move)
    for follower in registry.departure_followers:
        follower.leave(move)
    record("company.left", company, by=by, on=on, reason=reason, note=note)
    tell_of(company)


# The rules


def hold(company: Company, seen: int | None) -> None:
    """Hold the firm until the commit. Raises Conflict when another step was taken, or undone, since the form was opened."""
    session.refresh(company, with_for_update=True)
    if seen is None:
        return
    last = last_move(company.id)
    if last and last.id > seen:
        raise Conflict(
            N_("%(who)s刚刚已为这家企业办理“%(what)s”（%(on)s），请核对后再办理。"),
            who=last.made_by.name if last.made_by else "–",
            what=last.kind,
            on=last.happened_on.isoformat(),
        )
    if (last.id if last else 0) != seen:
        raise StaleRecord


def residence_row(details: ResidenceDetails, recorded_at: datetime) -> dict[str, Any]:
    """The columns of a residence, but for its firm."""
    return {**vars(details), "recorded_at": recorded_at}


def counted_once(residences: Sequence[ResidenceDetails]) -> None:
    """Refuse residences that end before they begin, or two counted ones on one day."""
    if any(r.to_on is not None and r.to_on <= r.from_on for r in residences):
        raise DomainError(N_("结束日期须晚于开始日期。"), field="to_on")
    if len(residences) < 2:
        return
    counted = sorted((r for r in residences if r.is_counted), key=lambda r: r.from_on)
    if any(a.to_on is None or a.to_on > b.from_on for a, b in pairwise(counted)):
        raise DomainError(N_("同一天只能有一个统计归属。"), field="from_on")


def home_of(residences: Sequence[ResidenceDetails]) -> int:
    """The carrier of the last counted residence: it keeps the record."""
    counted = [r for r in residences if r.is_counted]
    if not counted:
        raise DomainError(N_("请选择所在载体。"), field="carrier")
    return max(counted, key=lambda r: r.from_on).carrier_id


def scope_for(by: Actor) -> Scope:
    """A person's own scope; the system's is the whole park."""
    return scope_of(by) if isinstance(by, User) else WHOLE_PARK_SCOPE


def expect_carrier_in(scope: Scope, unit_id: int | None) -> Unit:
    """The carrier with this id, if firms may reside there and it lies inside the scope."""
    found = session.scalar(carriers(scope).where(Unit.id == unit_id))
    if found is None:
        raise DomainError(N_("该载体不在您的数据范围内，或不是孵化载体。"), field="carrier")
    return found


def expect_past(day: date) -> None:
    """Only what has happened is recorded: nothing is counted by an expected date."""
    if day > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="from_on")


def expect_counted_once(company: Company) -> None:
    """Refuse what is now in the session if two counted residences of the firm share a day."""
    session.flush()
    rows = session.scalars(select(Residence).where(Residence.company_id == company.id))
    counted_once([details_of(residence) for residence in rows])


def details_of(residence: Residence) -> ResidenceDetails:
    """A residence as it is written down now."""
    return ResidenceDetails(
        **{name: getattr(residence, name) for name in ResidenceDetails.__dataclass_fields__}
    )


def _begin(
    company: Company, residence: ResidenceDetails, kind: MoveKind, *, note: str, by: Actor
) -> Residence:
    carrier = expect_carrier_in(scope_for(by), residence.carrier_id)
    expect_past(residence.from_on)
    counted_once([residence])
    if residence.is_counted:
        other = session.scalar(counted_between(company.id, residence.from_on, residence.to_on))
        if other:
            raise DomainError(
                N_(
                    "%(since)s 起的统计归属是“%(carrier)s”，同一天只能有一个；请办理转入，或不计入统计归属。"
                ),
                field="from_on",
                since=other.from_on.isoformat(),
                carrier=other.carrier.name,
            )
    move = take_step(company, kind, residence.from_on, note, by)
    if residence.is_counted and residence.to_on is None:
        company.unit_id = carrier.id
    new = add_residence(company, residence, move)
    action = "company.returned" if kind == MoveKind.RETURNED else "company.moved_in"
    record(action, company, by=by, carrier=carrier.name, note=note, residence=asdict(residence))
    tell_of(company)
    return new


def tell_of(company: Company) -> None:
    """Let the rooms above follow what is now written of the firm's residences."""
    session.flush()
    for listener in registry.residence_listeners:
        listener(company.id)


def take_step(company: Company, kind: MoveKind, on: date, note: str, by: Actor) -> ResidenceMove:
    move = ResidenceMove(
        company_id=company.id,
        kind=kind,
        happened_on=on,
        note=note,
        made_by_id=by.id,
        unit_before_id=company.unit_id,
    )
    session.add(move)
    session.flush()
    return move


def add_residence(company: Company, details: ResidenceDetails, move: ResidenceMove) -> Residence:
    row = residence_row(details, clock.now())
    new = Residence(company_id=company.id, begun_with_id=move.id, **row)
    session.add(new)
    return new


def open_after(company: Company, on: date) -> Select[Residence]:
    """Residences of the firm that have not ended by a day."""
    return select(Residence).where(
        Residence.company_id == company.id, or_(Residence.to_on.is_(None), Residence.to_on > on)
    )


def end_residence(residence: Residence, on: date, reason: EndReason, move: ResidenceMove) -> None:
    where = residence.carrier.name
    if on <= residence.from_on:
        message = N_("日期须晚于入驻“%(carrier)s”的日期 %(since)s。")
        since = residence.from_on.isoformat()
        raise DomainError(message, field="on", carrier=where, since=since)
    if residence.to_on is not None and residence.to_on <= clock.today():
        message = N_("在“%(carrier)s”的%(kind)s已登记到 %(until)s 结束，日期不能早于这一天。")
        until = residence.to_on.isoformat()
        raise DomainError(message, field="on", carrier=where, kind=residence.kind, until=until)
    residence.to_on, residence.reason, residence.ended_with_id = on, reason, move.id
    residence.version += 1
