"""The kinds of form fields that all pages are made of. `required` is what an empty one is told, or True for the usual words."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import (
    DateField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
    StopValidation,
)
from wtforms.widgets import CheckboxInput, ListWidget

from crm.core import texts
from crm.core.errors import DomainError
from crm.core.money import from_wan, to_wan
from crm.core.words import LabelledEnum
from crm.web.addresses import record_number
from crm.web.forms import PlainText, SensibleDate, clean_text
from crm.web.locale import label, sentence

_TOO_LONG = _("不能超过%(max)d个字符。")
_NOT_FILLED_IN = _("请填写此项。")
_NO_DAY = _("请填写日期。")
_NOT_A_DAY = _("请填写日期，如 2020-09-30。")
_NOT_CHOSEN = _("请选择。")


# Text


def text_field(
    words: Any, longest: int, *checks: Any, required: Any = None, **kwargs: Any
) -> StringField:
    too_long = Length(max=longest, message=_TOO_LONG)
    first = _text_needed(required)
    return StringField(words, [*first, too_long, PlainText(), *checks], [clean_text], **kwargs)


def lines_field(
    words: Any, longest: int = 4000, *, required: Any = None, rows: int = 3, **kwargs: Any
) -> TextAreaField:
    """Text of several lines."""
    too_long = Length(max=longest, message=_TOO_LONG)
    checks = [*_text_needed(required), too_long, PlainText(lines=True)]
    rendering = {"rows": rows, **kwargs.pop("render_kw", {})}
    return TextAreaField(words, checks, [clean_text], render_kw=rendering, **kwargs)


def phone_field(words: Any, **kwargs: Any) -> StringField:
    check = Regexp(texts.PHONE, message=_(texts.NO_PHONE))
    typing = {"inputmode": "tel", "autocomplete": "off"}
    return text_field(words, 30, check, render_kw=typing, **kwargs)


def email_field(words: Any, **kwargs: Any) -> StringField:
    check = Regexp(texts.EMAIL, message=_(texts.NO_EMAIL))
    typing = {"inputmode": "email", "autocomplete": "off"}
    return text_field(words, 120, check, render_kw=typing, **kwargs)


# Days and numbers


def day_field(
    words: Any, *, required: Any = None, future: bool = False, **kwargs: Any
) -> DateField:
    checks = [_needed(required, _NO_DAY), SensibleDate(future=future)]
    return DateField(words, checks, invalid_value_message=_NOT_A_DAY, **kwargs)


def count_field(
    words: Any, least: int, most: int, *, required: Any = None, **kwargs: Any
) -> IntegerField:
    """A whole number from `least` to `most`."""
    within = NumberRange(least, most, message=_("请填写 %(min)s 到 %(max)s 的整数。"))
    return IntegerField(
        words,
        [_needed(required, _NOT_FILLED_IN), _readable, within],
        invalid_value_message=_("请填写整数。"),
        render_kw={"inputmode": "numeric" if least >= 0 else "text"},
        **kwargs,
    )


class NumberAsTyped(StringField):
    """A number as people type it; `data` is a Decimal or None. What was typed stays as it was."""

    data: Decimal | None
    typed = ""

    def read(self, text: str) -> Decimal:
        """The number that the text says. Raises ValueError with a sentence for the person who typed it."""
        raise NotImplementedError

    def show(self, value: Decimal) -> str:
        return f"{value:f}"

    def process_data(self, value: Decimal | None) -> None:
        self.data = value
        self.typed = "" if value is None else self.show(value)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if self.typed:
            self.data = self.read(self.typed)

    def _value(self) -> str:
        return self.typed


class WanField(NumberAsTyped):
    """An amount that people type in 万元; `data` is yuan."""

    def read(self, text: str) -> Decimal:
        try:
            amount = from_wan(text)
        except DomainError as error:
            raise ValueError(sentence(error)) from None
        if amount < 0:
            raise ValueError(_("金额不能为负数。"))
        return amount

    def show(self, value: Decimal) -> str:
        return f"{to_wan(value).normalize():f}"


def wan_field(words: Any, *, required: Any = None, **kwargs: Any) -> WanField:
    rendering = {"inputmode": "decimal", **kwargs.pop("render_kw", {})}
    return WanField(words, [_needed(required, _NOT_FILLED_IN)], render_kw=rendering, **kwargs)


class HundredthsField(NumberAsTyped):
    """A number from 0 to `most` with at most two decimals: a share in per cent, an area."""

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most

    def read(self, text: str) -> Decimal:
        try:
            value = Decimal(text.replace(",", "")).quantize(Decimal("0.01"))
        except InvalidOperation:
            raise ValueError(gettext("请填写数字，如 120.5。")) from None
        if not value.is_finite() or not 0 <= value <= self.most:
            raise ValueError(gettext("请填写 0 到 %(most)s 之间的数字。", most=self.most))
        return value

    def show(self, value: Decimal) -> str:
        return f"{value.normalize():f}"


def hundredths_field(
    words: Any, most: int, *, required: Any = None, **kwargs: Any
) -> HundredthsField:
    checks = [_needed(required, _NOT_FILLED_IN)]
    rendering = {"inputmode": "decimal"}
    return HundredthsField(words, checks, most=most, render_kw=rendering, **kwargs)


# Choices


def choice_field(
    words: Any, members: Iterable[LabelledEnum], *, optional: bool = False, **kwargs: Any
) -> SelectField:
    """One of an enumeration's members. Unless there is a `default` one has to choose, but the only one is chosen already."""
    offered = tuple(members)
    nothing = _("（未填）") if optional else ""
    if not optional and "default" not in kwargs and len(offered) > 1:
        nothing = _("请选择")
    return SelectField(words, **_one_of(offered, required=not optional, nothing=nothing), **kwargs)


