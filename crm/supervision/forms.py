"""What the pages of supervision accept: the shape only, the rules are in loop.py and the services."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Self

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from crm.core import clock
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.models import Unit
from crm.supervision.docketing import OrderDetails
from crm.supervision.loop import Act
from crm.supervision.models import Source, StepKind
from crm.web.addresses import record_number
from crm.web.fields import (
    TickList,
    choice_field,
    day_field,
    lines_field,
    record_field,
    records_of,
    text_field,
    version_field,
)
from crm.web.forms import clean_text

MATTERS_AT_ONCE = 60
_LONGEST_MATTER = 120
_CELLS = 4


def _record_or_none(value: Any) -> int | None:
    try:
        return record_number(value) if value else None
    except ValueError:
        return None


def _from_page() -> HiddenField:
    """The record that the order is made from; the page looks it up again among those that the reader sees."""
    return HiddenField(filters=[_record_or_none])


class AmendForm(FlaskForm):
    """What is to be done, who does it, and what it came from."""

    version = version_field()
    source = choice_field(_("来源"), Source)
    title = text_field(_("督办事项"), 120, required=_("请填写督办事项。"))
    requirement = lines_field(_("办理要求"), 2000, rows=4)
    basis = text_field(_("依据"), 120, description=_("文件、会议或批件的名称和文号。"))
    basis_on = day_field(_("依据日期"))
    unit_id = record_field(_("牵头单位"))
    joint_units = TickList(_("协办单位"), coerce=record_number)

    def offer(self, units: Sequence[Unit]) -> Self:
        self.unit_id.choices = records_of(units)
        self.joint_units.choices = [(unit.id, unit.name) for unit in units]
        return self

    def to_details(self) -> OrderDetails:
        return OrderDetails(
            source=self.source.data,
            title=self.title.data,
            requirement=self.requirement.data,
            basis=self.basis.data,
            basis_on=self.basis_on.data,
            unit_id=self.unit_id.data,
            joint_unit_ids=tuple(self.joint_units.data or ()),
        )


class OrderForm(AmendForm):
    """立项: by when besides, and the record that it is about."""

    version = None
    indicator_id = _from_page()
    plan_task_id = _from_page()
    project_id = _from_page()
    instruction_id = _from_page()
    due_on = day_field(_("时限"), future=True, description=_("不填则按来源的通常时限。"))
    is_issued = BooleanField(_("立项后立即交办"), default=True)

    def to_details(self) -> OrderDetails:
        return replace(
            super().to_details(),
            due_on=self.due_on.data,
            indicator_id=self.indicator_id.data,
            plan_task_id=self.plan_task_id.data,
            project_id=self.project_id.data,
            instruction_id=self.instruction_id.data,
        )


class MeetingForm(FlaskForm):
    """One meeting, many orders: a line for each matter."""

    basis = text_field(_("会议名称"), 120, required=_("请填写会议名称。"))
    basis_on = day_field(_("会议日期"), required=True)
    due_on = day_field(
        _("时限"), future=True, description=_("各行没有写时限的按此日；不填则按通常时限。")
    )
    lines = lines_field(
        _("议定事项"),
        20_000,
        required=_("请填写议定事项。"),
        rows=10,
        description=_(
            "每行一项：事项、牵头单位、协办单位、时限，用制表符或分号隔开，后两项可不写；多个协办单位用顿号隔开。"
        ),
    )
    is_issued = BooleanField(_("立项后立即交办"), default=True)

    def to_details(self, units: Sequence[Unit]) -> list[OrderDetails]:
        """Raises DomainError for the first line that says something that is not there."""
        by_name = {unit.name: unit.id for unit in units}
        found = [self._matter(number, cells, by_name) for number, cells in _rows(self.lines.data)]
        if len(found) > MATTERS_AT_ONCE:
            raise DomainError(N_("一次最多立项%(n)s项。"), field="lines", n=MATTERS_AT_ONCE)
        return found

    def _matter(self, number: int, cells: list[str], by_name: Mapping[str, int]) -> OrderDetails:
        title, unit, joint, day = [*cells, *[""] * _CELLS][:_CELLS]
        if len(title) > _LONGEST_MATTER or not title.isprintable():
            raise DomainError(
                N_("第%(n)s行的事项过长或含有不能保存的字符。"), field="lines", n=number
            )
        names = [unit, *filter(None, map(str.strip, re.split("[、,，]", joint)))]
        unknown = next((name for name in names if name not in by_name), None)
        if unknown is not None:
            raise DomainError(
                N_("第%(n)s行：没有名为“%(name)s”的单位。"),
                field="lines",
                n=number,
                name=unknown[:40],
            )
        lead, *others = (by_name[name] for name in names)
        return OrderDetails(
            source=Source.MEETING,
            title=title,
            unit_id=lead,
            joint_unit_ids=tuple(dict.fromkeys(others)),
            due_on=_day(number, day) or self.due_on.data,
            basis=self.basis.data,
            basis_on=self.basis_on.data,
        )


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        cells = [clean_text(cell) for cell in re.split(r"[\t;；]", line)]
        if any(cells):
            yield number, cells


def _day(number: int, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise DomainError(
            N_("第%(n)s行的时限请按 2020-09-30 的样子填写。"), field="lines", n=number
        ) from None


class PlainStepForm(FlaskForm):
    """A step with a remark, where there is something to say."""

    kind = HiddenField()
    version = version_field()
    text = lines_field(_("说明"), 2000, rows=2)

    def to_act(self, kind: StepKind) -> Act:
        given = {
            field.name: field.data
            for field in self
            if field.name in Act.__dataclass_fields__ and field.name != "kind"
        }
        return Act(kind, clock.today(), **given)


class ReasonForm(PlainStepForm):
    text = lines_field(_("原因"), 2000, rows=2, required=_("请写明原因。"))


class NoteForm(PlainStepForm):
    text = lines_field(_("内容"), 4000, rows=3, required=_("请写明内容。"))


class IssueForm(PlainStepForm):
    new_on = day_field(_("时限"), future=True, description=_("不填则为立项时的时限。"))


class AnswerForm(PlainStepForm):
    """反馈: what was done; where it is behind, why, what is done about it, until when."""

    text = lines_field(_("办理情况"), 4000, rows=4, required=_("请写明办理情况。"))
    cause = lines_field(_("原因分析"), 2000, rows=2)
    measures = lines_field(_("整改措施"), 2000, rows=2)
    new_on = day_field(_("预计完成日期"), future=True)


class ExtensionForm(PlainStepForm):
    new_on = day_field(_("新的时限"), required=_("请填写新的时限。"), future=True)
    text = lines_field(_("延期原因"), 2000, rows=2, required=_("请写明延期原因。"))


class CorrectionForm(FlaskForm):
    """What one step says wrongly."""

    version = version_field()
    text = lines_field(_("更正为"), 4000, rows=2, required=_("请写明更正的内容。"))


FORMS: Mapping[StepKind, type[PlainStepForm]] = {
    StepKind.ISSUED: IssueForm,
    StepKind.RECEIVED: PlainStepForm,
    StepKind.ANSWERED: AnswerForm,
    StepKind.SIGNED: PlainStepForm,
    StepKind.HELD_BACK: ReasonForm,
    StepKind.CLOSED: PlainStepForm,
    StepKind.RETURNED: ReasonForm,
    StepKind.NOTED: NoteForm,
    StepKind.CONTRIBUTED: NoteForm,
    StepKind.EXTENSION_GRANTED: PlainStepForm,
    StepKind.EXTENSION_REFUSED: ReasonForm,
    StepKind.EXTENSION_ASKED: ExtensionForm,
    StepKind.REMINDED: PlainStepForm,
    StepKind.ARCHIVED: PlainStepForm,
    StepKind.WITHDRAWN: ReasonForm,
}
"""What each step of the page asks for."""


def step_form(kind: StepKind, **values: Any) -> PlainStepForm:
    """An empty form of a step; its fields' ids begin with the step, since a page has several."""
    form = FORMS[kind](formdata=None, **values)
    form.kind.data = kind.value
    return _named_apart(form, kind)


def posted_form(kind: StepKind) -> PlainStepForm:
    return _named_apart(FORMS[kind](), kind)


def _named_apart(form: PlainStepForm, kind: StepKind) -> PlainStepForm:
    for field in form:
        field.id = f"{kind.value}-{field.id}"
    return form


class PeriodForm(FlaskForm):
    """From which day to which a bulletin tells."""

    class Meta:
        csrf = False  # a GET needs none; for what is posted the application checks the token itself

    from_on = day_field(_("开始日期"), required=True)
    until_on = day_field(_("截止日期"), required=True)


def step_words(kind: StepKind) -> str:
    """What the button says."""
    return str(gettext(_BUTTONS.get(kind, kind.label)))


_BUTTONS = {
    StepKind.ANSWERED: N_("提交反馈"),
    StepKind.SIGNED: N_("签发"),
    StepKind.HELD_BACK: N_("退回修改"),
    StepKind.NOTED: N_("记办理进展"),
    StepKind.CONTRIBUTED: N_("报送协办意见"),
}
