"""The people to call at a firm. Personal data: the log keeps it masked, so that reading the log reveals nobody."""

import re
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Select, select
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from crm.audit.services import Actor, Changes, changes_of, record
from crm.companies import completeness, duplicates
from crm.companies.masking import masked_email, masked_id_number, masked_phone
from crm.companies.models import Company, Contact
from crm.companies.names import search_text
from crm.companies.services import ContactDetails
from crm.core import clock
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


def add_contact(
    company: Company, details: ContactDetails, *, by: Actor, is_primary: bool = False
) -> Contact:
    """One more person; the first of a firm is the first to call. Raises DomainError."""
    _hold(company)
    contact = Contact(**asdict(_checked(details)))
    contact.is_primary = is_primary or not company.contacts
    if contact.is_primary:
        _demote_others(company, contact)
    company.contacts.append(contact)
    changes = _masked(changes_of(contact))
    _keep_up(company)
    _log("contact.added", contact, by, changes)
    return contact


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
    company = contact.company
    _hold(company)
    contact.expect_version(version)
    for name, value in asdict(_checked(details)).items():
        setattr(contact, name, value)
    if is_primary:
        contact.is_primary = True
        _demote_others(company, contact)
    changes = _masked(changes_of(contact))
    _keep_up(company)
    _log("contact.changed", contact, by, changes)


def archive_contact(contact: Contact, *, version: int, by: Actor) -> None:
    """Nobody to call any more; where it was the first, the next one is. Raises StaleRecord."""
    company = contact.company
    _hold(company)
    contact.expect_version(version)
    contact.archived_at, was_primary, contact.is_primary = clock.now(), contact.is_primary, False
    session.flush()
    session.expire(company, ["contacts"])
    if was_primary and company.contacts:
        company.contacts[0].is_primary = True
    _keep_up(company)
    _log("contact.archived", contact, by, {})


def _checked(details: ContactDetails) -> ContactDetails:
    if not details.name:
        raise DomainError(N_("请填写联系人姓名。"), field="name")
    number = clean_id_number(details.id_number) if details.id_number else ""
    return replace(details, id_number=number)


def _hold(company: Company) -> None:
    """Until the commit nobody else changes the firm's contacts: one of them is the first to call, never two."""
    session.refresh(company, with_for_update={"of": Company})
    session.refresh(company, ["contacts"])


def _keep_up(company: Company) -> None:
    """What repeats its contacts: how complete the firm is, by whose name a search finds it, what it resembles."""
    completeness.refresh(company)
    company.search_text = search_text(
        company.name,
        company.uscc,
        former_names=[former.name for former in company.former_names],
        people=[contact.name for contact in company.contacts],
        former_codes=company.former_codes,
    )
    duplicates.look_again(company)


def _demote_others(company: Company, first: Contact) -> None:
    for contact in company.contacts:
        if contact is not first:
            contact.is_primary = False


def _masked(changes: Changes) -> dict[str, tuple[Any, Any]]:
    kept = {k: pair for k, pair in changes.items() if k not in ("company_id", "archived_at")}
    for name in _MASKS.keys() & kept.keys():
        before, after = kept[name]
        kept[name] = (_MASKS[name](before or ""), _MASKS[name](after or ""))
    return kept


def _log(action: str, contact: Contact, by: Actor, changes: Changes) -> None:
    """In the firm's own history, where people look for it."""
    record(action, contact.company, by=by, changes=changes, contact=contact.name)
