"""Figures that somebody enters: in a form, in the grid, in returned workbooks. All are judged here and written here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, Changes, changes_of, record
from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.core.bulk import write_many
from crm.core.db import is_writing, session
from crm.core.errors import DomainError, StaleRecord
from crm.core.words import N_
from crm.operating import plausibility, services
from crm.operating.figures import NAMES, same
from crm.operating.models import OperatingReport
from crm.operating.plausibility import Doubt
from crm.operating.queries import last_before
from crm.operating.services import AlreadyReported, OperatingDetails

THERE = N_("该期经营数据已填报，请在列表中查看或更正。")


@dataclass(frozen=True)
class Entry:
    """A firm's figures of one period. `version` is that of the report that was seen, None where none was.

    Figures from a file name their `source`; they say nothing of what was seen, and ask before they replace anything.
    """

    company: Company
    details: OperatingDetails
    version: int | None = None
    source: str = ""


@dataclass(frozen=True)
class Verdict:
    """What becomes of an entry: it is refused, or there is something to ask, or it changes nothing, or it is good."""

    entry: Entry
    found: OperatingReport | None
    error: DomainError | None = None
    doubts: tuple[Doubt, ...] = ()
    is_unchanged: bool = False

    def key(self, doubt: Doubt) -> str:
        return f"{self.entry.company.id}:{doubt.key}"

    @property
    def keyed(self) -> list[tuple[str, Doubt]]:
        """Each question with what a box to tick sends."""
        return [(self.key(doubt), doubt) for doubt in self.doubts]

    def open(self, confirmed: Collection[str]) -> tuple[Doubt, ...]:
        """What has not been answered with yes."""
        return tuple(doubt for doubt in self.doubts if self.key(doubt) not in confirmed)


class NotEntered(DomainError):
    """Something is refused or has to be confirmed: nothing was written. `verdicts` say what, entry by entry."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        super().__init__(N_("有数据需要更正或确认，尚未保存。"))
        self.verdicts = verdicts


def judge(entries: Sequence[Entry]) -> list[Verdict]:
    """What becomes of entries of one and the same period, no firm twice; two queries, however many they are."""
    if not entries:
        return []
    period = entries[0].details.period
    ids = [entry.company.id for entry in entries]
    there = select(OperatingReport).where(
        OperatingReport.company_id.in_(ids),
        OperatingReport.year == period.year,
        OperatingReport.through_month == period.through_month,
    )
    if is_writing():
        there = there.with_for_update()
    found = {report.company_id: report for report in session.scalars(there)}
    before = {report.company_id: report for report in session.scalars(last_before(ids, period))}
    return [_judge(e, found.get(e.company.id), before.get(e.company.id)) for e in entries]


def _judge(entry: Entry, found: OperatingReport | None, before: OperatingReport | None) -> Verdict:
    doubts = plausibility.doubts(entry.details, before)
    try:
        services.check(entry.details)
        if found is not None:
            if entry.source and same(entry.details, found):
                return Verdict(entry, found, is_unchanged=True)
            _check_found(entry, found)
            if entry.source and found.state == VerificationState.PENDING:
                doubts = (*plausibility.replaced(entry.details, found), *doubts)
    except DomainError as error:
        return Verdict(entry, found, error)
    return Verdict(entry, found, doubts=doubts)


def _check_found(entry: Entry, found: OperatingReport) -> None:
    if found.state == VerificationState.VERIFIED:
        raise AlreadyReported(THERE, field="through_month")
    if entry.source:
        return
    if entry.version is None:
        raise AlreadyReported(THERE, field="through_month")
    if entry.version != found.version:
        raise StaleRecord


def enter_many(
    entries: Sequence[Entry], *, by: Actor, confirmed: Collection[str] = ()
) -> list[OperatingReport]:
    """Enter figures of one period, or correct what nobody has verified yet; all or none, waiting to be verified.

    Raises NotEntered where an entry is refused, or where a question is not among the `confirmed` ones.
    """
    verdicts = judge(entries)
    if any(verdict.error or verdict.open(confirmed) for verdict in verdicts):
        raise NotEntered(verdicts)
    written = [_write(verdict, by) for verdict in verdicts if not verdict.is_unchanged]
    try:
        with session.begin_nested():
            session.add_all(written)
    except IntegrityError:
        raise AlreadyReported(THERE, field="through_month") from None
    return written


def _write(verdict: Verdict, by: Actor) -> OperatingReport:
    entry, report = verdict.entry, verdict.found
    company = entry.company
    details = replace(entry.details, source=entry.source, confirmed=answered(verdict.doubts))
    if report is not None:
        _put_right(report, details, by)
        return report
    report = OperatingReport(
        **services.report_row(company.id, company.industry_code, details, by=by)
    )
    changes = changes_of(report)
    record("operating_report.entered", report, by=by, changes=changes, name=company.name)
    return report


def answered(doubts: Sequence[Doubt]) -> str:
    """The questions that whoever entered the figures answered with yes, as a report keeps them."""
    return " ".join(f"{doubt.figure.name}:{doubt.kind}" for doubt in doubts)


def correct_many(
    corrections: Sequence[tuple[OperatingReport, OperatingDetails]], *, by: Actor
) -> list[Changes]:
    """Other figures for many reports that are held with their firms and that nobody has verified; what changed of each."""
    with session.no_autoflush:
        changed = [_put_right(report, details, by) for report, details in corrections]
    write_many([report for report, _ in corrections])
    return changed


def _put_right(report: OperatingReport, details: OperatingDetails, by: Actor) -> Changes:
    company = report.company
    row = services.report_row(company.id, company.industry_code, details, by=by)
    for column in (*NAMES, "size_class", "state", "reported_by_id", "source", "confirmed"):
        setattr(report, column, row[column])
    changes = changes_of(report)
    report.version += 1
    record("operating_report.corrected", report, by=by, changes=changes, name=company.name)
    return changes


def report_operation(
    company: Company,
    details: OperatingDetails,
    *,
    by: Actor,
    version: int | None = None,
    confirmed: Collection[str] = (),
) -> OperatingReport:
    """The same for one firm. Raises what is wrong with its figures, or NotEntered where there is something to ask."""
    try:
        (report,) = enter_many([Entry(company, details, version)], by=by, confirmed=confirmed)
    except NotEntered as refused:
        raise refused.verdicts[0].error or refused from None
    return report
