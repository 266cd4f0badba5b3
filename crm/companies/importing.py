"""Firms that come in a spreadsheet: what a row may say of a firm, and what becomes of it.

A firm is known again by its code, else by its name; one that is only alike is offered. What is empty changes nothing. An
import registers firms and corrects facts; a firm's coming and going has steps and rules of its own (residence.py), so of
a firm that is there the residence is only compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time
from typing import Any

from crm.companies.corrections import Corrected, Correction, changes_many
from crm.companies.former_names import FormerNameDetails
from crm.companies.import_columns import ATTRIBUTES, CONTACT, FACTS, STAY, former_names_in
from crm.companies.import_comparing import differences
from crm.companies.importing_context import Context, Known
from crm.companies.lookup import Firm, Found, How, Named, find
from crm.companies.names import spelling
from crm.companies.residence import ResidenceDetails, counted_once
from crm.companies.services import (
    CompanyDetails,
    ContactDetails,
    Registration,
    expect_sound,
    register_many,
)
from crm.companies.taking_back import take_back
from crm.core.clock import PARK_ZONE, today
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.imports.kinds import (
    Draft,
    Fault,
    ImportKind,
    Landed,
    LookAlike,
    Outcome,
    Verdict,
)
from crm.imports.stored import as_json
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of

_NAMES = {attribute.name for attribute in ATTRIBUTES}
_NOON = time(12)


def check(drafts: Sequence[Draft], by: User) -> list[Verdict]:
    """What would become of each row: a new firm, corrections of one that is there, nothing, or faults."""
    named = [
        Named(draft.values.get("name") or "", draft.values.get("uscc") or "") for draft in drafts
    ]
    found = find(named, scope_of(by))
    meant = [_meant(draft, one) for draft, one in zip(drafts, found, strict=True)]
    context = Context(by, {firm.id for firm in meant if firm})
    verdicts = [
        _Row(draft, one, context).corrected(firm)
        if firm
        else _Row(draft, one, context).registered()
        for draft, one, firm in zip(drafts, found, meant, strict=True)
    ]
    return _codeless_twins(verdicts)


def land(verdicts: Sequence[Verdict], by: User, _source: str) -> list[Landed]:
    """Register the new ones, correct the others."""
    new = [verdict for verdict in verdicts if verdict.outcome is Outcome.CREATE]
    known = [verdict for verdict in verdicts if verdict.outcome is Outcome.UPDATE]
    landed = []
    if new:
        ids = register_many([verdict.ready for verdict in new], by=by)
        for verdict, id_ in zip(new, ids, strict=True):
            landed.append(Landed(verdict.draft.number, id_, 1, None, _made(verdict.ready)))
    if known:
        for verdict, one in zip(
            known, changes_many([verdict.ready for verdict in known], by=by), strict=True
        ):
            landed.append(_landed(verdict.draft.number, one))
    return landed


def _made(registration: Registration) -> dict[str, int]:
    """How many of each belong to the new firm: what comes later is somebody's work."""
    return {
        "contacts": 1 if registration.contact else 0,
        "residences": len(registration.residences),
        "former_names": len(registration.former_names),
    }


def _landed(number: int, one: Corrected) -> Landed:
    before = {name: as_json(value) for name, value in one.facts.items()}
    made = {
        "former_names": list(one.former_names),
        "contact": [one.contact_id, one.contact_version] if one.contact_id else None,
        "contact_was": asdict(one.contact) if one.contact else None,
    }
    return Landed(number, one.company_id, one.version, before, made)


COMPANIES = ImportKind(
    key="companies",
    label=N_("企业"),
    attributes=ATTRIBUTES,
    natural_key=N_("统一社会信用代码；没有代码的按企业名称（不计全角半角、括号和空格）"),
    action=Action.COMPANIES_WRITE,
    check=check,
    land=land,
    revert=take_back,
    page="/companies/",
    list_key="companies",
    note=N_("空单元格不改动已有内容。已登记企业的入驻只核对、不改动，进出请在企业页面办理。"),
)


def _meant(draft: Draft, found: Found) -> Firm | None:
    """The firm that the row is about: by its code, as a person chose, else for sure."""
    if found.how is How.CODE or draft.chosen is None:
        return found.firm
    return next((firm for firm in found.alike if firm.id == draft.chosen), None)


