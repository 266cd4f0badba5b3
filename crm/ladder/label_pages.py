"""Other qualifications, for who keeps the rules: what there is to choose from, by whom, at which level, how long."""

from typing import Any

from flask import Blueprint, abort, flash, render_template
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.ladder import labels
from crm.ladder.labels import LabelDetails
from crm.ladder.models import Level, QualificationLabel, Validity
from crm.people.roles import Action
from crm.web.fields import choice_field, count_field, radio_field, text_field, version_field
from crm.web.forms import blame
from crm.web.guards import me, needs
from crm.web.htmx import go_to

bp = Blueprint("labels", __name__, url_prefix="/ladder/labels")


class LabelForm(FlaskForm):
    """One kind of qualification."""

    version = version_field()
    name = text_field(_("名称"), 40, required=_("请填写名称。"))
    authority = text_field(_("发证机关"), 80)
    level = choice_field(_("级别"), Level)
    validity = radio_field(_("有效期"), Validity)
    years = count_field(_("有效年数"), 1, 20, description=_("“满若干年”时填写。"))

    def to_details(self) -> LabelDetails:
        return LabelDetails(
            name=self.name.data,
            authority=self.authority.data,
            level=self.level.data,
            validity=self.validity.data,
            years=self.years.data,
        )


@bp.get("")
@needs(Action.RULES_MANAGE, Action.COMPANIES_READ)
def index() -> Any:
    return render_template("ladder/labels.html", labels=session.scalars(labels.every()).all())


@bp.get("/new")
@needs(Action.RULES_MANAGE)
def new() -> Any:
    return _page(LabelForm())


@bp.post("")
@needs(Action.RULES_MANAGE)
def create() -> Any:
    form = LabelForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        with writing():
            labels.add(form.to_details(), by=me())
    except DomainError as error:
        status = blame(form, error)
        return _page(form), status
    flash(gettext("已保存。"), "success")
    return go_to("labels.index")


@bp.get("/<int:label_id>/edit")
@needs(Action.RULES_MANAGE)
def edit(label_id: int) -> Any:
    found = _label(label_id)
    return _page(LabelForm(formdata=None, obj=found), found)


@bp.post("/<int:label_id>")
@needs(Action.RULES_MANAGE)
def update(label_id: int) -> Any:
    found, form = _label(label_id), LabelForm()
    if not form.validate_on_submit():
        return _page(form, found), 422
    try:
        with writing():
            version = form.version.data
            labels.change(_label(label_id), form.to_details(), version=version, by=me())
    except DomainError as error:
        found = _label(label_id)
        status = blame(form, error, found)
        return _page(form, found), status
    flash(gettext("已保存。"), "success")
    return go_to("labels.index")


@bp.post("/<int:label_id>/retirements")
@needs(Action.RULES_MANAGE)
def create_retirement(label_id: int) -> Any:
    """No longer offered, or offered again."""
    with writing():
        labels.retire(_label(label_id), by=me())
    flash(gettext("已保存。"), "success")
    return go_to("labels.index")


def _label(label_id: int) -> QualificationLabel:
    return session.get(QualificationLabel, label_id) or abort(404)


def _page(form: LabelForm, found: QualificationLabel | None = None) -> str:
    return render_template("ladder/label.html", form=form, found=found)