def radio_field(
    words: Any, members: Iterable[LabelledEnum], *, required: Any = True, **kwargs: Any
) -> RadioField:
    """The same, each with a button to press."""
    nothing = "" if required else _("（未填）")
    return RadioField(
        words, **_one_of(tuple(members), required=required, nothing=nothing), **kwargs
    )


def either_field(words: Any, choices: Mapping[str, Any], **kwargs: Any) -> RadioField:
    """One of a few words, each with a button to press."""
    checks = [InputRequired(_NOT_CHOSEN)]
    return RadioField(words, checks, choices=lambda: choices_of(choices.items()), **kwargs)


class TickList(SelectMultipleField):
    """Several of what there is to choose from, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def ticks_field(
    words: Any, members: Sequence[LabelledEnum], *checks: Any, **kwargs: Any
) -> TickList:
    """Several of an enumeration's members."""
    return TickList(
        words, checks, choices=lambda: members_of(members), coerce=type(members[0]), **kwargs
    )


def record_field(words: Any, *, optional: bool = False, **kwargs: Any) -> SelectField:
    """One of some records, which the page fills in; `data` is its number."""
    checks = [_needed(not optional, _NOT_CHOSEN)]
    return SelectField(words, checks, choices=(), coerce=number, **kwargs)


def choices_of(pairs: Iterable[tuple[Any, Any]], *, nothing: str = "") -> list[SelectChoice]:
    """Values and their words as a field wants them; `nothing` is the word for choosing none."""
    none_of_them = [SelectChoice("", nothing)] if nothing else []
    return none_of_them + [SelectChoice(value, words) for value, words in pairs]


def grouped_choices_of(
    groups: Mapping[str, Iterable[tuple[Any, Any]]], *, nothing: str = ""
) -> list[SelectChoice]:
    """The same under the names of their groups."""
    return choices_of((), nothing=nothing) + [
        SelectChoice(value, words, optgroup=group)
        for group, pairs in groups.items()
        for value, words in pairs
    ]


def members_of(members: Iterable[LabelledEnum], *, nothing: str = "") -> list[SelectChoice]:
    return choices_of(((member.value, label(member)) for member in members), nothing=nothing)


def records_of(records: Sequence[Any], *, nothing: str | None = None) -> list[SelectChoice]:
    """Records by their names. Unless `nothing` says otherwise one has to choose, but the only one is chosen already."""
    if nothing is None:
        nothing = gettext("请选择") if len(records) > 1 else ""
    return choices_of(((record.id, record.name) for record in records), nothing=nothing)


def number(value: Any) -> int | None:
    """The number of the record that was chosen; None where none was."""
    return record_number(value) if value else None


# What the page showed


def version_field(**kwargs: Any) -> HiddenField:
    """The version that the page showed: None where the form does not say, 0 for what no record has."""
    return HiddenField(filters=[_shown], **kwargs)


def _shown(value: Any) -> int | None:
    if value in (None, ""):
        return None
    try:
        return record_number(value)
    except ValueError:
        return 0


def _text_needed(required: Any) -> list[DataRequired]:
    """No `Optional` where nothing is needed: it would keep the form's own check of an empty field from being asked."""
    return [DataRequired(_NOT_FILLED_IN if required is True else required)] if required else []


def _needed(required: Any, usual: Any) -> InputRequired | Optional:
    return InputRequired(usual if required is True else required) if required else Optional()


def _readable(_form: Any, field: Field) -> None:
    """What could not be read at all is told once: no other check has a word to add."""
    if field.process_errors:
        raise StopValidation


def _one_of(members: Sequence[LabelledEnum], *, required: Any, nothing: Any) -> dict[str, Any]:
    kind = type(members[0])
    return {
        "validators": [_needed(required, _NOT_CHOSEN)],
        "choices": lambda: members_of(members, nothing=str(nothing)),
        "coerce": lambda value: kind(value) if value else None,
    }
