"""What the pages of evidence share: the blueprint, a register by its address, a record in the reader's scope, or 404."""

from typing import Any

from flask import Blueprint, abort

from crm.core.db import session
from crm.evidence import queries
from crm.evidence.kind import Kind
from crm.evidence.kinds import KINDS
from crm.web.guards import my_scope

bp = Blueprint("evidence", __name__, url_prefix="/evidence")


def kind_of(register: str) -> Kind:
    return KINDS.get(register) or abort(404)


def record_in_scope(kind: Kind, evidence_id: int) -> Any:
    query = queries.visible_to(kind, my_scope()).where(kind.model.id == evidence_id)
    return session.scalar(query) or abort(404)
