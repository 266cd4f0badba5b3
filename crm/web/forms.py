"""What every form does: trims text, refuses characters that no name contains, says a refusal where it can be mended."""

import unicodedata
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from crm.core import clock
from crm.core.db import Versioned
from crm.core.errors import Conflict, DomainError
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
        if any(c not in self.allowed and is_refused(c) for c in field.data or ""):
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


def blame(form: Any, error: DomainError, latest: Versioned | None = None) -> int:
    """Put a refusal on the field that can be mended, else on the form; returns the status to answer with.

    Who is told of a conflict may go on from the `latest` state of the record.
    """
    if error.field and error.field in form:
        form[error.field].errors = [sentence(error)]
    else:
        form.form_errors = [sentence(error)]
    if latest and isinstance(error, Conflict):
        form.version.data = latest.version
    return error.status


def is_refused(character: str) -> bool:
    """Whether a text that is to be kept may not have this character."""
    code = ord(character)
    is_no_character = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return is_no_character or unicodedata.category(character) in ("Cc", "Cs")
