"""What the desk accepts: the shape only, the rules are in services, moves and settlement."""

from collections.abc import Sequence
from typing import Any

from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
    ValidationError,
)

from crm.companies.forms import CompanyForm
from crm.companies.masking import masked_email, masked_phone
from crm.companies.models import FutureIndustry, ResidenceKind
from crm.core.errors import DomainError
from crm.core.identifiers import clean_uscc
from crm.core.words import LabelledEnum
from crm.entry.gates import NEEDS_REASON, Move
from crm.entry.models import Decision, EntrantKind, EntryApplication
from crm.entry.moves import AgreementDetails, ReviewDetails
from crm.entry.services import PERSONAL, ApplicationDetails, Receipt
from crm.entry.settlement import Settlement
from crm.people.models import Unit
from crm.reference import industries
from crm.web.forms import PlainText, SensibleDate, WanField, clean_text
from crm.web.locale import label, sentence


def _text(words: Any, longest: int, *checks: Any, required: bool = False, **kwargs: Any) -> Any:
    first = DataRequired(_("请填写此项。")) if required else Optional()
    too_long = Length(max=longest, message=_("不能超过%(max)d个字符。"))
    return StringField(words, [first, too_long, PlainText(), *checks], [clean_text], **kwargs)


def _lines(words: Any, *, required: bool = False, rows: int = 3, **kwargs: Any) -> Any:
    first = DataRequired(_("请填写此项。")) if required else Optional()
    checks = [first, Length(max=4000), PlainText(lines=True)]
    return TextAreaField(words, checks, [clean_text], render_kw={"rows": rows}, **kwargs)


def _day(words: Any, *, required: bool = False, future: bool = False, **kwargs: Any) -> DateField:
    first = InputRequired(_("请填写日期。")) if required else Optional()
    return DateField(words, [first, SensibleDate(future=future)], **kwargs)


def _choice(words: Any, kind: type[LabelledEnum], *, optional: bool = False, **kwargs: Any) -> Any:
    nothing = [("", _("（未填）"))] if optional else []
    return SelectField(
        words,
        [Optional() if optional else InputRequired(_("请选择。"))],
        choices=lambda: nothing + [(member.value, label(member)) for member in kind],
        coerce=lambda value: kind(value) if value else None,
        **kwargs,
    )


def _number(value: Any) -> int | None:
    return int(value) if value else None


def _divisions() -> list[tuple[str, str]]:
    name = "name_en" if str(get_locale()).startswith("en") else "name_zh"
    return [("", gettext("（未填）"))] + [
        (division.code, f"{division.code} {getattr(division, name)}")
        for division in industries.all_divisions()
    ]


