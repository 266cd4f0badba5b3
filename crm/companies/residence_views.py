"""Pages of a firm's coming and going: one form for each step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, render_template
from flask_babel import gettext as _

from crm.companies import incubation, residence
from crm.companies.models import Company
from crm.companies.pages import company_in_scope, visible
from crm.companies.residence_forms import (
    DepartureForm,
    GraduationForm,
    IncubationForm,
    MoveInForm,
    ReturnForm,
    TransferForm,
)
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.people.models import Unit
from crm.people.queries import carriers
from crm.people.roles import Action
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to

bp = Blueprint("residences", __name__, url_prefix="/companies")


@dataclass(frozen=True)
class Page:
    """What the page of a step says, and its fields with their width in a row of 12."""

    title: str
    lead: str
    endpoint: str
    fields: tuple[tuple[str, int], ...]


_STAY = (
    ("carrier", 4),
    ("residence_kind", 4),
    ("from_on", 4),
    ("agreement_number", 4),
    ("agreement_on", 4),
    ("rooms", 4),
)
MOVE_IN = Page(
    N_("登记入驻"),
    N_("同一天只能有一个统计归属；从一个载体换到另一个，请办理转入。"),
    "residences.move_in",
    (*_STAY, ("is_counted", 12), ("note", 12)),
)
RETURN = Page(
    N_("再入驻"),
    N_("离园的企业再次入驻：沿用原档案，另起一条入驻记录；不重复计入新增入驻企业。"),
    "residences.come_back",
    (*_STAY, ("note", 12)),
)
TRANSFER = Page(
    N_("办理转入其他载体"),
    N_(
        "原载体的统计归属和在孵到这一天为止，档案转由新载体维护；此前的数据仍归原载体。用房不随之结束。"
    ),
    "residences.transfer",
    (("carrier", 6), ("on", 6), ("note", 12)),
)
INCUBATION = Page(
    N_("开始在孵"),
    N_("在统计归属之外另记一条在孵，由同一载体孵化；统计归属不变。"),
    "residences.incubate",
    (("on", 6), ("rooms", 6), ("agreement_number", 6), ("agreement_on", 6), ("note", 12)),
)
GRADUATION = Page(
    N_("办理毕业"),
    N_("毕业只结束在孵；企业仍在园，统计归属不变。"),
    "residences.graduate",
    (("on", 6), ("stays_as", 6), ("note", 12)),
)
DEPARTURE = Page(
    N_("办理离园"),
    N_("所有入驻记录到这一天为止，用房同日结束；企业档案和历史保留，以后可以再入驻。"),
    "residences.depart",
    (("on", 6), ("reason", 6), ("note", 12)),
)


@bp.get("/<int:company_id>/residences/new")
@needs(Action.COMPANIES_WRITE)
def new_residence(company_id: int) -> Any:
    return _ask(MOVE_IN, _stay_form(MoveInForm, from_on=clock.today()), company_id)


@bp.post("/<int:company_id>/residences")
@needs(Action.COMPANIES_WRITE)
def move_in(company_id: int) -> Any:
    form = _stay_form(MoveInForm)

    def act(company: Company) -> Any:
        residence.move_in(company, form.to_residence(), **_told(form))
        return _("已登记入驻。")

    return _carry_out(act, form, MOVE_IN, company_id)


@bp.get("/<int:company_id>/returns/new")
@needs(Action.COMPANIES_WRITE)
def new_return(company_id: int) -> Any:
    return _ask(RETURN, _stay_form(ReturnForm, from_on=clock.today()), company_id)


@bp.post("/<int:company_id>/returns")
@needs(Action.COMPANIES_WRITE)
def come_back(company_id: int) -> Any:
    form = _stay_form(ReturnForm)

    def act(company: Company) -> Any:
        residence.come_back(company, form.to_residence(), **_told(form))
        return _("已登记再入驻。")

    return _carry_out(act, form, RETURN, company_id)


@bp.get("/<int:company_id>/transfers/new")
@needs(Action.COMPANIES_WRITE)
def new_transfer(company_id: int) -> Any:
    form = TransferForm(on=clock.today())
    form.offer(session.scalars(carriers(WHOLE_PARK_SCOPE)).all(), company_in_scope(company_id))
    return _ask(TRANSFER, form, company_id)


@bp.post("/<int:company_id>/transfers")
@needs(Action.COMPANIES_WRITE)
def transfer(company_id: int) -> Any:
    form = TransferForm()
    form.offer(session.scalars(carriers(WHOLE_PARK_SCOPE)).all(), company_in_scope(company_id))

    def act(company: Company) -> Any:
        carrier = session.get_one(Unit, form.carrier.data)
        residence.transfer(company, carrier, on=form.on.data, **_told(form))
        return _("已转往“%(carrier)s”，档案由其维护。", carrier=carrier.name)

    return _carry_out(act, form, TRANSFER, company_id)


@bp.get("/<int:company_id>/incubations/new")
@needs(Action.COMPANIES_WRITE)
def new_incubation(company_id: int) -> Any:
    return _ask(INCUBATION, IncubationForm(on=clock.today()), company_id)


@bp.post("/<int:company_id>/incubations")
@needs(Action.COMPANIES_WRITE)
def incubate(company_id: int) -> Any:
    form = IncubationForm()

    def act(company: Company) -> Any:
        incubation.incubate(
            company,
            on=form.on.data,
            agreement_number=form.agreement_number.data,
            agreement_on=form.agreement_on.data,
            rooms=form.rooms.data,
            **_told(form),
        )
        return _("已登记在孵。")

    return _carry_out(act, form, INCUBATION, company_id)


@bp.get("/<int:company_id>/graduations/new")
@needs(Action.COMPANIES_WRITE)
def new_graduation(company_id: int) -> Any:
    form = GraduationForm(on=clock.today())
    form.offer(company_in_scope(company_id))
    return _ask(GRADUATION, form, company_id)


@bp.post("/<int:company_id>/graduations")
@needs(Action.COMPANIES_WRITE)
def graduate(company_id: int) -> Any:
    form = GraduationForm()
    form.offer(company_in_scope(company_id))

    def act(company: Company) -> Any:
        stays = {"stays_as": form.stays_as.data} if "stays_as" in form else {}
        incubation.graduate(company, on=form.on.data, **stays, **_told(form))
        return _("已办理毕业，企业仍在园。")

    return _carry_out(act, form, GRADUATION, company_id)


@bp.get("/<int:company_id>/departures/new")
@needs(Action.COMPANIES_WRITE)
def new_departure(company_id: int) -> Any:
    return _ask(DEPARTURE, DepartureForm(on=clock.today()), company_id)


@bp.post("/<int:company_id>/departures")
@needs(Action.COMPANIES_WRITE)
def depart(company_id: int) -> Any:
    form = DepartureForm()

    def act(company: Company) -> Any:
        residence.leave(company, on=form.on.data, reason=form.reason.data, **_told(form))
        return _("已登记离园，企业档案保留。")

    return _carry_out(act, form, DEPARTURE, company_id)


def _ask(page: Page, form: Any, company_id: int) -> Any:
    company = company_in_scope(company_id)
    form.show(company)
    return _step_page(page, form, company)


def _carry_out(act: Callable[[Company], Any], form: Any, page: Page, company_id: int) -> Any:
    """Do to a firm what the form asks and go to its page; a refusal keeps all that was typed."""
    company, status = company_in_scope(company_id), 422
    if form.validate_on_submit():
        try:
            with writing():
                said = act(company_in_scope(company_id))
        except DomainError as refused:
            company, status = company_in_scope(company_id), refused.status
            show_refusal(form, refused, company)
        else:
            return go_on(said, company_id)
    return _step_page(page, form, company), status


def go_on(said: str, company_id: int) -> Any:
    flash(said, "success")
    if session.scalar(visible(company_id)):
        return go_to("companies.show", company_id=company_id)
    return go_to("companies.index")  # handed over to a unit outside the reader's scope


def show_refusal(form: Any, refused: DomainError, company: Company) -> None:
    blame(form, refused)
    if isinstance(refused, Conflict):
        form.show(company)  # told of it, the person may go on


def _stay_form(kind: type[MoveInForm] | type[ReturnForm], **values: Any) -> Any:
    form = kind(**values)
    form.offer(session.scalars(carriers(my_scope())).all())
    return form


def _told(form: Any) -> dict[str, Any]:
    return {"by": me(), "note": form.note.data, "seen": form.seen.data}


def _step_page(page: Page, form: Any, company: Company) -> str:
    fields = [(form[name], width) for name, width in page.fields if name in form]
    return render_template(
        "companies/residence_step.html", page=page, form=form, fields=fields, company=company
    )
