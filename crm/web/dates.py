"""The days that a page is asked for: as of which it is shown, and others."""

from datetime import date

from flask import request

from crm.core import clock
from crm.core.errors import DomainError
from crm.core.words import N_


def as_of(otherwise: date | None = None) -> date:
    """`?as_of=2020-09-30`; without it, the day that the page opens on (today)."""
    return day_of("as_of") or otherwise or clock.today()


def day_of(name: str) -> date | None:
    """The day that a parameter of the address names, if it is there. Raises DomainError for what is no day."""
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        message = N_("“%(text)s”不是日期，请按 2020-09-30 的样子填写。")
        raise DomainError(message, text=text) from None
    if not 1900 <= day.year <= 2199:
        raise DomainError(N_("年份不合理，请核对。"))
    return day
