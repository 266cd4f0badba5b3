"""What the pages of the ladder accept."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField

from crm.ladder.models import QualificationKind
from crm.ladder.qualifications import RULES
from crm.ladder.services import QualificationDetails
from crm.web.fields import (
    day_field,
    members_of,
    text_field,
)
from crm.web.locale import label


class QualificationForm(FlaskForm):
    """One proof; which fields there are and what they are called follows from its kind."""

    kind = HiddenField()
    number = text_field(_("编号"), 60)
    issued_on = day_field(_("日期"), required=True)
    valid_to = day_field(_("有效期止"), future=True, description=_("证书上印有截止日期时填写。"))
    authority = text_field(_("发证机关"), 80)
    board = SelectField(_("市场板块"))
    name_on_it = text_field(
        _("证书上的企业名称"), 120, description=_("与现用名称不同时填写；更名不影响有效期。")
    )
    batch = text_field(_("批次"), 60)
    is_renewal = BooleanField(_("重新认定"))
    is_moved_in = BooleanField(_("整体迁移带入（计入保有量，不计入当年新认定）"))
    source = text_field(_("依据来源"), 120, description=_("如公示文件名称、文号。"))

    def __init__(self, kind: QualificationKind, **values: Any) -> None:
        super().__init__(**values)
        self.rule = rule = RULES[kind]
        self.kind.data = kind.value
        self.number.label.text = label(rule.number_label)
        self.issued_on.label.text = label(rule.issued_label)
        self.number.flags.required = rule.is_number_required
        if not rule.has_valid_to:
            del self.valid_to, self.is_renewal
        if rule.boards:
            del self.authority, self.batch
            self.board.choices = members_of(rule.boards)
            self.board.flags.required = True
        else:
            del self.board

    def to_details(self) -> QualificationDetails:
        return QualificationDetails(
            kind=QualificationKind(self.kind.data),
            number=self.number.data,
            issued_on=self.issued_on.data,
            valid_to=self.valid_to.data if self.valid_to else None,
            authority=self.board.data if self.board else self.authority.data,
            name_on_it=self.name_on_it.data,
            batch=self.batch.data if self.batch else "",
            is_renewal=bool(self.is_renewal and self.is_renewal.data),
            is_moved_in=self.is_moved_in.data,
            source=self.source.data,
        )


class RevocationForm(FlaskForm):
    """The end of a proof before its time."""

    on = day_field(_("终止日期"), required=True)
    reason = text_field(_("原因"), 120, required=_("请填写原因。"))
