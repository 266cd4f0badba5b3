"""What the pages of projects accept: the shape only, the rules are in services."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import Select, or_
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from crm.companies.models import Company, FutureIndustry
from crm.core.db import session
from crm.core.words import LabelledEnum
from crm.projects.models import EconomyType, Origin, Project, ProjectKind, Purpose, Stage
from crm.projects.services import ProjectDetails
from crm.web.forms import PlainText, SensibleDate, WanField, clean_text
from crm.web.locale import label


def _text(words: Any, longest: int, *, required: bool = False, **kwargs: Any) -> StringField:
    first = DataRequired(_("请填写此项。")) if required else Optional()
    return StringField(words, [first, Length(max=longest), PlainText()], [clean_text], **kwargs)


def _lines(words: Any, **kwargs: Any) -> TextAreaField:
    checks = [Optional(), Length(max=4000), PlainText(lines=True)]
    return TextAreaField(words, checks, [clean_text], render_kw={"rows": 3}, **kwargs)


def _day(words: Any, *, future: bool = False, **kwargs: Any) -> DateField:
    return DateField(words, [Optional(), SensibleDate(future=future)], **kwargs)


def _choice(words: Any, kind: type[LabelledEnum], *, optional: bool = False) -> SelectField:
    return SelectField(
        words,
        [] if optional else [InputRequired(_("请选择。"))],
        choices=lambda: (
            ([("", gettext("请选择"))] if optional else [])
            + [(member.value, label(member)) for member in kind]
        ),
        coerce=lambda value: kind(value) if value else None,
    )


def _number(value: Any) -> int | None:
    return int(value) if value else None


class ProjectForm(FlaskForm):
    """A project's facts, in the groups in which the stages ask for them."""

    name = _text(_("项目名称"), 120, required=True)
    kind = _choice(_("类别"), ProjectKind)
    origin = _choice(_("来源地"), Origin)
    unit_id = SelectField(_("责任单位"), [InputRequired(_("请选择。"))], coerce=_number)
    economy_type = _choice(_("经济类型"), EconomyType, optional=True)
    purpose = _choice(_("用途"), Purpose)
    floor_area = IntegerField(_("建筑面积"), [Optional(), NumberRange(0, 10_000_000)])
    summary = _lines(_("项目简介"))
    next_action = _text(_("下一步"), 200)
    next_action_on = _day(_("下一步时限"), future=True)

    investor = _text(_("投资方"), 120)
    contact = _text(_("联系人"), 80)
    owner_id = SelectField(_("责任人"), coerce=_number)
    future_industry = _choice(_("产业"), FutureIndustry, optional=True)
    source = _text(_("线索来源"), 80)

    expected_investment = WanField(_("预计投资"))
    visited_on = _day(_("洽谈或考察日期"))
    space_wish = _text(_("意向地块、载体或房源"), 120)
    intent_document = _text(_("意向书、框架协议或预留凭据"), 120)

    agreement_number = _text(_("协议编号"), 60)
    agreement_on = _day(_("协议签订日期"))
    agreed_investment = WanField(_("协议投资"))

    builder_id = _text(
        _("项目公司/建设单位"),
        140,
        description=_("填写企业全称或统一社会信用代码；须已登记。"),
    )
    filing_number = _text(_("立项备案号"), 60)
    approvals = _lines(
        _("审批事项清单和时限"),
        description=_("每行一项：用地、规划许可、环评、能评、施工许可等，注明时限。"),
    )

    permit_number = _text(_("施工许可证或施工合同编号"), 60)
    works_seen_on = _day(_("主体施工（装修）现场照片日期"))

    accepted_on = _day(_("竣工验收日期"))
    in_use_on = _day(_("投用日期"))

    firms: Select[Company]

    def offer(self, units: Sequence[Any], people: Sequence[Any], firms: Select[Company]) -> None:
        """Fill in what can be chosen: units and people in the reader's scope, the firms to link."""
        self.unit_id.choices = [("", gettext("请选择"))] + [(u.id, u.name) for u in units]
        self.owner_id.choices = [("", gettext("请选择"))] + [(p.id, p.name) for p in people]
        self.firms = firms

    def validate_builder_id(self, field: StringField) -> None:
        if field.data and self._builder() is None:
            raise ValidationError(gettext("没有找到这家企业，请先登记或核对全称。"))

    def _builder(self) -> int | None:
        text = (self.builder_id.data or "").strip()
        code = text.rsplit(" ", 1)[-1]
        matches = or_(Company.name == text, Company.uscc == code.upper())
        query = self.firms.where(matches).with_only_columns(Company.id).limit(1)
        return session.scalar(query) if text else None

    def to_details(self) -> ProjectDetails:
        values = {
            field.name: field.data
            for field in self
            if field.name in ProjectDetails.__dataclass_fields__
        }
        return ProjectDetails(**{**values, "builder_id": self._builder()})


class NewProjectForm(ProjectForm):
    """A new lead: what is not yet known at that time may wait for the stage that asks for it."""

    first_reported_on = DateField(_("首报日期"), [InputRequired(_("请填写此项。")), SensibleDate()])


class EditProjectForm(ProjectForm):
    """All facts, with the version that they were shown in."""

    version = HiddenField(filters=[_number])

    @classmethod
    def of(cls, project: Project) -> "EditProjectForm":
        form = cls(obj=project)
        if not form.is_submitted():
            builder = project.builder
            form.builder_id.data = (
                " ".join(filter(None, (builder.name, builder.uscc))) if builder else ""
            )
        return form


class MoveForm(FlaskForm):
    """Where to, from which day, and why."""

    to_stage = RadioField(
        _("移到"),
        [InputRequired(_("请选择要移到的阶段。"))],
        choices=lambda: [(stage.value, label(stage)) for stage in Stage],
        coerce=lambda value: Stage(value) if value else None,
    )
    effective_on = DateField(_("生效日期"), [Optional(), SensibleDate()])
    reason = TextAreaField(
        _("原因"),
        [Optional(), Length(max=1000), PlainText(lines=True)],
        [clean_text],
        render_kw={"rows": 2},
    )
    waive = BooleanField(_("放行：缺项先行移动，稍后补齐"))
    version = HiddenField(filters=[_number])
