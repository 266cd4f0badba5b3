"""What the pages of targets accept."""

from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import normalize

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.widgets import HiddenInput

from crm.targets.services import ReportDetails
from crm.web.forms import PlainText, SensibleDate, clean_text


class FigureField(StringField):
    """A figure as people type it (1,900 or ２.8); `data` is a Decimal or None. What was typed stays as it was."""

    data: Decimal | None
    typed = ""

    def process_data(self, value: Decimal | None) -> None:
        self.data = value
        self.typed = "" if value is None else f"{value:f}"

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if self.typed:
            try:
                self.data = Decimal(normalize("NFKC", self.typed).replace(",", ""))
            except InvalidOperation:
                raise ValueError(_("请填写数字，如 1900 或 2.8。")) from None
            if not self.data.is_finite():
                raise ValueError(_("请填写数字，如 1900 或 2.8。"))

    def _value(self) -> str:
        return self.typed


def _day(words: Any) -> DateField:
    return DateField(words, [InputRequired(_("请选择日期。")), SensibleDate()])


def _note(words: Any) -> TextAreaField:
    checks = [DataRequired(_("请写明数据来源和依据。")), Length(max=2000), PlainText(lines=True)]
    return TextAreaField(words, checks, [clean_text], render_kw={"rows": 3})


class ReportForm(FlaskForm):
    """A figure by hand: the year's cumulative value, or the stock, as of a day."""

    as_of_on = _day(_("截至日期"))
    value = FigureField(
        _("累计完成数"),
        [InputRequired(_("请填写完成数。"))],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    note = _note(_("数据来源和依据"))

    def to_details(self) -> ReportDetails:
        return ReportDetails(self.as_of_on.data, self.value.data or Decimal(0), self.note.data)


class MilestoneForm(FlaskForm):
    """That a milestone was reached, and when."""

    as_of_on = _day(_("完成日期"))
    note = _note(_("完成情况和依据"))

    def to_details(self) -> ReportDetails:
        return ReportDetails(self.as_of_on.data, Decimal(1), self.note.data)


class ReviewForm(FlaskForm):
    """A signature or a verification of the very version that was on the screen; `back` is the page to return to."""

    version = IntegerField(validators=[NumberRange(1)], widget=HiddenInput())
    back = HiddenField()


class SendBackForm(ReviewForm):
    reason = StringField(
        _("退回原因"),
        [DataRequired(_("请写明退回原因。")), Length(max=500), PlainText()],
        [clean_text],
    )
