"""Where a firm resides and since when. At most one counted residence (统计归属) covers any day."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import or_, select

from crm.audit.services import Actor, record
from crm.companies.models import LEAVING, Company, EndReason, Residence, ResidenceKind
from crm.companies.queries import counted_between
from crm.core import clock
from crm.core.db import session
from crm.core.errors import DomainError
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


def move_in(company: Company, residence: ResidenceDetails, *, by: Actor) -> Residence:
    """A further residence at a carrier inside the writer's scope; a counted one takes the record along."""
    session.refresh(company, with_for_update=True)
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
        if residence.to_on is None:
            company.unit_id = carrier.id
    new = Residence(company_id=company.id, **residence_row(residence, clock.now()))
    session.add(new)
    record("company.moved_in", company, by=by, carrier=carrier.name, residence=asdict(residence))
    return new


def transfer(company: Company, carrier: Unit, *, by: Actor, on: date) -> Residence:
    """Hand a firm over to another carrier of the park, who keeps its record from then on.

    Its counted residence ends that day and the next begins; a firm that had left comes back this way.
    """
    session.refresh(company, with_for_update=True)
    expect_carrier_in(WHOLE_PARK_SCOPE, carrier.id)
    expect_past(on)
    current = session.scalar(counted_between(company.id, on, None))
    if current and current.carrier_id == carrier.id:
        raise DomainError(N_("企业已在“%(carrier)s”。"), field="carrier", carrier=carrier.name)
    if current:
        _end(current, on, EndReason.TRANSFERRED)
    kind = current.kind if current else ResidenceKind.REGISTERED
    new = Residence(
        company_id=company.id,
        **residence_row(ResidenceDetails(carrier.id, kind, on), clock.now()),
    )
    session.add(new)
    before = company.unit_id
    company.unit_id = carrier.id
    record("company.transferred", company, by=by, changes={"unit_id": (before, carrier.id)}, on=on)
    return new


def leave(company: Company, *, on: date, reason: EndReason, by: Actor) -> None:
    """The firm leaves the park: all its residences end; that day it is no longer there. The record stays."""
    session.refresh(company, with_for_update=True)
    expect_past(on)
    if reason not in LEAVING:
        raise DomainError(N_("请选择离园的原因。"), field="reason")
    ending = session.scalars(
        select(Residence).where(
            Residence.company_id == company.id,
            or_(Residence.to_on.is_(None), Residence.to_on > on),
        )
    ).all()
    if not ending:
        raise DomainError(N_("该日没有仍在园的记录，无需办理离园。"), field="on")
    for residence in ending:
        _end(residence, on, reason)
    record("company.left", company, by=by, on=on, reason=reason)


def residence_row(details: ResidenceDetails, recorded_at: datetime) -> dict[str, Any]:
    """The columns of a residence, but for its firm."""
    return {**vars(details), "recorded_at": recorded_at}


def counted_once(residences: Sequence[ResidenceDetails]) -> None:
    """Refuse residences that end before they begin, or two counted ones on one day."""
    if any(r.to_on is not None and r.to_on <= r.from_on for r in residences):
        raise DomainError(N_("结束日期须晚于开始日期。"), field="to_on")
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


def _end(residence: Residence, on: date, reason: EndReason) -> None:
    if on <= residence.from_on:
        message = N_("日期须晚于入驻“%(carrier)s”的日期 %(since)s。")
        raise DomainError(
            message,
            field="on",
            carrier=residence.carrier.name,
            since=residence.from_on.isoformat(),
        )
    residence.to_on, residence.reason = on, reason
