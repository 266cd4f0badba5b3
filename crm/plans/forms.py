"""What the pages of a plan's draft accept."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import SelectField
from wtforms.validators import Optional, ValidationError

from crm.metrics.catalogue import METRICS
from crm.people.models import Unit
from crm.plans.amending import Terms
from crm.plans.models import DraftEntry
from crm.plans.services import EntryDetails
from crm.targets.forms import FigureField
from crm.targets.models import Indicator, PlanTask
from crm.targets.pace import Comparator, Kind
from crm.web.fields import (
    choice_field,
    choices_of,
    count_field,
    day_field,
    lines_field,
    record_field,
    records_of,
    text_field,
    version_field,
)
from crm.web.locale import label

FIRST_YEAR, LAST_YEAR = 1990, 2100
LONGEST_TEXT = 300_000
_COMPARED = {
    Comparator.EQUAL: _("达到（=）"),
    Comparator.AT_LEAST: _("不少于（≥）"),
    Comparator.MORE_THAN: _("超过（>）"),
    Comparator.AT_MOST: _("不超过（≤）"),
    Comparator.RANGE: _("区间"),
}


_SHARE = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4})?")
_NEEDED = {
    "comparator": _("请选择比较方式。"),
    "target": _("请填写目标值。"),
    "kind": _("请选择类型。"),
    "unit_id": _("请选择责任单位。"),
}
_TERMS = frozenset(Terms.__dataclass_fields__) - {"curve"}


def metric_field() -> SelectField:
    """The metrics that there are, those of one room together; nothing is 人工填报."""
    return SelectField(
        _("由什么证明"),
        choices=lambda: choices_of(
            ((key, label(metric.label)) for key, metric in METRICS.items()),
            nothing=gettext("人工填报"),
        ),
    )


class PlanTextForm(FlaskForm):
    """A plan of work as people wrote it."""

    name = text_field(_("方案名称"), 120, required=_("请填写方案名称。"))
    year = count_field(
        _("年份"), FIRST_YEAR, LAST_YEAR, description=_("正文里写明年份时可以不填。")
    )
    issued_on = day_field(_("印发日期"), future=True)
    file = FileField(_("文件"), description=_("TXT、DOCX、DOC、PDF 或 HTML，不超过 20 MB。"))
    text = lines_field(_("或粘贴正文"), LONGEST_TEXT, rows=12)


class CopyForm(FlaskForm):
    """Next year's plan out of one that is there."""

    from_year = SelectField(_("从哪一年复制"), coerce=int)
    to_year = count_field(_("复制到"), FIRST_YEAR, LAST_YEAR, required=True)


class TermsForm(FlaskForm):
    """What a target says, in a draft and in a plan."""

    version = version_field()
    name = text_field(_("名称"), 80, required=_("请填写名称。"))
    comparator = SelectField(
        _("比较方式"),
        choices=lambda: choices_of(_COMPARED.items(), nothing=gettext("（未填）")),
        coerce=lambda value: Comparator(value) if value else None,
    )
    target = FigureField(_("目标值"), [Optional()], render_kw={"inputmode": "decimal"})
    target_to = FigureField(_("上限"), [Optional()], render_kw={"inputmode": "decimal"})
    unit_word = text_field(_("单位"), 12)
    modal = text_field(_("语气"), 12, description=_("如 力争、确保；不改变目标值。"))
    kind = choice_field(_("类型"), Kind, optional=True)
    baseline = FigureField(_("上年基数"), [Optional()], render_kw={"inputmode": "decimal"})
    opening = FigureField(_("年初存量"), [Optional()], render_kw={"inputmode": "decimal"})
    starts_on = day_field(_("开始日期"), required=True, future=True)
    due_on = day_field(_("时限"), required=True, future=True)
    unit_id = record_field(_("责任单位"), optional=True)
    scope_text = text_field(_("范围"), 160)
    definition = lines_field(_("口径说明"), 1000)
    parent_id = record_field(_("是哪一项的其中"), optional=True)

    def terms(self) -> dict[str, Any]:
        """What was typed, by the names of the details."""
        return {name: field.data for name, field in self._fields.items() if name in _TERMS}


class EntryForm(TermsForm):
    """One promise of a plan. A milestone has an event and no figure."""

    event = text_field(
        _("节点事件"), 20, description=_("如 开工、竣工投用；有它就是节点，没有就是指标。")
    )
    metric = metric_field()
    repeats_id = record_field(
        _("与哪一项相同"),
        optional=True,
        description=_("同一指标在文中再次出现时选择，只计一个指标。"),
    )

    def offer(self, units: Sequence[Unit], others: Sequence[DraftEntry]) -> "EntryForm":
        """What can be chosen: units, and the other targets of the draft."""
        nothing = gettext("（无）")
        self.unit_id.choices = records_of(units, nothing=gettext("（未定）"))
        self.repeats_id.choices = records_of(
            [one for one in others if one.repeats_id is None], nothing=nothing
        )
        self.parent_id.choices = records_of(others, nothing=nothing)
        return self

    def to_details(self, filters: Mapping[str, str]) -> EntryDetails:
        return EntryDetails(
            **self.terms(),
            event=self.event.data,
            metric=self.metric.data,
            repeats_id=self.repeats_id.data,
            filters=filters,
        )


class IndicatorForm(TermsForm):
    """A target of a plan that is adopted. `curve` is typed as twelve percentages."""

    curve = text_field(
        _("序时计划"),
        120,
        description=_("1—12月末应完成的累计百分比，用空格隔开；留空为按月平均。"),
    )
    task_id = record_field(_("所在任务"), optional=True)
    shares: tuple[Fraction, ...] | None = None

    def offer(
        self, units: Sequence[Unit], others: Sequence[Indicator], tasks: Sequence[PlanTask] = ()
    ) -> "IndicatorForm":
        self.unit_id.choices = records_of(units, nothing=gettext("（未定）"))
        self.parent_id.choices = choices_of(
            ((one.id, f"{one.code} {one.name}") for one in others), nothing=gettext("（无）")
        )
        self.task_id.choices = choices_of(
            ((one.id, f"{one.number}. {one.name}") for one in tasks), nothing=gettext("主要目标")
        )
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        """A draft may lack what a plan may not."""
        is_valid = bool(super().validate(extra_validators))
        for name, words in _NEEDED.items():
            if self[name].data is None and not self[name].errors:
                self[name].errors = [words]
                is_valid = False
        return is_valid

    def validate_curve(self, field: Any) -> None:
        self.shares = _shares(field.data)

    def to_terms(self) -> Terms:
        return Terms(**self.terms(), curve=self.shares)


class BindingForm(FlaskForm):
    """Which metric proves a target; what it is narrowed by comes in a form of its own (narrowing.py)."""

    version = version_field()
    metric = metric_field()


def curve_text(curve: Sequence[str] | None) -> str:
    """Stored shares as they are typed."""
    return " ".join(f"{float(Fraction(share) * 100):g}" for share in curve or ())


def _shares(text: str) -> tuple[Fraction, ...] | None:
    if not text:
        return None
    parts = [part for part in re.split(r"[\s,，、;；%]+", text) if part]
    if not all(_SHARE.fullmatch(part) for part in parts):
        raise ValidationError(gettext("请填写12个数字，如 5 10 20 …100。"))
    return tuple(Fraction(part) / 100 for part in parts)
