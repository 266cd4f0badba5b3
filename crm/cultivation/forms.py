"""What the pages of the library accept."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from crm.core.db import session
from crm.cultivation.models import Result
from crm.cultivation.services import CultivationDetails
from crm.followup.forms import by_unit
from crm.followup.handlers import leaders
from crm.ladder.history import COUNTED
from crm.ladder.rungs import Rung
from crm.people.models import User
from crm.people.queries import staff
from crm.people.scope import Scope
from crm.web.fields import (
    choice_field,
    choices_of,
    count_field,
    day_field,
    lines_field,
    record_field,
    text_field,
    version_field,
)


class CultivationForm(FlaskForm):
    """A firm's target and who looks after it."""

    target_rung = choice_field(_("目标层级"), COUNTED)
    target_year = count_field(_("目标年份"), 2000, 2100, required=True)
    entered_on = day_field(_("入库日期"), required=True)
    leader = record_field(_("挂钩领导"), optional=True)
    officer = record_field(_("服务专员"), optional=True)
    measures = lines_field(_("培育措施"))
    version = version_field()

    def __init__(self, leaders: Iterable[User], officers: Iterable[User], **values: Any) -> None:
        super().__init__(**values)
        self.leader.choices = _people(leaders)
        self.officer.choices = _people(officers)

    def to_details(
        self, target_rung: Rung | None = None, entered_on: date | None = None
    ) -> CultivationDetails:
        """What was typed; a plan that is changed keeps its rung and its first day."""
        return CultivationDetails(
            target_rung=target_rung or self.target_rung.data,
            target_year=self.target_year.data,
            entered_on=entered_on or self.entered_on.data,
            leader_id=self.leader.data,
            officer_id=self.officer.data,
            measures=self.measures.data or "",
        )


class ClosingForm(FlaskForm):
    """The way out of the library."""

    on = day_field(_("出库日期"), required=True)
    result = choice_field(_("结果"), Result)
    note = text_field(_("说明"), 200)
    version = version_field()


def plan_form(scope: Scope, **values: Any) -> CultivationForm:
    """The form with the park's leaders, and the people of the writer's scope as officers."""
    return CultivationForm(leaders(), session.scalars(staff(scope)).all(), **values)


def _people(people: Iterable[User]) -> Any:
    return choices_of((), nothing=gettext("（未定）")) + by_unit(people)
