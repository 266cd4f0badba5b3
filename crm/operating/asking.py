"""What the addresses of these pages say: a period, a unit of money, a carrier; and who may see figures."""

from flask import request

from crm.core import clock
from crm.core.attributes import MoneyUnit
from crm.operating.periods import Period, period_due
from crm.operating.services import EARLIEST_YEAR
from crm.people.models import Unit
from crm.people.roles import Action
from crm.people.scope import Scope
from crm.reference import settings
from crm.web.carriers import carrier_in_scope
from crm.web.guards import may, my_scope


def due_period() -> Period:
    return period_due(clock.today(), settings.get("operating.due_days"))


def asked_period() -> Period:
    """`?year=2020&month=6`; the last one that is due where the address names none that has ended."""
    values = request.values
    year = values.get("year", default=0, type=_small)
    month = values.get("month", default=0, type=_small)
    if EARLIEST_YEAR <= year <= clock.today().year and 1 <= month <= 12:
        period = Period(year, month)
        if period.end_on <= clock.today():
            return period
    return due_period()


def _small(text: str) -> int:
    if len(text) > 4 or not text.isascii():
        raise ValueError("no year and no month")
    return int(text)


def asked_unit() -> MoneyUnit:
    """`?money=qian`; 万元 where nothing else is said."""
    return MoneyUnit.QIAN if request.values.get("money") == MoneyUnit.QIAN else MoneyUnit.WAN


def asked_carrier() -> tuple[Unit | None, Scope]:
    """`?carrier=7`, and the reader's scope narrowed to it. 404 for one outside the scope."""
    number = request.values.get("carrier", "")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        return None, my_scope()
    carrier = carrier_in_scope(int(number))
    return carrier, my_scope().within(carrier)


def years() -> list[int]:
    """What a page offers to choose from."""
    return list(range(clock.today().year, clock.today().year - 4, -1))


def may_see_figures() -> bool:
    """Figures are for who has the right, who enters them and who verifies them."""
    return any(
        may(action)
        for action in (Action.OPERATING_READ, Action.COMPANIES_WRITE, Action.OPERATING_VERIFY)
    )
