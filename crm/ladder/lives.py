"""The whole history of some firms, as history.py wants it: four queries, however many firms they are."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select

from crm.audit.verification import VerificationState
from crm.companies.models import Company, CompanyKind, Residence
from crm.core.db import session
from crm.ladder.history import Life, Stay
from crm.ladder.models import Qualification
from crm.ladder.queries import Rows, proves
from crm.ladder.rungs import PROVES, Certificate, SizeReport
from crm.operating.models import OperatingReport


def lives_of(company_ids: Sequence[int]) -> dict[int, Life]:
    stays: dict[int, list[Stay]] = {number: [] for number in company_ids}
    certificates: dict[int, list[Certificate]] = {number: [] for number in company_ids}
    reports: dict[int, list[SizeReport]] = {number: [] for number in company_ids}
    residents = set()
    r = Residence
    query = select(r.company_id, r.is_counted, r.carrier_id, r.from_on, r.to_on)
    for row in session.execute(query.where(r.company_id.in_(company_ids)).order_by(r.from_on)):
        residents.add(row.company_id)
        if row.is_counted:
            stays[row.company_id].append(Stay(row.carrier_id, row.from_on, row.to_on))
    q = Qualification
    columns = (q.company_id, q.kind, q.number, q.counts_from, q.counts_to, q.is_moved_in)
    proofs: Rows = select(*columns).where(
        q.company_id.in_(company_ids), q.kind.in_(PROVES), proves(q)
    )
    for company_id, *certificate in session.execute(proofs):
        certificates[company_id].append(Certificate(*certificate))
    o = OperatingReport
    has_revenue = (o.revenue > Decimal(0)).label("has_revenue")
    for company_id, period_end_on, size_class, sells in session.execute(
        select(o.company_id, o.period_end_on, o.size_class, has_revenue).where(
            o.company_id.in_(company_ids), o.state == VerificationState.VERIFIED
        )
    ):
        reports[company_id].append(SizeReport(period_end_on, size_class, bool(sells)))
    firms = select(Company.id, Company.kind, Company.uscc, Company.established_on)
    return {
        firm.id: Life(
            is_enterprise=firm.kind == CompanyKind.ENTERPRISE,
            has_code=firm.uscc is not None,
            established_on=firm.established_on,
            was_ever_resident=firm.id in residents,
            stays=stays[firm.id],
            certificates=certificates[firm.id],
            reports=reports[firm.id],
        )
        for firm in session.execute(firms.where(Company.id.in_(company_ids)))
    }
