"""What a report is asked for: as of when, compared with when, for which unit."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import MonthField, SelectField
from wtforms.validators import DataRequired

from crm.core import clock
from crm.web.fields import day_field
from crm.web.forms import SensibleDate


class PeriodForm(FlaskForm):
    """Read from the address of a page (GET), and again when its file is asked for."""

    class Meta:
        csrf = False  # a GET needs none; for what is posted the application checks the token itself

    as_of = day_field(_("统计截止"), default=clock.today)
    since = day_field(_("对比日期"), description=_("不填则为上月末"))
    # any code passes here: one that is unknown or outside the reader's scope is 404, not a hint
    unit = SelectField(_("统计范围"), default="", validate_choice=False)


class MonthForm(FlaskForm):
    """Which month's report, and for which unit."""

    class Meta:
        csrf = False

    month = MonthField(
        _("月份"),
        [DataRequired(_("请填写月份，如 2020-09。")), SensibleDate()],
        default=lambda: clock.today().replace(day=1),
    )
    unit = SelectField(_("统计范围"), default="", validate_choice=False)
