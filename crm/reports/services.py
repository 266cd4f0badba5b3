"""What happens when a report leaves the system: it is noted; issued, it stays as it went out."""

from dataclasses import replace
from datetime import date

from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, record
from crm.core import clock, stored
from crm.core.db import session
from crm.core.errors import Conflict
from crm.core.words import N_
from crm.people.models import Unit, User
from crm.progress.services import freeze
from crm.reports import dispatch
from crm.reports.dispatch import DispatchReport, Issue
from crm.reports.models import IssuedReport
from crm.reports.pipeline import PipelineReport


class AlreadyIssued(Conflict):
    """The month's report went out before."""


def note_export(report: PipelineReport, kind: str, *, by: Actor) -> None:
    """Who took which figures out, in the audit log."""
    record(
        "report.exported",
        None,
        by=by,
        name=report.title,
        format=kind,
        as_of=report.as_of,
        since=report.since,
        scope=report.scope,
        rows=len(report.lines),
    )


def note_dispatch_export(
    name: str, kind: str, *, as_of: date, scope: str, rows: int, by: Actor
) -> None:
    record(
        "report.exported", None, by=by, name=name, format=kind, as_of=as_of, scope=scope, rows=rows
    )


def issue(report: DispatchReport, unit: Unit | None, name: str, *, by: User) -> IssuedReport:
    """Approve a month's report and send it out: it is kept as it is, and the notes in it are frozen.

    The report must be one that anybody of the unit may read: nothing sealed is in it. Raises AlreadyIssued, and
    StaleRecord when somebody changed a note since the report was built.
    """
    report = replace(report, issue=Issue(by.name, clock.today()))
    notes = [line.note for line in report.lines if line.note is not None]
    freeze({note.id: note.version for note in notes}, name, by=by)
    content = stored.dumps(report)
    issued = IssuedReport(
        kind=dispatch.KIND,
        month=report.month,
        unit_id=unit.id if unit else None,
        as_of=report.overview.as_of,
        issued_on=clock.today(),
        approved_by_id=by.id,
        content=content,
        sha256=stored.digest(content),
    )
    try:
        with session.begin_nested():
            session.add(issued)
    except IntegrityError:
        raise AlreadyIssued(N_("这个月的报告已经发布，不能再次发布。")) from None
    record(
        "report.issued",
        issued,
        by=by,
        name=name,
        as_of=report.overview.as_of,
        scope=report.overview.scope,
        rows=len(report.lines),
        sha256=issued.sha256,
    )
    return issued
