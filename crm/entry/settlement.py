"""入驻: the application's last step, the firm and its residence, in one transaction."""

from dataclasses import dataclass
from datetime import date

from crm.companies import queries as companies
from crm.companies.models import Company, ResidenceKind
from crm.companies.residence import ResidenceDetails, move_in
from crm.companies.services import CompanyDetails, ContactDetails, Registration, register
from crm.core.db import session
from crm.core.identifiers import clean_uscc
from crm.core.words import N_
from crm.entry import gates, moves
from crm.entry.gates import Move
from crm.entry.models import EntryApplication
from crm.entry.moves import NotYet
from crm.entry.services import EntryRefused, searched
from crm.people.models import User
from crm.people.scope import scope_of


@dataclass(frozen=True)
class Settlement:
    """The firm as it is licensed by now, and how it resides. `is_present`: it is in the register already (a return)."""

    company: CompanyDetails
    kind: ResidenceKind
    from_on: date
    is_counted: bool = True
    is_present: bool = False


def settle(
    application: EntryApplication,
    settlement: Settlement,
    *,
    by: User,
    version: int | None,
    despite_lookalikes: bool = False,
) -> Company:
    """Make the firm, or find it by its code, and let it reside; the application is closed with it.

    Raises StaleRecord, NotYet, EntryRefused, AlreadyRegistered, LooksAlike, DomainError.
    """
    moves.expect_ready(application, Move.SETTLE, settlement.from_on, version)
    uscc = settlement.company.uscc
    application.uscc = clean_uscc(uscc) if uscc else None
    if missing := gates.missing(application, Move.SETTLE):
        raise NotYet(Move.SETTLE, missing)
    if settlement.is_present:
        company = _present_firm(application, by)
        move_in(company, _residence(application, settlement), by=by)
    else:
        company = register(
            _registration(application, settlement), by=by, despite_lookalikes=despite_lookalikes
        )
    application.company_id = company.id
    application.search_text = searched(application.name, application.uscc, application.number)
    moves.settled(application, by=by, on=settlement.from_on)
    return company


def _present_firm(application: EntryApplication, by: User) -> Company:
    """The firm with this code, if its record lies in the writer's scope."""
    query = companies.visible_to(scope_of(by)).where(Company.uscc == application.uscc)
    found = session.scalar(query) if application.uscc else None
    if found is None:
        message = N_("您的数据范围内没有这个统一社会信用代码的企业。")
        raise EntryRefused(message, field="uscc")
    return found


def _registration(application: EntryApplication, settlement: Settlement) -> Registration:
    contact = None
    if application.contact_name:
        contact = ContactDetails(
            application.contact_name,
            application.contact_position,
            application.contact_phone,
            application.contact_email,
        )
    residence = _residence(application, settlement)
    return Registration(settlement.company, contact, (residence,), unit_id=application.carrier_id)


def _residence(application: EntryApplication, settlement: Settlement) -> ResidenceDetails:
    return ResidenceDetails(
        carrier_id=application.carrier_id,
        kind=settlement.kind,
        from_on=settlement.from_on,
        is_counted=settlement.is_counted,
        agreement_number=application.agreement_number,
        agreement_on=application.agreement_on,
        rooms=application.rooms,
    )
