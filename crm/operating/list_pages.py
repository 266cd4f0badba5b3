"""All reports of a period, and the verification of many of them at once."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select
from sqlalchemy.orm import contains_eager, joinedload

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.lists.seen import digest
from crm.operating import services
from crm.operating.asking import asked_carrier, asked_period, may_see_figures, years
from crm.operating.figures import FIGURES
from crm.operating.models import OperatingReport
from crm.operating.periods import Period
from crm.operating.plausibility import DoubtKind
from crm.operating.queries import visible_reports
from crm.people.queries import carriers
from crm.people.roles import Action
from crm.people.scope import Scope
from crm.web.addresses import versions_seen
from crm.web.guards import may, me, my_scope, needs
from crm.web.paging import count, page

MOST_AT_ONCE = 2000

bp = Blueprint("operating_list", __name__, url_prefix="/operating/reports")


@bp.get("")
@needs(Action.COMPANIES_READ)
def index() -> Any:
    period, (carrier, scope) = asked_period(), asked_carrier()
    state = next((s for s in VerificationState if s == request.args.get("state")), None)
    query = _of(period, scope)
    if state is not None:
        query = query.where(OperatingReport.state == state)
    shown = page(query.with_only_columns(OperatingReport.id), OperatingReport.id)
    ids = [row.id for row in shown.rows]
    reports = session.scalars(
        visible_reports(scope)
        .join(OperatingReport.company)
        .options(
            contains_eager(OperatingReport.company),
            joinedload(OperatingReport.reported_by),
            joinedload(OperatingReport.verified_by),
        )
        .where(OperatingReport.id.in_(ids))
        .order_by(OperatingReport.id.desc())
    ).all()
    waiting = _waiting(period, scope) if may(Action.OPERATING_VERIFY) else {}
    return render_template(
        "operating/reports.html",
        period=period,
        carrier=carrier,
        carriers=session.scalars(carriers(my_scope())).all(),
        years=years(),
        state=state,
        states=VerificationState,
        page=shown,
        count=count(query.with_only_columns(OperatingReport.id)),
        waiting=waiting,
        seen=digest(waiting.items()),
        reports=reports,
        figures=FIGURES,
        shows_figures=may_see_figures(),
        doubt_words={kind.value: kind.label for kind in DoubtKind},
    )


@bp.post("/verifications")
@needs(Action.OPERATING_VERIFY)
def verify_many() -> Any:
    """Those that are ticked ("id:version"), or all that wait in the list, as they were seen; one's own are left to others."""
    versions = _all_waiting() or _ticked(request.form.getlist("report"))
    with writing():
        query = visible_reports(my_scope()).where(OperatingReport.id.in_(versions))
        reports = session.scalars(
            query.options(joinedload(OperatingReport.company, innerjoin=True)).with_for_update(
                of=OperatingReport
            )
        ).all()
        done = services.verify_many(reports, versions, by=me())
    flash(_("已核验 %(n)s 份。", n=done.count), "success" if done.count else "info")
    if done.own:
        flash(_("%(n)s 份由您本人填报，请由他人核验。", n=done.own), "warning")
    if done.changed:
        flash(_("%(n)s 份已有变化或已核验，未处理。", n=done.changed), "warning")
    period = asked_period()
    kept: dict[str, Any] = {
        key: request.form[key] for key in ("carrier", "state") if request.form.get(key)
    }
    address = url_for("operating_list.index", year=period.year, month=period.through_month, **kept)
    return redirect(address, 303)


def _of(period: Period, scope: Scope) -> Select[Any]:
    reports = visible_reports(scope).join(Company, Company.id == OperatingReport.company_id)
    return reports.where(
        OperatingReport.year == period.year,
        OperatingReport.through_month == period.through_month,
    )


def _waiting(period: Period, scope: Scope) -> dict[int, int]:
    """What waits for the reader over all pages, no more than goes at once: number → version."""
    query = _of(period, scope).where(
        OperatingReport.state == VerificationState.PENDING,
        OperatingReport.reported_by_id.is_distinct_from(me().id),
    )
    columns = query.with_only_columns(OperatingReport.id, OperatingReport.version)
    rows = session.execute(columns.order_by(OperatingReport.id).limit(MOST_AT_ONCE))
    return {row.id: row.version for row in rows}


def _all_waiting() -> dict[int, int]:
    """All of it, where the form says so. Raises Conflict where it is not what was seen."""
    if not request.form.get("all"):
        return {}
    found = _waiting(asked_period(), asked_carrier()[1])
    if digest(found.items()) != request.form.get("seen"):
        raise Conflict(N_("待核的经营数据在您打开之后有增减或变动，请重新核对。"))
    return found


def _ticked(texts: list[str]) -> dict[int, int]:
    """Raises DomainError where nothing is ticked, or more than are verified at once."""
    found = versions_seen(texts[: MOST_AT_ONCE + 1])
    if not found:
        raise DomainError(N_("请先选择要核验的经营数据。"))
    if len(found) > MOST_AT_ONCE:
        raise DomainError(N_("一次最多核验%(most)s份。"), most=MOST_AT_ONCE)
    return found
