"""人工填报: what no record proves is entered by the unit, signed by its head and verified by 督查.

Only verified reports count.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from crm.audit.services import Actor, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import Conflict, DomainError, NotAllowed
from crm.core.words import N_
from crm.people.models import Unit, User
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.targets.models import Indicator, PlanMilestone, ProgressReport, ReviewState

MEASURED_IN_PARTS = frozenset({"亿元", "万元", "万平方米", "分"})  # all else is counted, one by one
PLACES = 4
LARGEST = Decimal(10) ** 9


class NotReportable(DomainError):
    """The records prove it, or another entry of the plan is the same thing."""


class ReviewRefused(Conflict):
    """The report is not at this step, or this person may not take it."""


@dataclass(frozen=True)
class ReportDetails:
    """What a unit says: the year's cumulative figure (or the stock) as of a day, and where it comes from."""

    as_of_on: date
    value: Decimal
    note: str


@dataclass(frozen=True)
class ReportRow:
    """A report with its review as it went, for loading many at once; exactly one of the first two is given."""

    indicator_id: int | None
    milestone_id: int | None
    as_of_on: date
    value: Decimal
    note: str
    reported_by_id: int
    state: ReviewState = ReviewState.SUBMITTED
    signed_by_id: int | None = None
    verified_by_id: int | None = None
    unit_id: int | None = None  # whose own share it tells
    recorded_at: datetime | None = None
    reviewed_at: datetime | None = None
    review_note: str = ""


def report(
    thing: Indicator | PlanMilestone,
    details: ReportDetails,
    *,
    by: User,
    on: date,
    share_of: Unit | None = None,
) -> ProgressReport:
    """Enter a figure, or that a milestone was reached; with `share_of` that unit's own share. A head's report is signed at once.

    Raises NotReportable, NotAllowed, and DomainError with the field that is wrong.
    """
    _expect_reportable(thing)
    expect_allowed(by, Action.TARGETS_REPORT, share_of or thing.unit)
    details = replace(details, note=details.note.strip())
    _check(thing, details, on)
    is_head = by.may(Action.TARGETS_SIGN)
    row = ReportRow(
        indicator_id=thing.id if isinstance(thing, Indicator) else None,
        milestone_id=thing.id if isinstance(thing, PlanMilestone) else None,
        unit_id=share_of.id if share_of else None,
        as_of_on=details.as_of_on,
        value=details.value,
        note=details.note,
        reported_by_id=by.id,
        state=ReviewState.SIGNED if is_head else ReviewState.SUBMITTED,
        signed_by_id=by.id if is_head else None,
    )
    entered = ProgressReport(**_columns(row))
    session.add(entered)
    record("target.reported", entered, by=by, name=_name(thing), value=details.value, note=row.note)
    return entered


