"""到期待重新认定: certificates that ended this year whose renewal was applied for in it, shown beside the stock, never in it."""

from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.companies.queries import counted_carrier
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.queries import Rows, counts_on
from crm.people.scope import Scope


def awaiting_renewal(scope: Scope, on: date) -> Rows:
    """The firms of a scope that wait on that day: id, name, unit_id, number, ended_on (the first day without), filed_on.

    Until 31 December of the year in which the certificate's last day lay; each firm once; none that holds another one.
    """
    new_year = date(on.year, 1, 1)
    home, at_home = counted_carrier(Qualification.company_id, on)
    other = aliased(Qualification)
    is_renewed = (
        select(other.id)
        .where(
            other.company_id == Qualification.company_id,
            other.kind == QualificationKind.HIGH_TECH,
            counts_on(other, on),
        )
        .exists()
    )
    was_revoked = and_(
        Qualification.revoked_on.is_not(None),
        Qualification.revoked_on == Qualification.counts_to,
    )
    return (
        select(
            Company.id,
            Company.name,
            home.carrier_id.label("unit_id"),
            func.max(Qualification.number).label("number"),
            func.max(Qualification.counts_to).label("ended_on"),
            func.max(Qualification.renewal_filed_on).label("filed_on"),
        )
        .join(Company, Company.id == Qualification.company_id)
        .join(home, at_home)
        .where(
            Company.archived_at.is_(None),
            scope.includes(home.carrier_id),
            Qualification.kind == QualificationKind.HIGH_TECH,
            Qualification.state == VerificationState.VERIFIED,
            Qualification.counts_to > new_year,  # its last day lay in this year
            Qualification.counts_to <= on,
            Qualification.renewal_filed_on.between(new_year, on),
            or_(~was_revoked, Qualification.revoked_on.is_(None)),
            ~is_renewed,
        )
        .group_by(Company.id, Company.name, home.carrier_id)
    )
