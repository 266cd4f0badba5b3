"""What the pages of targets accept."""

from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import normalize

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from crm.targets.services import ReportDetails
from crm.web.fields import NumberAsTyped, day_field, lines_field, text_field

_TYPED = {"inputmode": "decimal", "autocomplete": "off"}


class FigureField(NumberAsTyped):
    """A figure in the unit of its indicator, typed like 1,900 or ２.8."""

    def read(self, text: str) -> Decimal:
        try:
            figure = Decimal(normalize("NFKC", text).replace(",", ""))
        except InvalidOperation:
            raise ValueError(_("请填写数字，如 1900 或 2.8。")) from None
        if not figure.is_finite():
            raise ValueError(_("请填写数字，如 1900 或 2.8。"))
        return figure


def _day(words: Any) -> DateField:
    return day_field(words, required=_("请选择日期。"))


def _note(words: Any) -> TextAreaField:
    return lines_field(words, 2000, required=_("请写明数据来源和依据。"))


class ReportForm(FlaskForm):
    """A figure by hand: the year's cumulative value, or the stock, as of a day."""

    as_of_on = _day(_("截至日期"))
    value = FigureField(
        _("累计完成数"),
        [InputRequired(_("请填写完成数。"))],
        render_kw=_TYPED,
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


class LevelsForm(FlaskForm):
    """The floor and the stretch beside a target; an empty one is taken away."""

    version = IntegerField(validators=[NumberRange(1)], widget=HiddenInput())
    floor = FigureField(_("底线"), [Optional()], render_kw=_TYPED)
    stretch = FigureField(_("冲刺"), [Optional()], render_kw=_TYPED)


class ReviewForm(FlaskForm):
    """A signature or a verification of the very version that was on the screen; `back` is the page to return to."""

    version = IntegerField(validators=[NumberRange(1)], widget=HiddenInput())
    back = HiddenField()


class SendBackForm(ReviewForm):
    reason = text_field(_("退回原因"), 500, required=_("请写明退回原因。"))