def report_many(rows: Sequence[ReportRow], *, by: Actor) -> None:
    """Load many reports with their states in one statement and one entry of the log."""
    if not rows:
        return
    session.execute(insert(ProgressReport), [_columns(row) for row in rows])
    text = json.dumps([asdict(row) for row in rows], default=str, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    record("target.reports_loaded", None, by=by, count=len(rows), sha256=digest)


def sign(entered: ProgressReport, *, by: User, version: int | None = None) -> None:
    """The head of the unit stands for the figure. Raises ReviewRefused, NotAllowed, StaleRecord."""
    expect_allowed(by, Action.TARGETS_SIGN, answering(entered))
    _expect_state(entered, ReviewState.SUBMITTED, version)
    if entered.reported_by_id == by.id:
        raise ReviewRefused(N_("不能签审自己填报的数据。"))
    entered.state, entered.signed_by_id = ReviewState.SIGNED, by.id
    entered.reviewed_at = clock.now()
    record("target.signed", entered, by=by, name=_name(subject_of(entered)))


def verify(entered: ProgressReport, *, by: User, version: int | None = None) -> None:
    """督查 confirms the figure; from now on it counts. By neither who entered nor who signed it."""
    expect_allowed(by, Action.TARGETS_VERIFY, answering(entered))
    _expect_state(entered, ReviewState.SIGNED, version)
    if by.id in (entered.reported_by_id, entered.signed_by_id):
        raise ReviewRefused(N_("填报人和签审人不能核验同一份数据。"))
    entered.state, entered.verified_by_id = ReviewState.VERIFIED, by.id
    entered.reviewed_at = clock.now()
    record("target.verified", entered, by=by, name=_name(subject_of(entered)), value=entered.value)


def send_back(
    entered: ProgressReport, reason: str, *, by: User, version: int | None = None
) -> None:
    """Return a report that still waits: its head an unsigned one, 督查 a signed one. Needs a reason."""
    is_signed = entered.state == ReviewState.SIGNED
    action = Action.TARGETS_VERIFY if is_signed else Action.TARGETS_SIGN
    expect_allowed(by, action, answering(entered))
    _expect_state(entered, ReviewState.SIGNED if is_signed else ReviewState.SUBMITTED, version)
    if not reason.strip():
        raise DomainError(N_("请写明退回原因。"), field="reason")
    entered.state, entered.review_note = ReviewState.RETURNED, reason.strip()
    entered.reviewed_at = clock.now()
    record(
        "target.returned", entered, by=by, name=_name(subject_of(entered)), reason=reason.strip()
    )


def next_step(entered: ProgressReport, user: User) -> Action | None:
    """What this person may do with the report now: sign it, verify it, or nothing."""
    steps = {ReviewState.SUBMITTED: Action.TARGETS_SIGN, ReviewState.SIGNED: Action.TARGETS_VERIFY}
    action = steps.get(entered.state)
    is_own = user.id in (entered.reported_by_id, entered.signed_by_id)
    if action is None or is_own or not _is_allowed(user, action, answering(entered)):
        return None
    return action


def may_report(thing: Indicator | PlanMilestone, user: User) -> bool:
    return is_reportable(thing) and _is_allowed(user, Action.TARGETS_REPORT, thing.unit)


def subject_of(entered: ProgressReport) -> Indicator | PlanMilestone:
    """The indicator or the milestone that the report is about."""
    thing = entered.indicator or entered.milestone
    assert thing is not None
    return thing


def answering(entered: ProgressReport) -> Unit:
    """The unit that the report comes from."""
    return entered.unit or subject_of(entered).unit


def is_reportable(thing: Indicator | PlanMilestone) -> bool:
    """Whether it lives by reports: no metric, no bound project, not the same thing as an indicator."""
    if isinstance(thing, Indicator):
        return not thing.is_computed
    return thing.project_id is None and thing.same_as_id is None


def counts_in_parts(indicator: Indicator) -> bool:
    """Whether a figure with decimals makes sense (money and area, not firms and patents)."""
    return indicator.unit_word in MEASURED_IN_PARTS


def _expect_reportable(thing: Indicator | PlanMilestone) -> None:
    if is_reportable(thing):
        return
    if isinstance(thing, PlanMilestone) and thing.same_as is not None:
        raise NotReportable(
            N_("该节点与指标%(code)s为同一事项，请填报指标。"), code=thing.same_as.code
        )
    raise NotReportable(N_("该项由系统记录计算得出，不需要填报。"))


def _is_allowed(user: User, action: Action, unit: Unit) -> bool:
    return user.may(action) and scope_of(user).covers(unit)


def expect_allowed(by: User, action: Action, unit: Unit) -> None:
    if not _is_allowed(by, action, unit):
        raise NotAllowed(N_("您的角色不包含这项操作。如工作需要，请联系系统管理员。"))


def _expect_state(entered: ProgressReport, state: ReviewState, version: int | None) -> None:
    entered.expect_version(entered.version if version is None else version)
    if entered.state != state:
        raise ReviewRefused(N_("这份填报现为“%(state)s”，不能进行该操作。"), state=entered.state)


def _check(thing: Indicator | PlanMilestone, details: ReportDetails, on: date) -> None:
    year = thing.plan.year
    if details.as_of_on > on:
        raise DomainError(N_("截至日期不能晚于今天。"), field="as_of_on")
    if details.as_of_on.year != year:
        raise DomainError(N_("截至日期应在计划年度%(year)s年内。"), field="as_of_on", year=year)
    if not details.note:
        raise DomainError(N_("请写明数据来源和依据。"), field="note")
    if isinstance(thing, Indicator):
        check_value(thing, details.value)
    elif details.value != 1:
        raise DomainError(N_("节点只填报完成日期。"), field="value")


def check_value(indicator: Indicator, value: Decimal) -> None:
    if not value.is_finite() or value < 0:
        raise DomainError(N_("完成数不能是负数。"), field="value")
    if value >= LARGEST:
        raise DomainError(
            N_("数值过大，请核对单位（%(unit)s）。"), field="value", unit=indicator.unit_word
        )
    places = PLACES if counts_in_parts(indicator) else 0
    if value != round(value, places):
        if places:
            raise DomainError(N_("小数最多保留%(n)s位。"), field="value", n=places)
        raise DomainError(N_("该指标按个数计，请填写整数。"), field="value")


def _columns(row: ReportRow) -> dict[str, Any]:
    values = asdict(row)
    return {**values, "version": 1, "recorded_at": row.recorded_at or clock.now()}


def _name(thing: Indicator | PlanMilestone) -> str:
    return f"{thing.code} {thing.name}"
