"""What we do with firms: put them into the register. Correcting what it says is in changes.py."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record
from crm.companies import completeness, duplicates, grams
from crm.companies.former_names import FormerNameDetails, former_name_row
from crm.companies.models import (
    Company,
    CompanyKind,
    Contact,
    EconomyType,
    FormerName,
    FutureIndustry,
    PartyOrganisation,
    Residence,
)
from crm.companies.names import name_key, search_text
from crm.companies.queries import LookAlike, look_alikes
from crm.companies.resemblance import Face
from crm.companies.residence import (
    ResidenceDetails,
    counted_once,
    expect_carrier_in,
    expect_past,
    home_of,
    residence_row,
    scope_for,
)
from crm.core import clock
from crm.core.bulk import insert_many, next_ids
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.identifiers import clean_uscc
from crm.core.words import N_
from crm.people.models import Unit, User
from crm.people.queries import staff

CHUNK = 2000
LICENSED = (CompanyKind.ENTERPRISE, CompanyKind.BRANCH, CompanyKind.SOLE_TRADER)
_DERIVED = ("name_key", "search_text", "completeness")


@dataclass(frozen=True)
class CompanyDetails:
    """What is written down about a firm itself. Money in yuan."""

    name: str
    kind: CompanyKind = CompanyKind.ENTERPRISE
    uscc: str | None = None
    legal_representative: str = ""
    registered_capital: Decimal | None = None
    established_on: date | None = None
    industry_code: str = ""
    future_industry: FutureIndustry | None = None
    economy_types: frozenset[EconomyType] = frozenset()
    party_organisation: PartyOrganisation | None = None
    registered_address: str = ""
    business_scope: str = ""
    is_safety_focus: bool = False
    is_environment_focus: bool = False
    focus_note: str = ""
    staff_contact_id: int | None = None


@dataclass(frozen=True)
class ContactDetails:
    """A person to call."""

    name: str
    position: str = ""
    phone: str = ""
    email: str = ""
    id_number: str = ""


@dataclass(frozen=True)
class Registration:
    """A firm with its first contact, its residences so far and its former names.

    `unit_id` keeps the record; where it is not given, the carrier of the last counted residence does.
    `recorded_at` and `registered_by_id` are for records that were written down elsewhere before.
    """

    company: CompanyDetails
    contact: ContactDetails | None = None
    residences: tuple[ResidenceDetails, ...] = ()
    recorded_at: datetime | None = None
    unit_id: int | None = None
    former_names: tuple[FormerNameDetails, ...] = ()
    registered_by_id: int | None = None


class AlreadyRegistered(Conflict):
    """The code is in the register, perhaps archived; `company_id` is set when the reader may see the firm."""

    def __init__(self, message: str, *, company_id: int | None = None, **values: Any) -> None:
        super().__init__(message, field="uscc", **values)
        self.company_id = company_id


class LooksAlike(DomainError):
    """Firms with the same or a very similar name exist; a person must say that it is another one."""

    def __init__(self, found: Sequence[LookAlike]) -> None:
        super().__init__(N_("有名称相同或相近的企业，请先核对。"))
        self.found = found


def register(registration: Registration, *, by: Actor, despite_lookalikes: bool = False) -> Company:
    """Put one firm into the register. The unique constraint on the code is the judge of duplicates.

    Raises AlreadyRegistered, LooksAlike (unless a person has looked at them), DomainError.
    """
    scope = scope_for(by)
    for details in registration.residences:
        expect_carrier_in(scope, details.carrier_id)
        expect_past(details.from_on)
    row = _company_row(registration, by=by)
    expect_staff(row["staff_contact_id"], by)
    if all(row["unit_id"] != details.carrier_id for details in registration.residences):
        expect_carrier_in(scope, row["unit_id"])
    _one_at_a_time(row["unit_id"])
    company = Company(**row)
    company.residences = [
        Residence(**residence_row(details, row["recorded_at"]))
        for details in registration.residences
    ]
    if registration.contact:
        company.contacts = [Contact(**_first_contact(registration.contact))]
    company.former_names = [
        FormerName(**former_name_row(former)) for former in registration.former_names
    ]
    try:
        with session.begin_nested():
            session.add(company)
            changes = told(changes_of(company))
            session.flush()
    except IntegrityError as error:
        raise already_registered(row["uscc"], by) from error
    alike = look_alikes(company.name, company.uscc, scope, leave_out=company.id)
    if alike and not despite_lookalikes:
        raise LooksAlike(alike)
    record("company.registered", company, by=by, changes=changes)
    duplicates.look_again(company)
    duplicates.dismiss_all(company, [each.company_id for each in alike if each.company_id], by=by)
    return company


def register_many(registrations: Sequence[Registration], *, by: Actor) -> list[int]:
    """Put many firms into the register at once, all or none, without the look for look-alikes; their ids in order.

    One audit entry with the count and the SHA-256 of all rows. Raises DomainError.
    """
    scope = scope_for(by)
    carriers = {r.carrier_id for registration in registrations for r in registration.residences}
    homes = {registration.unit_id for registration in registrations} - {None}
    for unit_id in carriers | homes:
        expect_carrier_in(scope, unit_id)
    for user_id in {registration.company.staff_contact_id for registration in registrations}:
        expect_staff(user_id, by)
    digest = hashlib.sha256()
    connection = session.connection()
    ids: list[int] = []
    remaining = iter(registrations)
    while chunk := list(islice(remaining, CHUNK)):
        new_ids = next_ids(Company, len(chunk))
        companies, contacts, residences, former_names = [], [], [], []
        for id_, registration in zip(new_ids, chunk, strict=True):
            row = _company_row(registration, by=by)
            companies.append({"id": id_, **row})
            if registration.contact:
                contacts.append({"company_id": id_, **_first_contact(registration.contact)})
            residences += [
                {"company_id": id_, **residence_row(details, row["recorded_at"])}
                for details in registration.residences
            ]
            former_names += [
                {"company_id": id_, "recorded_at": row["recorded_at"], **former_name_row(former)}
                for former in registration.former_names
            ]
        try:
            with session.begin_nested():
                insert_many(Company, companies, digest)
        except IntegrityError as error:
            raise AlreadyRegistered(
                N_("其中有统一社会信用代码已经登记，或在这批企业中重复。")
            ) from error
        grams.add(connection, companies)
        belongings = ((Contact, contacts), (Residence, residences), (FormerName, former_names))
        for model, rows in belongings:
            insert_many(model, rows, digest)
        duplicates.take_in([_face(row, each) for row, each in zip(companies, chunk, strict=True)])
        ids += new_ids
    record("companies.registered", None, by=by, count=len(ids), sha256=digest.hexdigest())
    return ids


def details_of(company: Company) -> CompanyDetails:
    """What the register says of the firm now, to be shown beside what somebody typed."""
    return CompanyDetails(
        **{field.name: getattr(company, field.name) for field in fields(CompanyDetails)}
    )


def facts_row(
    details: CompanyDetails,
    *,
    former_names: Iterable[str],
    people: Iterable[str],
    former_codes: Iterable[str] = (),
) -> dict[str, Any]:
    """The columns that details give, checked by the rules and with what is derived from them."""
    expect_sound(details)
    row = dict(vars(details))
    row["uscc"] = uscc = clean_uscc(details.uscc) if details.uscc else None
    row["name_key"] = name_key(details.name)
    row["search_text"] = search_text(
        details.name, uscc, former_names=former_names, people=people, former_codes=former_codes
    )
    return row


def expect_sound(details: CompanyDetails) -> None:
    """What holds of every firm's facts. Raises DomainError."""
    if not details.name:
        raise DomainError(N_("请填写企业名称。"), field="name")
    if not details.uscc and details.kind in LICENSED:
        message = N_("%(kind)s须填写统一社会信用代码；尚未领照的请选“团队”。")
        raise DomainError(message, field="uscc", kind=details.kind)
    if details.uscc and details.kind is CompanyKind.TEAM:
        message = N_("团队没有统一社会信用代码：已领照的请选其他类别，否则请清空代码。")
        raise DomainError(message, field="kind")


