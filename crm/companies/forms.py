"""What the pages of firms accept: the shape only, the rules are in services."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from crm.companies.facts import FIELDS
from crm.companies.former_names import Renaming
from crm.companies.models import (
    Company,
    CompanyKind,
    EconomyType,
    FutureIndustry,
    PartyOrganisation,
    ResidenceKind,
)
from crm.companies.residence import ResidenceDetails
from crm.companies.services import CompanyDetails, ContactDetails, Registration, details_of
from crm.core.errors import DomainError
from crm.core.identifiers import clean_uscc
from crm.people.models import Unit, User
from crm.reference import industries
from crm.web.fields import (
    choice_field,
    day_field,
    email_field,
    grouped_choices_of,
    lines_field,
    phone_field,
    record_field,
    records_of,
    text_field,
    ticks_field,
    version_field,
    wan_field,
)
from crm.web.locale import sentence

# What is edited together in place on a firm's page: the fields of each fact.
FACTS: dict[str, tuple[str, ...]] = {
    "name": ("name", "renamed_on", "rename_reason", "is_correction"),
    "kind": ("kind",),
    "uscc": ("uscc",),
    "legal_representative": ("legal_representative",),
    "registered_capital": ("registered_capital",),
    "established_on": ("established_on",),
    "industry_code": ("industry_code", "industry_class"),
    "future_industry": ("future_industry",),
    "economy_types": ("economy_types",),
    "party_organisation": ("party_organisation",),
    "staff_contact_id": ("staff_contact_id",),
    "registered_address": ("registered_address",),
    "business_scope": ("business_scope",),
    "focus": ("is_safety_focus", "is_environment_focus", "focus_note"),
}
# The style sheet hides what a team has not got while it is empty, which it sees by the placeholder.
_HIDDEN_WHILE_EMPTY = {"placeholder": " "}
_KEPT = ("version", "seen", "csrf_token")


def _industries() -> list[SelectChoice]:
    """Divisions of GB/T 4754 under the names of their sections, in the reader's language."""
    name = "name_en" if str(get_locale()).startswith("en") else "name_zh"
    groups: dict[str, list[tuple[str, str]]] = {}
    titles = {s.code: f"{s.code} {getattr(s, name)}" for s in industries.sections()}
    for division in industries.all_divisions():
        choices = groups.setdefault(titles[division.section], [])
        choices.append((division.code, f"{division.code} {getattr(division, name)}"))
    return grouped_choices_of(groups, nothing=gettext("（未填）"))


