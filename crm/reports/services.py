"""What happens when a report leaves the system."""

from crm.audit.services import Actor, record
from crm.reports.pipeline import PipelineReport


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
