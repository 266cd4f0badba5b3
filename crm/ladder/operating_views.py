"""Pages on which operating reports are entered, verified and sent back."""

from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _

from crm.companies.models import Company
from crm.companies.pages import company_in_scope
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.ladder import queries, services
from crm.ladder.forms import OperatingForm, ReturnForm
from crm.ladder.models import OperatingReport
from crm.people.roles import Action
from crm.web.addresses import record_number
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to

bp = Blueprint("operating", __name__, url_prefix="/ladder")


@bp.get("/companies/<int:company_id>/operating-reports/new")
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


@bp.post("/companies/<int:company_id>/operating-reports")
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


@bp.post("/operating-reports/<int:report_id>/verifications")
@needs(Action.OPERATING_VERIFY)
def create_verification(report_id: int) -> Any:
    with writing():
        report = _report(report_id, lock=True)
        services.verify(report, by=me(), version=request.form.get("version", type=int))
        company_id = report.company_id
    flash(_("已核验。"), "success")
    return go_to("companies.show", company_id=company_id)


@bp.get("/operating-reports/<int:report_id>/returns/new")
@needs(Action.OPERATING_VERIFY)
def new_return(report_id: int) -> Any:
    return render_template("ladder/return.html", report=_report(report_id), form=ReturnForm())


@bp.post("/operating-reports/<int:report_id>/returns")
@needs(Action.OPERATING_VERIFY)
def create_return(report_id: int) -> Any:
    report, form = _report(report_id), ReturnForm()
    if not form.validate():
        return render_template("ladder/return.html", report=report, form=form), 422
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
    return render_template("ladder/report.html", firm=firm, form=form)
