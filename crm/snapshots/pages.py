"""What the pages of snapshots share: one that the reader may see, and what of it."""

from flask import Blueprint, abort

from crm.core.db import session
from crm.reference.settings import is_demo_data
from crm.snapshots import queries
from crm.snapshots.differences import units_in
from crm.snapshots.models import Snapshot
from crm.snapshots.paper import Paper, for_reader, paper_of
from crm.web.guards import me, my_scope

bp = Blueprint("snapshots", __name__, url_prefix="/targets/snapshots")


def snapshot_of_mine(snapshot_id: int) -> Snapshot:
    """404 for one that is not there for this reader."""
    found = session.scalar(queries.visible_to(me()).where(Snapshot.id == snapshot_id))
    return found or abort(404)


def paper_for_me(found: Snapshot) -> Paper:
    paper = paper_of(found, is_demo=is_demo_data())
    return for_reader(paper, my_scope(), units_in(my_scope()))