def _company_row(registration: Registration, *, by: Actor) -> dict[str, Any]:
    counted_once(registration.residences)
    contact = registration.contact
    facts = facts_row(
        registration.company,
        former_names=[old.name for old in registration.former_names],
        people=[contact.name] if contact else (),
    )
    return {
        **facts,
        "completeness": completeness.percentage(
            facts, has_contact=contact is not None and bool(contact.phone)
        ),
        "unit_id": registration.unit_id or home_of(registration.residences),
        "registered_by_id": registration.registered_by_id or by.id,
        "recorded_at": registration.recorded_at or clock.now(),
    }


def _face(row: Mapping[str, Any], registration: Registration) -> Face:
    """What it is compared by with other firms."""
    contact = registration.contact
    return Face(
        row["id"],
        row["name"],
        row["uscc"],
        tuple(former.name for former in registration.former_names),
        (contact.phone,) if contact else (),
    )


def _first_contact(details: ContactDetails) -> dict[str, Any]:
    return {**vars(details), "is_primary": True}


def expect_staff(user_id: int | None, by: Actor) -> None:
    """The park's own person for a firm is somebody of the units that the writer sees."""
    if user_id and not session.scalar(staff(scope_for(by)).where(User.id == user_id)):
        message = N_("园区联系人须是您数据范围内的在用账号。")
        raise DomainError(message, field="staff_contact_id")


def told(changes: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """Changes without the columns that only repeat others."""
    return {k: v for k, v in changes.items() if k not in _DERIVED}


def already_registered(uscc: str | None, by: Actor) -> AlreadyRegistered:
    """What to tell somebody whose firm is there already: its name only to who may see it."""
    scope = scope_for(by)
    found = session.execute(
        select(
            Company.id,
            Company.name,
            Company.archived_at,
            Unit.name.label("unit"),
            scope.includes(Company.unit_id).label("is_mine"),
        )
        .join(Unit, Unit.id == Company.unit_id)
        .where(Company.id == _holder_of(uscc))
    ).one()
    if found.is_mine:
        message = N_("该统一社会信用代码已登记为“%(name)s”。")
        if found.archived_at:
            message = N_("该统一社会信用代码属于“%(name)s”，已归档，可恢复，不能另行登记。")
        return AlreadyRegistered(message, company_id=found.id, name=found.name)
    message = N_("该企业已在园区登记，由“%(unit)s”管理。")
    if found.archived_at:
        message = N_("该企业已由“%(unit)s”归档，请其恢复，不能另行登记。")
    return AlreadyRegistered(message, unit=found.unit)


def _holder_of(uscc: str | None) -> int:
    """The firm that has a code; where it was merged into another, that one."""
    holder = session.scalars(select(Company).where(Company.uscc == uscc)).one()
    while holder.merged_into:
        holder = holder.merged_into
    return holder.id


def _one_at_a_time(unit_id: int) -> None:
    """Hold the unit until the commit: of two that register one firm at once, the second finds the first."""
    session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update(key_share=True))
