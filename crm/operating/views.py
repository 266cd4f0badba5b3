"""Pages of operating figures: a firm's reports, their entry, verification and return."""

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
from crm.operating import missing, queries, services, timeline
from crm.operating.forms import OperatingForm, ReturnForm
from crm.operating.models import OperatingReport
from crm.people.roles import Action
from crm.web.addresses import record_number
from crm.web.forms import blame
from crm.web.guards import may, me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment

bp = Blueprint("operating", __name__, url_prefix="/operating")


@bp.get("/companies/<int:record_id>")
@needs(Action.COMPANIES_READ)
def company(record_id: int) -> Any:
    """A firm's reports: the panel on its page, or a page of its own."""
    firm = company_in_scope(record_id)
    template = "operating/_company.html" if wants_fragment() else "operating/company.html"
    return render_template(
        template,
        firm=firm,
        reports=session.scalars(queries.reports_of(firm.id)).all(),
        shows_figures=_may_see_figures(),
        VerificationState=VerificationState,
    )


def _may_see_figures() -> bool:
    """Figures are for who has the right, who enters them and who verifies them."""
    return any(
        may(action)
        for action in (Action.OPERATING_READ, Action.COMPANIES_WRITE, Action.OPERATING_VERIFY)
    )


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
    firm, form = company_in_scope(company_id), OperatingForm()
    if not form.validate():
        return _report_page(firm, form), 422
    try:
        with writing():
            services.report_operation(
                company_in_scope(company_id), form.to_details(), by=me(), version=form.version.data
            )
    except DomainError as error:
        blame(form, error)
        return _report_page(firm, form), error.status
    flash(_("已填报经营数据，待他人核验。"), "success")
    return go_to("companies.show", company_id=company_id)


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


def _report_page(firm: Company, form: OperatingForm) -> str:
    return render_template("operating/report.html", firm=firm, form=form)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(missing.bp)
    reading, position = Action.COMPANIES_READ.value, 25
    registry.panels.append(
        registry.Panel("company", N_("经营数据"), "operating.company", reading, position)
    )
    registry.timeline_sources.setdefault("company", []).append(timeline.of_company)
    registry.widgets.append(
        registry.Widget(
            "operating/_missing_widget.html", missing.at_home, 15, Action.COMPANIES_WRITE.value
        )
    )
