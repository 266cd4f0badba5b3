"""What every form does to text: trims it, refuses characters that no name or number contains."""

import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import StringField
from wtforms.validators import ValidationError

from crm.core import clock
from crm.core.errors import DomainError
from crm.core.money import from_wan, to_wan
from crm.web.locale import sentence


def clean_text(text: Any) -> Any:
    """Trimmed, line ends as \\n, without what cannot be seen (zero-width and direction marks); None becomes empty."""
    if not isinstance(text, str):
        return text or ""
    seen = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return seen.replace("\r\n", "\n").strip()


class PlainText:
    """Refuses control characters, lone surrogates and non-characters; `lines` allows line ends.

    Unassigned code points pass: Python's tables are older than the newest rare characters in names.
    """

    def __init__(self, *, lines: bool = False) -> None:
        self.allowed = "\n\t" if lines else ""

    def __call__(self, form: Any, field: Any) -> None:
        if any(c not in self.allowed and _is_refused(c) for c in field.data or ""):
            raise ValidationError(_("含有不能保存的字符，请重新输入。"))


class SensibleDate:
    """Refuses dates before 1900 and, unless `future` is allowed, after the business date."""

    def __init__(self, *, future: bool = False) -> None:
        self.future = future

    def __call__(self, form: Any, field: Any) -> None:
        day = field.data
        if day is None:
            return
        if not date(1900, 1, 1) <= day <= date(2199, 12, 31):
            raise ValidationError(_("年份不合理，请核对。"))
        if day > clock.today() and not self.future:
            raise ValidationError(_("日期不能晚于今天。"))


class WanField(StringField):
    """An amount that people type in 万元; `data` is yuan or None. What was typed stays as it was."""

    data: Decimal | None
    typed = ""

    def process_data(self, value: Decimal | None) -> None:
        self.data = value
        self.typed = "" if value is None else f"{to_wan(value).normalize():f}"

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if self.typed:
            try:
                self.data = from_wan(self.typed)
            except DomainError as error:
                raise ValueError(sentence(error)) from None
            if self.data < 0:
                raise ValueError(_("金额不能为负数。"))

    def _value(self) -> str:
        return self.typed


def _is_refused(character: str) -> bool:
    code = ord(character)
    is_no_character = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return is_no_character or unicodedata.category(character) in ("Cc", "Cs")
