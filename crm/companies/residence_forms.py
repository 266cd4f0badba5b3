"""What the pages of coming and going accept. Each carries the last step that it showed, so that nobody acts on an older state."""

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField

from crm.companies.forms import ResidenceForm
from crm.companies.models import LEAVING, Company, EndReason, Residence, ResidenceKind
from crm.companies.queries import last_move
from crm.companies.residence_corrections import Correction
from crm.people.models import Unit
from crm.web.fields import (
    choice_field,
    choices_of,
    day_field,
    record_field,
    records_of,
    text_field,
    version_field,
)
from crm.web.locale import label


class StepForm(FlaskForm):
    """One step of a firm's coming and going."""

    seen = version_field()
    note = text_field(_("说明"), 200, description=_("依据或缘由，如协议、申请、会议；写入时间线。"))

    def show(self, company: Company) -> None:
        """Remember what the person is looking at."""
        last = last_move(company.id)
        self.seen.data = last.id if last else 0


class MoveInForm(StepForm, ResidenceForm):
    """A further residence."""


class ReturnForm(StepForm, ResidenceForm):
    """A residence of a firm that had left; it always counts, so nobody is asked."""


class TransferForm(StepForm):
    """To which carrier, from which day."""

    carrier = record_field(_("转往载体"))
    on = day_field(_("转入日期"), required=_("请填写转入日期。"))

    def offer(self, carriers: Sequence[Unit], company: Company) -> None:
        others = [unit for unit in carriers if unit.id != company.unit_id]
        self.carrier.choices = records_of(others, nothing=gettext("请选择"))


class IncubationForm(StepForm):
    """From which day the firm is in incubation, and under what agreement."""

    on = day_field(_("在孵开始日期"), required=_("请填写日期。"))
    agreement_number = text_field(_("孵化协议编号"), 60)
    agreement_on = day_field(_("协议签订日期"))
    rooms = text_field(_("用房"), 120)


class GraduationForm(StepForm):
    """From which day the firm is out of incubation."""

    on = day_field(
        _("毕业日期"), required=_("请填写日期。"), description=_("自这一天起不再计入在孵。")
    )
    stays_as = choice_field(
        _("毕业后的入驻方式"),
        (ResidenceKind.REGISTERED, ResidenceKind.OPERATING),
        default=ResidenceKind.REGISTERED,
        description=_("在孵本身是统计归属，毕业后以这种方式继续在园。"),
    )

    def offer(self, company: Company) -> None:
        """Ask how it stays only where 在孵 is the counted residence."""
        in_incubation = (r for r in company.residences if r.kind == ResidenceKind.INCUBATED)
        if not any(r.is_counted and r.to_on is None for r in in_incubation):
            del self.stays_as


class DepartureForm(StepForm):
    """From which day the firm is no longer in the park, and why."""

    on = day_field(
        _("离园日期"),
        required=_("请填写离园日期。"),
        description=_("自这一天起不再计入在园。"),
    )
    reason = choice_field(_("原因"), LEAVING)


class UndoForm(StepForm):
    """Why the last step is taken back."""

    note = text_field(_("撤销原因"), 200, required=_("请填写撤销原因。"))


class CorrectionForm(FlaskForm):
    """A residence as it should have been written down, with the version in which it was shown."""

    version = version_field()
    from_on = day_field(_("入驻日期"), required=_("请填写入驻日期。"))
    to_on = day_field(_("结束日期"), description=_("自这一天起不再在此。"))
    end_reason = SelectField(_("结束原因"))
    agreement_number = text_field(_("入驻协议编号"), 60)
    agreement_on = day_field(_("协议签订日期"))
    rooms = text_field(_("用房"), 120, description=_("楼栋和房号，如 A座301、302"))
    why = text_field(_("更正原因"), 200, required=_("请填写更正原因。"))

    def __init__(self, residence: Residence) -> None:
        super().__init__(obj=residence, data={"end_reason": residence.reason})
        if residence.to_on is None:
            del self.to_on, self.end_reason
            return
        offered = LEAVING if residence.reason in LEAVING else (residence.reason,)
        self.end_reason.choices = choices_of(
            (reason.value if reason else "", label(reason) if reason else "–") for reason in offered
        )

    def to_correction(self) -> Correction:
        has_ended = "to_on" in self
        reason = self.end_reason.data if has_ended else None
        return Correction(
            from_on=self.from_on.data,
            to_on=self.to_on.data if has_ended else None,
            reason=EndReason(reason) if reason else None,
            agreement_number=self.agreement_number.data or "",
            agreement_on=self.agreement_on.data,
            rooms=self.rooms.data or "",
        )
