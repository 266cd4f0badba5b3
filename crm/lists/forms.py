"""What a person gives a saved view."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import DataRequired, Length

from crm.lists.models import SavedView
from crm.lists.services import LONGEST_NAME, ViewDetails
from crm.web.forms import PlainText, clean_text


def _number(value: Any) -> int | None:
    return int(value) if value else None


class ViewForm(FlaskForm):
    """A view's name and to whom it belongs. `state` is what it shows, as a query string."""

    name = StringField(
        _("视图名称"),
        [
            DataRequired(_("请填写视图名称。")),
            Length(max=LONGEST_NAME, message=_("不能超过%(max)d个字符。")),
            PlainText(),
        ],
        [clean_text],
        render_kw={"autocomplete": "off"},
    )
    is_default = BooleanField(_("设为我的默认视图"), description=_("打开列表时先显示它。"))
    is_shared = BooleanField(
        _("共享给所有同事"),
        description=_("各人只看到自己数据范围内的记录；修改和删除仍由您进行。"),
    )
    state = HiddenField()
    version = HiddenField(filters=[_number])

    def to_details(self) -> ViewDetails:
        return ViewDetails(
            name=self.name.data or "",
            state=self.state.data or "",
            is_shared=self.is_shared.data,
            is_default=self.is_default.data,
        )

    @classmethod
    def of(cls, view: SavedView, state: str | None = None) -> "ViewForm":
        """Filled from a view; `state` is what it is to show from now on."""
        form = cls(obj=view)
        if state is not None and not form.is_submitted():
            form.state.data = state
        return form
