"""Exchange rates: read by who reads projects, added by who keeps the rules. They are never changed."""

from typing import Any

from flask import flash, render_template
from flask_babel import gettext as _

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.investments.forms import RateForm
from crm.investments.pages import bp
from crm.investments.rates import quote, rates
from crm.people.roles import Action
from crm.web.forms import blame
from crm.web.guards import me, needs
from crm.web.htmx import go_to


@bp.get("/rates")
@needs(Action.RULES_MANAGE, Action.PROJECTS_READ)
def rate_list() -> Any:
    return _page(RateForm(formdata=None, valid_from=clock.today()))


@bp.post("/rates")
@needs(Action.RULES_MANAGE)
def add_rate() -> Any:
    form = RateForm()
    if not form.validate_on_submit():
        return _page(form), 422
    assert form.per_hundred.data is not None
    try:
        with writing():
            quote(
                form.currency.data,
                valid_from=form.valid_from.data,
                per_hundred=form.per_hundred.data,
                source=form.source.data,
                by=me(),
            )
    except DomainError as refused:
        status = blame(form, refused)
        return _page(form), status
    flash(_("已保存。"), "success")
    return go_to("investments.rate_list")


def _page(form: RateForm) -> str:
    found = session.scalars(rates()).all()
    return render_template("investments/rates.html", form=form, rates=found)