class ApplicationForm(FlaskForm):
    """An application as far as it is known. Only a name is needed to keep a draft."""

    name = _text(
        _("申请人名称"),
        120,
        required=True,
        description=_("企业填全称；拟设立企业填拟用名称，团队填团队名称。"),
        render_kw={"autocomplete": "off"},
    )
    kind = _choice(_("申请人类别"), EntrantKind, default=EntrantKind.ENTERPRISE)
    uscc = _text(
        _("统一社会信用代码"),
        60,
        description=_("尚未领照的留空，办理入驻时再填。"),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    carrier_id = SelectField(_("意向载体"), [InputRequired(_("请选择。"))], coerce=_number)
    space_wish = _text(_("意向用房"), 120, description=_("楼栋、面积或工位数"))
    intended_on = _day(_("拟入驻日期"), future=True)
    industry_code = SelectField(_("行业"), choices=_divisions, default="")
    future_industry = _choice(_("未来产业"), FutureIndustry, optional=True)
    expected_capital = WanField(_("拟投入资金"), [Optional()], render_kw={"inputmode": "decimal"})
    expected_staff = IntegerField(
        _("预计人数"), [Optional(), NumberRange(0, 100_000)], render_kw={"inputmode": "numeric"}
    )
    is_workstation = BooleanField(_("工位入驻"))
    is_cluster_registered = BooleanField(_("集群注册"))
    business_plan = _lines(_("入驻项目和经营计划"), rows=5)
    contact_name = _text(_("联系人姓名"), 40)
    contact_position = _text(_("职务"), 40)
    contact_phone = _text(
        _("电话"),
        30,
        Regexp(r"^[\d\s+\-()（）转,，;；/]*$", message=_("电话只能包含数字和 + - ( ) 等符号。")),
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )
    contact_email = _text(
        _("电子邮箱"),
        120,
        Regexp(r"^([^@\s]+@[^@\s]+\.[^@\s]+)?$", message=_("邮箱格式应如 name@example.com。")),
        render_kw={"inputmode": "email", "autocomplete": "off"},
    )

    def offer(self, carriers: Sequence[Unit]) -> None:
        """Fill in the carriers that can be chosen; the only one is chosen already."""
        self.carrier_id.choices = [(unit.id, unit.name) for unit in carriers]
        if len(carriers) > 1:
            self.carrier_id.choices.insert(0, ("", gettext("请选择")))

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

    version = HiddenField(filters=[_number])

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

    on = _day(_("日期"), required=True)
    opinion = _lines(_("意见"))
    version = HiddenField(filters=[_number])

    def ask_for(self, move: Move) -> None:
        self.opinion.label.text = _("原因") if move in NEEDS_REASON else _("意见")
        self.opinion.flags.required = move in NEEDS_REASON


class ReviewForm(FlaskForm):
    """What the review said."""

    reviewed_on = _day(_("评审日期"), required=True)
    people = _text(_("参加人员"), 200, required=True, description=_("姓名，以顿号分隔"))
    decision = RadioField(
        _("评审结论"),
        [InputRequired(_("请选择。"))],
        choices=lambda: [(decision.value, label(decision)) for decision in Decision],
        coerce=lambda value: Decision(value) if value else None,
    )
    opinion = _lines(_("评审意见"), required=True)
    version = HiddenField(filters=[_number])

    def to_review(self) -> ReviewDetails:
        return ReviewDetails(
            self.reviewed_on.data, self.people.data, self.opinion.data, self.decision.data
        )


class AgreementForm(FlaskForm):
    """What was signed."""

    number = _text(_("入驻协议编号"), 60, required=True)
    signed_on = _day(_("协议签订日期"), required=True)
    rooms = _text(
        _("用房"), 120, required=True, description=_("楼栋和房号，如 A座301、302；工位写明工位号")
    )
    pledge_on = _day(
        _("安全环保承诺签署日期"),
        required=True,
        description=_("申请人已签署安全生产和环境保护承诺书"),
    )
    version = HiddenField(filters=[_number])

    def to_agreement(self) -> AgreementDetails:
        return AgreementDetails(
            self.number.data, self.signed_on.data, self.rooms.data, self.pledge_on.data
        )


class SettlementForm(CompanyForm):
    """The firm as it is licensed by now, and how it resides."""

    residence_kind = _choice(_("入驻方式"), ResidenceKind, default=ResidenceKind.REGISTERED)
    from_on = _day(_("入驻日期"), required=True)
    is_counted = BooleanField(
        _("计入统计归属"),
        default=True,
        description=_("企业的数据由统计归属载体统计；同一天只能有一个。"),
    )
    is_present = BooleanField(_("登记到这家已在册的企业，不另建档"))
    is_another = BooleanField(_("已核对，确认不是同一企业"))
    version = HiddenField(filters=[_number])

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
    received_on = _day(_("收件日期"))
    kept_at = _text(_("存放位置"), 120)
    note = _text(_("备注"), 200)

    def to_receipt(self, on: Any) -> Receipt:
        day = (self.received_on.data or on) if self.is_received.data else None
        return Receipt(day, self.kept_at.data or "", self.note.data or "")


class ErrandForm(FlaskForm):
    """An errand that is done, or that need not be done."""

    on = _day(_("办结日期"))
    note = _text(_("备注或不办原因"), 200)
