"""The fields by which a chosen metric is narrowed: made from its options, so that none is coded for a target."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from wtforms import Field, SelectField

from crm.core.attributes import Attribute, Sort
from crm.core.db import session
from crm.metrics.figures import Metric
from crm.metrics.options import NATIONAL_INCUBATORS, YES
from crm.people.models import Unit, UnitKind
from crm.web.fields import TickList, choices_of, day_field, text_field, ticks_field
from crm.web.locale import label

PREFIX = "filter"
SHOWN = "shown"  # the metric whose fields a page had: those of another say nothing about this one


class NarrowingForm(FlaskForm):
    """The options of one metric as fields. What was typed counts only where it was typed for this metric."""

    class Meta:
        csrf = False  # the form that it is part of has the token

    def to_filters(self) -> dict[str, str]:
        found = {name: _text(field.data) for name, field in self._fields.items()}
        return {name: text for name, text in found.items() if text}


def narrowing(
    metric: Metric | None, *, typed: MultiDict[str, str] | None, filters: Mapping[str, str]
) -> NarrowingForm:
    """The fields of a metric, with what was typed or else with the filters that are kept."""
    options = metric.options if metric else ()
    kind = type("Narrowing", (NarrowingForm,), {one.name: _field(one) for one in options})
    is_typed = typed is not None and metric is not None and typed.get(SHOWN) == metric.key
    kept = {one.name: _data(one, filters.get(one.name, "")) for one in options}
    form: NarrowingForm = kind(formdata=typed if is_typed else None, data=kept, prefix=PREFIX)
    return form


def _field(one: Attribute) -> Field:
    words = label(one.label)
    if one.choices:
        return ticks_field(words, tuple(one.choices))
    if one.sort is Sort.UNIT:
        return TickList(words, choices=_carriers)
    if one.sort is Sort.BOOL:
        given = {YES: _("是"), "false": _("否")}
        return SelectField(words, choices=choices_of(given.items(), nothing=_("不限")))
    if one.sort is Sort.DATE:
        return day_field(words, future=True, description=_("留空为全年。"))
    return text_field(words, one.longest, description=_("多个之间用逗号隔开。"))


def _carriers() -> list[Any]:
    carriers = select(Unit.code, Unit.name).where(
        Unit.kind.in_((UnitKind.CARRIER, UnitKind.GARDEN)), Unit.closed_at.is_(None)
    )
    units = session.execute(carriers.order_by(Unit.position, Unit.id)).all()
    return choices_of(
        [(NATIONAL_INCUBATORS, _("三大国家级孵化器")), *((code, name) for code, name in units)]
    )


def _data(one: Attribute, text: str) -> Any:
    """A filter as its field holds it."""
    values = [part for part in text.split(",") if part]
    if one.choices:
        return [one.choices(value) for value in values]
    if one.sort is Sort.UNIT:
        return values
    if one.sort is Sort.DATE:
        return one.read(text)
    return text


def _text(data: Any) -> str:
    if isinstance(data, list):
        return ",".join(data)
    return str(data or "").replace("，", ",")
