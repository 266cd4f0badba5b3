"""What was entered wrongly is put right: the last step undone, a residence corrected. The log keeps what was there before."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from crm.audit.services import Actor, changes_of, record
from crm.companies.models import LEAVING, Company, EndReason, Residence, ResidenceMove
from crm.companies.queries import last_move
from crm.companies.residence import (
    details_of,
    expect_carrier_in,
    expect_counted_once,
    expect_past,
    hold,
    scope_for,
    tell_of,
)
from crm.core import clock, registry
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_

CHAINED = (EndReason.TRANSFERRED, EndReason.GRADUATED)  # the next residence begins that very day


@dataclass(frozen=True)
class Correction:
    """A residence as it should have been written down. `to_on` and `reason` only where it has ended."""

    from_on: date
    to_on: date | None
    reason: EndReason | None
    agreement_number: str
    agreement_on: date | None
    rooms: str


def undo(company: Company, *, by: Actor, reason: str, seen: int | None = None) -> ResidenceMove:
    """Take back the firm's last step: what it ended goes on, what it began is gone. Raises Conflict, DomainError.

    Refused where something rests on it: a residence corrected since, or what a higher room knows of.
    """
    hold(company, seen)
    move = last_move(company.id)
    if move is None:
        raise Conflict(N_("没有可以撤销的办理。"))
    begun = session.scalars(select(Residence).where(Residence.begun_with_id == move.id)).all()
    if any(residence.corrected_at for residence in begun):
        raise DomainError(N_("这次办理产生的入驻记录之后已被更正，不能撤销，请直接更正。"))
    for follower in registry.departure_followers:
        follower.undo(move)
    gone = [asdict(details_of(residence)) for residence in begun]
    for residence in begun:
        session.delete(residence)
    session.flush()
    for residence in session.scalars(select(Residence).where(Residence.ended_with_id == move.id)):
        residence.to_on = residence.reason = residence.ended_with_id = None
        residence.version += 1
    company.unit_id = move.unit_before_id
    move.undone_at, move.undone_by_id = clock.now(), by.id
    expect_counted_once(company)
    record(
        "company.step_undone",
        company,
        by=by,
        kind=move.kind,
        on=move.happened_on,
        reason=reason,
        residences=gone,
    )
    tell_of(company)
    return move


def correct(
    residence: Residence, correction: Correction, *, reason: str, version: int | None, by: Actor
) -> None:
    """Put a wrongly entered residence right. Raises StaleRecord, DomainError.

    The day of a transfer or of a 毕业 into another residence is one day: it moves on both sides. So do the ends of the
    residences, and of the rooms, that the same departure ended.
    """
    company = residence.company
    hold(company, None)
    residence.expect_version(version)
    expect_carrier_in(scope_for(by), residence.carrier_id)
    expect_past(correction.from_on)
    if (residence.to_on is None) != (correction.to_on is None):
        raise DomainError(N_("更正不能结束或恢复入驻，请办理离园、毕业或撤销。"), field="to_on")
    if correction.to_on is not None:
        _expect_end(residence, correction)
    touched = [residence, *_neighbours(residence, correction)]
    for name, value in vars(correction).items():
        setattr(residence, name, value)
    corrected = [(each, changes_of(each)) for each in touched]
    _expect_order(touched)
    expect_counted_once(company)
    _redate_departure(residence)
    for each, changes in corrected:
        if changes:
            each.corrected_at = clock.now()
            if each is not residence:
                each.version += 1
            told: dict[str, Any] = {"carrier": each.carrier.name, "reason": reason}
            record("company.residence_corrected", company, by=by, changes=changes, **told)
    tell_of(company)


def _expect_end(residence: Residence, correction: Correction) -> None:
    if correction.to_on is not None and correction.to_on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="to_on")
    is_leaving = residence.reason in LEAVING
    if correction.reason != residence.reason and not (is_leaving and correction.reason in LEAVING):
        raise DomainError(N_("只有离园的原因可以更正；其他请撤销后重新办理。"), field="end_reason")


def _neighbours(residence: Residence, correction: Correction) -> list[Residence]:
    """The firm's other residences whose day moves along, already moved."""
    others = session.scalars(
        select(Residence).where(
            Residence.company_id == residence.company_id, Residence.id != residence.id
        )
    ).all()
    for other in others:
        is_chained = other.is_counted and residence.is_counted
        if is_chained and other.to_on == residence.from_on and other.reason in CHAINED:
            other.to_on = correction.from_on
        elif is_chained and other.from_on == residence.to_on and residence.reason in CHAINED:
            other.from_on = correction.to_on or other.from_on
        elif residence.ended_with_id and other.ended_with_id == residence.ended_with_id:
            other.to_on, other.reason = correction.to_on, correction.reason
    return [other for other in others if changes_of(other)]


def _redate_departure(residence: Residence) -> None:
    """The step that ended it, and what else ended with it, are of the same day."""
    move = session.get(ResidenceMove, residence.ended_with_id) if residence.ended_with_id else None
    if move is None or residence.to_on is None or move.happened_on == residence.to_on:
        return
    move.happened_on = residence.to_on
    for follower in registry.departure_followers:
        follower.redate(move)


def _expect_order(touched: list[Residence]) -> None:
    for residence in touched:
        if residence.to_on is not None and residence.to_on <= residence.from_on:
            message = N_("“%(carrier)s”的结束日期须晚于开始日期 %(since)s。")
            since = residence.from_on.isoformat()
            raise DomainError(message, field="to_on", carrier=residence.carrier.name, since=since)
