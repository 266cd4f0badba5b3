"""What the pages of projects accept: the shape only, the rules are in services."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import Select, or_
from wtforms import StringField, ValidationError

from crm.companies.models import Company, FutureIndustry
from crm.core.db import session
from crm.projects.models import EconomyType, Origin, Project, ProjectKind, Purpose
from crm.projects.services import ProjectDetails
from crm.web.fields import (
    choice_field,
    count_field,
    day_field,
    lines_field,
    record_field,
    records_of,
    text_field,
    version_field,
    wan_field,
)


class ProjectForm(FlaskForm):
    """A project's facts, in the groups in which the stages ask for them."""

    name = text_field(_("项目名称"), 120, required=True)
    kind = choice_field(_("类别"), ProjectKind)
    origin = choice_field(_("来源地"), Origin)
    unit_id = record_field(_("责任单位"))
    economy_type = choice_field(_("经济类型"), EconomyType, optional=True)
    purpose = choice_field(_("用途"), Purpose)
    floor_area = count_field(_("建筑面积"), 0, 10_000_000)
    summary = lines_field(_("项目简介"))
    next_action = text_field(_("下一步"), 200)
    next_action_on = day_field(_("下一步时限"), future=True)

    investor = text_field(_("投资方"), 120)
    contact = text_field(_("联系人"), 80)
    owner_id = record_field(_("责任人"), optional=True)
    future_industry = choice_field(_("产业"), FutureIndustry, optional=True)
    source = text_field(_("线索来源"), 80)

    expected_investment = wan_field(_("预计投资"))
    visited_on = day_field(_("洽谈或考察日期"))
    space_wish = text_field(_("意向地块、载体或房源"), 120)
    intent_document = text_field(_("意向书、框架协议或预留凭据"), 120)

    agreement_number = text_field(_("协议编号"), 60)
    agreement_on = day_field(_("协议签订日期"))
    agreed_investment = wan_field(_("协议投资"))

    builder_id = text_field(
        _("项目公司/建设单位"),
        140,
        description=_("填写企业全称或统一社会信用代码；须已登记。"),
    )
    filing_number = text_field(_("立项备案号"), 60)

    permit_number = text_field(_("施工许可证或施工合同编号"), 60)
    works_seen_on = day_field(_("主体施工（装修）现场照片日期"))

    accepted_on = day_field(_("竣工验收日期"))
    in_use_on = day_field(_("投用日期"))

    firms: Select[Company]

    def offer(self, units: Sequence[Any], people: Sequence[Any], firms: Select[Company]) -> None:
        """Fill in what can be chosen: units and people in the reader's scope, the firms to link."""
        self.unit_id.choices = records_of(units, nothing=gettext("请选择"))
        self.owner_id.choices = records_of(people, nothing=gettext("请选择"))
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

    first_reported_on = day_field(_("首报日期"), required=True)


class EditProjectForm(ProjectForm):
    """All facts, with the version that they were shown in."""

    version = version_field()

    @classmethod
    def of(cls, project: Project) -> "EditProjectForm":
        form = cls(obj=project)
        if not form.is_submitted():
            builder = project.builder
            form.builder_id.data = (
                " ".join(filter(None, (builder.name, builder.uscc))) if builder else ""
            )
        return form
