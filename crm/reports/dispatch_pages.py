"""Pages of 项目调度: the month's report, one project of it, its files, and the reports that were issued."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from crm.core import clock, stored
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.documents.attachment import as_attachment
from crm.people.models import Unit
from crm.people.queries import unit_by_code, units
from crm.people.roles import Action
from crm.people.scope import Scope
from crm.reports import dispatch, paper, queries, services
from crm.reports import dispatch_faces as faces
from crm.reports.dispatch import DispatchReport
from crm.reports.dispatch_table import differences
from crm.reports.forms import MonthForm
from crm.reports.models import IssuedReport
from crm.web.fields import choices_of
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.locale import label

bp = Blueprint("dispatch", __name__, url_prefix="/reports/dispatch")


@bp.get("")
@needs(Action.REPORTS_READ)
def show() -> Any:
    """The report of a month as it stands now."""
    form = month_form(request.args)
    report = _report(form)
    if report is None:
        return _ask_again(form)
    return _page(form, report)


@bp.post("/files")
@needs(Action.REPORTS_EXPORT)
def create_file() -> Any:
    form, kind = month_form(request.form), request.form.get("format", "")
    report = _report(form)
    if report is None or kind not in faces.FORMATS:
        return _ask_again(form)
    if kind == "pdf" and paper.is_long(len(report.lines)):
        return paper.ask_for_dispatch(report, _unit(form))
    return _sent(report, kind)


@bp.post("/issued")
@needs(Action.INSTRUCTIONS_GIVE)
def issue() -> Any:
    """Approve the report and send it out. It is built anew, without what is sealed: everybody of the unit may read it."""
    form = month_form(request.form)
    if not form.validate():
        return _ask_again(form)
    try:
        with writing():
            unit = _unit(form)
            scope = my_scope().within(unit) if unit else my_scope()
            report = dispatch.build(scope.of_units, _month(form))
            made = services.issue(report, unit, faces.title(report), by=me())
            session.flush()
            issued_id = made.id
    except DomainError as refused:
        status = blame(form, refused)
        shown = _report(form)
        return (_page(form, shown), status) if shown else _ask_again(form)
    flash(_("已发布，其中的进展已冻结。"), "success")
    return go_to("dispatch.show_issued", issued_id=issued_id)


@bp.get("/issued")
@needs(Action.REPORTS_READ)
def issued_index() -> Any:
    found = session.scalars(queries.issued_reports(my_scope()).limit(200)).all()
    return render_template("reports/issued.html", issued=found)


@bp.get("/issued/<int:issued_id>")
@needs(Action.REPORTS_READ)
def show_issued(issued_id: int) -> Any:
    """A report as it went out, and what was corrected since."""
    issued, report = _issued(issued_id)
    scope = my_scope().within(issued.unit) if issued.unit else my_scope()
    now = dispatch.build(scope.of_units, issued.month)
    return faces.to_page(
        report,
        form=None,
        issued=issued,
        is_intact=stored.digest(issued.content) == issued.sha256,
        differences=differences(report, dispatch.for_reader(now, my_scope())),
        is_issued=True,
    )


@bp.post("/issued/<int:issued_id>/files")
@needs(Action.REPORTS_EXPORT)
def create_issued_file(issued_id: int) -> Any:
    kind = request.form.get("format", "")
    if kind not in faces.FORMATS:
        abort(404)
    report = _issued(issued_id)[1]
    if kind == "pdf" and paper.is_long(len(report.lines)):
        return paper.ask_for_issued(report, issued_id)
    return _sent(report, kind)


@bp.get("/projects/<int:project_id>")
@needs(Action.REPORTS_READ)
def show_project(project_id: int) -> Any:
    """The one-pager of a project."""
    found = _one_pager(project_id, request.args)
    return faces.one_pager(found, on_paper=False)


@bp.post("/projects/<int:project_id>/files")
@needs(Action.REPORTS_EXPORT)
def create_project_file(project_id: int) -> Any:
    found = _one_pager(project_id, request.form)
    project = found.line.project
    content = faces.one_pager_pdf(found)
    with writing():
        services.note_dispatch_export(
            project.name, "pdf", as_of=found.as_of, scope=project.unit, rows=1, by=me()
        )
    return as_attachment(
        content, "application/pdf", f"project-{project.id}.pdf", f"{project.name}-{found.as_of}.pdf"
    )


def month_form(values: Any) -> MonthForm:
    form = MonthForm(values)
    found = session.execute(units(my_scope()).with_only_columns(Unit.code, Unit.name))
    form.unit.choices = choices_of(
        ((row.code, row.name) for row in found), nothing=label(my_scope().label)
    )
    return form


def _month(form: MonthForm) -> date:
    return form.month.data or clock.today()


def _unit(form: MonthForm) -> Unit | None:
    """The unit that is asked for; 404 for one out of reach. Who sees less than the park reports on his own unit."""
    if not form.unit.data:
        return None if my_scope().is_whole_park else me().unit
    unit = unit_by_code(form.unit.data)
    if unit is None or not my_scope().covers(unit):
        abort(404)
    return unit


def _report(form: MonthForm) -> DispatchReport | None:
    """The report that is asked for; None when the form says what is wrong."""
    if not form.validate():
        return None
    unit = _unit(form)
    scope: Scope = my_scope().within(unit) if unit else my_scope()
    try:
        return dispatch.build(scope, _month(form))
    except DomainError as refused:
        blame(form, refused)
        return None


def _ask_again(form: MonthForm) -> Any:
    return render_template("reports/dispatch_form.html", form=form), 422


def _page(form: MonthForm, report: DispatchReport) -> str:
    unit = _unit(form)
    is_its = IssuedReport.unit_id == unit.id if unit else IssuedReport.unit_id.is_(None)
    query = queries.issued_reports(my_scope()).where(IssuedReport.month == report.month, is_its)
    return faces.to_page(
        report,
        form=form,
        issued=session.scalar(query.limit(1)),
        is_intact=True,
        differences=[],
        is_issued=False,
    )


def _issued(issued_id: int) -> tuple[IssuedReport, DispatchReport]:
    """A report that went out about a unit of mine, without the projects that are not there for me."""
    query = queries.issued_reports(my_scope()).where(IssuedReport.id == issued_id)
    issued = session.scalar(query) or abort(404)
    report = stored.loads(DispatchReport, issued.content)
    return issued, dispatch.for_reader(report, my_scope())


def _one_pager(project_id: int, values: Any) -> dispatch.OnePager:
    form = MonthForm(MultiDict({"month": values.get("month") or f"{clock.today():%Y-%m}"}))
    found = None
    if form.validate() and _month(form) <= clock.today():
        found = dispatch.one_pager(my_scope(), project_id, _month(form))
    return found or abort(404)


def _sent(report: DispatchReport, kind: str) -> Response:
    content, name = faces.to_file(report, kind), faces.title(report)
    with writing():
        services.note_dispatch_export(
            name,
            kind,
            as_of=report.overview.as_of,
            scope=report.overview.scope,
            rows=len(report.lines),
            by=me(),
        )
    plain = f"dispatch-{report.month:%Y-%m}.{kind}"
    return as_attachment(content, faces.FORMATS[kind], plain, f"{name}.{kind}")
