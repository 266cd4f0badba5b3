"""Taking a firm out of all lists and figures, and putting it back. Nothing is deleted: the code stays reserved."""

from crm.audit.services import Actor, record
from crm.companies import duplicates
from crm.companies.models import Company
from crm.companies.residence import tell_of
from crm.core import clock
from crm.core.errors import DomainError
from crm.core.words import N_


def archive(company: Company, *, reason: str, version: int | None, by: Actor) -> None:
    """Away with a firm that was registered by mistake or twice: who, when and why stay with it.

    A firm that left the park is not archived: its past counts. Raises StaleRecord, DomainError.
    """
    if not reason:
        raise DomainError(N_("请填写归档原因。"), field="reason")
    company.expect_version(version)
    company.archived_at, company.archive_reason = clock.now(), reason
    company.archived_by_id = by.id
    record("company.archived", company, by=by, reason=reason, version=company.version)
    tell_of(company)
    duplicates.look_again(company)


def restore(company: Company, *, by: Actor) -> None:
    """Back into lists and figures, with all that it had. Raises DomainError when it is not archived, or was merged."""
    company.expect_version(None)
    if company.merged_into:
        message = N_("该企业已并入“%(name)s”，请改用撤销合并。")
        raise DomainError(message, name=company.merged_into.name)
    if company.archived_at is None:
        raise DomainError(N_("该企业没有归档，无需恢复。"))
    reason = company.archive_reason
    company.archived_at, company.archived_by_id, company.archive_reason = None, None, ""
    record("company.restored", company, by=by, reason=reason, version=company.version)
    tell_of(company)
    duplicates.look_again(company)
