"""What the pages of projects accept: the shape only, the rules are in services."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import Select, or_
from wtforms import BooleanField, StringField, ValidationError

from crm.companies.models import Company, FutureIndustry
from crm.core.db import session
from crm.core.money import Currency
from crm.people.models import Unit, User
from crm.projects.details import ProjectDetails
from crm.projects.models import (
    EconomyType,
    Figure,
    KeyLevel,
    Nature,
    Origin,
    PartnerRole,
    Project,
    ProjectKind,
    Purpose,
)
from crm.projects.partners import PartnerDetails
from crm.web.fields import (
    choice_field,
    count_field,
    day_field,
    hundredths_field,
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
    nature = choice_field(_("性质"), (Nature.NEW, Nature.ADDITION), default=Nature.NEW)
    adds_to_id = text_field(
        _("增资的原项目"),
        140,
        description=_(
            "仅增资项目填写；各项金额只填本次增加的部分。升级的项目不另行登记，在原项目上办理。"
        ),
    )
    unit_id = record_field(_("责任单位"))
    leader_id = record_field(_("责任领导"), optional=True)
    reporting_unit_id = record_field(_("首报单位"), optional=True)
    key_level = choice_field(_("重点级别"), KeyLevel, optional=True)
    is_sealed = BooleanField(
        _("保密"),
        description=_("只有责任人、责任单位负责人和领导能看到，不计入他人的列表、数字和报告。"),
    )
    economy_type = choice_field(_("经济类型"), EconomyType, optional=True)
    purpose = choice_field(_("用途"), Purpose)
    floor_area = count_field(_("建筑面积"), 0, 10_000_000)
    carrier_id = record_field(_("落户载体"), optional=True)
    rooms = text_field(_("用房"), 120)
    plot = text_field(_("地块"), 120)
    land_area = hundredths_field(_("用地面积"), 1_000_000)
    summary = lines_field(_("项目简介"))
    next_action = text_field(_("下一步"), 200)
    next_action_on = day_field(_("下一步时限"), future=True)

    investor = text_field(_("投资方"), 120)
    contact = text_field(_("联系人"), 80)
    owner_id = record_field(_("责任人"), optional=True)
    future_industry = choice_field(_("产业"), FutureIndustry, optional=True)
    source = text_field(_("线索来源"), 80)

    currency = choice_field(_("币种"), Currency, default=Currency.CNY)
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
    became_id = text_field(
        _("落地企业"), 140, description=_("项目落地后成为的企业；不是每个项目都有。")
    )
    became_on = day_field(_("落地日期"))
    filing_number = text_field(_("立项备案号"), 60)

    permit_number = text_field(_("施工许可证或施工合同编号"), 60)
    works_seen_on = day_field(_("主体施工（装修）现场照片日期"))

    accepted_on = day_field(_("竣工验收日期"))
    in_use_on = day_field(_("投用日期"))

    is_another = BooleanField(_("已核对，确认不是同一项目"))

    firms: Select[Company]
    projects: Select[Project]

    def offer(self, offered: "Offered") -> None:
        """Fill in what can be chosen."""
        for name, records in (
            ("unit_id", offered.units),
            ("reporting_unit_id", offered.all_units),
            ("carrier_id", offered.carriers),
            ("owner_id", offered.people),
            ("leader_id", offered.leaders),
        ):
            must_choose = self[name].flags.required
            nothing = gettext("请选择") if must_choose else gettext("（未填）")
            self[name].choices = records_of(records, nothing=nothing)
        self.firms, self.projects = offered.firms, offered.projects

    def validate_builder_id(self, field: StringField) -> None:
        self._expect_firm(field)

    def validate_became_id(self, field: StringField) -> None:
        self._expect_firm(field)

    def validate_adds_to_id(self, field: StringField) -> None:
        if field.data and self._original(field.data) is None:
            raise ValidationError(gettext("没有找到这个项目，请核对名称。"))

    def _expect_firm(self, field: StringField) -> None:
        if field.data and self._firm(field.data) is None:
            raise ValidationError(gettext("没有找到这家企业，请先登记或核对全称。"))

    def _firm(self, typed: str | None) -> int | None:
        text = (typed or "").strip()
        code = text.rsplit(" ", 1)[-1]
        matches = or_(Company.name == text, Company.uscc == code.upper())
        query = self.firms.where(matches).with_only_columns(Company.id).limit(1)
        return session.scalar(query) if text else None

    def _original(self, typed: str | None) -> int | None:
        found = self.projects.where(Project.name == typed).with_only_columns(Project.id).limit(1)
        return session.scalar(found) if typed else None

    def to_details(self, project: Project | None = None) -> ProjectDetails:
        """What was typed; what the form does not ask stays as the project has it."""
        names = ProjectDetails.__dataclass_fields__
        kept = {name: getattr(project, name) for name in names if project and name not in self}
        typed = {field.name: field.data for field in self if field.name in names}
        for name, find in (
            ("builder_id", self._firm),
            ("became_id", self._firm),
            ("adds_to_id", self._original),
        ):
            if name in typed:
                typed[name] = find(typed[name])
        return ProjectDetails(**(kept | typed))


@dataclass(frozen=True)
class Offered:
    """What a project's form can choose from: in the reader's scope, but for who reported first and where it stands."""

    units: Sequence[Unit]
    all_units: Sequence[Unit]
    carriers: Sequence[Unit]
    people: Sequence[User]
    leaders: Sequence[User]
    firms: Select[Company]
    projects: Select[Project]


class NewProjectForm(ProjectForm):
    """A new lead: what is not yet known at that time may wait for the stage that asks for it."""

    first_reported_on = day_field(_("首报日期"), required=True)


class EditProjectForm(ProjectForm):
    """All facts, with the version that they were shown in.

    An amount is asked for until it was said once; later ones are dated rows. An upgraded project keeps its nature.
    """

    version = version_field()

    @classmethod
    def of(cls, project: Project, original: Project | None) -> "EditProjectForm":
        """`original`: the project that this one adds to, where the reader may know of it."""
        form = cls(obj=project)
        if project.nature is Nature.UPGRADE or (project.adds_to_id and not original):
            del form.nature, form.adds_to_id
        for name in ("expected_investment", "agreed_investment"):
            if getattr(project, name) is not None:
                del form[name]
        if not form.is_submitted():
            form.builder_id.data = _named(project.builder)
            form.became_id.data = _named(project.became)
            if "adds_to_id" in form:
                form.adds_to_id.data = original.name if original else ""
        return form


def _named(firm: Company | None) -> str:
    return " ".join(filter(None, (firm.name, firm.uscc))) if firm else ""


class PartnerForm(FlaskForm):
    """Somebody who takes part."""

    name = text_field(_("合作方名称"), 120, required=True, id="partner-name")
    role = choice_field(_("角色"), PartnerRole)
    share = hundredths_field(_("份额"), 100)

    def to_details(self) -> PartnerDetails:
        return PartnerDetails(self.name.data, self.role.data, self.share.data)


class UpgradeForm(FlaskForm):
    """An upgrade, with the version that the project was shown in."""

    version = version_field()
    on = day_field(_("升级日期"), required=True)
    key_level = choice_field(_("重点级别"), KeyLevel, optional=True)
    figure = choice_field(_("金额口径"), Figure)
    amount = wan_field(
        _("升级后的投资额"), description=_("填写全部金额，不是增加的部分；不变则不填。")
    )
    reason = lines_field(_("升级内容和原因"), 1000, required=True)
