"""What we ask about the ladder.

A firm counts where it had its 统计归属 (counted residence) on the fact's own date.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased, selectinload

from crm.audit.verification import VerificationState
from crm.companies.models import Company, CompanyKind, Residence
from crm.companies.queries import counted_carrier, visible_to
from crm.core.db import session
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.rungs import (
    Certificate,
    Proofs,
    SizeReport,
    Standing,
    standing,
)
from crm.operating.models import OperatingReport
from crm.people.scope import Scope

Kind = QualificationKind
Day = date | ColumnElement[date]
Rows: TypeAlias = Select[*tuple[Any, ...]]

_IDS: ColumnElement[Any] = bindparam("ids", expanding=True)
_DAY: ColumnElement[date] = bindparam("day", type_=Date())


def holders(kind: QualificationKind, on: date) -> Rows:
    """The firms of the park that hold a valid proof of this kind on that day (a stock), each once.

    Columns record_id, company_id, label, happened_on (the first day that counts), unit_id (its counted carrier on
    that same day).
    """
    base = _facts(on).where(Qualification.kind == kind, counts_on(Qualification, on))
    return _once_each(base, Qualification.counts_from.desc(), Qualification.id.desc())


def awarded(kind: QualificationKind, from_on: date, to_on: date) -> Rows:
    """The firms given this proof from one day through another (a flow), each once, at its first.

    Renewals count; a certificate brought along by a firm that moved in does not. Columns as of
    holders(), but unit_id is the counted carrier on the first day that counts.
    """
    return _facts_between((kind,), from_on, to_on)


def reformed_quoted_listed(from_on: date, to_on: date) -> Rows:
    """股改挂牌上市企业 from one day through another, a firm that did several once, at the first."""
    return _facts_between((Kind.SHARE_REFORM, Kind.QUOTED, Kind.LISTED), from_on, to_on)


def _facts_between(kinds: Sequence[QualificationKind], from_on: date, to_on: date) -> Rows:
    base = _facts(Qualification.counts_from.expression).where(
        proves(Qualification),
        Qualification.kind.in_(kinds),
        Qualification.counts_from.between(from_on, to_on),
        Qualification.is_moved_in.is_(False),
    )
    return _once_each(base, Qualification.counts_from, Qualification.id)


def _facts(day: Day) -> Rows:
    """Qualifications with the firm's counted carrier on `day`; where there is none, no row."""
    home, at_home = counted_carrier(Qualification.company_id, day)
    return (
        select(
            Qualification.id.label("record_id"),
            Qualification.company_id.label("company_id"),
            Company.name.label("label"),
            Qualification.counts_from.label("happened_on"),
            home.carrier_id.label("unit_id"),
        )
        .join(Company, Company.id == Qualification.company_id)
        .join(home, at_home)
        .where(Company.archived_at.is_(None))
    )


def _once_each(base: Rows, *order: Any) -> Rows:
    number = func.row_number().over(partition_by=Qualification.company_id, order_by=order)
    rows = base.add_columns(number.label("number")).subquery()
    names = ("record_id", "company_id", "label", "happened_on", "unit_id")
    return select(*(rows.c[name] for name in names)).where(rows.c.number == 1)


def proves(qualification: Any) -> ColumnElement[bool]:
    """Whether a qualification proves anything on the days of its period: a second person has verified it."""
    return qualification.state == VerificationState.VERIFIED  # type: ignore[no-any-return]


def counts_on(qualification: Any, day: Day) -> ColumnElement[bool]:
    """Whether a proof counts that day: it holds then, and a second person has verified it."""
    return and_(
        proves(qualification),
        qualification.counts_from <= day,
        or_(qualification.counts_to.is_(None), qualification.counts_to > day),
    )


