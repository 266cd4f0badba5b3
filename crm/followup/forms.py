"""What the pages of follow-up accept: the shape only, the rules are in the services."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from crm.core.errors import DomainError
from crm.core.words import LabelledEnum
from crm.followup.instructions import InstructionDetails
from crm.followup.models import ActivityKind, RequestCategory
from crm.followup.requests import RequestDetails
from crm.followup.services import ActivityDetails
from crm.people.models import User
from crm.web.addresses import record_number
from crm.web.forms import PlainText, SensibleDate, clean_text
from crm.web.locale import label, sentence

_TOO_LONG = _("不能超过%(max)d个字符。")


def _text(words: Any, longest: int, *, required: Any = None, **kwargs: Any) -> StringField:
    first = DataRequired(required) if required else Optional()
    return StringField(
        words, [first, Length(max=longest, message=_TOO_LONG), PlainText()], [clean_text], **kwargs
    )


def _lines(words: Any, *, required: Any = None, rows: int = 3, **kwargs: Any) -> TextAreaField:
    first = DataRequired(required) if required else Optional()
    checks = [first, Length(max=4000, message=_TOO_LONG), PlainText(lines=True)]
    return TextAreaField(words, checks, [clean_text], render_kw={"rows": rows}, **kwargs)


def _day(words: Any, *, required: Any = None, future: bool = False, **kwargs: Any) -> DateField:
    first = InputRequired(required) if required else Optional()
    return DateField(words, [first, SensibleDate(future=future)], **kwargs)


def _choice(words: Any, kind: type[LabelledEnum], **kwargs: Any) -> SelectField:
    return SelectField(
        words,
        [InputRequired(_("请选择。"))],
        choices=lambda: [(member.value, label(member)) for member in kind],
        coerce=lambda value: kind(value) if value else None,
        **kwargs,
    )


def _number(value: Any) -> int | None:
    return record_number(value) if value else None


def _person(words: Any) -> SelectField:
    return SelectField(words, [InputRequired(_("请选择。"))], coerce=_number, choices=[])


def _version() -> HiddenField:
    return HiddenField(filters=[_number])


def by_unit(people: Iterable[User]) -> dict[str, list[tuple[int, str]]]:
    """People to choose from, under the names of their units."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for person in people:
        groups.setdefault(person.unit.name, []).append((person.id, person.name))
    return groups


class ActivityForm(FlaskForm):
    """One activity and, when there is one, the next step with its day."""

    kind = _choice(_("方式"), ActivityKind, default=ActivityKind.VISIT)
    happened_on = _day(_("日期"), required=_("请填写日期。"))
    summary = _lines(_("内容"), required=_("请填写内容。"))
    people_met = _text(_("会见人员"), 120)
    companions = _text(_("同行人员"), 120)
    next_what = _text(_("下一步"), 200)
    next_on = _day(_("下一步时限"), future=True)
    version = _version()

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

    what = _text(_("要做什么"), 200, required=_("请填写要做什么。"))
    due_on = _day(_("时限"), required=_("请填写时限。"), future=True)
    owner = _person(_("办理人"))


class CompletionForm(FlaskForm):
    """What came of it, when there is something to say."""

    result = _lines(_("办理结果"), rows=2)
    version = _version()


class PostponementForm(FlaskForm):
    due_on = _day(_("新的时限"), required=_("请填写新的时限。"), future=True)
    reason = _text(_("原因"), 200, required=_("请填写原因。"))
    version = _version()


class HandoverForm(FlaskForm):
    owner = _person(_("移交给"))
    reason = _text(_("说明"), 200)
    version = _version()


class ReasonForm(FlaskForm):
    reason = _text(_("原因"), 200, required=_("请填写原因。"))
    version = _version()


class VersionForm(FlaskForm):
    """A button: nothing but the version it was shown with."""

    version = _version()


class RequestForm(FlaskForm):
    """What a firm asks for."""

    received_on = _day(_("收到日期"), required=_("请填写收到日期。"))
    from_whom = _text(_("提出人"), 80, description=_("姓名和职务"))
    category = _choice(_("类别"), RequestCategory)
    text = _lines(_("诉求内容"), required=_("请填写诉求内容。"), rows=4)
    is_urgent = BooleanField(_("紧急"))
    owner = _person(_("办理人"))
    due_on = _day(_("办理时限"), future=True, description=_("不填则按类别的时限。"))

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

    text = _lines(_("答复"), required=_("请填写答复。"), rows=4)
    version = _version()


class RevisitForm(FlaskForm):
    """What the firm says of the answer."""

    satisfied = RadioField(
        _("企业是否满意"),
        [InputRequired(_("请选择。"))],
        choices=lambda: [("yes", _("满意，办结")), ("no", _("不满意，重新办理"))],
    )
    remark = _lines(_("企业的意见"), rows=2)
    due_on = _day(_("重新办理的时限"), future=True, description=_("不满意时填写。"))
    version = _version()


class InstructionForm(FlaskForm):
    """A leader's instruction; 督查 also says whose it is and where the paper lies."""

    leader = _person(_("批示领导"))
    given_on = _day(_("批示日期"), required=_("请填写批示日期。"))
    text = _lines(_("批示内容"), required=_("请填写批示内容。"), rows=4)
    owner = _person(_("承办人"))
    due_on = _day(_("办理时限"), required=_("请填写时限。"), future=True)
    scan = _text(_("原件位置"), 200, description=_("代录时必填：文件编号或扫描件存放位置"))

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
    remark = _lines(_("意见"), rows=2)
    version = _version()


class ReturnForm(FlaskForm):
    reason = _text(_("退回原因"), 200, required=_("请填写退回原因。"))
    due_on = _day(_("新的时限"), required=_("请填写新的时限。"), future=True)
    version = _version()


def with_ids_of(name: str, form: FlaskForm) -> None:
    """Several forms on one page: each field's id begins with its form's name."""
    for field in form:
        field.id = f"{name}-{field.id}"


def blame(form: FlaskForm, error: DomainError) -> int:
    """Put a refusal on the field that can be mended, else on the form; returns the answer's status."""
    if error.field and error.field in form:
        form[error.field].errors = [sentence(error)]
    else:
        form.form_errors = [sentence(error)]
    return error.status
