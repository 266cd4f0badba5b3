"""What the pages about money accept: the shape only, the rules are in services. Amounts are typed in 万 of a currency."""

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, MonthField
from wtforms.validators import InputRequired, ValidationError

from crm.core.money import Currency
from crm.investments.models import FundSource
from crm.investments.rates import FOREIGN
from crm.investments.services import PaymentDetails, PlanDetails, WorksDetails
from crm.projects.models import Figure
from crm.web.fields import (
    choice_field,
    count_field,
    day_field,
    hundredths_field,
    text_field,
    version_field,
    wan_field,
)


class ValuationForm(FlaskForm):
    """What the expected or the agreed investment is from a day on; no amount takes it back."""

    version = version_field(id="valuation-version")
    figure = choice_field(_("口径"), Figure, id="valuation-figure")
    amount = wan_field(_("金额"), id="valuation-amount", description=_("留空表示撤回这个数。"))
    valid_from = day_field(_("自哪天起"), required=True, id="valuation-from")
    note = text_field(_("依据或变动原因"), 200, id="valuation-note")


class PaymentForm(FlaskForm):
    """Money that arrived."""

    paid_on = day_field(_("到账日期"), required=True, id="payment-on")
    amount = wan_field(_("到账金额"), required=True, id="payment-amount")
    currency = choice_field(_("币种"), Currency, default=Currency.CNY, id="payment-currency")
    source = choice_field(_("资金来源"), FundSource, id="payment-source")
    voucher = text_field(_("凭证号"), 80, required=True, id="payment-voucher")

    def to_details(self) -> PaymentDetails:
        assert self.amount.data is not None
        return PaymentDetails(
            self.paid_on.data,
            self.amount.data,
            self.currency.data,
            self.source.data,
            self.voucher.data,
        )


class PlanForm(FlaskForm):
    """A year's planned investment, by quarter where it is known."""

    version = version_field(id="plan-version")
    year = count_field(_("年份"), 2000, 2199, required=True, id="plan-year")
    amount = wan_field(_("全年计划"), required=True, id="plan-amount")
    through_q1 = wan_field(_("至一季度末"), id="plan-q1")
    through_q2 = wan_field(_("至二季度末"), id="plan-q2")
    through_q3 = wan_field(_("至三季度末"), id="plan-q3")

    def to_details(self) -> PlanDetails:
        assert self.amount.data is not None
        return PlanDetails(
            self.year.data,
            self.amount.data,
            self.through_q1.data,
            self.through_q2.data,
            self.through_q3.data,
        )


class WorksForm(FlaskForm):
    """完成投资 of the year through a month."""

    version = version_field(id="works-version")
    month = MonthField(
        _("月份"),
        [InputRequired(_("请填写月份。"))],
        invalid_value_message=_("请填写月份，如 2020-09。"),
        id="works-month",
    )
    completed = wan_field(_("本年累计完成"), required=True, id="works-completed")
    note = text_field(_("说明"), 200, id="works-note")
    is_confirmed = BooleanField(_("累计确实下降，已核对"), id="works-confirmed")

    def validate_month(self, field: Any) -> None:
        if field.data and not date(2000, 1, 1) <= field.data <= date(2199, 12, 1):
            raise ValidationError(gettext("年份不合理，请核对。"))

    def to_details(self) -> WorksDetails:
        assert self.completed.data is not None
        return WorksDetails(self.month.data, self.completed.data, self.note.data)


class RateForm(FlaskForm):
    """What 100 units of a currency are worth in yuan from a day on."""

    currency = choice_field(_("币种"), FOREIGN)
    valid_from = day_field(_("生效日期"), required=True)
    per_hundred = hundredths_field(_("100单位外币折合人民币（元）"), 1_000_000, required=True)
    source = text_field(_("来源"), 80, required=True)
