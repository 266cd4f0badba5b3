"""The people to call at a firm. Personal data: the log keeps it masked, so that reading the log reveals nobody."""

import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from crm.audit.services import Actor, Changes, changes_of, record
from crm.companies import completeness, duplicates, grams
from crm.companies.masking import masked_email, masked_id_number, masked_phone
from crm.companies.models import Company, Contact
from crm.companies.names import search_text
from crm.companies.services import ContactDetails
from crm.core import clock
from crm.core.bulk import next_ids, write_many
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_

_MASKS = {"phone": masked_phone, "email": masked_email, "id_number": masked_id_number}


def contact_of(company: Company, contact_id: int) -> Select[Contact]:
    """One of a firm's contacts, if it is not archived."""
    return select(Contact).where(
        Contact.id == contact_id, Contact.company_id == company.id, Contact.archived_at.is_(None)
    )


def clean_id_number(text: str) -> str:
    """A document's number as it is stored. Raises DomainError when an 18-digit one does not check out (GB 11643-1999)."""
    number = re.sub(r"[\s\-]", "", text).upper()
    if re.fullmatch(r"\d{17}[\dX]", number):
        try:
            return str(ric.validate(number))
        except ValidationError:
            message = N_("身份证号的出生日期或校验位不符，请逐位核对。")
            raise DomainError(message, field="id_number") from None
    if not re.fullmatch(r"[A-Z0-9()]{5,20}", number) or re.fullmatch(r"\d+", number):
        message = N_("证件号码应为18位身份证号，或护照、通行证的字母加数字。")
        raise DomainError(message, field="id_number")
    return number


@dataclass(frozen=True)
class ContactEntry:
    """What is written down about a person of a firm: a new one, or `contact` who is there."""

    company: Company
    details: ContactDetails
    contact: Contact | None = None
    is_primary: bool = False


def add_contact(
    company: Company, details: ContactDetails, *, by: Actor, is_primary: bool = False
) -> Contact:
    """One more person; the first of a firm is the first to call. Raises DomainError."""
    _hold(company)
    keep_many([ContactEntry(company, details, is_primary=is_primary)], by=by)
    return company.contacts[-1]


def change_contact(
    contact: Contact,
    details: ContactDetails,
    *,
    version: int,
    by: Actor,
    is_primary: bool = False,
) -> None:
    """Correct what is written down about a person. Raises StaleRecord, DomainError.

    The first to call stays so until another one is.
    """
    _hold(contact.company)
    contact.hold(version)
    keep_many([ContactEntry(contact.company, details, contact, is_primary)], by=by)


def keep_many(entries: Sequence[ContactEntry], *, by: Actor) -> list[tuple[Contact, Changes]]:
    """Write down many people of firms that are held, with their contacts (`with_people`); each, and what changed of them.

    A number of statements that does not grow with them. Raises DomainError.
    """
    written: list[tuple[Contact, Changes]] = []
    ids = iter(next_ids(Contact, sum(entry.contact is None for entry in entries)))
    with session.no_autoflush:
        for entry in entries:
            company = entry.company
            contact = entry.contact or Contact(id=next(ids), is_primary=False)
            for name, value in asdict(checked(entry.details)).items():
                setattr(contact, name, value)
            if entry.is_primary or not company.contacts:
                contact.is_primary = True
                _demote_others(company, contact)
            if entry.contact is None:
                company.contacts.append(contact)
            else:
                contact.version += 1
            changes = changes_of(contact)
            action = "contact.changed" if entry.contact else "contact.added"
            _log(action, company, contact, by, _masked(changes))
            written.append((contact, changes))
        _write(list({entry.company.id: entry.company for entry in entries}.values()))
    return written


def archive_contact(contact: Contact, *, version: int, by: Actor) -> None:
    """Nobody to call any more; where it was the first, the next one is. Raises StaleRecord."""
    company = contact.company
    _hold(company)
    contact.hold(version)
    archive_many([contact], by=by)


def archive_many(contacts: Sequence[Contact], *, by: Actor) -> None:
    """The same for many, whose firms are held."""
    with session.no_autoflush:
        for contact in contacts:
            company = contact.company
            contact.archived_at, was_primary, contact.is_primary = (
                clock.now(),
                contact.is_primary,
                False,
            )
            contact.version += 1
            left = [one for one in company.contacts if one is not contact]
            if was_primary and left:
                left[0].is_primary = True
            set_committed_value(company, "contacts", left)
            _log("contact.archived", company, contact, by, {})
        firms = {contact.company_id: contact.company for contact in contacts}
        _write(list(firms.values()), contacts)


def with_people(companies: Select[Company]) -> Select[Company]:
    """Firms, held until the commit, with all that a change of their contacts has to know."""
    return companies.with_for_update(of=Company).options(
        selectinload(Company.contacts),
        selectinload(Company.former_names),
        selectinload(Company.merged),
    )


def _write(companies: Collection[Company], gone: Collection[Contact] = ()) -> None:
    """The contacts of these firms as they are now, and what they mean for the firms themselves."""
    new = session.new
    people = [one for company in companies for one in company.contacts if one not in new]
    write_many([*people, *gone])
    session.flush()  # the new ones
    for company in companies:
        _keep_up(company)
    grams.rewrite(companies)
    write_many(companies)
    duplicates.look_again(*companies)


def checked(details: ContactDetails) -> ContactDetails:
    """What may be written down, as it is stored. Raises DomainError."""
    if not details.name:
        raise DomainError(N_("请填写联系人姓名。"), field="name")
    number = clean_id_number(details.id_number) if details.id_number else ""
    return replace(details, id_number=number)


def _hold(company: Company) -> None:
    """Until the commit nobody else changes the firm's contacts: one of them is the first to call, never two."""
    session.refresh(company, with_for_update={"of": Company})
    session.refresh(company, ["contacts"])


def _keep_up(company: Company) -> None:
    """What repeats its contacts: how complete the firm is, by whose name a search finds it."""
    completeness.refresh(company)
    company.search_text = search_text(
        company.name,
        company.uscc,
        former_names=[former.name for former in company.former_names],
        people=[contact.name for contact in company.contacts],
        former_codes=company.former_codes,
    )


def _demote_others(company: Company, first: Contact) -> None:
    for contact in company.contacts:
        if contact is not first:
            contact.is_primary = False


def _masked(changes: Changes) -> dict[str, tuple[Any, Any]]:
    kept = {k: pair for k, pair in changes.items() if k not in ("id", "company_id", "archived_at")}
    for name in _MASKS.keys() & kept.keys():
        before, after = kept[name]
        kept[name] = (_MASKS[name](before or ""), _MASKS[name](after or ""))
    return kept


def _log(action: str, company: Company, contact: Contact, by: Actor, changes: Changes) -> None:
    """In the firm's own history, where people look for it."""
    record(action, company, by=by, changes=changes, contact=contact.name)
