"""The blueprint of these pages, and the records that their addresses name."""

from flask import Blueprint, abort

from crm.core.db import session
from crm.investments.models import PaidInFund
from crm.investments.queries import payments
from crm.web.guards import my_scope

bp = Blueprint("investments", __name__, url_prefix="/investments")


def payment_in_scope(payment_id: int) -> PaidInFund:
    """The payment, or 404 where its project is not there for the reader."""
    found = session.scalar(payments(my_scope()).where(PaidInFund.id == payment_id))
    return found or abort(404)
