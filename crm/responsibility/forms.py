"""What the pages of responsibility accept."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Form, ValidationError
from wtforms.validators import InputRequired, Optional

from crm.people.models import Unit, User
from crm.responsibility.models import StatedBy
from crm.responsibility.services import DutyDetails, Part
from crm.responsibility.stating import Statement
from crm.targets.forms import FigureField
from crm.web.addresses import record_number
from crm.web.fields import (
    TickList,
    choice_field,
    choices_of,
    count_field,
    day_field,
    record_field,
    records_of,
    text_field,
    version_field,
)

_CELL = {"inputmode": "decimal", "autocomplete": "off", "data-cell": ""}


class DutyForm(FlaskForm):
    """Who answers for a task."""

    leader = record_field(_("责任领导"), optional=True)
    unit = record_field(_("牵头单位"), optional=True)
    joint = TickList(_("配合单位"), choices=(), coerce=record_number)
    starts_on = day_field(_("开始日期"), future=True)
    due_on = day_field(_("完成时限"), future=True)
    version = version_field()

    def offer(self, leaders: Sequence[User], units: Sequence[Unit]) -> "DutyForm":
        nothing = gettext("（未定）")
        self.leader.choices = records_of(leaders, nothing=nothing)
        self.unit.choices = records_of(units, nothing=nothing)
        self.joint.choices = choices_of((unit.id, unit.name) for unit in units)
        return self

    def to_details(self) -> DutyDetails:
        return DutyDetails(
            leader_id=self.leader.data,
            unit_id=self.unit.data,
            joint_unit_ids=tuple(self.joint.data or ()),
            starts_on=self.starts_on.data,
            due_on=self.due_on.data,
        )


class PartForm(Form):
    """A row of the split: a unit's share, its opening stock, its pace by quarters."""

    value = FigureField(_("分解数"), [Optional()], render_kw=_CELL | {"data-part": ""})
    opening = FigureField(_("年初存量"), [Optional()], render_kw=_CELL)
    quarters = text_field(_("四个季度累计%"), 40, render_kw=_CELL | {"placeholder": "25 50 75 100"})

    def validate_quarters(self, field: Any) -> None:
        self.steps = _numbers(field.data)

    def to_part(self) -> Part | None:
        """None for a unit that has no share."""
        if self.value.data is None:
            return None
        return Part(self.value.data, self.opening.data, self.steps)


class StatedForm(FlaskForm):
    """What the city, the plan and the park itself ask of a target."""

    city_value = FigureField(_("市下达"), [Optional()], render_kw={"inputmode": "decimal"})
    city_source = text_field(_("来源文件"), 160)
    city_on = day_field(_("日期"))
    plan_value = FigureField(_("工作要点"), [Optional()], render_kw={"inputmode": "decimal"})
    plan_source = text_field(_("来源文件"), 160)
    plan_on = day_field(_("日期"))
    own_value = FigureField(_("自加压"), [Optional()], render_kw={"inputmode": "decimal"})
    own_source = text_field(_("来源文件"), 160)
    own_on = day_field(_("日期"))
    judged = choice_field(_("亮灯依据"), StatedBy)
    version = version_field()

    def to_statements(self) -> dict[StatedBy, Statement]:
        return {
            by: Statement(value, self[f"{by.value}_source"].data, self[f"{by.value}_on"].data)
            for by in StatedBy
            if (value := self[f"{by.value}_value"].data) is not None
        }


class ExpectationForm(FlaskForm):
    """预计全年 and what it rests on."""

    value = FigureField(
        _("预计全年"),
        [InputRequired(_("请填写预计数。"))],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    note = text_field(_("依据"), 500)


class VersionForm(FlaskForm):
    """A step on the very version that the page showed."""

    version = version_field()


class OpenForm(FlaskForm):
    """The month whose figures are asked for."""

    month = count_field(_("月份"), 1, 12, required=True)


class FigureForm(Form):
    """A row of the round: the cumulative figure and where it comes from."""

    value = FigureField(_("累计完成数"), [Optional()], render_kw=_CELL)
    note = text_field(_("数据来源和依据"), 500, render_kw={"autocomplete": "off", "data-cell": ""})


def _numbers(text: str) -> tuple[Decimal, ...]:
    """Numbers parted by spaces or commas."""
    found = []
    for word in text.replace("，", " ").replace(",", " ").replace("%", " ").split():
        if not word.isascii() or not word.replace(".", "", 1).isdigit() or len(word) > 6:  # noqa: PLR2004
            raise ValidationError(
                _("进度请填四个季度的累计百分比，逐季不减，最后为 100，如 10 30 60 100。")
            )
        found.append(Decimal(word))
    return tuple(found)