def _codeless_twins(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """A new firm without a code that another row names too: one of them would be registered twice."""
    first: dict[str, int] = {}
    for verdict in verdicts:
        if verdict.outcome is Outcome.CREATE and verdict.draft.values.get("uscc"):
            first.setdefault(spelling(verdict.draft.values.get("name") or ""), verdict.draft.number)
    return [
        replace(verdict, key=("row", row))
        if isinstance(verdict.key, str)
        and not verdict.draft.values.get("uscc")
        and (row := first.get(verdict.key))
        else verdict
        for verdict in verdicts
    ]


@dataclass
class _Row:
    """One row on its way to a verdict; what is wrong with it is collected."""

    draft: Draft
    found: Found
    context: Context

    def __post_init__(self) -> None:
        self.values = self.draft.values
        self.faults: list[Fault] = []
        self.changes: dict[str, tuple[Any, Any]] = {}

    def registered(self) -> Verdict:
        """A firm that is not there yet."""
        offered = self._offered()
        if offered and self.draft.chosen is None:
            message = N_("有名称相同或相近的企业，请选择是哪一家，或确认是另一家。")
            self._fault("name", DomainError(message))
        facts = {name: self.values[name] for name in FACTS if self.values.get(name) is not None}
        self._person("staff_contact_id", facts)
        recorded_on = self.values.get("recorded_on")
        if (
            recorded_on and recorded_on > today()
        ):  # of one that is there it may be: the clock of a demo stands still
            self._fault("recorded_on", DomainError(N_("日期不能晚于今天。")))
        details = CompanyDetails(**{"name": "", **facts})
        if details.name:
            self._try(lambda: expect_sound(details))
        ready = Registration(
            company=details,
            contact=self._contact(None),
            residences=self._residences(),
            unit_id=self._carrier(),
            former_names=self._former_names(),
            recorded_at=_noon(recorded_on),
            registered_by_id=self._person("registered_by"),
        )
        self._try(lambda: counted_once(ready.residences))
        return Verdict(
            self.draft,
            Outcome.ERROR if self.faults else Outcome.CREATE,
            faults=tuple(self.faults),
            look_alikes=offered,
            ready=ready,
            key=details.uscc or spelling(details.name) or None,
        )

    def corrected(self, firm: Firm) -> Verdict:
        """A firm that is there."""
        if not firm.is_mine or firm.is_archived:
            return self._not_to_be_had(firm)
        known = self.context.known[firm.id]
        facts = self._facts(known)
        former_names = self._further_former_names(known, facts)
        contact, contact_id = self._known_contact(known)
        self.faults += differences(known, self.values, self.context.carriers)
        self._try(lambda: expect_sound(replace(known.details, **facts)))
        outcome = Outcome.UPDATE if self.changes else Outcome.UNCHANGED
        return Verdict(
            self.draft,
            Outcome.ERROR if self.faults else outcome,
            record_id=firm.id,
            version=known.version,
            changes=self.changes,
            faults=tuple(self.faults),
            look_alikes=self._offered(),
            ready=Correction(firm.id, known.version, facts, former_names, contact, contact_id),
        )

    def _not_to_be_had(self, firm: Firm) -> Verdict:
        message = N_("该企业已在园区登记，由“%(unit)s”管理。")
        if firm.is_archived:
            message = N_("该企业已由“%(unit)s”归档，请其恢复，不能另行登记。")
        column = "uscc" if self.found.how is How.CODE else "name"
        self._fault(column, DomainError(message, unit=firm.unit))
        return Verdict(self.draft, Outcome.ERROR, faults=tuple(self.faults))

    # Facts

    def _facts(self, known: Known) -> dict[str, Any]:
        """Those that the row gives and the register does not have yet."""
        given = {name: self.values[name] for name in FACTS if self.values.get(name) is not None}
        self._person("staff_contact_id", given)
        if "name" in given and not self._is_renamed(given["name"], known):
            del given["name"]
        if not known.details.industry_code or "industry_code" not in given:
            pass
        elif known.details.industry_code.startswith(given["industry_code"]):
            del given["industry_code"]  # the division of a class that is known says nothing new
        if known.details.uscc and given.get("uscc", known.details.uscc) != known.details.uscc:
            message = N_("与“%(name)s”已登记的代码不同，请先在企业页面更正。")
            self._fault("uscc", DomainError(message, name=known.details.name))
            del given["uscc"]
        facts = {n: v for n, v in given.items() if v != getattr(known.details, n)}
        for name, value in facts.items():
            self._note(name, getattr(known.details, name), value)
        return facts

    def _is_renamed(self, name: str, known: Known) -> bool:
        """Only by its code is a firm known under a name that is new; an old list does not rename it back."""
        before = {spelling(old.name) for old in known.former_names}
        before.add(spelling(known.details.name))
        return self.found.how is How.CODE and spelling(name) not in before

    def _former_names(self) -> tuple[FormerNameDetails, ...]:
        try:
            return former_names_in(self.values)
        except DomainError as error:
            self._fault("former_names", error)
            return ()

    def _further_former_names(
        self, known: Known, facts: Mapping[str, Any]
    ) -> tuple[FormerNameDetails, ...]:
        until = {spelling(one.name): one.until_on for one in known.former_names}
        said = {spelling(one.name): one for one in self._former_names()}
        renamed_on = self.values.get("renamed_on")
        present = said.pop(spelling(known.details.name), None)
        further = [one for key, one in said.items() if key not in until]
        if further:
            self._note("former_names", None, "、".join(one.name for one in further))
        undated = renamed_on or today()
        for key in said.keys() & until.keys():
            if said[key].until_on not in (until[key], undated):
                message = N_("与已登记的“%(now)s”不同，请在企业页面办理或更正。")
                self._fault("former_names", DomainError(message, now=until[key]))
        if "name" in facts:
            until_on = present.until_on if present else undated
            further.append(FormerNameDetails(known.details.name, until_on))
        elif renamed_on and not further and renamed_on not in until.values():
            message = N_("企业尚无这项登记，请在企业页面办理。")
            self._fault("renamed_on", DomainError(message))
        return tuple(further)

    # People

    def _person(self, column: str, into: dict[str, Any] | None = None) -> int | None:
        """The account that a name or a user name means; it takes the name's place in `into`."""
        name = self.values.get(column)
        if name is None:
            return None
        found = self.context.people.get(name, ())
        if len(found) != 1:
            message = N_("“%(name)s”有多个同名账号，请填写用户名。")
            if not found:
                message = N_("“%(name)s”不是您数据范围内的在用账号。")
            self._fault(column, DomainError(message, name=name))
            (into or {}).pop(column, None)
            return None
        if into is not None:
            into[column] = found[0]
        return found[0]

    def _contact(self, now: ContactDetails | None) -> ContactDetails | None:
        """The person to call as the row has it, over what is known of that person."""
        given = {
            name: str(value)
            for name, column in CONTACT.items()
            if (value := self.values.get(column)) is not None
        }
        if not given:
            return None
        if "name" not in given:
            self._fault(CONTACT["name"], DomainError(N_("请填写联系人姓名。")))
            return None
        return replace(now, **given) if now else ContactDetails(**given)

    def _known_contact(self, known: Known) -> tuple[ContactDetails | None, int | None]:
        name = self.values.get(CONTACT["name"])
        id_, now = next(
            ((i, person) for i, person in known.contacts.items() if person.name == name),
            (None, None),
        )
        wanted = self._contact(now)
        if wanted is None or wanted == now:
            return None, None
        for field, column in CONTACT.items():
            before = getattr(now, field) if now else ""
            if getattr(wanted, field) != before:
                self._note(column, before or None, getattr(wanted, field))
        return wanted, id_

    # Residence

    def _carrier(self) -> int | None:
        name = self.values.get("carrier")
        found = self.context.carriers.get(name) if name else self.context.own_carrier
        if found is None:
            message = N_("“%(name)s”不是您数据范围内的载体。") if name else N_("请填写所在载体。")
            self._fault("carrier", DomainError(message, name=name or ""))
        return found

    def _residences(self) -> tuple[ResidenceDetails, ...]:
        from_on, carrier = self.values.get("from_on"), None
        if from_on is None:
            self._expect_no_stay()
            return ()
        name = self.values.get("carrier")
        carrier = self.context.carriers.get(name) if name else self.context.own_carrier
        if carrier is None:
            return ()  # the fault is noted with the unit that is to keep the record
        ended = self.values.get("to_on"), self.values.get("end_reason")
        if any(ended) and not all(ended):
            missing = "end_reason" if ended[0] else "to_on"
            self._fault(missing, DomainError(N_("离园日期和离园原因须同时填写。")))
        given = {
            name: self.values[name]
            for name in ("to_on", "agreement_number", "agreement_on", "rooms")
            if self.values.get(name) is not None
        }
        kind = self.values.get("residence_kind") or self.context.usual_residence
        return (ResidenceDetails(carrier, kind, from_on, reason=ended[1], **given),)

    def _expect_no_stay(self) -> None:
        """What is said of a residence without its first day would be lost."""
        said = [
            one.label
            for one in STAY
            if one.name not in ("carrier", "from_on") and self.values.get(one.name) is not None
        ]
        if said:
            message = N_("填写了%(names)s，须同时填写入驻日期；尚未入驻的请一并留空。")
            self._fault("from_on", DomainError(message, names="、".join(said)))

    # What is noted

    def _offered(self) -> tuple[LookAlike, ...]:
        """Of a firm outside the reader's scope only the unit is told."""
        return tuple(
            LookAlike(firm.id, firm.name, firm.uscc or "")
            if firm.is_mine
            else LookAlike(0, "", firm.unit)
            for firm in self.found.alike
        )

    def _note(self, column: str, before: Any, after: Any) -> None:
        self.changes[column] = (before, after)

    def _fault(self, column: str, error: DomainError) -> None:
        self.faults.append(Fault(column, error))

    def _try(self, rule: Any) -> None:
        try:
            rule()
        except DomainError as error:
            self.faults.append(Fault(error.field if error.field in _NAMES else None, error))


def _noon(day: date | None) -> datetime | None:
    """An instant of a day that was written down without one."""
    return datetime.combine(day, _NOON, PARK_ZONE) if day else None
