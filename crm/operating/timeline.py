"""What a firm's timeline tells of its operating reports. Figures themselves stay out of it."""

from collections.abc import Iterator

from crm.audit.verification import VerificationState
from crm.core.db import session
from crm.core.registry import TimelineItem
from crm.core.words import N_
from crm.operating.models import OperatingReport
from crm.operating.queries import reports_of


def of_company(company_id: int) -> Iterator[TimelineItem]:
    """Each report at the end of its period."""
    for report in session.scalars(reports_of(company_id)):
        yield _reported(report)


def _reported(report: OperatingReport) -> TimelineItem:
    return TimelineItem(
        report.period_end_on,
        "chart-bar",
        N_("%(year)s年1—%(month)s月经营数据%(state)s"),
        (("year", report.year), ("month", report.through_month), ("state", report.state)),
        by=_who(report),
    )


def _who(report: OperatingReport) -> str:
    person = report.reported_by if report.state == VerificationState.PENDING else report.verified_by
    return person.name if person else ""
