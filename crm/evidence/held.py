"""What firms hold as of a day, for who judges them: patents in force, and risk capital raised. Verified records only."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select, union_all

from crm.core.db import session
from crm.evidence.figures import proved
from crm.evidence.kinds import KINDS
from crm.evidence.kinds.financings import Financing, Instrument
from crm.evidence.kinds.patents import Patent, PatentKind, PatentStatus
from crm.evidence.models import CoHolder

RISK_CAPITAL = f"{Instrument.ANGEL},{Instrument.VENTURE}"


def patents_of(company_ids: Collection[int], on: date) -> dict[int, dict[PatentKind, int]]:
    """Each firm's granted patents that have not ended, alone or with others, by what they protect."""
    in_force = (
        *proved(KINDS["patents"], {}),
        Patent.granted_on <= on,
        or_(Patent.status.is_(None), Patent.status == PatentStatus.GRANTED),
    )
    own = select(Patent.company_id.label("company_id"), Patent.kind.label("kind")).where(
        Patent.company_id.in_(company_ids), *in_force
    )
    shared = (
        select(CoHolder.company_id, Patent.kind)
        .join(Patent, Patent.id == CoHolder.record_id)
        .where(CoHolder.kind == "patents", CoHolder.company_id.in_(company_ids), *in_force)
    )
    rows = union_all(own, shared).subquery().c
    counted = select(rows.company_id, rows.kind, func.count()).group_by(rows.company_id, rows.kind)
    found: dict[int, dict[PatentKind, int]] = {}
    for company_id, kind, number in session.execute(counted):
        found.setdefault(company_id, {})[kind] = number
    return found


def capital_of(company_ids: Collection[int], on: date) -> dict[int, Decimal]:
    """What each firm has raised from angels and venture capital, in yuan."""
    query = (
        select(Financing.company_id, func.sum(Financing.amount))
        .where(
            Financing.company_id.in_(company_ids),
            Financing.happened_on <= on,
            *proved(KINDS["financings"], {"instrument": RISK_CAPITAL}),
        )
        .group_by(Financing.company_id)
    )
    return {company_id: amount for company_id, amount in session.execute(query) if company_id}
