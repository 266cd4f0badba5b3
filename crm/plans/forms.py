"""What the pages of a plan's draft accept."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import SelectField
from wtforms.validators import Optional

from crm.metrics.catalogue import METRICS
from crm.people.models import Unit
from crm.plans.models import DraftEntry
from crm.plans.services import EntryDetails
from crm.targets.forms import FigureField
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


class EntryForm(FlaskForm):
    """One promise of a plan. A milestone has an event and no figure."""

    version = version_field()
    name = text_field(_("名称"), 80, required=_("请填写名称。"))
    event = text_field(
        _("节点事件"), 20, description=_("如 开工、竣工投用；有它就是节点，没有就是指标。")
    )
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
    metric = SelectField(_("由什么证明"))
    baseline = FigureField(_("上年基数"), [Optional()], render_kw={"inputmode": "decimal"})
    opening = FigureField(_("年初存量"), [Optional()], render_kw={"inputmode": "decimal"})
    starts_on = day_field(_("开始日期"), required=True, future=True)
    due_on = day_field(_("时限"), required=True, future=True)
    unit_id = record_field(_("责任单位"), optional=True)
    scope_text = text_field(_("范围"), 160)
    definition = lines_field(_("口径说明"), 1000)
    repeats_id = record_field(
        _("与哪一项相同"),
        optional=True,
        description=_("同一指标在文中再次出现时选择，只计一个指标。"),
    )
    parent_id = record_field(_("是哪一项的其中"), optional=True)

    def offer(self, units: Sequence[Unit], others: Sequence[DraftEntry]) -> "EntryForm":
        """What can be chosen: units, and the other targets of the draft."""
        nothing = gettext("（无）")
        self.unit_id.choices = records_of(units, nothing=gettext("（未定）"))
        self.repeats_id.choices = records_of(
            [one for one in others if one.repeats_id is None], nothing=nothing
        )
        self.parent_id.choices = records_of(others, nothing=nothing)
        self.metric.choices = choices_of(
            ((key, label(metric.label)) for key, metric in METRICS.items()),
            nothing=gettext("人工填报"),
        )
        return self

    def to_details(self, entry: DraftEntry | None = None) -> EntryDetails:
        given: dict[str, Any] = {
            field.name: field.data
            for field in self
            if field.name in EntryDetails.__dataclass_fields__
        }
        filters = entry.filters if entry and entry.metric == self.metric.data else {}
        return EntryDetails(**given, filters=filters)
