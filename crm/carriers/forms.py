"""What the pages of space accept: the shape only, the rules are in services."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms.validators import InputRequired, Optional

from crm.carriers.letting import LetDetails
from crm.carriers.models import LetKind, RoomKind
from crm.carriers.pasted import LARGEST_AREA
from crm.carriers.services import BuildingDetails, RoomDetails
from crm.web.fields import (
    NumberAsTyped,
    choice_field,
    count_field,
    day_field,
    lines_field,
    text_field,
    version_field,
)


class AreaField(NumberAsTyped):
    """Square metres."""

    def read(self, text: str) -> Decimal:
        try:
            area = Decimal(text.replace(",", "")).quantize(Decimal("0.01"))
        except InvalidOperation:
            raise ValueError(gettext("请填写数字，如 120.5。")) from None
        if not area.is_finite() or not 0 <= area <= LARGEST_AREA:
            raise ValueError(gettext("面积超出范围，请核对单位（㎡）。"))
        return area

    def show(self, value: Decimal) -> str:
        return f"{value.normalize():f}"


def _area(words: Any, check: Any = None) -> AreaField:
    return AreaField(words, [check or Optional()], render_kw={"inputmode": "decimal"})


class BuildingForm(FlaskForm):
    """A building."""

    version = version_field()
    name = text_field(_("楼名"), 60, required=_("请填写楼名。"), description=_("如 A座、3号楼"))
    address = text_field(_("地址"), 120)
    floors = count_field(_("层数"), 1, 200)
    total_area = _area(_("总面积"))

    def to_details(self, carrier_id: int) -> BuildingDetails:
        return BuildingDetails(
            carrier_id=carrier_id,
            name=self.name.data or "",
            address=self.address.data or "",
            floors=self.floors.data,
            total_area=self.total_area.data,
        )


class RoomForm(FlaskForm):
    """A room."""

    version = version_field()
    number = text_field(_("房号"), 30, required=_("请填写房号。"), description=_("如 301"))
    floor = count_field(_("楼层"), -9, 200)
    area = _area(_("面积"), InputRequired(_("请填写面积。")))
    kind = choice_field(
        _("类型"),
        RoomKind,
        default=RoomKind.OFFICE,
    )

    def to_details(self) -> RoomDetails:
        return RoomDetails(
            number=self.number.data or "",
            area=self.area.data or Decimal(0),
            kind=self.kind.data,
            floor=self.floor.data,
        )


class RoomListForm(FlaskForm):
    """Rooms as pasted lines."""

    lines = lines_field(
        _("房间清单"),
        100_000,
        required=_("请粘贴至少一行。"),
        rows=12,
        description=_(
            "每行一个房间：楼、房号、面积（㎡）、类型，用制表符或逗号分隔，可从表格直接复制；类型可省略，默认办公。"
        ),
        render_kw={"spellcheck": "false"},
    )


class LetForm(FlaskForm):
    """Which firm gets the room, from when until when."""

    firm = text_field(
        _("企业"),
        120,
        required=_("请填写企业。"),
        description=_("企业全称或统一社会信用代码；须在您的数据范围内。"),
        render_kw={"autocomplete": "off"},
    )
    kind = choice_field(
        _("方式"),
        LetKind,
        default=LetKind.SPACE,
        description=_("集群注册只用地址，不占面积。"),
    )
    area = _area(_("面积"))
    desks = count_field(_("工位数"), 1, 10_000)
    from_on = day_field(_("开始日期"), required=_("请填写开始日期。"), future=True)
    agreed_to_on = day_field(
        _("合同到期日"), description=_("这一天起不再使用；未定的留空。"), future=True
    )
    rent_note = text_field(_("租金说明"), 120)

    def to_details(self, company_id: int) -> LetDetails:
        return LetDetails(
            company_id=company_id,
            from_on=self.from_on.data,
            agreed_to_on=self.agreed_to_on.data,
            kind=self.kind.data,
            area=self.area.data or Decimal(0),
            desks=self.desks.data,
            rent_note=self.rent_note.data or "",
        )


class DayForm(FlaskForm):
    """On which day: a room closes, a let ends."""

    version = version_field()
    on = day_field(_("日期"), required=_("请填写日期。"), future=True)


class ExtensionForm(FlaskForm):
    """Until when a let goes on."""

    version = version_field()
    agreed_to_on = day_field(
        _("新的到期日"), description=_("这一天起不再使用；改为不定期的留空。"), future=True
    )
