"""A firm's facts as its page shows them, each to be edited in place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crm.companies.facts import FIELDS, readable
from crm.companies.forms import FACTS
from crm.companies.models import Company, CompanyKind
from crm.core.words import N_

_WORDS = {
    "registered_capital": N_("注册资本（万元）"),
    "focus": N_("安全环保"),
}
_NOT_FOR_TEAMS = (
    "uscc",
    "legal_representative",
    "registered_capital",
    "established_on",
    "registered_address",
    "business_scope",
)
_WIDE = ("name", "registered_address", "business_scope")


@dataclass(frozen=True)
class Fact:
    """One of them: its key, what it is called, its value as read, further words under it."""

    key: str
    label: str
    value: Any
    note: str = ""

    @property
    def is_wide(self) -> bool:
        return self.key in _WIDE


def facts_of(company: Company) -> Iterator[Fact]:
    """All that apply to a body of its kind; a team has no licence, and what a licence says is left out unless it is there."""
    for key in FACTS:
        fact = fact_of(company, key)
        is_asked = company.kind is not CompanyKind.TEAM or key not in _NOT_FOR_TEAMS
        if is_asked or fact.value != "–":
            yield fact


def fact_of(company: Company, key: str) -> Fact:
    label = _WORDS.get(key) or FIELDS[key]
    if key == "focus":
        marks = (("is_safety_focus", company.is_safety_focus),
                 ("is_environment_focus", company.is_environment_focus))  # fmt: skip
        words = tuple(FIELDS[name] for name, is_marked in marks if is_marked)
        return Fact(key, label, words or "–", company.focus_note)
    if key == "business_scope":
        return Fact(key, label, company.business_scope or "–")
    return Fact(key, label, readable(key, getattr(company, key)))
