"""What the pages of follow-up accept: the shape only, the rules are in the services."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField
from wtforms.fields.choices import SelectChoice

from crm.followup.instructions import InstructionDetails
from crm.followup.models import ActivityKind, RequestCategory
from crm.followup.requests import RequestDetails
from crm.followup.services import ActivityDetails
from crm.people.models import User
from crm.web.fields import (
    choice_field,
    day_field,
    either_field,
    grouped_choices_of,
    lines_field,
    record_field,
    text_field,
    version_field,
)


def by_unit(people: Iterable[User]) -> list[SelectChoice]:
    """People to choose from, under the names of their units."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for person in people:
        groups.setdefault(person.unit.name, []).append((person.id, person.name))
    return grouped_choices_of(groups)


class ActivityForm(FlaskForm):
    """One activity and, when there is one, the next step with its day."""

    kind = choice_field(_("方式"), ActivityKind, default=ActivityKind.VISIT)
    happened_on = day_field(_("日期"), required=_("请填写日期。"))
    summary = lines_field(_("内容"), required=_("请填写内容。"))
    people_met = text_field(_("会见人员"), 120)
    companions = text_field(_("同行人员"), 120)
    next_what = text_field(_("下一步"), 200)
    next_on = day_field(_("下一步时限"), future=True)
    version = version_field()

    def validate(self, extra_validators: Any = None) -> bool:
        """A next step has a day, and a day a next step."""
        is_valid = super().validate(extra_validators)
        if self.next_what.data and not self.next_on.data and not self.next_on.errors:
            self.next_on.errors = [gettext("请填写下一步的时限。")]
        if self.next_on.data and not self.next_what.data:
            self.next_what.errors = [gettext("请填写下一步做什么。")]
        return is_valid and not (self.next_on.errors or self.next_what.errors)

    def to_details(self) -> ActivityDetails:
        return ActivityDetails(
            kind=self.kind.data,
            happened_on=self.happened_on.data,
            summary=self.summary.data or "",
            people_met=self.people_met.data or "",
            companions=self.companions.data or "",
        )


class TaskForm(FlaskForm):
    """A task by itself, or about the record it was begun from."""

    what = text_field(_("要做什么"), 200, required=_("请填写要做什么。"))
    due_on = day_field(_("时限"), required=_("请填写时限。"), future=True)
    owner = record_field(_("办理人"))


class CompletionForm(FlaskForm):
    """What came of it, when there is something to say."""

    result = lines_field(_("办理结果"), rows=2)
    version = version_field()


class PostponementForm(FlaskForm):
    due_on = day_field(_("新的时限"), required=_("请填写新的时限。"), future=True)
    reason = text_field(_("原因"), 200, required=_("请填写原因。"))
    version = version_field()


class HandoverForm(FlaskForm):
    owner = record_field(_("移交给"))
    reason = text_field(_("说明"), 200)
    version = version_field()


class ReasonForm(FlaskForm):
    reason = text_field(_("原因"), 200, required=_("请填写原因。"))
    version = version_field()


class VersionForm(FlaskForm):
    """A button: nothing but the version it was shown with."""

    version = version_field()


class RequestForm(FlaskForm):
    """What a firm asks for."""

    received_on = day_field(_("收到日期"), required=_("请填写收到日期。"))
    from_whom = text_field(_("提出人"), 80, description=_("姓名和职务"))
    category = choice_field(_("类别"), RequestCategory)
    text = lines_field(_("诉求内容"), required=_("请填写诉求内容。"), rows=4)
    is_urgent = BooleanField(_("紧急"))
    owner = record_field(_("办理人"))
    due_on = day_field(_("办理时限"), future=True, description=_("不填则按类别的时限。"))

    def to_details(self) -> RequestDetails:
        return RequestDetails(
            received_on=self.received_on.data,
            category=self.category.data,
            text=self.text.data or "",
            owner_id=self.owner.data,
            from_whom=self.from_whom.data or "",
            is_urgent=self.is_urgent.data,
            due_on=self.due_on.data,
        )


class AnswerForm(FlaskForm):
    """The answer to a request or an instruction."""

    text = lines_field(_("答复"), required=_("请填写答复。"), rows=4)
    version = version_field()


class RevisitForm(FlaskForm):
    """What the firm says of the answer."""

    satisfied = either_field(
        _("企业是否满意"), {"yes": _("满意，办结"), "no": _("不满意，重新办理")}
    )
    remark = lines_field(_("企业的意见"), rows=2)
    due_on = day_field(_("重新办理的时限"), future=True, description=_("不满意时填写。"))
    version = version_field()


class InstructionForm(FlaskForm):
    """A leader's instruction; 督查 also says whose it is and where the paper lies."""

    leader = record_field(_("批示领导"))
    given_on = day_field(_("批示日期"), required=_("请填写批示日期。"))
    text = lines_field(_("批示内容"), required=_("请填写批示内容。"), rows=4)
    owner = record_field(_("承办人"))
    due_on = day_field(_("办理时限"), required=_("请填写时限。"), future=True)
    scan = text_field(_("原件位置"), 200, description=_("代录时必填：文件编号或扫描件存放位置"))

    def to_details(self) -> InstructionDetails:
        return InstructionDetails(
            leader_id=self.leader.data,
            given_on=self.given_on.data,
            text=self.text.data or "",
            owner_id=self.owner.data,
            due_on=self.due_on.data,
            scan=self.scan.data or "",
        )


class ClosingForm(FlaskForm):
    remark = lines_field(_("意见"), rows=2)
    version = version_field()


class ReturnForm(FlaskForm):
    reason = text_field(_("退回原因"), 200, required=_("请填写退回原因。"))
    due_on = day_field(_("新的时限"), required=_("请填写新的时限。"), future=True)
    version = version_field()


def step_forms(
    kinds: Iterable[type[FlaskForm]], posted: FlaskForm | None, others: Iterable[User]
) -> dict[str, Any]:
    """The forms of one page's steps by their names, what was refused among them; `others` may be handed the work.

    Each field's id begins with its form's name.
    """
    forms = {kind.__name__: kind(formdata=None) for kind in kinds}
    if posted is not None:
        forms[type(posted).__name__] = posted
    for name, form in forms.items():
        for field in form:
            field.id = f"{name}-{field.id}"
    forms["HandoverForm"].owner.choices = by_unit(others)
    return forms