def standings_of(company_ids: Sequence[int], on: date) -> dict[int, Standing]:
    """Where each of these firms stands on that day: three queries, however many they are."""
    asked = {"ids": company_ids, "day": on}
    certificates: dict[int, list[Certificate]] = {number: [] for number in company_ids}
    reports: dict[int, list[SizeReport]] = {number: [] for number in company_ids}
    for company_id, *certificate in session.execute(_certificates(), asked):
        certificates[company_id].append(Certificate(*certificate))
    for company_id, period_end_on, size_class, has_revenue in session.execute(_reports(), asked):
        reports[company_id].append(SizeReport(period_end_on, size_class, bool(has_revenue)))
    return {
        firm.id: standing(
            Proofs(
                is_enterprise=firm.kind == CompanyKind.ENTERPRISE,
                is_licensed=firm.is_licensed,
                is_resident=firm.is_resident,
                was_ever_resident=firm.was_ever_resident,
                certificates=certificates[firm.id],
                reports=reports[firm.id],
            ),
            on,
        )
        for firm in session.execute(_firms(), asked)
    }


@cache
def _certificates() -> Rows:
    q = Qualification
    columns = (q.company_id, q.kind, q.number, q.counts_from, q.counts_to)
    return select(*columns).where(q.company_id.in_(_IDS), counts_on(q, _DAY))


@cache
def _reports() -> Rows:
    r = OperatingReport
    has_revenue = (r.revenue > Decimal(0)).label("has_revenue")
    return select(r.company_id, r.period_end_on, r.size_class, has_revenue).where(
        r.company_id.in_(_IDS), r.period_end_on <= _DAY, r.state == VerificationState.VERIFIED
    )


@cache
def _firms() -> Rows:
    home, at_home = counted_carrier(Company.id, _DAY)
    now = select(home.id).where(at_home).exists()
    ever = select(Residence.id).where(Residence.company_id == Company.id).exists()
    return select(
        Company.id,
        Company.kind,
        licensed_on(_DAY).label("is_licensed"),
        now.label("is_resident"),
        ever.label("was_ever_resident"),
    ).where(Company.id.in_(_IDS))


def licensed_on(day: Day) -> ColumnElement[bool]:
    return and_(
        Company.uscc.is_not(None),
        or_(Company.established_on.is_(None), Company.established_on <= day),
    )


def visible_qualifications(scope: Scope) -> Select[Qualification]:
    return select(Qualification).where(Qualification.company_id.in_(_visible_ids(scope)))


def _visible_ids(scope: Scope) -> Rows:
    return visible_to(scope).with_only_columns(Company.id).order_by(None)


def qualifications_of(company_id: int) -> Select[Qualification]:
    """A firm's proofs, newest first."""
    return (
        select(Qualification)
        .options(selectinload(Qualification.label))
        .where(Qualification.company_id == company_id)
        .order_by(Qualification.issued_on.desc(), Qualification.id.desc())
    )


def ending_within(days: int, scope: Scope, on: date) -> Rows:
    """Proofs that count that day and end within so many days, soonest first; renewed ones left out."""
    home, at_home = counted_carrier(Qualification.company_id, on)
    renewal = aliased(Qualification)
    is_renewed = (
        select(renewal.id)
        .where(
            renewal.company_id == Qualification.company_id,
            renewal.kind == Qualification.kind,
            renewal.label_id.is_not_distinct_from(Qualification.label_id),
            renewal.state == VerificationState.VERIFIED,
            renewal.counts_from <= on,
            or_(renewal.counts_to.is_(None), renewal.counts_to > Qualification.counts_to),
        )
        .exists()
    )
    return (
        select(
            Qualification.company_id,
            Company.name,
            Qualification.kind,
            Qualification.number,
            Qualification.counts_to,
        )
        .join(Company, Company.id == Qualification.company_id)
        .join(home, at_home)
        .where(
            Company.archived_at.is_(None),
            scope.includes(home.carrier_id),
            counts_on(Qualification, on),
            Qualification.counts_to <= on + timedelta(days=days),
            ~is_renewed,
        )
        .order_by(Qualification.counts_to, Qualification.id)
    )
