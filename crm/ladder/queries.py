"""What we ask about the ladder. A firm counts where it had its 统计归属 (counted residence) on the fact's own date."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload

from crm.companies.models import Company, CompanyKind, Residence
from crm.companies.queries import counted_carrier, visible_to
from crm.core.db import session
from crm.ladder.models import OperatingReport, Qualification, QualificationKind, ReportState
from crm.ladder.rungs import (
    PROVES,
    SMALL,
    TOO_LARGE,
    Certificate,
    Proofs,
    Rung,
    SizeReport,
    Standing,
    standing,
)
from crm.people.models import Unit
from crm.people.scope import Scope

Kind = QualificationKind
Day = date | InstrumentedAttribute[date]


# --- Facts: one row for each firm, for the metrics -------------------------------------------------


def holders(kind: QualificationKind, on: date) -> Select[Any]:
    """The firms of the park that hold a valid proof of this kind on that day (a stock), each once.

    Columns record_id, company_id, label, happened_on, unit_id: the last its counted carrier on that same day.
    """
    base = _facts(on).where(Qualification.kind == kind, _counts_on(Qualification, on))
    return _once_each(base, Qualification.counts_from.desc(), Qualification.id.desc())


def awarded(kind: QualificationKind, from_on: date, to_on: date) -> Select[Any]:
    """The firms that were given this proof from one day through another (a flow), each once, at its first.

    Renewals count; a certificate brought along by a firm that moved in does not. Columns as of holders(), unit_id the
    counted carrier on the day of issue.
    """
    return _facts_between((kind,), from_on, to_on)


def reformed_quoted_listed(from_on: date, to_on: date) -> Select[Any]:
    """股改挂牌上市企业 from one day through another: a firm that did several of them counts once, at the first."""
    return _facts_between((Kind.SHARE_REFORM, Kind.QUOTED, Kind.LISTED), from_on, to_on)


def _facts_between(kinds: Sequence[QualificationKind], from_on: date, to_on: date) -> Select[Any]:
    base = _facts(Qualification.issued_on).where(
        Qualification.kind.in_(kinds),
        Qualification.issued_on.between(from_on, to_on),
        Qualification.is_moved_in.is_(False),
    )
    return _once_each(base, Qualification.issued_on, Qualification.id)


def _facts(day: Day) -> Select[Any]:
    """Qualifications of registered firms with the firm's counted carrier on `day`; without one there is no row."""
    home, at_home = counted_carrier(Qualification.company_id, day)
    return (
        select(
            Qualification.id.label("record_id"),
            Qualification.company_id.label("company_id"),
            Company.name.label("label"),
            Qualification.issued_on.label("happened_on"),
            home.carrier_id.label("unit_id"),
        )
        .join(Company, Company.id == Qualification.company_id)
        .join(home, at_home)
        .where(Company.archived_at.is_(None))
    )


def _once_each(base: Select[Any], *order: Any) -> Select[Any]:
    number = func.row_number().over(partition_by=Qualification.company_id, order_by=order)
    rows = base.add_columns(number.label("number")).subquery()
    names = ("record_id", "company_id", "label", "happened_on", "unit_id")
    return select(*(rows.c[name] for name in names)).where(rows.c.number == 1)


def _counts_on(qualification: Any, day: date) -> ColumnElement[bool]:
    return and_(
        qualification.counts_from <= day,
        or_(qualification.counts_to.is_(None), qualification.counts_to > day),
    )


# --- The standing of firms -------------------------------------------------------------------------


def standings_of(company_ids: Sequence[int], on: date) -> dict[int, Standing]:
    """Where each of these firms stands on that day: three queries, however many they are."""
    certificates: dict[int, list[Certificate]] = {number: [] for number in company_ids}
    reports: dict[int, list[SizeReport]] = {number: [] for number in company_ids}
    q, r = Qualification, OperatingReport
    for row in session.execute(
        select(q.company_id, q.kind, q.number, q.counts_from, q.counts_to).where(
            q.company_id.in_(company_ids), _counts_on(q, on)
        )
    ):
        certificates[row.company_id].append(
            Certificate(row.kind, row.number, row.counts_from, row.counts_to)
        )
    for row in session.execute(
        select(r.company_id, r.period_end_on, r.size_class, (r.revenue > 0).label("has_revenue"))
        .where(r.company_id.in_(company_ids), r.period_end_on <= on)
        .where(r.state == ReportState.VERIFIED)
    ):
        reports[row.company_id].append(
            SizeReport(row.period_end_on, row.size_class, bool(row.has_revenue))
        )
    return {
        row.id: standing(
            Proofs(
                is_enterprise=row.kind == CompanyKind.ENTERPRISE,
                is_licensed=row.is_licensed,
                is_resident=row.is_resident,
                was_ever_resident=row.was_ever_resident,
                certificates=certificates[row.id],
                reports=reports[row.id],
            ),
            on,
        )
        for row in session.execute(_firms(company_ids, on))
    }


def _firms(company_ids: Sequence[int], on: date) -> Select[Any]:
    home, at_home = counted_carrier(Company.id, on)
    now = select(home.id).where(at_home).exists()
    ever = select(Residence.id).where(Residence.company_id == Company.id).exists()
    return select(
        Company.id,
        Company.kind,
        _licensed_on(on).label("is_licensed"),
        now.label("is_resident"),
        ever.label("was_ever_resident"),
    ).where(Company.id.in_(company_ids))


