"""What the pages of readiness accept."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from crm.web.fields import (
    day_field,
    either_field,
    record_field,
    text_field,
    version_field,
)


class TakeForm(FlaskForm):
    """A suggestion that becomes a task."""

    version = version_field()
    what = text_field(_("要做什么"), 200, required=_("请填写要做什么。"))
    owner = record_field(_("办理人"))
    due_on = day_field(_("时限"), required=_("请填写时限。"), future=True)


class PostponeForm(FlaskForm):
    """Another day."""

    version = version_field()
    until_on = day_field(_("推迟到"), required=True, future=True)
    reason = text_field(_("原因"), 200, required=_("请填写原因。"))


class DismissForm(FlaskForm):
    """Not this year."""

    version = version_field()
    reason = text_field(_("原因"), 200, required=_("请填写原因。"))


class TickForm(FlaskForm):
    """What a person says of one criterion."""

    version = version_field()
    is_met = either_field(
        _("这项条件"), {"yes": _("满足"), "no": _("不满足"), "none": _("撤回，恢复为缺数据")}
    )
    note = text_field(
        _("依据"),
        200,
        required=_("请写明依据。"),
        description=_("如证书编号、文件名称、谁核实的。"),
    )
