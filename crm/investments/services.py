"""What we do with money of projects: note what arrived, take a slip back, plan a year, report what was completed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar

from sqlalchemy import insert, select

from crm.audit.services import Actor, changes_of, record, record_many
from crm.audit.verification import VerificationState, review
from crm.core import clock
from crm.core.bulk import next_ids
from crm.core.db import session
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.core.money import Currency
from crm.core.words import N_
from crm.investments.models import FundSource, InvestmentPlan, PaidInFund, WorksReport
from crm.projects.models import Project

EARLIEST_YEAR, YEARS_AHEAD = 2000, 5

Kept = TypeVar("Kept", InvestmentPlan, WorksReport)


class FallsBehind(Conflict):
    """A year's 累计 would fall from one month to a later one; a person must say that it is so."""


@dataclass(frozen=True)
class PaymentDetails:
    """One payment that arrived."""

    paid_on: date
    amount: Decimal
    currency: Currency
    source: FundSource
    voucher: str = ""


@dataclass(frozen=True)
class PlanDetails:
    """A year's planned investment; through each quarter where it is planned so."""

    year: int
    amount: Decimal
    through_q1: Decimal | None = None
    through_q2: Decimal | None = None
    through_q3: Decimal | None = None


@dataclass(frozen=True)
class WorksDetails:
    """完成投资 of the year through a month (any day of it)."""

    month: date
    completed: Decimal
    note: str = ""


def pay_in(project: Project, details: PaymentDetails, *, by: Actor) -> PaidInFund:
    """It waits for a second person. Raises DomainError."""
    expect_payment(details)
    payment = PaidInFund(
        project_id=project.id,
        state=VerificationState.PENDING,
        reported_by_id=by.id,
        **asdict(details),
    )
    session.add(payment)
    record("investment.paid_in", project, by=by, **_told(payment))
    return payment


def expect_payment(details: PaymentDetails) -> None:
    """Raises DomainError for what cannot have arrived."""
    if details.paid_on > clock.today():
        raise DomainError(N_("到账日期不能晚于今天。"), field="paid_on")
    if details.amount <= 0:
        raise DomainError(N_("到账金额须大于零；填错的请撤回原记录。"), field="amount")


def report_payments_many(rows: Sequence[tuple[int, PaymentDetails]], *, by: Actor) -> Sequence[int]:
    """Payments that a sheet tells of, each with its project's number: they wait for a second person. Their ids in order."""
    if not rows:
        return []
    ids = next_ids(PaidInFund, len(rows))
    waiting = {"state": VerificationState.PENDING, "reported_by_id": by.id}
    given = _columns(rows, waiting)
    session.execute(
        insert(PaidInFund), [{"id": id_, **row} for id_, row in zip(ids, given, strict=True)]
    )
    record_many("investments.reported", rows, by=by)
    return ids


def pay_in_many(
    rows: Sequence[tuple[int, PaymentDetails]], *, by: Actor, verified_by: Actor
) -> int:
    """Payments in bulk, each with its project's number, as a checked document has them. Returns how many."""
    checked = {
        "state": VerificationState.VERIFIED,
        "reported_by_id": by.id,
        "verified_by_id": verified_by.id,
    }
    return _insert(PaidInFund, "investments.paid_in", rows, checked, by)


def verify_payment(
    payment: PaidInFund, state: VerificationState, *, by: Actor, version: int | None
) -> None:
    """Confirm a payment by its voucher or send it back; not by who entered it. Raises SamePerson, Conflict, StaleRecord."""
    if payment.withdrawn_on is not None:
        raise Conflict(N_("这笔到账已撤回。"))
    review(payment, state, by=by, version=version)
    action = "verified" if state == VerificationState.VERIFIED else "returned"
    record(f"investment.{action}", _project_of(payment), by=by, **_told(payment))


def withdraw_payment(payment: PaidInFund, *, reason: str, by: Actor, version: int | None) -> None:
    """It counts no more from today on, and stays on the record. Raises Conflict, DomainError, StaleRecord."""
    payment.expect_version(version)
    if payment.withdrawn_on is not None:
        raise Conflict(N_("这笔到账已撤回。"))
    if not reason:
        raise DomainError(N_("请填写撤回原因。"), field="reason")
    payment.withdrawn_on, payment.withdrawal_reason = clock.today(), reason
    record("investment.withdrawn", _project_of(payment), by=by, reason=reason, **_told(payment))


