"""The kinds of form fields that the pages of firms are made of."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from crm.core.words import LabelledEnum
from crm.web.forms import PlainText, SensibleDate, clean_text
from crm.web.locale import label


def text_field(
    words: Any, longest: int, *checks: Any, required: Any = None, **kwargs: Any
) -> StringField:
    first = [DataRequired(required)] if required else [Optional()] if checks else []
    too_long = Length(max=longest, message=_("不能超过%(max)d个字符。"))
    return StringField(words, [*first, too_long, PlainText(), *checks], [clean_text], **kwargs)


def day_field(words: Any, *checks: Any, **kwargs: Any) -> DateField:
    return DateField(words, [*(checks or [Optional()]), SensibleDate()], **kwargs)


def choice_field(
    words: Any, members: Sequence[LabelledEnum], *, optional: bool = False, **kwargs: Any
) -> SelectField:
    kind = type(members[0])
    nothing = [("", _("（未填）"))] if optional else []
    return SelectField(
        words,
        [Optional() if optional else InputRequired(_("请选择。"))],
        choices=lambda: nothing + [(member.value, label(member)) for member in members],
        coerce=lambda value: kind(value) if value else None,
        **kwargs,
    )


def phone_field(words: Any, **kwargs: Any) -> StringField:
    message = _("电话只能包含数字和 + - ( ) 等符号。")
    check = Regexp(r"^[\d\s+\-()（）转,，;；/]+$", message=message)
    typing = {"inputmode": "tel", "autocomplete": "off"}
    return text_field(words, 30, check, render_kw=typing, **kwargs)


def email_field(words: Any, **kwargs: Any) -> StringField:
    check = Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message=_("邮箱格式应如 name@example.com。"))
    typing = {"inputmode": "email", "autocomplete": "off"}
    return text_field(words, 120, check, render_kw=typing, **kwargs)


def lines_field(words: Any, longest: int, **kwargs: Any) -> TextAreaField:
    """Text of several lines."""
    too_long = Length(max=longest, message=_("不能超过%(max)d个字符。"))
    checks = [Optional(), too_long, PlainText(lines=True)]
    return TextAreaField(words, checks, [clean_text], **kwargs)


class TickList(SelectMultipleField):
    """Several of an enumeration's members, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def ticks_field(words: Any, members: Sequence[LabelledEnum], **kwargs: Any) -> TickList:
    return TickList(
        words,
        choices=lambda: [(member.value, label(member)) for member in members],
        coerce=type(members[0]),
        **kwargs,
    )


def number(value: Any) -> int | None:
    """What a choice of records or a hidden number holds; None where nothing was chosen."""
    return int(value) if value else None
