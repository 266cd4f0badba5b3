"""What the pages of firms accept: the shape only, the rules are in services."""

from collections.abc import Sequence
from typing import Any

from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    Optional,
    Regexp,
    ValidationError,
)

from crm.companies.models import Company, CompanyKind, FutureIndustry, ResidenceKind
from crm.companies.residence import ResidenceDetails
from crm.companies.services import CompanyDetails, ContactDetails, Registration
from crm.core.errors import DomainError
from crm.core.identifiers import clean_uscc
from crm.core.words import LabelledEnum
from crm.people.models import Unit
from crm.reference import industries
from crm.web.forms import PlainText, SensibleDate, WanField, clean_text
from crm.web.locale import label, sentence


def _text(
    words: Any, longest: int, *checks: Any, required: Any = None, **kwargs: Any
) -> StringField:
    first = [DataRequired(required)] if required else [Optional()] if checks else []
    too_long = Length(max=longest, message=_("不能超过%(max)d个字符。"))
    return StringField(words, [*first, too_long, PlainText(), *checks], [clean_text], **kwargs)


def _day(words: Any, *checks: Any, **kwargs: Any) -> DateField:
    return DateField(words, [*(checks or [Optional()]), SensibleDate()], **kwargs)


def _choice(
    words: Any, members: Sequence[LabelledEnum], *, optional: bool = False, **kwargs: Any
) -> SelectField:
    kind = type(members[0])
    nothing = [("", _("（未填）"))] if optional else []
    return SelectField(
        words,
        [Optional() if optional else InputRequired(_("请选择。"))],
        choices=lambda: nothing + [(member.value, label(member)) for member in members],
        coerce=lambda value: kind(value) if value else None,
        **kwargs,
    )


def _number(value: Any) -> int | None:
    return int(value) if value else None


def _industries() -> dict[str, list[tuple[str, str]]]:
    """Divisions of GB/T 4754 under the names of their sections, in the reader's language."""
    name = "name_en" if str(get_locale()).startswith("en") else "name_zh"
    groups: dict[str, list[tuple[str, str]]] = {gettext("未分类"): [("", gettext("（未填）"))]}
    titles = {s.code: f"{s.code} {getattr(s, name)}" for s in industries.sections()}
    for division in industries.all_divisions():
        choices = groups.setdefault(titles[division.section], [])
        choices.append((division.code, f"{division.code} {getattr(division, name)}"))
    return groups


class CompanyForm(FlaskForm):
    """What is written down about a firm itself."""

    name = _text(
        _("企业名称"),
        120,
        required=_("请填写企业名称。"),
        description=_("与营业执照一致；团队填写团队名称。"),
        render_kw={"autocomplete": "off"},
    )
    kind = _choice(_("类别"), tuple(CompanyKind), default=CompanyKind.ENTERPRISE)
    uscc = _text(
        _("统一社会信用代码"),
        60,
        description=_("18位，填写时自动核对校验位；尚未领照的团队留空。"),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    legal_representative = _text(_("法定代表人"), 40)
    registered_capital = WanField(_("注册资本"), [Optional()], render_kw={"inputmode": "decimal"})
    established_on = _day(_("成立日期"))
    industry_code = SelectField(
        _("行业"), choices=_industries, default="", description=_("GB/T 4754—2017 门类和大类")
    )
    future_industry = _choice(_("未来产业"), tuple(FutureIndustry), optional=True)

    def validate_uscc(self, field: StringField) -> None:
        if field.data:
            try:
                field.data = clean_uscc(field.data)
            except DomainError as error:
                raise ValidationError(sentence(error)) from None

    def to_details(self) -> CompanyDetails:
        return CompanyDetails(
            name=self.name.data or "",
            kind=self.kind.data,
            uscc=self.uscc.data or None,
            legal_representative=self.legal_representative.data or "",
            registered_capital=self.registered_capital.data,
            established_on=self.established_on.data,
            industry_code=self.industry_code.data or "",
            future_industry=self.future_industry.data,
        )


class ResidenceForm(FlaskForm):
    """A residence at a carrier."""

    carrier = SelectField(_("所在载体"), [InputRequired(_("请选择。"))], coerce=_number)
    residence_kind = _choice(_("入驻方式"), tuple(ResidenceKind), default=ResidenceKind.REGISTERED)
    from_on = _day(_("入驻日期"), InputRequired(_("请填写入驻日期。")))
    is_counted = BooleanField(
        _("计入统计归属"),
        default=True,
        description=_("企业的数据由统计归属载体统计；同一天只能有一个。"),
    )
    agreement_number = _text(_("入驻协议编号"), 60)
    agreement_on = _day(_("协议签订日期"))
    rooms = _text(_("用房"), 120, description=_("楼栋和房号，如 A座301、302"))

    def offer(self, carriers: Sequence[Unit]) -> None:
        """Fill in the carriers that can be chosen; the only one is chosen already."""
        self.carrier.choices = [(unit.id, unit.name) for unit in carriers]
        if len(carriers) > 1:
            self.carrier.choices.insert(0, ("", gettext("请选择")))

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

    from_on = _day(_("入驻日期"), description=_("尚未入驻的留空，入驻后再登记。"))
    contact_name = _text(_("联系人姓名"), 40)
    contact_position = _text(_("职务"), 40)
    contact_phone = _text(
        _("电话"),
        30,
        Regexp(r"^[\d\s+\-()（）转,，;；/]+$", message=_("电话只能包含数字和 + - ( ) 等符号。")),
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )
    contact_email = _text(
        _("电子邮箱"),
        120,
        Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message=_("邮箱格式应如 name@example.com。")),
        render_kw={"inputmode": "email", "autocomplete": "off"},
    )
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


class EditForm(CompanyForm):
    """A firm's facts with the version in which they were shown."""

    version = HiddenField(filters=[_number])

    def __init__(self, company: Company) -> None:
        super().__init__(obj=company)
        kept = industries.get(company.industry_code)
        if (
            kept and kept.code != company.industry_code
        ):  # a class below the division, from an import
            choice = (company.industry_code, f"{company.industry_code} {kept.name_zh}")
            self.industry_code.choices = {"–": [choice], **_industries()}
