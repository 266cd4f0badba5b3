"""A row that means a firm which is there: what it corrects of it, and what it says otherwise and may not change."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm.companies.corrections import Correction
from crm.companies.former_names import FormerNameDetails
from crm.companies.import_columns import CONTACT
from crm.companies.import_comparing import differences
from crm.companies.import_row import Row
from crm.companies.importing_context import Context, Known
from crm.companies.lookup import Firm, Found, How
from crm.companies.names import spelling
from crm.companies.services import ContactDetails, expect_sound
from crm.core.clock import today
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.imports.kinds import Draft, Outcome, Verdict


class KnownFirm(Row):
    """A firm that is there; what the row changes of it is noted."""

    def __init__(self, draft: Draft, found: Found, context: Context, firm: Firm) -> None:
        super().__init__(draft, found, context)
        self.firm = firm
        self.changes: dict[str, tuple[Any, Any]] = {}

    def verdict(self) -> Verdict:
        firm = self.firm
        if not firm.is_mine or firm.is_archived:
            return self._not_to_be_had()
        known = self.context.known[firm.id]
        facts = self._corrections(known)
        former_names = self._further_former_names(known, facts)
        contact, contact_id = self._known_contact(known)
        self.faults += differences(known, self.values, self.context.carriers)
        self.attempt(lambda: expect_sound(replace(known.details, **facts)))
        outcome = Outcome.UPDATE if self.changes else Outcome.UNCHANGED
        return Verdict(
            self.draft,
            Outcome.ERROR if self.faults else outcome,
            record_id=firm.id,
            version=known.version,
            changes=self.changes,
            faults=tuple(self.faults),
            look_alikes=self.offered(),
            ready=Correction(firm.id, known.version, facts, former_names, contact, contact_id),
        )

    def _not_to_be_had(self) -> Verdict:
        message = N_("该企业已在园区登记，由“%(unit)s”管理。")
        if self.firm.is_archived:
            message = N_("该企业已由“%(unit)s”归档，请其恢复，不能另行登记。")
        column = "uscc" if self.found.how is How.CODE else "name"
        self.fault(column, DomainError(message, unit=self.firm.unit))
        return Verdict(self.draft, Outcome.ERROR, faults=tuple(self.faults))

    def _corrections(self, known: Known) -> dict[str, Any]:
        """Those that the row gives and the register does not have yet."""
        given = self.facts()
        if "name" in given and not self._is_renamed(given["name"], known):
            del given["name"]
        if not known.details.industry_code or "industry_code" not in given:
            pass
        elif known.details.industry_code.startswith(given["industry_code"]):
            del given["industry_code"]  # the division of a class that is known says nothing new
        if known.details.uscc and given.get("uscc", known.details.uscc) != known.details.uscc:
            message = N_("与“%(name)s”已登记的代码不同，请先在企业页面更正。")
            self.fault("uscc", DomainError(message, name=known.details.name))
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

    def _further_former_names(
        self, known: Known, facts: Mapping[str, Any]
    ) -> tuple[FormerNameDetails, ...]:
        until = {spelling(one.name): one.until_on for one in known.former_names}
        said = {spelling(one.name): one for one in self.former_names()}
        renamed_on = self.values.get("renamed_on")
        present = said.pop(spelling(known.details.name), None)
        further = [one for key, one in said.items() if key not in until]
        if further:
            self._note("former_names", None, "、".join(one.name for one in further))
        undated = renamed_on or today()
        for key in said.keys() & until.keys():
            if said[key].until_on not in (until[key], undated):
                message = N_("与已登记的“%(now)s”不同，请在企业页面办理或更正。")
                self.fault("former_names", DomainError(message, now=until[key]))
        if "name" in facts:
            until_on = present.until_on if present else undated
            further.append(FormerNameDetails(known.details.name, until_on))
        elif renamed_on and not further and renamed_on not in until.values():
            message = N_("企业尚无这项登记，请在企业页面办理。")
            self.fault("renamed_on", DomainError(message))
        return tuple(further)

    def _known_contact(self, known: Known) -> tuple[ContactDetails | None, int | None]:
        name = self.values.get(CONTACT["name"])
        id_, now = next(
            ((i, person) for i, person in known.contacts.items() if person.name == name),
            (None, None),
        )
        wanted = self.contact(now)
        if wanted is None or wanted == now:
            return None, None
        for field, column in CONTACT.items():
            before = getattr(now, field) if now else ""
            if getattr(wanted, field) != before:
                self._note(column, before or None, getattr(wanted, field))
        return wanted, id_

    def _note(self, column: str, before: Any, after: Any) -> None:
        self.changes[column] = (before, after)
