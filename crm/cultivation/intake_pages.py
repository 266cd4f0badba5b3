"""Many firms, selected in their list, are taken into the library at once."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext as _

from crm.companies.listing import COMPANIES
from crm.companies.models import Company
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.cultivation import services
from crm.cultivation.forms import CultivationForm, plan_form
from crm.cultivation.listing import CULTIVATIONS
from crm.lists import selection
from crm.lists.selection import Selection
from crm.people.roles import Action
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs

bp = Blueprint("intakes", __name__, url_prefix="/cultivation/intakes")

MOST_AT_ONCE = 5000


@bp.post("/preview")
@needs(Action.COMPANIES_WRITE)
def preview() -> Any:
    """The form for the selected firms. Posted because of the selection; it changes nothing."""
    today = clock.today()
    form = plan_form(my_scope(), formdata=None, target_year=today.year, entered_on=today)
    return _page(selection.of_request(COMPANIES), form)


@bp.post("")
@needs(Action.COMPANIES_WRITE)
def create() -> Any:
    chosen, form, status = selection.of_request(COMPANIES), plan_form(my_scope()), 422
    if form.validate_on_submit():
        try:
            with writing():
                ids = _selected(chosen)
                intake = services.take_in_selection(ids, form.to_details(), by=me())
        except DomainError as refused:
            status = blame(form, refused)
        else:
            said = _(
                "已列入 %(n)s 家；%(present)s 家已在库，%(reached)s 家已达到该层级，未重复列入。",
                n=intake.taken, present=intake.present, reached=intake.reached,
            )  # fmt: skip
            flash(said, "success" if intake.taken else "warning")
            return redirect(CULTIVATIONS.address, 303)
    return _page(chosen, form), status


def _selected(chosen: Selection) -> list[int]:
    query = chosen.asked.query.with_only_columns(Company.id).order_by(None)
    ids = session.scalars(query.limit(MOST_AT_ONCE + 1)).all()
    if len(ids) > MOST_AT_ONCE:
        raise DomainError(N_("一次最多列入 %(most)s 家，请先筛选。"), most=MOST_AT_ONCE)
    return list(ids)


def _page(chosen: Selection, form: CultivationForm) -> str:
    return render_template(
        "cultivation/intake.html",
        form=form,
        pairs=chosen.pairs,
        count=chosen.asked.probe().count,
        back=chosen.asked.state.address(),
    )
