"""What a person gives a saved view."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from crm.lists.models import SavedView
from crm.lists.services import LONGEST_NAME, ViewDetails
from crm.web.fields import text_field, version_field


class ViewForm(FlaskForm):
    """A view's name and to whom it belongs. `state` is what it shows, as a query string."""

    name = text_field(
        _("视图名称"),
        LONGEST_NAME,
        required=_("请填写视图名称。"),
        render_kw={"autocomplete": "off"},
    )
    is_default = BooleanField(_("设为我的默认视图"), description=_("打开列表时先显示它。"))
    is_shared = BooleanField(
        _("共享给所有同事"),
        description=_("各人只看到自己数据范围内的记录；修改和删除仍由您进行。"),
    )
    state = HiddenField()
    version = version_field()

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
