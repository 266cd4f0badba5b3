"""Correcting what the register says of very many firms, each in its own way, in a number of statements that does not grow.

changes.py corrects one firm at a time and settles what two people typed; here a firm that was changed since it was looked
at refuses the whole.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from sqlalchemy import Select, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, record
from crm.companies import completeness, duplicates, grams
from crm.companies.former_names import FormerNameDetails, former_name_row
from crm.companies.models import Company, Contact, FormerName
from crm.companies.services import (
    AlreadyRegistered,
    CompanyDetails,
    ContactDetails,
    expect_staff,
    facts_row,
)
from crm.core import clock
from crm.core.among import among
from crm.core.bulk import next_ids
from crm.core.db import session
from crm.core.errors import StaleRecord
from crm.core.words import N_

MOST_LOGGED_EACH = 5000  # firms with an entry of their own, by which a later conflict knows of it
_FACTS = tuple(one.name for one in fields(CompanyDetails))
_CONTACT = tuple(one.name for one in fields(ContactDetails))
_DERIVED = ("name_key", "search_text", "completeness")


@dataclass(frozen=True)
class Correction:
    """What one firm is to be: the facts that change, by the names of CompanyDetails, and what comes and goes beside them.

    `version` is that of the firm as it was looked at.
    """

    company_id: int
    version: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    former_names: tuple[FormerNameDetails, ...] = ()  # further ones
    contact: ContactDetails | None = None  # of contact_id, or one more
    contact_id: int | None = None
    without_former_names: tuple[int, ...] = ()  # that were never so
    without_contact: int | None = None


@dataclass(frozen=True)
class Corrected:
    """What a firm was before, the version that it has now, and what was written beside it."""

    company_id: int
    version: int
    facts: Mapping[str, Any]
    former_names: tuple[int, ...]
    contact_id: int | None
    contact_version: int
    contact: ContactDetails | None  # as it was; None where it is new


def contacts_of(company_ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """The people to call at very many firms."""
    columns = [getattr(Contact, name) for name in _CONTACT]
    return select(Contact.id, Contact.company_id, Contact.version, *columns).where(
        among(Contact.company_id, company_ids), Contact.archived_at.is_(None)
    )


def changes_many(corrections: Sequence[Correction], *, by: Actor) -> list[Corrected]:
    """Correct many firms, all or none; in the order in which they were given.

    One audit entry with the count and the SHA-256, and up to MOST_LOGGED_EACH one for each firm as well. Raises
    StaleRecord, AlreadyRegistered, DomainError.
    """
    work = _Work(corrections, by)
    return work.done()


class _Work:
    def __init__(self, corrections: Sequence[Correction], by: Actor) -> None:
        self.by = by
        self.corrections = corrections
        ids = [one.company_id for one in corrections]
        columns = [getattr(Company, name) for name in (*_FACTS, *_DERIVED, "unit_id", "version")]
        chosen = select(Company.id, *columns).where(among(Company.id, ids)).order_by(Company.id)
        found = session.execute(chosen.with_for_update(of=Company)).mappings()
        self.before = {row["id"]: dict(row) for row in found}
        self.formers: dict[int, list[tuple[int, str]]] = defaultdict(list)
        names = select(FormerName.id, FormerName.company_id, FormerName.name)
        for row in session.execute(names.where(among(FormerName.company_id, ids))):
            self.formers[row.company_id].append((row.id, row.name))
        self.former_codes: dict[int, list[str]] = defaultdict(list)
        merged = select(Company.merged_into_id, Company.uscc).where(Company.uscc.is_not(None))
        for into, code in session.execute(merged.where(among(Company.merged_into_id, ids))):
            if into and code:
                self.former_codes[into].append(code)
        self.people: dict[int, dict[int, ContactDetails]] = defaultdict(dict)
        self.contact_versions: dict[int, int] = {}
        for row in session.execute(contacts_of(ids)):
            details = ContactDetails(*(getattr(row, name) for name in _CONTACT))
            self.people[row.company_id][row.id] = details
            self.contact_versions[row.id] = row.version
        for user_id in {one.facts.get("staff_contact_id") for one in corrections}:
            expect_staff(user_id, by)

    def done(self) -> list[Corrected]:
        former_ids = iter(
            next_ids(FormerName, sum(len(one.former_names) for one in self.corrections))
        )
        new_people = [one for one in self.corrections if one.contact and not one.contact_id]
        contact_ids = iter(next_ids(Contact, len(new_people)))
        self._take_out()
        corrected, formers, contacts, mended = [], [], [], []
        rows = {}
        for one in self.corrections:
            before = self.before.get(one.company_id)
            if before is None or before["version"] != one.version:
                raise StaleRecord
            added = tuple(next(former_ids) for _ in one.former_names)
            for id_, former in zip(added, one.former_names, strict=True):
                at = {"id": id_, "company_id": one.company_id, "recorded_at": clock.now()}
                formers.append({**at, **former_name_row(former)})
            people = self._people_after(one)
            contact_id, was = one.contact_id, None
            if one.contact and one.contact_id:
                was = self.people[one.company_id][one.contact_id]
                mended.append({"at": one.contact_id, **asdict(one.contact)})
            elif one.contact:
                contact_id = next(contact_ids)
                at = {"id": contact_id, "company_id": one.company_id}
                contacts.append({**at, **asdict(one.contact), "is_primary": len(people) == 1})
            rows[one.company_id] = self._row_after(one, before, people)
            facts = {name: before[name] for name in one.facts}
            version = self.contact_versions.get(contact_id or 0, 0) + 1
            corrected.append(
                Corrected(one.company_id, one.version + 1, facts, added, contact_id, version, was)
            )
        self._write(rows)
        for model, new in ((FormerName, formers), (Contact, contacts)):
            if new:
                session.execute(insert(model), new)
        if mended:
            one_row = update(Contact).where(Contact.id == bindparam("at"))
            session.connection().execute(one_row.values(version=Contact.version + 1), mended)
        duplicates.look_again_many(list(rows))
        self._log()
        return corrected

    def _take_out(self) -> None:
        formers = [id_ for one in self.corrections for id_ in one.without_former_names]
        contacts = [one.without_contact for one in self.corrections if one.without_contact]
        if formers:
            session.execute(delete(FormerName).where(among(FormerName.id, formers)))
        if contacts:
            session.execute(delete(Contact).where(among(Contact.id, contacts)))

    def _people_after(self, one: Correction) -> list[ContactDetails]:
        """The people to call once it is done."""
        now = self.people[one.company_id]
        people = {id_: person for id_, person in now.items() if id_ != one.without_contact}
        if one.contact:
            people[one.contact_id or 0] = one.contact
        return list(people.values())

    def _row_after(
        self, one: Correction, before: Mapping[str, Any], people: Sequence[ContactDetails]
    ) -> dict[str, Any]:
        """The columns that change."""
        now = CompanyDetails(**{name: before[name] for name in _FACTS})
        formers = [
            name
            for id_, name in self.formers[one.company_id]
            if id_ not in one.without_former_names
        ]
        row = facts_row(
            replace(now, **one.facts),
            former_names=[*formers, *(former.name for former in one.former_names)],
            people=[person.name for person in people],
            former_codes=self.former_codes[one.company_id],
        )
        has_contact = any(person.phone for person in people)
        row["completeness"] = completeness.percentage(row, has_contact=has_contact)
        return {name: value for name, value in row.items() if value != before[name]}

    def _write(self, rows: Mapping[int, Mapping[str, Any]]) -> None:
        """One statement for all firms of which the same columns change: only their indexes are written."""
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for id_, row in rows.items():
            alike[tuple(row)].append({"at": id_, **row})
        one_row = update(Company).where(Company.id == bindparam("at"))
        counted = one_row.values(version=Company.version + 1)
        try:
            with session.begin_nested():
                for some in alike.values():
                    session.connection().execute(counted, some)
        except IntegrityError as error:
            raise AlreadyRegistered(
                N_("其中有统一社会信用代码已经登记，或在这批企业中重复。")
            ) from error
        moved = [id_ for id_, row in rows.items() if "search_text" in row]
        gone = [self.before[id_] for id_ in moved]
        come = [{**was, **rows[was["id"]]} for was in gone]
        grams.replace(session.connection(), gone, come)
        session.flush()
        session.expire_all()  # what was loaded of them is old

    def _log(self) -> None:
        told: list[tuple[int, dict[str, tuple[Any, Any]]]] = [
            (one.company_id, {n: (self.before[one.company_id][n], v) for n, v in one.facts.items()})
            for one in self.corrections
        ]
        digest = hashlib.sha256(json.dumps(told, default=str, ensure_ascii=False).encode())
        count = len(self.corrections)
        record("companies.changed", None, by=self.by, count=count, sha256=digest.hexdigest())
        if count <= MOST_LOGGED_EACH:
            for (id_, changes), one in zip(told, self.corrections, strict=True):
                firm = Company(id=id_, name=self.before[id_]["name"])
                record(
                    "company.changed", firm, by=self.by, changes=changes, version=one.version + 1
                )
