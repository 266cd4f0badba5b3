"""How a period is called, and the sentence that reminds people of it."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask_babel import gettext as _

from crm.progress.models import Cadence
from crm.progress.periods import Period
from crm.web.filters import day


def period_words(period: Period) -> str:
    """2020年9月; 2020年第39周（9月21日—27日）."""
    year, week, __ = period.starts_on.isocalendar()
    if period.cadence == Cadence.MONTH:
        return str(
            _("%(year)s年%(month)s月", year=period.starts_on.year, month=period.starts_on.month)
        )
    first, last = f"{period.starts_on:%m-%d}", f"{period.ends_on:%m-%d}"
    return str(
        _(
            "%(year)s年第%(week)s周（%(first)s—%(last)s）",
            year=year,
            week=week,
            first=first,
            last=last,
        )
    )


def reminder(period: Period, missing: Sequence[Any]) -> str:
    """The list of who has not reported, to be copied into a chat."""
    people = [
        _(
            "%(owner)s：%(names)s",
            owner=owner or _("未定责任人"),
            names=_("、").join(r.name for r in rows),
        )
        for owner, rows in groupby(missing, key=lambda row: row.owner)
    ]
    head = _(
        "%(period)s项目进展尚有%(n)s个项目未报，请于%(day)s前填报。",
        period=period_words(period),
        n=len(missing),
        day=day(period.ends_on),
    )
    return "\n".join([head, *people]) if people else ""
