"""What the addresses of these pages say: a month, a unit."""

from datetime import date

from flask import request

from crm.core import clock
from crm.investments.progress import last_month
from crm.investments.services import EARLIEST_YEAR
from crm.people.models import Unit
from crm.people.scope import Scope
from crm.web.carriers import unit_in_scope
from crm.web.guards import my_scope


def asked_month() -> date:
    """`?month=2020-09`, by its first day; the last one that has ended where the address names none that has begun."""
    today = clock.today()
    try:
        asked = date.fromisoformat(f"{request.values.get('month', '')[:7]}-01")
    except ValueError:
        asked = None
    if asked and asked.year >= EARLIEST_YEAR and asked <= today:
        return asked
    return last_month(today)


def asked_unit() -> tuple[Unit | None, Scope]:
    """`?unit=7`, and the reader's scope narrowed to it. 404 for one outside the scope."""
    number = request.values.get("unit", "")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        return None, my_scope()
    unit = unit_in_scope(int(number))
    return unit, my_scope().within(unit)
