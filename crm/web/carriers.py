"""The carrier that a page is about, or that its address narrows it to."""

from flask import abort, request

from crm.core.db import session
from crm.people.models import Unit
from crm.people.queries import carriers, units
from crm.web.addresses import record_number
from crm.web.guards import my_scope


def carrier_in_scope(carrier_id: int) -> Unit:
    """The carrier, if it lies in the reader's scope; 404 otherwise."""
    return session.scalar(carriers(my_scope()).where(Unit.id == carrier_id)) or abort(404)


def unit_in_scope(unit_id: int) -> Unit:
    """Any unit, if it lies in the reader's scope; 404 otherwise."""
    return session.scalar(units(my_scope()).where(Unit.id == unit_id)) or abort(404)


def chosen_carrier() -> Unit | None:
    """`?unit=7`; None where the address names none."""
    number = request.args.get("unit", type=record_number)
    return None if number is None else carrier_in_scope(number)
