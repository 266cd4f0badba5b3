"""Pages of reports: the same dataset as page, file and drill-down."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, abort, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.documents.attachment import as_attachment
from crm.people.models import Unit
from crm.people.queries import unit_by_code, units
from crm.people.roles import Action, Role
from crm.people.scope import Scope
from crm.projects.models import Stage
from crm.reports import dispatch_pages, faces, overview, paper, pipeline, services
from crm.reports.forms import PeriodForm
from crm.reports.log_words import LOG_WORDS
from crm.web.fields import choices_of
from crm.web.guards import me, my_scope, needs
from crm.web.locale import label, sentence

PER_PAGE = 200

bp = Blueprint("reports", __name__, url_prefix="/reports")


@bp.get("")
@needs(Action.REPORTS_READ)
def index() -> Any:
    months = dispatch_pages.month_form(MultiDict())
    return render_template("reports/index.html", form=_form(MultiDict()), months=months)


@bp.get("/pipeline")
@needs(Action.REPORTS_READ)
def show() -> Any:
    form = _form(request.args)
    report = _report(form)
    if report is None:
        return _ask_again(form)
    return faces.to_page(
        report,
        form=form,
        kinds=_kinds(),
        address=_address(form, report),
        rows_href=f"/reports/pipeline/projects?{urlencode(_address(form, report))}",
    )


@bp.get("/pipeline/projects")
@needs(Action.REPORTS_READ)
def projects() -> Any:
    """The projects behind one figure of the report."""
    form = _form(request.args)
    report = _report(form)
    if report is None:
        return _ask_again(form)
    by, key = request.args.get("by", ""), request.args.get("key", "")
    what = _what(report, by, key)
    found = report.behind(by, key)
    start = max(request.args.get("start", 0, type=int), 0)
    address = _address(form, report)
    here = f"/reports/pipeline/projects?{urlencode(address | {'by': by, 'key': key})}"
    return render_template(
        "reports/projects.html",
        report=report,
        what=what,
        count=len(found),
        lines=found[start : start + PER_PAGE],
        start=start,
        report_href=f"/reports/pipeline?{urlencode(address)}",
        newer=f"{here}&start={max(start - PER_PAGE, 0)}" if start else None,
        older=f"{here}&start={start + PER_PAGE}" if len(found) > start + PER_PAGE else None,
    )


@bp.post("/pipeline/files")
@needs(Action.REPORTS_EXPORT)
def create_file() -> Any:
    """The report as a file. Posted, because taking figures out is written to the log."""
    kind = request.form.get("format", "")
    form = _form(request.form)
    report = _report(form)
    if report is None or kind not in faces.FORMATS:
        return _ask_again(form)
    if kind == "pdf" and paper.is_long(len(report.lines)):
        return paper.ask_for_pipeline(report, form.unit.data or None)
    content = faces.to_file(report, kind)
    with writing():
        services.note_export(report, kind, by=me())
    return as_attachment(
        content,
        faces.FORMATS[kind],
        f"pipeline-{report.as_of}.{kind}",
        faces.file_name(report, kind),
    )


def _form(values: Any) -> PeriodForm:
    form = PeriodForm(values)
    found = session.execute(units(my_scope()).with_only_columns(Unit.code, Unit.name))
    form.unit.choices = choices_of(
        ((row.code, row.name) for row in found), nothing=label(my_scope().label)
    )
    return form


def _report(form: PeriodForm) -> pipeline.PipelineReport | None:
    """The report that is asked for; None when the form says what is wrong. 404 for a unit out of reach."""
    if not form.validate():
        return None
    try:
        return pipeline.build(
            _scope(form.unit.data), form.as_of.data or clock.today(), form.since.data
        )
    except DomainError as error:
        if error.field is None:
            raise
        form[error.field].errors = [sentence(error)]
        return None


def _scope(code: str | None) -> Scope:
    if not code:
        return my_scope()
    unit = unit_by_code(code)
    if unit is None or not my_scope().covers(unit):
        abort(404)
    return my_scope().within(unit)


def _ask_again(form: PeriodForm) -> Any:
    months = dispatch_pages.month_form(MultiDict())
    return render_template("reports/index.html", form=form, months=months), 422


def _kinds() -> list[tuple[str, str, str]]:
    return [
        ("pdf", _("PDF"), "file-type-pdf"),
        ("xlsx", _("工作簿"), "file-spreadsheet"),
        ("json", _("JSON"), "download"),
    ]


def _address(form: PeriodForm, report: pipeline.PipelineReport) -> dict[str, str]:
    found = {"as_of": report.as_of.isoformat(), "since": report.since.isoformat()}
    return found | ({"unit": form.unit.data} if form.unit.data else {})


def _what(report: pipeline.PipelineReport, by: str, key: str) -> str:
    """The figure's name: 信息项目, or 未来产业：机器人. 404 for a figure that the report does not have."""
    names = {("", ""): _("七个一批项目")}
    names |= {("stage", stage.value): label(stage) for stage in Stage}
    for breakdown in report.breakdowns:
        for part in breakdown.parts:
            fact, name = label(breakdown.label), label(part.label)
            names[breakdown.name, part.key] = _("%(fact)s：%(part)s", fact=fact, part=name)
    if (by, key) not in names:
        abort(404)
    return str(names[by, key])


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    app.register_blueprint(bp)
    app.register_blueprint(dispatch_pages.bp)
    registry.job_kinds.update(paper.JOBS)
    registry.navigation.append(
        registry.NavigationEntry(
            N_("报告"),
            "reports.index",
            "report",
            50,
            Action.REPORTS_READ.value,
            roles=(Role.INVESTMENT, Role.SUPERVISOR, Role.LEADER, Role.AUDITOR),
        )
    )
    registry.widgets.append(
        registry.Widget("reports/_widget.html", overview.build, 50, Action.REPORTS_READ.value)
    )
