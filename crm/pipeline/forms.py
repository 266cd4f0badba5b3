"""What the pages of moves accept: the shape only, the rules are in crm.projects."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField

from crm.core import clock
from crm.projects.models import LossReason, Stage, StageChange
from crm.web.fields import choice_field, day_field, lines_field, radio_field, version_field


class MoveForm(FlaskForm):
    """Where to, from which day, and why."""

    to_stage = radio_field(_("移到"), Stage, required=_("请选择要移到的阶段。"))
    effective_on = day_field(_("生效日期"))
    loss_reason = choice_field(_("流失或终止的原因类别"), LossReason, optional=True)
    reason = lines_field(_("原因"), 1000, rows=2)
    insert = BooleanField(_("按日期插入：补记漏记的变更，之后的步骤重新衔接"))
    waive = BooleanField(_("放行：缺项先行移动，稍后补齐"))
    version = version_field()

    def asked(self) -> dict[str, Any]:
        """As the move services take it; a sort of loss that was chosen before another stage is not meant."""
        is_loss = self.to_stage.data is Stage.LOST
        return {
            "to_stage": self.to_stage.data,
            "on": self.effective_on.data or clock.today(),
            "reason": self.reason.data,
            "loss_reason": self.loss_reason.data if is_loss else None,
            "insert": self.insert.data,
            "waive": self.waive.data,
        }


class CorrectionForm(FlaskForm):
    """What a step should have said, and why it did not."""

    to_stage = choice_field(_("阶段"), Stage)
    effective_on = day_field(_("生效日期"), required=True)
    loss_reason = choice_field(_("流失或终止的原因类别"), LossReason, optional=True)
    waive = BooleanField(_("放行：缺项先行移动，稍后补齐"))
    reason = lines_field(_("更正原因"), 1000, required=True, rows=2)
    version = version_field()

    @classmethod
    def of(cls, step: StageChange) -> "CorrectionForm":
        return cls(formdata=None, obj=step, version=step.project.version)


class WithdrawalForm(FlaskForm):
    """Why a step is taken back."""

    reason = lines_field(_("撤回原因"), 1000, required=True, rows=2)
    version = version_field()
