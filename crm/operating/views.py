"""Pages of one firm's operating figures: its course, their entry, verification and return."""

from typing import Any

from flask import Blueprint, Flask, abort, flash, render_template, request
from flask_babel import gettext as _

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.companies.pages import company_in_scope
from crm.core import registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.documents.options import line_against_plan
from crm.operating import (
    grid_pages,
    importing,
    list_pages,
    missing,
    queries,
    return_pages,
    round_pages,
    services,
    sum_pages,
    timeline,
)
from crm.operating.asking import may_see_figures
from crm.operating.course import Course
from crm.operating.entering import NotEntered, Verdict, report_operation
from crm.operating.figures import FIGURES
from crm.operating.forms import OperatingForm, ReturnForm
from crm.operating.log_words import LOG_WORDS
from crm.operating.models import OperatingReport
from crm.operating.plausibility import DoubtKind
from crm.people.roles import Action
from crm.web.addresses import record_number
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment

IN_PANEL = 4

bp = Blueprint("operating", __name__, url_prefix="/operating")


@bp.get("/companies/<int:record_id>")
@needs(Action.COMPANIES_READ)
def company(record_id: int) -> Any:
    """A firm's reports: the panel on its page, or a page of its own with its years, quarters and months."""
    firm = company_in_scope(record_id)
    reports = session.scalars(queries.reports_of(firm.id)).all()
    shown: dict[str, Any] = {
        "firm": firm,
        "reports": reports,
        "shows_figures": may_see_figures(),
        "figures": FIGURES,
        "VerificationState": VerificationState,
        "doubt_words": {kind.value: kind.label for kind in DoubtKind},
    }
    if wants_fragment():
        shown |= {"reports": reports[:IN_PANEL], "is_cut": len(reports) > IN_PANEL}
        return render_template("operating/_company.html", **shown)
    return render_template("operating/company.html", is_cut=False, **shown, **_course(reports))


def _course(reports: Any) -> dict[str, Any]:
    """The part of a firm's page that is about one year."""
    course, asked = Course(reports), request.args.get("year", "")
    year = next((y for y in course.years if str(y) == asked), next(iter(course.years), None))
    if year is None or not may_see_figures():
        return {"year": None}
    names = (_("%(year)s年", year=year), _("%(year)s年", year=year - 1))
    points = [
        (_("%(n)s月", n=month), now, before)
        for month, now, before in course.beside_last_year(year, "revenue")
    ]
    months, this_year, last_year = (list(part) for part in zip(*points, strict=True))
    return {
        "year": year,
        "years": course.years,
        "views": (
            ("months", _("按月"), course.months(year)),
            ("quarters", _("按季"), course.quarters(year)),
            ("years", _("按年"), course.whole_years()),
        ),
        "chart_points": points,
        "chart_names": names,
        "chart_option": line_against_plan(months, this_year, last_year, names=names),
    }


@bp.get("/companies/<int:company_id>/reports/new")
@needs(Action.COMPANIES_WRITE)
def new_report(company_id: int) -> Any:
    """An empty form, or with ?report= the figures of one that nobody has verified yet."""
    firm, number = company_in_scope(company_id), request.args.get("report", type=record_number)
    if number is None:
        return _report_page(firm, OperatingForm())
    report = _report(number)
    if report.company_id != firm.id:
        abort(404)
    return _report_page(firm, OperatingForm(obj=report))


@bp.post("/companies/<int:company_id>/reports")
@needs(Action.COMPANIES_WRITE)
def create_report(company_id: int) -> Any:
    """Odd figures are asked about first: the form comes back with the questions, each to be ticked."""
    firm, form = company_in_scope(company_id), OperatingForm()
    if not form.validate():
        return _report_page(firm, form), 422
    try:
        with writing():
            report_operation(
                company_in_scope(company_id),
                form.to_details(),
                by=me(),
                version=form.version.data,
                confirmed=request.form.getlist("confirmed"),
            )
    except NotEntered as asked:
        return _report_page(firm, form, asked.verdicts[0]), asked.status
    except DomainError as error:
        blame(form, error)
        return _report_page(firm, form), error.status
    flash(_("已填报经营数据，待他人核验。"), "success")
    return go_to("companies.show", company_id=company_id)


@bp.get("/reports/<int:report_id>")
@needs(Action.COMPANIES_READ)
def show(report_id: int) -> Any:
    """A report is read among those of its firm and year."""
    report = _report(report_id)
    return go_to("operating.company", record_id=report.company_id, year=report.year)


@bp.post("/reports/<int:report_id>/verifications")
@needs(Action.OPERATING_VERIFY)
def create_verification(report_id: int) -> Any:
    with writing():
        report = _report(report_id, lock=True)
        services.verify(report, by=me(), version=request.form.get("version", type=int))
        company_id = report.company_id
    flash(_("已核验。"), "success")
    return go_to("companies.show", company_id=company_id)


@bp.get("/reports/<int:report_id>/returns/new")
@needs(Action.OPERATING_VERIFY)
def new_return(report_id: int) -> Any:
    return render_template("operating/return.html", report=_report(report_id), form=ReturnForm())


@bp.post("/reports/<int:report_id>/returns")
@needs(Action.OPERATING_VERIFY)
def create_return(report_id: int) -> Any:
    report, form = _report(report_id), ReturnForm()
    if not form.validate():
        return render_template("operating/return.html", report=report, form=form), 422
    with writing():
        version = request.form.get("version", type=int)
        services.send_back(
            _report(report_id, lock=True), reason=form.reason.data, by=me(), version=version
        )
    flash(_("已退回。"), "success")
    return go_to("companies.show", company_id=report.company_id)


def _report(report_id: int, *, lock: bool = False) -> OperatingReport:
    query = queries.visible_reports(my_scope()).where(OperatingReport.id == report_id)
    return session.scalar(query.with_for_update() if lock else query) or abort(404)


def _report_page(firm: Company, form: OperatingForm, verdict: Verdict | None = None) -> str:
    doubts = verdict.keyed if verdict else []
    confirmed = request.form.getlist("confirmed")
    return render_template(
        "operating/report.html", firm=firm, form=form, doubts=doubts, confirmed=confirmed
    )


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    registry.children["operating_reports"] = registry.ChildKind(
        N_("经营数据"), href="/operating/companies/{company_id}"
    )
    registry.children["round_members"] = registry.ChildKind(N_("应报名单"), is_kept=True)
    for pages in (
        bp,
        missing.bp,
        sum_pages.bp,
        grid_pages.bp,
        list_pages.bp,
        round_pages.bp,
        return_pages.bp,
    ):
        app.register_blueprint(pages)
    registry.import_kinds[importing.REPORTS.key] = importing.REPORTS
    reading, position = Action.COMPANIES_READ.value, 25
    registry.within["operating"] = "ladder.index"
    registry.panels.append(
        registry.Panel("company", N_("经营数据"), "operating.company", reading, position)
    )
    registry.timeline_sources.setdefault("company", []).append(timeline.of_company)
    registry.widgets.append(
        registry.Widget(
            "operating/_missing_widget.html", missing.at_home, 15, Action.COMPANIES_WRITE.value
        )
    )
    registry.todo_sources.append(round_pages.todos)
