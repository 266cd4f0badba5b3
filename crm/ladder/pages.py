"""What the pages of this room share: the blueprint, its tabs, and a proof in the reader's scope, or 404."""

from flask import Blueprint, abort

from crm.core.db import session
from crm.ladder.models import Qualification
from crm.ladder.queries import visible_qualifications
from crm.web.guards import my_scope

bp = Blueprint("ladder", __name__, url_prefix="/ladder")


def qualification_in_scope(qualification_id: int, *, lock: bool = False) -> Qualification:
    query = visible_qualifications(my_scope()).where(Qualification.id == qualification_id)
    return session.scalar(query.with_for_update() if lock else query) or abort(404)