class CompanyForm(FlaskForm):
    """What is written down about a firm itself."""

    name = text_field(
        _("企业名称"),
        120,
        required=_("请填写企业名称。"),
        description=_("与营业执照一致；团队填写团队名称。"),
        render_kw={"autocomplete": "off"},
    )
    kind = choice_field(_("类别"), CompanyKind, default=CompanyKind.ENTERPRISE)
    uscc = text_field(
        _("统一社会信用代码"),
        60,
        description=_("18位，填写时自动核对校验位；团队没有，院所、高校、服务机构可不填。"),
        render_kw={"autocomplete": "off", "spellcheck": "false", **_HIDDEN_WHILE_EMPTY},
    )
    legal_representative = text_field(_("法定代表人"), 40, render_kw=_HIDDEN_WHILE_EMPTY)
    registered_capital = wan_field(_("注册资本"), render_kw=_HIDDEN_WHILE_EMPTY)
    established_on = day_field(_("成立日期"))
    registered_address = text_field(_("注册地址"), 200, render_kw=_HIDDEN_WHILE_EMPTY)
    business_scope = lines_field(_("经营范围"), render_kw=_HIDDEN_WHILE_EMPTY)
    industry_code = SelectField(
        _("行业"), choices=_industries, default="", description=_("GB/T 4754—2017 门类和大类")
    )
    industry_class = text_field(
        _("行业小类代码"),
        5,
        description=_("GB/T 4754—2017 小类或中类代码，如 6513；可不填"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    future_industry = choice_field(_("未来产业"), FutureIndustry, optional=True)
    economy_types = ticks_field(_("四类经济"), tuple(EconomyType))
    party_organisation = choice_field(_("党组织类别"), PartyOrganisation, optional=True)
    is_safety_focus = BooleanField(_("安全重点"))
    is_environment_focus = BooleanField(_("环保重点"))
    focus_note = text_field(_("重点说明"), 200, description=_("如涉及的工艺、物料或整改事项"))
    staff_contact_id = record_field(
        _("园区联系人"), optional=True, description=_("园区负责联系该企业的人员")
    )

    def offer_staff(self, staff: Sequence[User], now: User | None = None) -> None:
        """Fill in who can be in charge of the firm; who is so now can stay it."""
        if self.staff_contact_id is not None:
            people = [*staff, now] if now and now not in staff else staff
            self.staff_contact_id.choices = records_of(people, nothing=gettext("（未填）"))

    def validate_uscc(self, field: StringField) -> None:
        if field.data:
            try:
                field.data = clean_uscc(field.data)
            except DomainError as error:
                raise ValidationError(sentence(error)) from None

    def validate_industry_class(self, field: StringField) -> None:
        if not field.data:
            return
        code = re.fullmatch(r"([A-T]?)(\d{3,4})", field.data.upper())
        letter, digits = code.groups() if code else ("", "")
        division = next(
            (
                d.code
                for d in industries.all_divisions()
                if d.code[1:] == digits[:2] and letter in ("", d.section)
            ),
            None,
        )
        if division is None:
            raise ValidationError(gettext("小类代码为4位数字（中类3位），前两位是大类，如 6513。"))
        if (self.industry_code.data or division) != division:
            raise ValidationError(
                gettext("小类代码不属于所选行业%(code)s。", code=self.industry_code.data)
            )
        self.industry_code.data, field.data = division, digits

    def to_details(self) -> CompanyDetails:
        return CompanyDetails(**self.facts())

    def facts(self) -> dict[str, Any]:
        """What was typed, by the names of CompanyDetails; only the fields that the form has."""
        found = {name: field.data for name, field in self._fields.items() if name in FIELDS}
        if "uscc" in found:
            found["uscc"] = found["uscc"] or None
        if "economy_types" in found:
            found["economy_types"] = frozenset(found["economy_types"])
        if "industry_code" in found and self.industry_class.data:
            found["industry_code"] = f"{found['industry_code'][0]}{self.industry_class.data}"
        return found


class ResidenceForm(FlaskForm):
    """A residence at a carrier."""

    carrier = record_field(_("所在载体"))
    residence_kind = choice_field(_("入驻方式"), ResidenceKind, default=ResidenceKind.REGISTERED)
    from_on = day_field(_("入驻日期"), required=_("请填写入驻日期。"))
    is_counted = BooleanField(
        _("计入统计归属"),
        default=True,
        description=_("企业的数据由统计归属载体统计；同一天只能有一个。"),
    )
    agreement_number = text_field(_("入驻协议编号"), 60)
    agreement_on = day_field(_("协议签订日期"))
    rooms = text_field(_("用房"), 120, description=_("楼栋和房号，如 A座301、302"))

    def offer(self, carriers: Sequence[Unit]) -> None:
        """Fill in the carriers that can be chosen; the only one is chosen already."""
        self.carrier.choices = records_of(carriers)

    def to_residence(self) -> ResidenceDetails:
        return ResidenceDetails(
            carrier_id=self.carrier.data,
            kind=self.residence_kind.data,
            from_on=self.from_on.data,
            is_counted=self.is_counted.data,
            agreement_number=self.agreement_number.data or "",
            agreement_on=self.agreement_on.data,
            rooms=self.rooms.data or "",
        )


class RegistrationForm(CompanyForm, ResidenceForm):
    """A new firm: its facts, where it resides, whom to call."""

    from_on = day_field(_("入驻日期"), description=_("尚未入驻的留空，入驻后再登记。"))
    contact_name = text_field(_("联系人姓名"), 40)
    contact_position = text_field(_("职务"), 40)
    contact_phone = phone_field(_("电话"))
    contact_email = email_field(_("电子邮箱"))
    is_another = BooleanField(_("已核对，确认不是同一企业"))

    def validate_contact_name(self, field: StringField) -> None:
        others = (self.contact_position, self.contact_phone, self.contact_email)
        if not field.data and any(other.data for other in others):
            raise ValidationError(gettext("请填写联系人姓名。"))

    def to_registration(self) -> Registration:
        contact = None
        if self.contact_name.data:
            contact = ContactDetails(
                self.contact_name.data,
                self.contact_position.data or "",
                self.contact_phone.data or "",
                self.contact_email.data or "",
            )
        residences = (self.to_residence(),) if self.from_on.data else ()
        return Registration(self.to_details(), contact, residences, unit_id=self.carrier.data)


def facts_in_form(details: CompanyDetails) -> dict[str, Any]:
    """The facts by the names of the form's fields: an industry is chosen down to its division, the class is typed."""
    code = details.industry_code
    split = {"industry_code": code[:3], "industry_class": code[1:] if len(code) > 3 else ""}
    return {**vars(details), **split}


class EditForm(CompanyForm):
    """A firm's facts with the version in which they were shown, and how a change of name is meant."""

    version = version_field()
    seen = version_field()  # the version that the conflict page showed
    renamed_on = day_field(_("更名日期"), description=_("改名称时填写；留空即今天。"))
    rename_reason = text_field(_("更名原因"), 200)
    is_correction = BooleanField(_("只是更正录入错误，原名称不记为曾用名"))

    def __init__(self, company: Company) -> None:
        super().__init__(data={**facts_in_form(details_of(company)), "version": company.version})

    def details_for(self, company: Company) -> CompanyDetails:
        """The firm's details with what was typed."""
        return replace(details_of(company), **self.facts())

    def renaming(self) -> Renaming:
        return Renaming(
            self.renamed_on.data, self.rename_reason.data or "", self.is_correction.data
        )


class FactForm(EditForm):
    """One fact, edited in place."""

    def __init__(self, company: Company, fact: str) -> None:
        super().__init__(company)
        for name in [name for name in self._fields if name not in (*FACTS[fact], *_KEPT)]:
            del self[name]

    def renaming(self) -> Renaming:
        return super().renaming() if "renamed_on" in self else Renaming()
