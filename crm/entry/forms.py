"""What the desk accepts: the shape only, the rules are in services, moves and settlement."""

from collections.abc import Sequence
from typing import Any

from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from crm.companies.forms import CompanyForm
from crm.companies.masking import masked_email, masked_phone
from crm.companies.models import FutureIndustry, ResidenceKind
from crm.core.errors import DomainError
from crm.core.identifiers import clean_uscc
from crm.entry.gates import NEEDS_REASON, Move
from crm.entry.models import Decision, EntrantKind, EntryApplication
from crm.entry.moves import AgreementDetails, ReviewDetails
from crm.entry.services import PERSONAL, ApplicationDetails, Receipt
from crm.entry.settlement import Settlement
from crm.people.models import Unit
from crm.reference import industries
from crm.web.fields import (
    choice_field,
    choices_of,
    count_field,
    day_field,
    email_field,
    lines_field,
    phone_field,
    radio_field,
    record_field,
    records_of,
    text_field,
    version_field,
    wan_field,
)
from crm.web.locale import sentence


def _divisions() -> list[SelectChoice]:
    name = "name_en" if str(get_locale()).startswith("en") else "name_zh"
    pairs = (
        (division.code, f"{division.code} {getattr(division, name)}")
        for division in industries.all_divisions()
    )
    return choices_of(pairs, nothing=gettext("（未填）"))


class ApplicationForm(FlaskForm):
    """An application as far as it is known. Only a name is needed to keep a draft."""

    name = text_field(
        _("申请人名称"),
        120,
        required=True,
        description=_("企业填全称；拟设立企业填拟用名称，团队填团队名称。"),
        render_kw={"autocomplete": "off"},
    )
    kind = choice_field(_("申请人类别"), EntrantKind, default=EntrantKind.ENTERPRISE)
    uscc = text_field(
        _("统一社会信用代码"),
        60,
        description=_("尚未领照的留空，办理入驻时再填。"),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    carrier_id = record_field(_("意向载体"))
    space_wish = text_field(_("意向用房"), 120, description=_("楼栋、面积或工位数"))
    intended_on = day_field(_("拟入驻日期"), future=True)
    industry_code = SelectField(_("行业"), choices=_divisions, default="")
    future_industry = choice_field(_("未来产业"), FutureIndustry, optional=True)
    expected_capital = wan_field(_("拟投入资金"))
    expected_staff = count_field(_("预计人数"), 0, 100_000)
    is_workstation = BooleanField(_("工位入驻"))
    is_cluster_registered = BooleanField(_("集群注册"))
    business_plan = lines_field(_("入驻项目和经营计划"), rows=5)
    contact_name = text_field(_("联系人姓名"), 40)
    contact_position = text_field(_("职务"), 40)
    contact_phone = phone_field(_("电话"))
    contact_email = email_field(_("电子邮箱"))

    def offer(self, carriers: Sequence[Unit]) -> None:
        """Fill in the carriers that can be chosen; the only one is chosen already."""
        self.carrier_id.choices = records_of(carriers)

    def validate_uscc(self, field: StringField) -> None:
        if field.data:
            try:
                field.data = clean_uscc(field.data)
            except DomainError as error:
                raise ValidationError(sentence(error)) from None

    def to_details(self) -> ApplicationDetails:
        values = {
            field.name: field.data
            for field in self
            if field.name in ApplicationDetails.__dataclass_fields__
        }
        values["uscc"] = values["uscc"] or None
        return ApplicationDetails(**values)


class EditApplicationForm(ApplicationForm):
    """The same with its version. Personal data is not shown again: left empty, it stays as it is."""

    version = version_field()

    @classmethod
    def of(cls, application: EntryApplication) -> "EditApplicationForm":
        form = cls(obj=application)
        form.hide_contact(application)
        return form

    def hide_contact(self, application: EntryApplication) -> None:
        """Masked in the empty field's place, unless the person has just typed it."""
        for name, masked in (
            ("contact_phone", masked_phone(application.contact_phone)),
            ("contact_email", masked_email(application.contact_email)),
        ):
            self[name].render_kw = {**self[name].render_kw, "placeholder": masked}
            self[name].description = _("留空表示不变。") if masked else ""
            if not self.is_submitted():
                self[name].data = ""

    def to_details_of(self, application: EntryApplication) -> ApplicationDetails:
        """What was typed, with the contact's numbers kept where nothing was."""
        typed = vars(self.to_details())
        kept = {n: getattr(application, n) for n in PERSONAL[2:] if not typed[n]}
        return ApplicationDetails(**{**typed, **kept})


class MoveForm(FlaskForm):
    """From which day, and what there is to say."""

    on = day_field(_("日期"), required=True)
    opinion = lines_field(_("意见"))
    version = version_field()

    def ask_for(self, move: Move) -> None:
        self.opinion.label.text = _("原因") if move in NEEDS_REASON else _("意见")
        self.opinion.flags.required = move in NEEDS_REASON


class ReviewForm(FlaskForm):
    """What the review said."""

    reviewed_on = day_field(_("评审日期"), required=True)
    people = text_field(_("参加人员"), 200, required=True, description=_("姓名，以顿号分隔"))
    decision = radio_field(_("评审结论"), Decision)
    opinion = lines_field(_("评审意见"), required=True)
    version = version_field()

    def to_review(self) -> ReviewDetails:
        return ReviewDetails(
            self.reviewed_on.data, self.people.data, self.opinion.data, self.decision.data
        )


class AgreementForm(FlaskForm):
    """What was signed."""

    number = text_field(_("入驻协议编号"), 60, required=True)
    signed_on = day_field(_("协议签订日期"), required=True)
    rooms = text_field(
        _("用房"), 120, required=True, description=_("楼栋和房号，如 A座301、302；工位写明工位号")
    )
    pledge_on = day_field(
        _("安全环保承诺签署日期"),
        required=True,
        description=_("申请人已签署安全生产和环境保护承诺书"),
    )
    version = version_field()

    def to_agreement(self) -> AgreementDetails:
        return AgreementDetails(
            self.number.data, self.signed_on.data, self.rooms.data, self.pledge_on.data
        )


class SettlementForm(CompanyForm):
    """The firm as it is licensed by now, and how it resides."""

    residence_kind = choice_field(_("入驻方式"), ResidenceKind, default=ResidenceKind.REGISTERED)
    from_on = day_field(_("入驻日期"), required=True)
    is_counted = BooleanField(
        _("计入统计归属"),
        default=True,
        description=_("企业的数据由统计归属载体统计；同一天只能有一个。"),
    )
    is_present = BooleanField(_("登记到这家已在册的企业，不另建档"))
    is_another = BooleanField(_("已核对，确认不是同一企业"))
    version = version_field()

    def to_settlement(self) -> Settlement:
        return Settlement(
            self.to_details(),
            self.residence_kind.data,
            self.from_on.data,
            self.is_counted.data,
            self.is_present.data,
        )


class ReceiptForm(FlaskForm):
    """What became of one material."""

    is_received = BooleanField(_("已收"))
    received_on = day_field(_("收件日期"))
    kept_at = text_field(_("存放位置"), 120)
    note = text_field(_("备注"), 200)

    def to_receipt(self, on: Any) -> Receipt:
        day = (self.received_on.data or on) if self.is_received.data else None
        return Receipt(day, self.kept_at.data or "", self.note.data or "")


class ErrandForm(FlaskForm):
    """An errand that is done, or that need not be done."""

    on = day_field(_("办结日期"))
    note = text_field(_("备注或不办原因"), 200)
