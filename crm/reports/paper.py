"""Long reports on paper: printing takes seconds for each dozen projects, so the worker does it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from crm.core import registry
from crm.core.db import session
from crm.core.errors import NotAllowed
from crm.core.words import N_
from crm.documents import stored
from crm.jobs import asking
from crm.jobs.running import Running
from crm.people.models import Unit
from crm.people.queries import unit_by_code
from crm.people.roles import Action
from crm.people.scope import Scope
from crm.reference import settings
from crm.reports import dispatch, dispatch_faces, faces, pipeline, queries, services
from crm.reports.dispatch import DispatchReport
from crm.reports.models import IssuedReport
from crm.web.guards import my_scope

PIPELINE, DISPATCH, ISSUED = "report.pipeline", "report.dispatch", "report.issued"
MEDIA_TYPE = "application/pdf"


def is_long(lines: int) -> bool:
    """Whether so many projects are better printed by the worker."""
    return lines > int(settings.get("reports.at_once"))


def ask_for_pipeline(report: pipeline.PipelineReport, unit: str | None) -> Any:
    payload = {"as_of": report.as_of.isoformat(), "since": report.since.isoformat(), "unit": unit}
    values = {"name": faces.file_name(report, "pdf")}
    return asking.ask_for(PIPELINE, payload, title=N_("打印%(name)s"), values=values)


def ask_for_dispatch(report: DispatchReport, unit: Unit | None) -> Any:
    payload = {"month": report.month.isoformat(), "unit": unit.code if unit else None}
    return _ask_for_dispatch(DISPATCH, payload, report)


def ask_for_issued(report: DispatchReport, issued_id: int) -> Any:
    return _ask_for_dispatch(ISSUED, {"issued": issued_id}, report)


def _ask_for_dispatch(kind: str, payload: Mapping[str, Any], report: DispatchReport) -> Any:
    values = {"name": dispatch_faces.title(report)}
    return asking.ask_for(kind, payload, title=N_("打印%(name)s"), values=values)


def print_pipeline(running: Running) -> None:
    given = running.payload
    report = pipeline.build(
        _scope(given["unit"]),
        date.fromisoformat(given["as_of"]),
        date.fromisoformat(given["since"]),
    )
    running.tell(0, 0, N_("排版"))
    path = running.folder / "report.pdf"
    path.write_bytes(faces.to_file(report, "pdf"))
    running.finish_with_file(
        path,
        faces.file_name(report, "pdf"),
        MEDIA_TYPE,
        noting=lambda: services.note_export(report, "pdf", by=running.user),
    )


def print_dispatch(running: Running) -> None:
    given = running.payload
    _print(running, dispatch.build(_scope(given["unit"]), date.fromisoformat(given["month"])))


def print_issued(running: Running) -> None:
    """As it went out, without the projects that are not there for the requester."""
    query = queries.issued_reports(my_scope()).where(IssuedReport.id == running.payload["issued"])
    issued = session.scalar(query)
    if issued is None:
        raise NotAllowed(N_("这份报告不在您的数据范围内。"))
    report = stored.loads(DispatchReport, issued.content)
    _print(running, dispatch.for_reader(report, my_scope()))


def _print(running: Running, report: DispatchReport) -> None:
    running.tell(0, 0, N_("排版"))
    path, name = running.folder / "report.pdf", dispatch_faces.title(report)
    path.write_bytes(dispatch_faces.to_file(report, "pdf"))
    running.finish_with_file(
        path,
        f"{name}.pdf",
        MEDIA_TYPE,
        noting=lambda: services.note_dispatch_export(
            name,
            "pdf",
            as_of=report.overview.as_of,
            scope=report.overview.scope,
            rows=len(report.lines),
            by=running.user,
        ),
    )


def _scope(code: str | None) -> Scope:
    """What the requester sees now of the unit that was asked for."""
    if code is None:
        return my_scope()
    unit = unit_by_code(code)
    if unit is None or not my_scope().covers(unit):
        raise NotAllowed(N_("这个单位不在您的数据范围内。"))
    return my_scope().within(unit)


_ACTION = Action.REPORTS_EXPORT.value
JOBS = {
    PIPELINE: registry.JobKind(N_("打印项目推进报告"), print_pipeline, _ACTION),
    DISPATCH: registry.JobKind(N_("打印项目调度"), print_dispatch, _ACTION),
    ISSUED: registry.JobKind(N_("打印已发布的项目调度"), print_issued, _ACTION),
}
