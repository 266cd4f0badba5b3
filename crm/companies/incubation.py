"""在孵 and 毕业: beside the counted residence, and never a way out of the park."""

from dataclasses import asdict
from datetime import date

from crm.audit.services import Actor, record
from crm.companies.models import Company, EndReason, MoveKind, Residence, ResidenceKind
from crm.companies.queries import counted_between
from crm.companies.residence import (
    ResidenceDetails,
    add_residence,
    end_residence,
    expect_carrier_in,
    expect_past,
    hold,
    open_after,
    scope_for,
    take_step,
    tell_of,
)
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_


def incubate(
    company: Company,
    *,
    on: date,
    by: Actor,
    agreement_number: str = "",
    agreement_on: date | None = None,
    rooms: str = "",
    note: str = "",
    seen: int | None = None,
) -> Residence:
    """在孵 begins, beside the counted residence and at its carrier."""
    hold(company, seen)
    expect_past(on)
    home = session.scalar(counted_between(company.id, on, None))
    if home is None or home.from_on > on or home.to_on is not None:
        raise DomainError(N_("企业自该日起没有持续至今的统计归属，请先登记入驻。"), field="on")
    expect_carrier_in(scope_for(by), home.carrier_id)
    in_incubation = Residence.kind == ResidenceKind.INCUBATED
    if session.scalar(open_after(company, on).where(in_incubation).limit(1)):
        raise DomainError(N_("企业在该日或之后已有在孵记录。"), field="on")
    details = ResidenceDetails(
        home.carrier_id,
        ResidenceKind.INCUBATED,
        on,
        is_counted=False,
        agreement_number=agreement_number,
        agreement_on=agreement_on,
        rooms=rooms,
    )
    new = add_residence(company, details, take_step(company, MoveKind.INCUBATED, on, note, by))
    record(
        "company.incubated", company, by=by, carrier=home.carrier.name, residence=asdict(details)
    )
    return new


def graduate(
    company: Company,
    *,
    on: date,
    by: Actor,
    stays_as: ResidenceKind = ResidenceKind.REGISTERED,
    note: str = "",
    seen: int | None = None,
) -> None:
    """毕业 ends 在孵 only. Where 在孵 was itself the counted residence, another goes on at the same carrier that day."""
    hold(company, seen)
    expect_past(on)
    in_incubation = Residence.kind == ResidenceKind.INCUBATED
    ending = session.scalars(open_after(company, on).where(in_incubation)).all()
    if not ending:
        raise DomainError(N_("企业在该日不是在孵，无需办理毕业。"), field="on")
    move = take_step(company, MoveKind.GRADUATED, on, note, by)
    for residence in ending:
        end_residence(residence, on, EndReason.GRADUATED, move)
        if residence.is_counted:
            details = ResidenceDetails(
                residence.carrier_id,
                stays_as,
                on,
                agreement_number=residence.agreement_number,
                agreement_on=residence.agreement_on,
                rooms=residence.rooms,
            )
            add_residence(company, details, move)
    record("company.graduated", company, by=by, on=on, note=note)
    tell_of(company)
