"""Pages of a target's levels, and of what its unit expects of the year."""

from typing import Any

from flask import Blueprint, abort, flash, render_template
from flask_babel import gettext as _

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.roles import Action
from crm.responsibility import queries, stating
from crm.responsibility.asking import indicator_in_scope
from crm.responsibility.forms import ExpectationForm, StatedForm, VersionForm
from crm.responsibility.models import Expectation, StatedBy
from crm.targets.models import Indicator
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to

bp = Blueprint("stating", __name__, url_prefix="/responsibility")


@bp.get("/targets/<int:record_id>/levels")
@needs(Action.TARGETS_PLAN)
def edit(record_id: int) -> Any:
    """The levels as they are stated; the plan's own figure is there already."""
    one = indicator_in_scope(record_id)
    values: dict[str, Any] = {
        "judged": StatedBy.PLAN,
        "version": one.version,
        "plan_value": one.target,
        "plan_source": one.plan.name,
        "plan_on": one.plan.issued_on,
    }
    for level in queries.stated(one):
        key = level.stated_by.value
        values |= {
            f"{key}_value": level.value,
            f"{key}_source": level.source,
            f"{key}_on": level.stated_on,
        }
        if level.is_judged:
            values["judged"] = level.stated_by
    return _levels_page(one, StatedForm(formdata=None, data=values))


@bp.post("/targets/<int:record_id>/levels")
@needs(Action.TARGETS_PLAN)
def save(record_id: int) -> Any:
    one, form, status = indicator_in_scope(record_id), StatedForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                fresh = indicator_in_scope(record_id)
                stating.state(
                    fresh,
                    form.to_statements(),
                    form.judged.data,
                    version=form.version.data,
                    by=me(),
                )
        except DomainError as refused:
            one = indicator_in_scope(record_id)
            status = blame(form, refused, one)
        else:
            flash(_("已保存各级目标。"), "success")
            return go_to("shares.of_target", record_id=record_id)
    return _levels_page(one, form), status


@bp.get("/targets/<int:record_id>/expectations")
@needs(Action.TARGETS_REPORT)
def new(record_id: int) -> Any:
    return _expectation_page(_own(record_id), ExpectationForm(formdata=None))


@bp.post("/targets/<int:record_id>/expectations")
@needs(Action.TARGETS_REPORT)
def create(record_id: int) -> Any:
    """Declare it; the one before stays in the history."""
    one, form, status = _own(record_id), ExpectationForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                value = form.value.data
                assert value is not None
                stating.expect(
                    _own(record_id), value, form.note.data or "", by=me(), on=clock.today()
                )
        except DomainError as refused:
            one = _own(record_id)
            status = blame(form, refused)
        else:
            flash(_("已申报预计全年，单位负责人签发后生效。"), "success")
            return go_to("shares.of_target", record_id=record_id)
    return _expectation_page(one, form), status


@bp.post("/expectations/<int:expectation_id>/signatures")
@needs(Action.TARGETS_SIGN)
def sign(expectation_id: int) -> Any:
    """The head of the unit makes it official."""
    form = VersionForm()
    with writing():
        query = queries.expectations_in(my_scope()).where(Expectation.id == expectation_id)
        found = session.scalar(query) or abort(404)
        record_id = found.indicator_id
        version = form.version.data or 0
        stating.sign_expectation(found, version=version, by=me(), on=clock.today())
    flash(_("已签发预计全年。"), "success")
    return go_to("shares.of_target", record_id=record_id)


def _own(record_id: int) -> Indicator:
    """A target for which my unit answers: a share alone does not make its year mine to foresee."""
    one = indicator_in_scope(record_id)
    return one if my_scope().covers(one.unit) else abort(404)


def _levels_page(one: Indicator, form: StatedForm) -> str:
    return render_template("responsibility/levels.html", one=one, form=form, levels=tuple(StatedBy))


def _expectation_page(one: Indicator, form: ExpectationForm) -> str:
    history = session.scalars(queries.expectations(one)).all()
    return render_template("responsibility/expectation.html", one=one, form=form, history=history)
