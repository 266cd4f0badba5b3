"""What the pages of proofs accept."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, MonthField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from crm.core.db import session
from crm.ladder import labels
from crm.ladder.models import (
    Level,
    Qualification,
    QualificationKind,
    QualificationLabel,
    Specialty,
)
from crm.ladder.qualifications import RULES
from crm.ladder.services import QualificationDetails
from crm.web.fields import (
    choice_field,
    choices_of,
    day_field,
    members_of,
    record_field,
    records_of,
    text_field,
    version_field,
)
from crm.web.forms import SensibleDate
from crm.web.locale import label


def kind_choices(
    kinds: Iterable[QualificationKind], kept: QualificationLabel | None = None, *, nothing: str = ""
) -> list[SelectChoice]:
    """Kinds to choose from, each label that is offered under its own name; `kept` stays even where it is retired."""
    offered = {one.id: one for one in session.scalars(labels.offered())}
    if kept:
        offered[kept.id] = kept
    named = [kind for kind in kinds if kind is not QualificationKind.LABEL]
    words = [(kind.value, label(kind)) for kind in named]
    words += [(kind_value(QualificationKind.LABEL, one.id), one.name) for one in offered.values()]
    return choices_of(words, nothing=nothing)


def kind_value(kind: QualificationKind | None, label_id: int | None) -> str:
    return f"label-{label_id}" if label_id else kind.value if kind else ""


def chosen_kind(value: str) -> tuple[QualificationKind, int | None]:
    """What was chosen: the kind, and of a label its number."""
    kind, _dash, number = value.partition("-")
    return QualificationKind(kind), int(number) if number else None


class QualificationForm(FlaskForm):
    """One proof; which fields there are and what they are called follows from its kind."""

    version = version_field()
    kind = HiddenField()
    label_id = record_field(_("资质种类"))
    number = text_field(_("编号"), 60)
    issued_on = day_field(_("日期"), required=True)
    valid_to = day_field(_("有效期止"), future=True, description=_("证书上印有截止日期时填写。"))
    announced_on = day_field(_("公示日期"), description=_("只作记录，不作为统计日期。"))
    received_on = day_field(_("领证日期"), description=_("只作记录，不作为统计日期。"))
    reports_from_on = MonthField(
        _("起报月"),
        [Optional(), SensibleDate(future=True)],
        description=_(
            "统计部门批准后首次报表的月份，如 2020-09；口径按起报月计时，自当月1日起计。"
        ),
    )
    specialty = choice_field(_("专业"), Specialty, optional=True)
    authority = text_field(_("发证机关"), 80)
    level = choice_field(_("级别"), Level, optional=True)
    board = SelectField(_("市场板块"))
    name_on_it = text_field(
        _("证书上的企业名称"), 120, description=_("与现用名称不同时填写；更名不影响有效期。")
    )
    batch = text_field(_("批次"), 60)
    is_renewal = BooleanField(_("重新认定"))
    is_moved_in = BooleanField(_("整体迁移带入（计入保有量，不计入当年新认定）"))
    source = text_field(
        _("依据来源"), 120, description=_("如公示文件名称、文号；同一来源的证明可一次核验。")
    )

    def __init__(self, kind: QualificationKind, **values: Any) -> None:
        super().__init__(**values)
        self.rule = rule = RULES[kind]
        self.kind.data = kind.value
        self.number.label.text = label(rule.number_label)
        self.issued_on.label.text = label(rule.issued_label)
        self.number.flags.required = rule.is_number_required
        if kind == QualificationKind.LABEL:
            offered = session.scalars(labels.offered()).all()
            self.label_id.choices = records_of(offered, nothing=gettext("请选择"))
            self.label_id.flags.required = True
        else:
            del self.label_id
        if kind != QualificationKind.HIGH_TECH:
            del self.is_renewal
        if not rule.has_valid_to:
            del self.valid_to
        self.received_on.label.text = label(rule.received_label)
        if rule.has_reporting:
            self.received_on.description = gettext("口径按入库日期计时，自这一天起计。")
        else:
            del self.reports_from_on, self.specialty
        if rule.boards:
            del self.authority, self.batch, self.level
            self.board.choices = members_of(rule.boards)
            self.board.flags.required = True
        else:
            del self.board

    @classmethod
    def of(cls, proof: Qualification) -> "QualificationForm":
        """As it stands, to be corrected; a label that is retired since stays chosen."""
        form = cls(proof.kind, obj=proof, board=proof.authority)
        if proof.label and form.label_id and proof.label.archived_at:
            form.label_id.choices += records_of([proof.label], nothing="")
        return form

    def to_details(self) -> QualificationDetails:
        return QualificationDetails(
            kind=QualificationKind(self.kind.data),
            label_id=self.label_id.data if self.label_id else None,
            number=self.number.data,
            issued_on=self.issued_on.data,
            announced_on=self.announced_on.data,
            received_on=self.received_on.data,
            valid_to=self.valid_to.data if self.valid_to else None,
            reports_from_on=self.reports_from_on.data if self.reports_from_on else None,
            specialty=self.specialty.data if self.specialty else None,
            authority=self.board.data if self.board else self.authority.data,
            level=self.level.data if self.level else None,
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
    source = text_field(_("依据来源"), 120, description=_("如取消资格公告、退库名单的名称或文号。"))


class RenewalForm(FlaskForm):
    """When the renewal of a certificate was applied for."""

    version = version_field()
    on = day_field(
        _("申报日期"), description=_("证书到期当年向科技部门申报重新认定的日期；留空表示未申报。")
    )


class ReturnForm(FlaskForm):
    """Why a proof goes back to who recorded it."""

    version = version_field()
    reason = text_field(_("原因"), 200, required=_("请填写原因。"))
