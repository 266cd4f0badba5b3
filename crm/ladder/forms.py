"""What the pages of the ladder accept."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from crm.core.errors import DomainError
from crm.ladder.models import QualificationKind
from crm.ladder.qualifications import RULES
from crm.ladder.services import OperatingDetails, QualificationDetails
from crm.web.forms import PlainText, SensibleDate, WanField, clean_text
from crm.web.locale import label, sentence


def _text(name: Any, longest: int, *more: Any, help: Any = "") -> StringField:
    validators = [*more, Length(max=longest), PlainText()]
    return StringField(name, validators, filters=[clean_text], description=help)


_NOT_A_DAY = _("请填写日期，如 2020-09-30。")
_NOT_A_NUMBER = _("请填写整数。")


class QualificationForm(FlaskForm):
    """One proof; which fields there are and what they are called follows from its kind."""

    kind = HiddenField()
    number = _text(_("编号"), 60)
    issued_on = DateField(
        _("日期"),
        [InputRequired(_("请填写日期。")), SensibleDate()],
        invalid_value_message=_NOT_A_DAY,
    )
    valid_to = DateField(
        _("有效期止"),
        [Optional(), SensibleDate(future=True)],
        description=_("证书上印有截止日期时填写。"),
        invalid_value_message=_NOT_A_DAY,
    )
    authority = _text(_("发证机关"), 80)
    board = SelectField(_("市场板块"))
    name_on_it = _text(
        _("证书上的企业名称"), 120, help=_("与现用名称不同时填写；更名不影响有效期。")
    )
    batch = _text(_("批次"), 60)
    is_renewal = BooleanField(_("重新认定"))
    is_moved_in = BooleanField(_("整体迁移带入（计入保有量，不计入当年新认定）"))
    source = _text(_("依据来源"), 120, help=_("如公示文件名称、文号。"))

    def __init__(self, kind: QualificationKind, **values: Any) -> None:
        super().__init__(**values)
        self.rule = rule = RULES[kind]
        self.kind.data = kind.value
        self.number.label.text = label(rule.number_label)
        self.issued_on.label.text = label(rule.issued_label)
        self.number.flags.required = rule.is_number_required
        if not rule.has_valid_to:
            del self.valid_to, self.is_renewal
        if rule.boards:
            del self.authority, self.batch
            self.board.choices = [(board.value, label(board)) for board in rule.boards]
            self.board.flags.required = True
        else:
            del self.board

    def to_details(self) -> QualificationDetails:
        return QualificationDetails(
            kind=QualificationKind(self.kind.data),
            number=self.number.data,
            issued_on=self.issued_on.data,
            valid_to=self.valid_to.data if self.valid_to else None,
            authority=self.board.data if self.board else self.authority.data,
            name_on_it=self.name_on_it.data,
            batch=self.batch.data if self.batch else "",
            is_renewal=bool(self.is_renewal and self.is_renewal.data),
            is_moved_in=self.is_moved_in.data,
            source=self.source.data,
        )


class RevocationForm(FlaskForm):
    """The end of a proof before its time."""

    on = DateField(
        _("终止日期"),
        [InputRequired(_("请填写日期。")), SensibleDate()],
        invalid_value_message=_NOT_A_DAY,
    )
    reason = _text(_("原因"), 120, DataRequired(_("请填写原因。")))


class OperatingForm(FlaskForm):
    """A firm's figures from January through a month."""

    version = HiddenField()
    year = IntegerField(
        _("年份"),
        [InputRequired(_("请填写年份。")), NumberRange(1990, 2100)],
        invalid_value_message=_NOT_A_NUMBER,
    )
    through_month = IntegerField(
        _("1月至几月"),
        [InputRequired(_("请填写月份。")), NumberRange(1, 12)],
        description=_("本年累计数，不是当月数；12 即全年。"),
        invalid_value_message=_NOT_A_NUMBER,
    )
    revenue = WanField(_("营业收入"), render_kw={"inputmode": "decimal"})
    assets = WanField(_("资产总额"), render_kw={"inputmode": "decimal"})
    staff = IntegerField(
        _("从业人员"),
        [Optional()],
        invalid_value_message=_NOT_A_NUMBER,
        render_kw={"inputmode": "numeric"},
    )

    def to_details(self) -> OperatingDetails:
        return OperatingDetails(
            year=self.year.data,
            through_month=self.through_month.data,
            revenue=self.revenue.data,
            assets=self.assets.data,
            staff=self.staff.data,
        )

    @property
    def seen_version(self) -> int | None:
        text = self.version.data or ""
        return int(text) if text.isdecimal() and len(text) < 10 else None


class ReturnForm(FlaskForm):
    """Why figures go back to who entered them."""

    reason = _text(_("退回原因"), 120, DataRequired(_("请填写原因。")))


def blame(form: FlaskForm, error: DomainError) -> None:
    """Put a refusal beside the field that can be mended, else at the top of the form."""
    name = "board" if error.field == "authority" and "board" in form else error.field
    if name and name in form:
        form[name].errors = [sentence(error)]
    else:
        form.form_errors.append(sentence(error))