def _licensed_on(day: date) -> ColumnElement[bool]:
    return and_(
        Company.uscc.is_not(None),
        or_(Company.established_on.is_(None), Company.established_on <= day),
    )


# --- The pyramid -----------------------------------------------------------------------------------


def pyramid(scope: Scope, on: date) -> Select[Any]:
    """For each rung's order: `holding` (firms that hold it) and `highest` (firms for which it is the highest)."""
    levels = _levels(scope, on)
    is_highest = case((levels.c.level == levels.c.top, 1), else_=0)
    return select(
        levels.c.level, func.count().label("holding"), func.sum(is_highest).label("highest")
    ).group_by(levels.c.level)


def firms_on(rung: Rung, scope: Scope, on: date, *, is_highest: bool = False) -> Select[Any]:
    """The firms that hold a rung on that day, newest first: id, name, carrier (name)."""
    levels = _levels(scope, on)
    query = (
        select(Company.id, Company.name, Unit.name.label("carrier"))
        .join(levels, levels.c.company_id == Company.id)
        .join(Unit, Unit.id == levels.c.carrier_id)
        .where(levels.c.level == rung.order)
        .order_by(Company.id.desc())
    )
    return query.where(levels.c.top == levels.c.level) if is_highest else query


def _levels(scope: Scope, on: date) -> Subquery:
    """company_id, carrier_id, level, top: each rung that each resident firm holds; 初创 only where nothing is higher."""
    home, at_home = counted_carrier(Company.id, on)
    residents = (
        select(Company.id, home.carrier_id)
        .join(home, at_home)
        .where(Company.archived_at.is_(None), scope.includes(home.carrier_id))
        .subquery("residents")
    )
    proved = union_all(_certified(on), _small(on), _licensed(on)).subquery("proved")
    held = (
        select(residents.c.id.label("company_id"), residents.c.carrier_id, proved.c.level)
        .join_from(residents, proved, proved.c.company_id == residents.c.id)
        .distinct()
        .subquery("held")
    )
    top = func.max(held.c.level).over(partition_by=held.c.company_id)
    ranked = select(held, top.label("top")).subquery("ranked")
    is_shown = or_(ranked.c.level > Rung.STARTUP.order, ranked.c.top == ranked.c.level)
    return select(ranked).where(is_shown).subquery("levels")


def _certified(on: date) -> Select[Any]:
    level = case({kind: rung.order for kind, rung in PROVES.items()}, value=Qualification.kind)
    return select(Qualification.company_id, level.label("level")).where(
        Qualification.kind.in_(PROVES), _counts_on(Qualification, on)
    )


def _small(on: date) -> Select[Any]:
    """小微 by figures, as rungs._small_report says it."""
    report, later = aliased(OperatingReport), aliased(OperatingReport)
    outgrown = (
        select(later.id)
        .where(
            later.company_id == report.company_id,
            later.state == ReportState.VERIFIED,
            later.size_class.in_(TOO_LARGE),
            later.period_end_on > report.period_end_on,
            later.period_end_on <= on,
        )
        .exists()
    )
    return (
        select(report.company_id, literal(Rung.MICRO_SMALL.order).label("level"))
        .join(Company, Company.id == report.company_id)
        .where(
            Company.kind == CompanyKind.ENTERPRISE,
            report.state == ReportState.VERIFIED,
            report.revenue > 0,
            report.size_class.in_(SMALL),
            report.period_end_on <= on,
            ~outgrown,
        )
    )


def _licensed(on: date) -> Select[Any]:
    return select(Company.id.label("company_id"), literal(Rung.STARTUP.order).label("level")).where(
        Company.kind == CompanyKind.ENTERPRISE, _licensed_on(on)
    )


# --- Records ---------------------------------------------------------------------------------------


def visible_qualifications(scope: Scope) -> Select[tuple[Qualification]]:
    return select(Qualification).where(Qualification.company_id.in_(_visible_ids(scope)))


def visible_reports(scope: Scope) -> Select[tuple[OperatingReport]]:
    return select(OperatingReport).where(OperatingReport.company_id.in_(_visible_ids(scope)))


def _visible_ids(scope: Scope) -> Select[Any]:
    return visible_to(scope).with_only_columns(Company.id).order_by(None)


def qualifications_of(company_id: int) -> Select[tuple[Qualification]]:
    """A firm's proofs, newest first."""
    return (
        select(Qualification)
        .where(Qualification.company_id == company_id)
        .order_by(Qualification.issued_on.desc(), Qualification.id.desc())
    )


def reports_of(company_id: int) -> Select[tuple[OperatingReport]]:
    """A firm's operating reports, newest period first, with who entered and who verified them."""
    return (
        select(OperatingReport)
        .where(OperatingReport.company_id == company_id)
        .options(joinedload(OperatingReport.reported_by), joinedload(OperatingReport.verified_by))
        .order_by(OperatingReport.period_end_on.desc())
    )


def ending_within(days: int, scope: Scope, on: date) -> Select[Any]:
    """Proofs that count on that day and end within so many days, soonest first; not where a later one takes over."""
    home, at_home = counted_carrier(Qualification.company_id, on)
    renewal = aliased(Qualification)
    is_renewed = (
        select(renewal.id)
        .where(
            renewal.company_id == Qualification.company_id,
            renewal.kind == Qualification.kind,
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
            Qualification.counts_from <= on,
            Qualification.counts_to > on,
            Qualification.counts_to <= on + timedelta(days=days),
            ~is_renewed,
        )
        .order_by(Qualification.counts_to, Qualification.id)
    )
