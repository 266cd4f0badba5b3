"""What the pages of moves accept: the shape only, the rules are in crm.projects.services."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField

from crm.projects.models import Stage
from crm.web.fields import day_field, lines_field, radio_field, version_field


class MoveForm(FlaskForm):
    """Where to, from which day, and why."""

    to_stage = radio_field(_("移到"), Stage, required=_("请选择要移到的阶段。"))
    effective_on = day_field(_("生效日期"))
    reason = lines_field(_("原因"), 1000, rows=2)
    waive = BooleanField(_("放行：缺项先行移动，稍后补齐"))
    version = version_field()
