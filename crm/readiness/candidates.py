"""Which firms are worth judging: one narrow query for each kind, so that nobody walks the whole register.

A candidate fulfils what an index can tell (a report of the year above the line, a certificate that ends); the rules
themselves, in the files of the kinds, have the last word.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    exists,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased

from crm.audit.verification import VerificationState
from crm.companies.models import Company, CompanyKind, Residence, ResidenceKind
from crm.companies.queries import counted_carrier, covers, visible_to
from crm.declarations.renewals import ending_in
from crm.ladder.models import Qualification
from crm.ladder.models import QualificationKind as Proof
from crm.ladder.queries import counts_on
from crm.ladder.rungs import TOO_LARGE
from crm.operating.models import OperatingReport
from crm.people.models import Unit
from crm.people.scope import Scope
from crm.readiness import graduation, high_tech, tech_sme
from crm.readiness.criteria import years_after
from crm.readiness.models import CriterionTick, Kind
from crm.readiness.queries import reported_by
from crm.reference.above_scale import HIGHEST, LineMeasure, lines_on

Firms = Select[*tuple[Any, ...]]

Report = OperatingReport
_LEAST_SHARE = min(share for _, share in high_tech.R_AND_D)


def candidates(kind: Kind, scope: Scope, on: date, unit: Unit | None = None) -> Firms:
    """The firms' ids, the most promising first."""
    query = _QUERIES[kind](scope, on)
    if unit is None:
        return query
    home, at_home = counted_carrier(Company.id, on)
    return query.join(home, at_home).where(home.carrier_id == unit.id)


def _residents(scope: Scope, on: date) -> Firms:
    """Enterprises of the scope that were in the park that day."""
    home, at_home = counted_carrier(Company.id, on)
    return (
        visible_to(scope)
        .where(Company.kind == CompanyKind.ENTERPRISE, exists().where(at_home))
        .with_only_columns(Company.id)
    )


def _with_newest_report(scope: Scope, on: date, year: int) -> Firms:
    """Joined to their latest report of a year."""
    later = aliased(Report)
    is_newest = ~exists().where(
        later.company_id == Report.company_id,
        later.year == Report.year,
        later.through_month > Report.through_month,
        *reported_by(later, on),
    )
    return (
        _residents(scope, on)
        .join(Report, Report.company_id == Company.id)
        .where(Report.year == year, *reported_by(Report, on), is_newest)
    )


def _lacks(proof: Proof, on: date) -> ColumnElement[bool]:
    return ~_has((proof,), on)


def _has(proofs: tuple[Proof, ...], on: date) -> ColumnElement[bool]:
    q = aliased(Qualification)
    return exists().where(q.company_id == Company.id, q.kind.in_(proofs), counts_on(q, on))


def _above_scale(scope: Scope, on: date) -> Firms:
    over = [
        and_(
            or_(*(Company.industry_code.startswith(prefix) for prefix in line.prefixes)),
            _reaches(line.at_least, line.or_staff),
        )
        for line in lines_on(on)
        if line.measure is LineMeasure.REVENUE
    ]
    by_word = [  # 建筑业 and 房地产开发 have no line of revenue: whoever reports any is looked at
        and_(Company.industry_code.startswith(prefix), Report.revenue > Decimal(0))
        for line in lines_on(on)
        if line.measure is not LineMeasure.REVENUE
        for prefix in line.prefixes
    ]
    return (
        _with_newest_report(scope, on, on.year)
        .where(_lacks(Proof.ABOVE_SCALE, on), or_(*over, *by_word))
        .order_by(Report.revenue.desc(), Company.id)
    )


def _reaches(at_least: Any, or_staff: int | None) -> ColumnElement[bool]:
    by_revenue = Report.revenue >= at_least
    return or_(by_revenue, Report.staff >= or_staff) if or_staff else by_revenue


