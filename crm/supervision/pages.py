"""What the pages of supervision begin with."""

from flask import Blueprint, abort

from crm.core.db import session
from crm.supervision import queries
from crm.supervision.models import SupervisionOrder
from crm.web.guards import my_scope

bp = Blueprint("supervision", __name__, url_prefix="/supervision")


def order_in_scope(order_id: int) -> SupervisionOrder:
    """404 for one that is not there for the reader."""
    query = queries.with_names(queries.visible_to(my_scope()))
    return session.scalar(query.where(SupervisionOrder.id == order_id)) or abort(404)
