"""What every form does: trims text, refuses characters that no name contains, says a refusal where it can be mended."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from crm.core import clock
from crm.core.db import Versioned
from crm.core.errors import Conflict, DomainError
from crm.core.texts import is_refused, trimmed
from crm.web.locale import sentence


def clean_text(text: Any) -> Any:
    """A text as it is kept (core.texts); None becomes empty."""
    return trimmed(text) if isinstance(text, str) else text or ""


class PlainText:
    """Refuses what no text that is kept may have; `lines` allows line ends."""

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
