"""What the pages of operating figures accept."""

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms.validators import Optional

from crm.core.attributes import MoneyUnit
from crm.core.errors import DomainError
from crm.core.money import from_wan
from crm.operating.figures import MOST_STAFF, NAMES
from crm.operating.rounds import RoundDetails
from crm.operating.services import OperatingDetails
from crm.web.fields import (
    WanField,
    choice_field,
    count_field,
    day_field,
    record_field,
    text_field,
    version_field,
    wan_field,
)
from crm.web.locale import sentence


class BalanceField(WanField):
    """An amount in 万元 that may be below zero."""

    def read(self, text: str) -> Decimal:
        try:
            return from_wan(text)
        except DomainError as error:
            raise ValueError(sentence(error)) from None


def _balance_field(words: Any, **kwargs: Any) -> BalanceField:
    return BalanceField(words, [Optional()], **kwargs)


def _year_field() -> Any:
    return count_field(_("年份"), 1990, 2100, required=_("请填写年份。"))


def _month_field(**kwargs: Any) -> Any:
    return count_field(_("1月至几月"), 1, 12, required=_("请填写月份。"), **kwargs)


class OperatingForm(FlaskForm):
    """A firm's figures from January through a month."""

    version = version_field()
    year = _year_field()
    through_month = _month_field(description=_("本年累计数，不是当月数；12 即全年。"))
    revenue = wan_field(_("营业收入"))
    assets = wan_field(_("资产总额"))
    staff = count_field(_("从业人员"), 0, MOST_STAFF)
    tech_staff = count_field(_("科技人员"), 0, MOST_STAFF)
    tax = _balance_field(_("上缴税费"), description=_("退税填负数。"))
    profit = _balance_field(_("利润总额"), description=_("亏损填负数。"))
    r_and_d = wan_field(_("研发费用"))
    high_tech_income = wan_field(_("高新收入"), description=_("高新技术产品（服务）收入。"))

    def to_details(self) -> OperatingDetails:
        figures = {name: self[name].data for name in NAMES}
        return OperatingDetails(self.year.data, self.through_month.data, **figures)


class ReturnForm(FlaskForm):
    """Why figures go back to who entered them."""

    reason = text_field(_("退回原因"), 120, required=_("请填写原因。"))


class RoundForm(FlaskForm):
    """A round to be opened; the page fills in the units."""

    unit_id = record_field(_("收集范围"))
    year = _year_field()
    through_month = _month_field()
    due_on = day_field(_("报送截止日"), required=True, future=True)
    money_unit = choice_field(_("金额单位"), (MoneyUnit.WAN, MoneyUnit.QIAN), default=MoneyUnit.WAN)

    def to_details(self) -> RoundDetails:
        return RoundDetails(
            year=self.year.data,
            through_month=self.through_month.data,
            due_on=self.due_on.data,
            money_unit=self.money_unit.data,
        )