def plan_year(
    project: Project, details: PlanDetails, *, by: Actor, version: int | None
) -> InvestmentPlan:
    """`version` of the plan that was seen, None where there was none. Raises DomainError, StaleRecord."""
    _check_plan(details)
    there = select(InvestmentPlan).where(
        InvestmentPlan.project_id == project.id, InvestmentPlan.year == details.year
    )
    plan = _as_seen(session.scalar(there), version)
    if plan is None:
        plan = InvestmentPlan(project_id=project.id, **asdict(details))
        session.add(plan)
    else:
        for name, value in asdict(details).items():
            setattr(plan, name, value)
    changes = {k: v for k, v in changes_of(plan).items() if k not in ("project_id", "year")}
    record("investment.planned", project, by=by, changes=changes, year=details.year)
    return plan


def plan_many(rows: Sequence[tuple[int, PlanDetails]], *, by: Actor) -> int:
    """Years' plans in bulk. Returns how many."""
    return _insert(InvestmentPlan, "investments.planned", rows, {}, by)


def _check_plan(details: PlanDetails) -> None:
    if not EARLIEST_YEAR <= details.year <= clock.today().year + YEARS_AHEAD:
        raise DomainError(N_("年份不合理，请核对。"), field="year")
    ends = (details.through_q1, details.through_q2, details.through_q3)
    if all(end is None for end in ends):
        return
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        raise DomainError(N_("按季度安排时，前三个季度的累计数都须填写。"), field="through_q1")
    if any(before > after for before, after in pairwise([*known, details.amount])):
        message = N_("季度累计数须逐季不减，且不超过全年计划。")
        raise DomainError(message, field="through_q3")


def report_works(
    project: Project,
    details: WorksDetails,
    *,
    by: Actor,
    version: int | None,
    is_confirmed: bool = False,
) -> WorksReport:
    """What a year's months so far completed. A month that is there already is corrected, old and new in the log.

    `version` of the report that was seen, None where there was none. Raises FallsBehind unless it was confirmed that the
    累计 falls, DomainError, StaleRecord.
    """
    month = details.month.replace(day=1)
    if month > clock.today():
        raise DomainError(N_("不能填报尚未开始的月份。"), field="month")
    year = session.scalars(
        select(WorksReport)
        .where(
            WorksReport.project_id == project.id,
            WorksReport.month.between(month.replace(month=1), month.replace(month=12)),
        )
        .order_by(WorksReport.month)
    ).all()
    report = _as_seen(next((one for one in year if one.month == month), None), version)
    if not is_confirmed:
        _expect_no_fall(year, month, details.completed)
    before = report.completed if report else None
    if report is None:
        report = WorksReport(
            project_id=project.id,
            month=month,
            completed=details.completed,
            note=details.note,
            recorded_by_id=by.id,
        )
        session.add(report)
    else:
        report.completed, report.note, report.recorded_by_id = (
            details.completed,
            details.note,
            by.id,
        )
    record(
        "investment.works_reported",
        project,
        by=by,
        changes={"completed": (before, details.completed)},
        month=month,
        note=details.note,
    )
    return report


def report_works_many(rows: Sequence[tuple[int, WorksDetails]], *, by: Actor) -> int:
    """Months' reports in bulk. Returns how many."""
    return _insert(WorksReport, "investments.works_reported", rows, {"recorded_by_id": by.id}, by)


def _expect_no_fall(year: Sequence[WorksReport], month: date, completed: Decimal) -> None:
    before = [one for one in year if one.month < month]
    after = [one for one in year if one.month > month]
    if (before and completed < before[-1].completed) or (after and completed > after[0].completed):
        message = N_("本年累计会逐月下降，请核对；确实如此请确认后再保存。")
        raise FallsBehind(message, field="completed")


def _as_seen(found: Kept | None, version: int | None) -> Kept | None:
    """The record that there is, if it is the one that the form showed. Raises StaleRecord."""
    if found is None:
        if version:
            raise StaleRecord
        return None
    found.expect_version(version or 0)
    return found


def _insert(
    model: type[PaidInFund | InvestmentPlan | WorksReport],
    action: str,
    rows: Sequence[tuple[int, object]],
    values: Mapping[str, Any],
    by: Actor,
) -> int:
    if rows:
        session.execute(insert(model), _columns(rows, values))
        record_many(action, rows, by=by)
    return len(rows)


def _columns(rows: Sequence[tuple[int, object]], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    usual = {"recorded_at": clock.now(), "version": 1, **values}
    return [{"project_id": of, **usual, **vars(details)} for of, details in rows]


def _project_of(payment: PaidInFund) -> Project:
    return session.get_one(Project, payment.project_id)


def _told(payment: PaidInFund) -> dict[str, Any]:
    return {
        "paid_on": payment.paid_on,
        "amount": payment.amount,
        "currency": payment.currency,
        "voucher": payment.voucher,
    }
