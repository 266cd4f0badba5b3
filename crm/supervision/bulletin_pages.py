"""Statistics per unit, the bulletins (通报) with their PDF, and the printed order (督办单)."""

from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from crm.audit.services import record
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.documents.attachment import as_attachment
from crm.documents.pdf import printed
from crm.people.roles import Action
from crm.reference.settings import is_demo_data
from crm.supervision import bulletins, queries, services
from crm.supervision.bulletins import Content
from crm.supervision.forms import PeriodForm
from crm.supervision.models import Bulletin, StepKind
from crm.supervision.pages import order_in_scope
from crm.supervision.standing import RULE, Outcome, ages, by_unit, lines, summed
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to

bp = Blueprint("bulletins", __name__, url_prefix="/supervision")

PDF = "application/pdf"


@bp.get("/statistics")
@needs(Action.SUPERVISION_READ)
def statistics() -> Any:
    """办结、退办、延期 of each unit's orders over a period, and for how long what is overdue has been so."""
    form = _period_form(request.args)
    if not form.validate():
        return render_template("supervision/statistics.html", form=form, found=None), 422
    found = lines(my_scope(), form.from_on.data, form.until_on.data)
    return render_template(
        "supervision/statistics.html",
        form=form,
        found=found,
        units=by_unit(found),
        total=summed(0, "", found),
        ages=ages(found),
        overdue=sorted(
            (line for line in found if line.outcome is Outcome.OVERDUE),
            key=lambda line: line.due_on,
        ),
        rule=RULE,
    )


@bp.get("/bulletins")
@needs(Action.SUPERVISION_READ)
def index() -> Any:
    found = session.scalars(queries.bulletins().limit(200)).all()
    return render_template("supervision/bulletins.html", bulletins=found, name_of=bulletins.name_of)


@bp.get("/bulletins/new")
@needs(Action.SUPERVISION_MANAGE)
def preview() -> Any:
    """The bulletin of a period as it would go out now."""
    form, status = _period_form(request.args), 422
    if form.validate():
        try:
            return _page(form, bulletins.build(form.from_on.data, form.until_on.data))
        except DomainError as refused:
            status = blame(form, refused)
    return _page(form, None), status


@bp.post("/bulletins")
@needs(Action.SUPERVISION_MANAGE)
def create() -> Any:
    form = _period_form(request.form)
    if not form.validate():
        return _page(form, None), 422
    try:
        with writing():
            made = bulletins.issue(form.from_on.data, form.until_on.data, by=me())
            session.flush()
            bulletin_id = made.id
    except DomainError as refused:
        status = blame(form, refused)
        return _page(form, None), status
    flash(_("已印发，内容不再变动。"), "success")
    return go_to(".show", bulletin_id=bulletin_id)


@bp.get("/bulletins/<int:bulletin_id>")
@needs(Action.SUPERVISION_READ)
def show(bulletin_id: int) -> Any:
    bulletin = _bulletin(bulletin_id)
    content = bulletins.read(bulletin, my_scope())
    return _page(None, content, bulletin=bulletin, is_intact=bulletins.is_intact(bulletin))


@bp.post("/bulletins/<int:bulletin_id>/files")
@needs(Action.SUPERVISION_READ)
def create_file(bulletin_id: int) -> Response:
    """On paper. A bulletin is made to be handed round; that somebody printed it is noted."""
    bulletin = _bulletin(bulletin_id)
    content = bulletins.read(bulletin, my_scope())
    html = _page(None, content, bulletin=bulletin, on_paper=True)
    name = bulletins.name_of(bulletin)
    with writing():
        record("report.exported", _bulletin(bulletin_id), by=me(), name=name, format="pdf")
    return as_attachment(printed(html), PDF, f"bulletin-{bulletin_id}.pdf", f"{name}.pdf")


@bp.post("/<int:order_id>/files")
@needs(Action.SUPERVISION_READ)
def create_order_file(order_id: int) -> Response:
    """督办单 on paper, with its number and the lines to sign on."""
    order = order_in_scope(order_id)
    events = session.scalars(queries.events_of([order.id])).all()
    html = render_template(
        "supervision/paper.html",
        order=order,
        issued=next((e for e in events if e.kind is StepKind.ISSUED), None),
        answer=next((e for e in reversed(events) if e.kind is StepKind.ANSWERED), None),
        is_demo_data=is_demo_data(),
    )
    with writing():
        order = order_in_scope(order_id)
        record("report.exported", order, by=me(), name=services.called(order), format="pdf")
        name = f"督办单 {order.name}.pdf"
    return as_attachment(printed(html), PDF, f"order-{order_id}.pdf", name)


def _bulletin(bulletin_id: int) -> Bulletin:
    return session.scalar(queries.bulletins().where(Bulletin.id == bulletin_id)) or abort(404)


def _period_form(values: Any) -> PeriodForm:
    """This year until today, unless the address says otherwise."""
    if values.get("from_on") or values.get("until_on"):
        return PeriodForm(values)
    today = clock.today()
    year = {"from_on": f"{today.year}-01-01", "until_on": today.isoformat()}
    return PeriodForm(MultiDict(year))


def _page(
    form: PeriodForm | None,
    content: Content | None,
    *,
    bulletin: Bulletin | None = None,
    is_intact: bool = True,
    on_paper: bool = False,
) -> str:
    return render_template(
        "supervision/bulletin.html",
        form=form,
        content=content,
        bulletin=bulletin,
        name=bulletins.name_of(bulletin) if bulletin else _("督查通报（预览）"),
        is_intact=is_intact,
        on_paper=on_paper,
        outcomes=tuple(Outcome),
        rule=RULE,
        is_demo_data=is_demo_data(),
    )
