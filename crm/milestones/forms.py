"""What the pages of milestones and problems accept: the shape only, the rules are in services.py and problems.py."""

from collections.abc import Iterable, Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from crm.followup.forms import by_unit
from crm.milestones.models import Milestone, MilestoneKind
from crm.milestones.problems import ProblemDetails
from crm.milestones.services import MilestoneDetails
from crm.people.models import Unit, User
from crm.web.fields import (
    choice_field,
    choices_of,
    day_field,
    lines_field,
    record_field,
    records_of,
    text_field,
    version_field,
)


class NewMilestoneForm(FlaskForm):
    """What is to be reached and by when."""

    kind = choice_field(_("节点"), MilestoneKind)
    name = text_field(_("说明"), 60, description=_("“其他”须写明是什么；同类有几个时用来区分。"))
    planned_on = day_field(_("计划日期"), required=_("请填写计划日期。"), future=True)
    forecast_on = day_field(_("预计日期"), future=True, description=_("与计划不同时填写。"))

    def to_details(self) -> MilestoneDetails:
        return MilestoneDetails(
            self.kind.data,
            self.planned_on.data,
            name=self.name.data or "",
            forecast_on=self.forecast_on.data,
        )


class DatesForm(FlaskForm):
    """A milestone's three dates; a change of what was said before has its reason."""

    planned_on = day_field(_("计划日期"), required=_("请填写计划日期。"), future=True)
    forecast_on = day_field(_("预计日期"), future=True)
    done_on = day_field(_("完成日期"))
    reason = lines_field(_("变动原因"), 1000, rows=2)
    version = version_field()

    def to_details(self, milestone: Milestone) -> MilestoneDetails:
        return MilestoneDetails(
            milestone.kind,
            self.planned_on.data,
            name=milestone.name,
            forecast_on=self.forecast_on.data,
            done_on=self.done_on.data,
        )


class DropForm(FlaskForm):
    reason = lines_field(_("取消原因"), 1000, required=_("请填写原因。"), rows=2)
    version = version_field()


class ProblemForm(FlaskForm):
    """What stands in the way, who must solve it, and by when."""

    what = lines_field(_("难点"), 2000, required=_("请写明是什么难点。"))
    solver_unit = record_field(_("解决单位"))
    solver = record_field(_("解决人"), optional=True)
    due_on = day_field(_("解决时限"), required=_("请填写时限。"), future=True)
    version = version_field()

    def offer(self, units: Sequence[Unit], people: Iterable[User]) -> None:
        self.solver_unit.choices = records_of(units)
        self.solver.choices = choices_of((), nothing=gettext("（未指定）")) + by_unit(people)

    def to_details(self) -> ProblemDetails:
        return ProblemDetails(
            self.what.data or "", self.solver_unit.data, self.due_on.data, self.solver.data
        )


class EscalationForm(FlaskForm):
    asked = lines_field(_("需要领导协调什么"), 2000, required=_("请写明需要领导协调什么。"))
    version = version_field()


class SolutionForm(FlaskForm):
    solution = lines_field(_("解决情况"), 2000, required=_("请写明怎样解决的。"))
    version = version_field()
