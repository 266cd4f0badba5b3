"""A row of a spreadsheet of firms, whatever becomes of it: what it says of names and people, and what is found wrong with it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from crm.companies.former_names import FormerNameDetails
from crm.companies.import_columns import ATTRIBUTES, CONTACT, FACTS, former_names_in
from crm.companies.importing_context import Context
from crm.companies.lookup import Found
from crm.companies.services import ContactDetails
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.imports.kinds import Draft, Fault, LookAlike

_NAMES = {attribute.name for attribute in ATTRIBUTES}


class Row:
    """One row on its way to a verdict; what is wrong with it is collected."""

    def __init__(self, draft: Draft, found: Found, context: Context) -> None:
        self.draft = draft
        self.found = found
        self.context = context
        self.values = draft.values
        self.faults: list[Fault] = []

    def facts(self) -> dict[str, Any]:
        """Those that the row gives of the firm itself."""
        facts = {name: self.values[name] for name in FACTS if self.values.get(name) is not None}
        if "staff_contact_id" in facts:
            facts["staff_contact_id"] = self.person("staff_contact_id")
        return facts

    def person(self, column: str) -> int | None:
        """The account that a name or a user name means."""
        name = self.values.get(column)
        if name is None:
            return None
        found = self.context.people.get(name, ())
        if len(found) == 1:
            return found[0]
        message = N_("“%(name)s”有多个同名账号，请填写用户名。")
        if not found:
            message = N_("“%(name)s”不是您数据范围内的在用账号。")
        self.fault(column, DomainError(message, name=name))
        return None

    def former_names(self) -> tuple[FormerNameDetails, ...]:
        try:
            return former_names_in(self.values)
        except DomainError as error:
            self.fault("former_names", error)
            return ()

    def contact(self, now: ContactDetails | None) -> ContactDetails | None:
        """The person to call as the row has it, over what is known of that person."""
        given = {
            name: str(value)
            for name, column in CONTACT.items()
            if (value := self.values.get(column)) is not None
        }
        if not given:
            return None
        if "name" not in given:
            self.fault(CONTACT["name"], DomainError(N_("请填写联系人姓名。")))
            return None
        return replace(now, **given) if now else ContactDetails(**given)

    def offered(self) -> tuple[LookAlike, ...]:
        """Of a firm outside the reader's scope only the unit is told."""
        return tuple(
            LookAlike(firm.id, firm.name, firm.uscc or "")
            if firm.is_mine
            else LookAlike(0, "", firm.unit)
            for firm in self.found.alike
        )

    def fault(self, column: str, error: DomainError) -> None:
        self.faults.append(Fault(column, error))

    def attempt(self, rule: Callable[[], object]) -> None:
        """A rule of the register that the row may break."""
        try:
            rule()
        except DomainError as error:
            self.faults.append(Fault(error.field if error.field in _NAMES else None, error))
