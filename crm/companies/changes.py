"""Correcting what the register says of a firm, also when two people do so at once."""

from collections.abc import Mapping

from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record
from crm.companies import completeness, duplicates
from crm.companies.conflict import EditConflict, Side, merge
from crm.companies.former_names import Renaming, keep_old_name
from crm.companies.models import Company
from crm.companies.services import (
    CompanyDetails,
    already_registered,
    expect_staff,
    facts_row,
    told,
)
from crm.core.db import session

PLAIN = Renaming()


def change(
    company: Company,
    details: CompanyDetails,
    *,
    version: int,
    by: Actor,
    renaming: Renaming = PLAIN,
) -> None:
    """Correct what is written down about a firm; a name that it loses is kept as a former one.

    Raises StaleRecord, AlreadyRegistered, DomainError.
    """
    company.expect_version(version)
    if details.staff_contact_id != company.staff_contact_id:
        expect_staff(details.staff_contact_id, by)
    if details.name and details.name != company.name and not renaming.is_correction:
        keep_old_name(company, renaming)
    row = facts_row(
        details,
        former_names=[former.name for former in company.former_names],
        people=[contact.name for contact in company.contacts],
        former_codes=company.former_codes,
    )
    has_contact = completeness.has_contact(company)
    row["completeness"] = completeness.percentage(row, has_contact=has_contact)
    try:
        with session.begin_nested():
            for name, value in row.items():
                setattr(company, name, value)
            changes = told(changes_of(company))
            session.flush()
    except IntegrityError as error:
        raise already_registered(row["uscc"], by) from error
    record("company.changed", company, by=by, changes=changes, version=company.version)
    if changes.keys() & {"name", "uscc"}:
        duplicates.look_again(company)


def change_merging(
    company: Company,
    details: CompanyDetails,
    *,
    version: int,
    by: Actor,
    renaming: Renaming = PLAIN,
    choices: Mapping[str, Side] | None = None,
    seen: int | None = None,
) -> tuple[str, ...]:
    """The same for a form that somebody else's may have overtaken: what does not clash is merged.

    Returns the fields that were kept as the others saved them. Where both changed a field, `choices` made by somebody
    who saw version `seen` settle it. Raises EditConflict while they do not, AlreadyRegistered, DomainError.
    """
    session.refresh(company, with_for_update={"of": Company})
    if version == company.version:
        change(company, details, version=version, by=by, renaming=renaming)
        return ()
    both = merge(company, details, version)
    if not both.is_settled_by(choices or {}, seen):
        raise EditConflict(both)
    settled = both.settled(choices or {})
    change(company, settled, version=company.version, by=by, renaming=renaming)
    return both.taken
