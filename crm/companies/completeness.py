"""资料完整度: how much of what is asked of a body of its kind is written down, and what is missing.

Residence is no part of it: that is dated history with rules of its own, and a firm that left is not incomplete.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm.companies.facts import FIELDS
from crm.companies.models import Company, CompanyKind
from crm.core.words import N_

_ALL = frozenset(CompanyKind)
_LICENSED = frozenset({CompanyKind.ENTERPRISE, CompanyKind.BRANCH, CompanyKind.SOLE_TRADER})
_FIRMS = frozenset({CompanyKind.ENTERPRISE})
CONTACT = "contact"


@dataclass(frozen=True)
class Item:
    """One thing that is asked of some kinds; `weight` is its share beside the others that are asked of the same kind."""

    key: str
    weight: int
    kinds: frozenset[CompanyKind]

    @property
    def label(self) -> str:
        return N_("联系人及电话") if self.key == CONTACT else FIELDS[self.key]


ITEMS = (
    Item("uscc", 15, _LICENSED),
    Item("legal_representative", 10, _ALL - {CompanyKind.TEAM}),
    Item("registered_capital", 10, _FIRMS),
    Item("established_on", 10, _ALL - {CompanyKind.TEAM}),
    Item("registered_address", 10, _ALL - {CompanyKind.TEAM}),
    Item("industry_code", 10, _ALL),
    Item("future_industry", 5, _FIRMS | {CompanyKind.TEAM}),
    Item("business_scope", 5, _LICENSED),
    Item("party_organisation", 5, _FIRMS | {CompanyKind.INSTITUTE, CompanyKind.SERVICE}),
    Item("staff_contact_id", 5, _ALL),
    Item(CONTACT, 15, _ALL),
)


def percentage(facts: Mapping[str, Any], *, has_contact: bool) -> int:
    """Whole per cent, rounded down: 100 means that nothing is missing. `facts` are a firm's columns by name."""
    asked = [item for item in ITEMS if facts["kind"] in item.kinds]
    given = sum(item.weight for item in asked if _is_given(item, facts, has_contact))
    return given * 100 // sum(item.weight for item in asked)


def missing(company: Company) -> list[Item]:
    """What is asked of this firm and not there, weightiest first."""
    facts = _facts(company)
    found = [
        item
        for item in ITEMS
        if company.kind in item.kinds and not _is_given(item, facts, has_contact(company))
    ]
    return sorted(found, key=lambda item: -item.weight)


def refresh(company: Company) -> None:
    """Measure the firm anew after its contacts changed."""
    company.completeness = percentage(_facts(company), has_contact=has_contact(company))


def has_contact(company: Company) -> bool:
    """Whether there is somebody to call."""
    return any(contact.phone for contact in company.contacts)


def _facts(company: Company) -> dict[str, Any]:
    return {name: getattr(company, name) for name in FIELDS}


def _is_given(item: Item, facts: Mapping[str, Any], has_contact: bool) -> bool:
    return has_contact if item.key == CONTACT else facts.get(item.key) not in (None, "")
