"""What the pages of space accept: the shape only, the rules are in services."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from crm.carriers.letting import LetDetails
from crm.carriers.models import LetKind, RoomKind
from crm.carriers.pasted import LARGEST_AREA
from crm.carriers.services import BuildingDetails, RoomDetails
from crm.web.forms import PlainText, SensibleDate, clean_text
from crm.web.locale import label


class AreaField(StringField):
    """Square metres; `data` is a Decimal or None. What was typed stays as it was."""

    data: Decimal | None
    typed = ""

    def process_data(self, value: Decimal | None) -> None:
        self.data = value
        self.typed = "" if value is None else f"{value.normalize():f}"

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if self.typed:
            try:
                self.data = Decimal(self.typed.replace(",", "")).quantize(Decimal("0.01"))
            except InvalidOperation:
                raise ValueError(gettext("请填写数字，如 120.5。")) from None
            if not self.data.is_finite() or not 0 <= self.data <= LARGEST_AREA:
                raise ValueError(gettext("面积超出范围，请核对单位（㎡）。"))

    def _value(self) -> str:
        return self.typed


def _text(words: Any, longest: int, *checks: Any, **kwargs: Any) -> StringField:
    too_long = Length(max=longest, message=_("不能超过%(max)d个字符。"))
    return StringField(words, [*checks, too_long, PlainText()], [clean_text], **kwargs)


def _count(words: Any, least: int, most: int, **kwargs: Any) -> IntegerField:
    within = NumberRange(least, most, message=_("请填写 %(min)s 到 %(max)s 的整数。"))
    return IntegerField(words, [Optional(), within], **kwargs)


def _day(words: Any, *checks: Any, **kwargs: Any) -> DateField:
    return DateField(words, [*(checks or [Optional()]), SensibleDate(future=True)], **kwargs)


def _version() -> HiddenField:
    return HiddenField(filters=[lambda value: int(value) if value else None])


class BuildingForm(FlaskForm):
    """A building."""

    version = _version()
    name = _text(_("楼名"), 60, DataRequired(_("请填写楼名。")), description=_("如 A座、3号楼"))
    address = _text(_("地址"), 120)
    floors = _count(_("层数"), 1, 200)
    total_area = AreaField(_("总面积"), [Optional()], render_kw={"inputmode": "decimal"})

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

    version = _version()
    number = _text(_("房号"), 30, DataRequired(_("请填写房号。")), description=_("如 301"))
    floor = _count(_("楼层"), -9, 200)
    area = AreaField(
        _("面积"), [InputRequired(_("请填写面积。"))], render_kw={"inputmode": "decimal"}
    )
    kind = SelectField(
        _("类型"),
        choices=lambda: [(kind.value, label(kind)) for kind in RoomKind],
        coerce=RoomKind,
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

    lines = TextAreaField(
        _("房间清单"),
        [DataRequired(_("请粘贴至少一行。")), Length(max=100_000), PlainText(lines=True)],
        [clean_text],
        description=_(
            "每行一个房间：楼、房号、面积（㎡）、类型，用制表符或逗号分隔，可从表格直接复制；类型可省略，默认办公。"
        ),
        render_kw={"rows": 12, "spellcheck": "false"},
    )


class LetForm(FlaskForm):
    """Which firm gets the room, from when until when."""

    firm = _text(
        _("企业"),
        120,
        DataRequired(_("请填写企业。")),
        description=_("企业全称或统一社会信用代码；须在您的数据范围内。"),
        render_kw={"autocomplete": "off"},
    )
    kind = SelectField(
        _("方式"),
        choices=lambda: [(kind.value, label(kind)) for kind in LetKind],
        coerce=LetKind,
        default=LetKind.SPACE,
        description=_("集群注册只用地址，不占面积。"),
    )
    area = AreaField(_("面积"), [Optional()], render_kw={"inputmode": "decimal"})
    desks = _count(_("工位数"), 1, 10_000)
    from_on = _day(_("开始日期"), InputRequired(_("请填写开始日期。")))
    agreed_to_on = _day(_("合同到期日"), description=_("这一天起不再使用；未定的留空。"))
    rent_note = _text(_("租金说明"), 120)

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

    version = _version()
    on = _day(_("日期"), InputRequired(_("请填写日期。")))


class ExtensionForm(FlaskForm):
    """Until when a let goes on."""

    version = _version()
    agreed_to_on = _day(_("新的到期日"), description=_("这一天起不再使用；改为不定期的留空。"))
