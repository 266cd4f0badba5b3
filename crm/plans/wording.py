"""口径 in words: what a metric counts, and to what a target's filters narrow it."""

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import select

from crm.core.attributes import Attribute, Sort
from crm.core.db import session
from crm.metrics.figures import Metric
from crm.metrics.options import NATIONAL_INCUBATORS, YES, values_of
from crm.people.models import Unit
from crm.web.locale import label


def rule(metric: Metric, filters: Mapping[str, str]) -> str:
    """The sentence of a metric, and what it is narrowed to."""
    narrowed = narrowed_to(metric, filters)
    return str(label(metric.sentence)) + (_("限%(what)s。", what=narrowed) if narrowed else "")


def narrowed_to(metric: Metric, filters: Mapping[str, str]) -> str:
    """专利类型为发明；载体为三大国家级孵化器 — nothing where nothing is left out."""
    said = [
        _("%(name)s为%(values)s", name=label(one.label), values=_values(one, filters[one.name]))
        for one in metric.options
        if filters.get(one.name)
    ]
    return str(_("；").join(said))


def _values(one: Attribute, text: str) -> str:
    if one.sort is Sort.BOOL:
        return str(_("是") if text == YES else _("否"))
    words = [label(value) for value in values_of(one, text)]
    if one.sort is Sort.UNIT:
        names = dict(
            session.execute(select(Unit.code, Unit.name).where(Unit.code.in_(words))).all()
        )
        names[NATIONAL_INCUBATORS] = _("三大国家级孵化器")
        words = [names.get(word, word) for word in words]
    return str(_("、").join(words))