def _high_tech(scope: Scope, on: date) -> Firms:
    """With revenue last year, and R&D of at least the lowest share of it where it was reported."""
    spent, sold = (type_coerce(column, BigInteger) for column in (Report.r_and_d, Report.revenue))
    enough = spent * _LEAST_SHARE.denominator >= sold * _LEAST_SHARE.numerator
    return (
        _with_newest_report(scope, on, on.year - 1)
        .where(
            Report.revenue > Decimal(0),
            or_(Report.r_and_d.is_(None), enough),
            or_(Company.established_on.is_(None), Company.established_on <= years_after(on, -1)),
            _lacks(Proof.HIGH_TECH, on),
        )
        .order_by(Report.revenue.desc(), Company.id)
    )


def _tech_sme(scope: Scope, on: date) -> Firms:
    ceilings = (
        (Report.staff, tech_sme.MOST_STAFF),
        (Report.revenue, tech_sme.MOST_MONEY),
        (Report.assets, tech_sme.MOST_MONEY),
    )
    return (
        _with_newest_report(scope, on, on.year - 1)
        .where(
            Report.revenue > Decimal(0),
            *(or_(column.is_(None), column <= most) for column, most in ceilings),
            _lacks(Proof.TECH_SME, on),
        )
        .order_by(Report.revenue.desc(), Company.id)
    )


def _graduation(scope: Scope, on: date) -> Firms:
    """In 在孵 with one proof, half the revenue in one of the two years, a person's word, or 48 months behind them."""
    stay, report, tick = aliased(Residence), aliased(Report), CriterionTick
    sold = exists().where(
        report.company_id == Company.id,
        report.year.in_((on.year - 1, on.year - 2)),
        report.through_month == 12,
        report.revenue > graduation.TWO_YEARS_REVENUE / 2,
        *reported_by(report, on),
    )
    said = exists().where(
        tick.company_id == Company.id,
        tick.criterion.in_(graduation.SAID),
        tick.is_met.is_(True),
    )
    may_leave = or_(
        _has((Proof.HIGH_TECH, Proof.QUOTED, Proof.LISTED), on),
        sold,
        said,
        stay.from_on < years_after(on, -graduation.LONGEST_YEARS),
    )
    return (
        _residents(scope, on)
        .join(stay, stay.company_id == Company.id)
        .where(stay.kind == ResidenceKind.INCUBATED, covers(stay, on), may_leave)
        .order_by(stay.from_on, Company.id)
    )


def _renewal(scope: Scope, on: date) -> Firms:
    ending = ending_in(on.year, scope, on)
    return ending.with_only_columns(Company.id)


def _losing(scope: Scope, on: date) -> Firms:
    """规上 firms whose last year was below the highest line, and figures above 小微 that wait to be verified."""
    last_year, held = aliased(Report), aliased(Qualification)
    sold_little = exists().where(
        last_year.company_id == Qualification.company_id,
        last_year.year == on.year - 1,
        last_year.through_month == 12,
        last_year.revenue < HIGHEST,
        *reported_by(last_year, on),
    )
    below = select(Qualification.company_id).where(
        Qualification.kind == Proof.ABOVE_SCALE, counts_on(Qualification, on), sold_little
    )
    grown = select(Report.company_id).where(
        Report.year == on.year,
        Report.state == VerificationState.PENDING,
        Report.size_class.in_(TOO_LARGE),
        ~exists().where(held.company_id == Report.company_id, counts_on(held, on)),
    )
    threatened = Company.id.in_(below.union(grown))
    return _residents(scope, on).where(threatened).order_by(Company.id)


_QUERIES: Mapping[Kind, Callable[[Scope, date], Firms]] = {
    Kind.ABOVE_SCALE: _above_scale,
    Kind.HIGH_TECH: _high_tech,
    Kind.TECH_SME: _tech_sme,
    Kind.GRADUATION: _graduation,
    Kind.RENEWAL: _renewal,
    Kind.LOSING: _losing,
}
