"""What the pages of operating figures accept."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from crm.operating.services import OperatingDetails
from crm.web.fields import count_field, text_field, version_field, wan_field


class OperatingForm(FlaskForm):
    """A firm's figures from January through a month."""

    version = version_field()
    year = count_field(_("年份"), 1990, 2100, required=_("请填写年份。"))
    through_month = count_field(
        _("1月至几月"),
        1,
        12,
        required=_("请填写月份。"),
        description=_("本年累计数，不是当月数；12 即全年。"),
    )
    revenue = wan_field(_("营业收入"))
    assets = wan_field(_("资产总额"))
    staff = count_field(_("从业人员"), 0, 10_000_000)

    def to_details(self) -> OperatingDetails:
        return OperatingDetails(
            year=self.year.data,
            through_month=self.through_month.data,
            revenue=self.revenue.data,
            assets=self.assets.data,
            staff=self.staff.data,
        )


class ReturnForm(FlaskForm):
    """Why figures go back to who entered them."""

    reason = text_field(_("退回原因"), 120, required=_("请填写原因。"))
