"""What a firm was called before: kept at each renaming, read by the search and by the look for look-alikes."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.companies.models import Company, FormerName
from crm.companies.names import name_key
from crm.companies.residence import expect_past
from crm.core import clock
from crm.core.errors import DomainError


@dataclass(frozen=True)
class FormerNameDetails:
    """A name that the firm had until, not including, a day."""

    name: str
    until_on: date
    reason: str = ""


@dataclass(frozen=True)
class Renaming:
    """How a change of the name is meant: from which day (None: today) and why.

    With `is_correction` the old name was a slip of the pen: nobody ever had it, and it is not kept.
    """

    on: date | None = None
    reason: str = ""
    is_correction: bool = False


def former_name_row(details: FormerNameDetails) -> dict[str, Any]:
    """The columns of a former name, but for its firm and when it was written down."""
    return {**vars(details), "name_key": name_key(details.name)}


def keep_old_name(company: Company, renaming: Renaming) -> None:
    """The name that the firm is about to lose becomes a former one. Raises DomainError for a day to come."""
    until_on = renaming.on or clock.today()
    try:
        expect_past(until_on)
    except DomainError as error:
        raise DomainError(error.message, field="renamed_on") from None
    details = FormerNameDetails(company.name, until_on, renaming.reason)
    company.former_names.append(FormerName(**former_name_row(details)))
