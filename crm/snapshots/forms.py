"""What the pages of snapshots accept, beside the grid."""

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField

from crm.snapshots.models import Snapshot
from crm.web.fields import choices_of, day_field, number, text_field, version_field


class TakeForm(FlaskForm):
    """A new snapshot of a year's plan."""

    as_of = day_field(_("截至日期"), required=True)
    title = text_field(_("标题"), 80, required=True, description=_("如 9月份指标通报。"))
    replaces_id = SelectField(
        _("更正哪一份"),
        coerce=number,
        description=_("已审定的快照不再改动；数据有更正时另做一份，写明更正哪一份。"),
    )

    def offer(self, standing: Sequence[Snapshot]) -> "TakeForm":
        """Those that can be corrected."""
        self.replaces_id.choices = choices_of(
            ((one.id, f"{one.title}（{one.as_of.isoformat()}）") for one in standing),
            nothing=gettext("（不是更正）"),
        )
        return self


class StepForm(FlaskForm):
    """A step taken with the very version that was on the screen."""

    version = version_field()


class SendBackForm(StepForm):
    reason = text_field(_("退回原因"), 500, required=_("请写明退回原因。"))
