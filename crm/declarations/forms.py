"""What the pages of declarations accept."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import SelectField

from crm.core import clock
from crm.core.errors import DomainError
from crm.core.money import from_wan
from crm.core.words import N_
from crm.declarations.models import Category, Declaration, DeclarationBatch, State
from crm.declarations.recognition import Recognition
from crm.declarations.services import DECLARABLE, BatchDetails
from crm.ladder.forms import chosen_kind, kind_choices, kind_value
from crm.web.addresses import record_number
from crm.web.fields import (
    choice_field,
    count_field,
    day_field,
    lines_field,
    members_of,
    radio_field,
    record_field,
    text_field,
    version_field,
)
from crm.web.forms import clean_text

FIRMS_AT_ONCE = 500
_LONGEST_VALUE = 60


class BatchForm(FlaskForm):
    """A round of an authority."""

    version = version_field()
    category = radio_field(_("类别"), Category)
    qualification = SelectField(_("申报的资质"), description=_("企业类须选择。"))
    programme = text_field(
        _("计划或项目名称"), 80, description=_("人才和项目资金类须填写，如 龙城英才计划。")
    )
    year = count_field(_("年度"), 2000, 2100, required=True)
    number = text_field(_("批次"), 40, description=_("如 第一批；全年只有一批的可不填。"))
    opens_on = day_field(_("开始日期"), future=True)
    due_on = day_field(_("园区截止日期"), required=True, future=True)
    note = lines_field(_("说明"), 2000)

    def __init__(self, batch: DeclarationBatch | None = None, **values: Any) -> None:
        """Empty, or of a batch that is there."""
        if batch:
            values |= {"obj": batch, "qualification": kind_value(batch.kind, batch.label_id)}
        super().__init__(**values)
        if batch and batch.kind and not self.is_submitted():
            self.programme.data = ""  # of firms it follows from the kind and is no word to read
        kept = batch.label if batch else None
        self.qualification.choices = kind_choices(DECLARABLE, kept, nothing=gettext("请选择"))

    def to_details(self) -> BatchDetails:
        kind, label_id = (
            chosen_kind(self.qualification.data) if self.qualification.data else (None, None)
        )
        return BatchDetails(
            category=self.category.data,
            kind=kind,
            label_id=label_id,
            programme=self.programme.data,
            year=self.year.data,
            number=self.number.data,
            opens_on=self.opens_on.data,
            due_on=self.due_on.data,
            note=self.note.data,
        )


class MembersForm(FlaskForm):
    """Who is put into a batch: firms ticked on another page, or lines."""

    batch = record_field(_("批次"))
    lines = lines_field(_("名单"), 20_000, rows=8)


class StepForm(FlaskForm):
    """One step of a selection."""

    to_state = choice_field(_("改为"), State)
    effective_on = day_field(_("日期"), required=True)
    note = text_field(_("原因或说明"), 200)

    def offer(self, states: Sequence[State]) -> None:
        self.to_state.choices = members_of(states)


class RecognitionForm(FlaskForm):
    """What a selection got: the day and source for all of them; numbers come beside each, or as lines."""

    effective_on = day_field(_("认定公布日期"), required=True)
    issued_on = day_field(
        _("发证（批准）日期"), required=True, description=_("没有单独填写日期的都用这一天。")
    )
    level = text_field(_("级别"), 40)
    source = text_field(_("来源文件"), 120, description=_("如 苏高企协〔2020〕8号。"))
    lines = lines_field(
        _("粘贴名单"),
        40_000,
        description=_(
            "每行：企业名称或统一社会信用代码、编号，日期可不写；用制表符或逗号隔开，可直接从表格复制。"
        ),
    )


def ticked_firms(values: MultiDict[str, str]) -> list[int]:
    """The firms that were ticked on another page."""
    found = []
    for text in values.getlist("company")[:FIRMS_AT_ONCE]:
        try:
            found.append(record_number(text))
        except ValueError:
            continue
    return found


def cells(lines: str) -> Iterator[list[str]]:
    """Pasted lines as cells, parted by tabs or commas; empty lines left out."""
    for line in lines.splitlines():
        parts = [clean_text(part) for part in re.split(r"[\t,，;；]", line)]
        if any(parts):
            yield parts


def results(
    form: RecognitionForm, declarations: Sequence[Declaration], values: MultiDict[str, str]
) -> dict[int, Recognition]:
    """What stands beside each, and over it what was pasted. Raises DomainError for a line that fits none of them."""
    typed = {
        d.id: [values.get(f"value-{d.id}", ""), values.get(f"day-{d.id}", "")] for d in declarations
    }
    by_name = {name: d.id for d in declarations for name in _names(d)}
    for first, *rest in cells(form.lines.data):
        if first not in by_name:
            raise DomainError(N_("“%(name)s”不在所选的申报中。"), field="lines", name=first[:40])
        typed[by_name[first]] = [*rest, "", ""][:2]
    return {d.id: _result(form, d, *typed[d.id]) for d in declarations}


def _names(declaration: Declaration) -> list[str]:
    firm = declaration.company
    if declaration.applicant:
        return [declaration.applicant, declaration.name]
    return [name for name in (firm.name, firm.uscc) if name] if firm else []


def _result(form: RecognitionForm, declaration: Declaration, value: str, day: str) -> Recognition:
    on, value = _day(declaration, day) or form.issued_on.data, clean_text(value)
    if len(value) > _LONGEST_VALUE or not value.isprintable():
        raise DomainError(N_("“%(name)s”的编号不能保存，请核对。"), name=declaration.name)
    if declaration.batch.category is Category.ENTERPRISE:
        return Recognition(on, number=value)
    amount = from_wan(value) if value else None
    if amount is not None and amount < 0:
        raise DomainError(N_("金额不能为负数。"))
    return Recognition(on, level=form.level.data, amount=amount)


def _day(declaration: Declaration, text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip().replace("/", "-")) if text.strip() else None
    except ValueError:
        message = N_("“%(name)s”的日期“%(day)s”请按 2020-09-30 的样子填写。")
        raise DomainError(message, name=declaration.name, day=text[:20]) from None


def new_batch_form() -> BatchForm:
    """An empty form of this year."""
    return BatchForm(category=Category.ENTERPRISE, year=clock.today().year)


def value_label(category: Category) -> Any:
    """What is asked beside each of a selection."""
    return gettext("编号") if category is Category.ENTERPRISE else gettext("金额（万元）")
