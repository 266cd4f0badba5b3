"""Contacts that come in spreadsheets. Who is called first stays as it is; the first contact of a firm is."""

import re
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, select

from crm.companies.contacts import (
    ContactEntry,
    archive_many,
    checked,
    clean_id_number,
    keep_many,
    with_people,
)
from crm.companies.models import Company, Contact
from crm.companies.named import COMPANY, USCC, FirmOf, firms_of
from crm.companies.services import ContactDetails
from crm.core.among import among
from crm.core.attributes import Attribute, Sort
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.texts import clean_email, clean_phone
from crm.core.words import N_
from crm.imports import records
from crm.imports.kinds import Draft, Fault, ImportKind, Landed, Outcome, Verdict
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of

_FACTS = tuple(ContactDetails.__dataclass_fields__)
ATTRIBUTES = (
    COMPANY,
    USCC,
    Attribute("name", N_("姓名"), is_required=True, longest=40, example="李雷", width=12,
              headings=("联系人", "联系人姓名", "企业联系人", "负责人")),
    Attribute("position", N_("职务"), longest=40, example="总经理", headings=("职位", "岗位", "联系人职务")),
    Attribute("phone", N_("电话"), longest=30, clean=clean_phone, is_personal=True, example="13812340000",
              headings=("手机", "手机号", "手机号码", "联系电话", "电话号码", "联系方式", "联系人电话")),
    Attribute("email", N_("电子邮箱"), clean=clean_email, is_personal=True, width=24,
              headings=("邮箱", "E-mail", "Email", "邮箱地址", "电子邮件")),
    Attribute("id_number", N_("证件号码"), Sort.CODE, longest=20, clean=clean_id_number, is_personal=True,
              headings=("身份证号", "身份证号码", "证件号"), width=22),
)  # fmt: skip


@dataclass(frozen=True)
class _Ready:
    company_id: int
    details: ContactDetails


def check(drafts: Sequence[Draft], by: User) -> list[Verdict]:
    firms = firms_of(drafts, scope_of(by))
    people = _people(sorted({firm.id for firm in firms if firm.id}))
    first: dict[Hashable, int] = {}
    return [
        _judged(draft, firm, people.get(firm.id, {}), first)
        for draft, firm in zip(drafts, firms, strict=True)
    ]


def _people(company_ids: Sequence[int]) -> dict[int, dict[str, list[Row[Any]]]]:
    """The contacts of firms by their names."""
    found: dict[int, dict[str, list[Row[Any]]]] = defaultdict(lambda: defaultdict(list))
    if company_ids:
        facts = [getattr(Contact, name) for name in _FACTS]
        query = select(Contact.id, Contact.version, Contact.company_id, *facts).where(
            among(Contact.company_id, company_ids), Contact.archived_at.is_(None)
        )
        for row in session.execute(query.order_by(Contact.id)):
            found[row.company_id][row.name].append(row)
    return found


def _judged(
    draft: Draft,
    firm: FirmOf,
    people: Mapping[str, Sequence[Row[Any]]],
    first: dict[Hashable, int],
) -> Verdict:
    """`first`: the first row of the file by each way in which a person is known."""
    said = records.given(draft, _FACTS)
    faults: list[Fault] = list(firm.faults)
    try:
        there = _known(people.get(said.get("name", ""), ()), said)
        now = {name: getattr(there, name) for name in _FACTS} if there else {}
        details = checked(ContactDetails(**{"name": "", **now, **said}))
    except DomainError as error:
        faults.append(records.fault_of(error))
    if faults:
        return records.refused(draft, faults, firm.look_alikes)
    ready = _Ready(firm.id, details)
    if there:
        return records.compared(draft, there, now, said, ready)
    who = (firm.id, details.name)
    told = [("phone", _digits(details.phone)), ("position", details.position)]
    ways: list[Hashable] = [(*who, *way) for way in told if way[1]] or [who]
    key = min(first.setdefault(way, draft.number) for way in ways)
    return Verdict(draft, Outcome.CREATE, ready=ready, key=key)


def _known(namesakes: Sequence[Row[Any]], said: Mapping[str, Any]) -> Row[Any] | None:
    """Of the firm's contacts of that name the one with this telephone, else this position, else of whom neither is known."""
    phone, position = _digits(said.get("phone", "")), said.get("position", "")
    by_phone = [one for one in namesakes if phone and _digits(one.phone) == phone]
    by_position = [one for one in namesakes if position and one.position == position]
    if not (phone or position) and len(namesakes) > 1:
        message = N_("该企业有几位“%(name)s”，请填写电话或职务。")
        raise DomainError(message, field="name", name=said["name"])
    unknown = [
        one for one in namesakes if not (phone or position) or not (one.phone or one.position)
    ]
    return next(iter([*by_phone, *by_position, *unknown]), None)


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)


def land(verdicts: Sequence[Verdict], by: User, _source: str) -> list[Landed]:
    wanted = [v for v in verdicts if v.outcome in (Outcome.CREATE, Outcome.UPDATE)]
    ids = sorted({verdict.ready.company_id for verdict in wanted})
    firms = {firm.id: firm for firm in _held(ids)}
    there = records.held(select(Contact), records.of(wanted, Outcome.UPDATE))
    written = keep_many(
        [
            ContactEntry(firms[v.ready.company_id], v.ready.details, there.get(v.record_id or 0))
            for v in wanted
        ],
        by=by,
    )
    return [
        records.changed(verdict, contact, changes)
        if verdict.record_id
        else Landed(verdict.draft.number, contact.id, contact.version, None)
        for verdict, (contact, changes) in zip(wanted, written, strict=True)
    ]


def revert(landed: Sequence[Landed], by: User) -> None:
    there = records.untouched(select(Contact), landed)
    firms = {firm.id: firm for firm in _held(sorted({one.company_id for one in there.values()}))}
    archive_many(records.made(landed, there), by=by)
    changed = [(one, there[one.record_id]) for one in landed if one.before is not None]
    entries = [
        ContactEntry(
            firms[contact.company_id],
            replace(_details_of(contact), **records.before_of(one, contact)),
            contact,
        )
        for one, contact in changed
    ]
    keep_many(entries, by=by)


def _details_of(contact: Contact) -> ContactDetails:
    return ContactDetails(**{name: getattr(contact, name) for name in _FACTS})


def _held(company_ids: Sequence[int]) -> Sequence[Company]:
    query = select(Company).where(among(Company.id, company_ids)).order_by(Company.id)
    return session.scalars(with_people(query)).all() if company_ids else ()


CONTACTS = ImportKind(
    key="contacts",
    label=N_("企业联系人"),
    attributes=ATTRIBUTES,
    natural_key=N_("企业 + 姓名 + 电话或职务（电话、职务有一项相同即为同一人）"),
    action=Action.COMPANIES_WRITE,
    check=check,
    land=land,
    revert=revert,
    page="/companies/contacts/",
    note=N_(
        "企业须已在名录中。撤销导入时，新增的联系人归档，改动的恢复原样。首要联系人不因导入而改变。"
    ),
)
