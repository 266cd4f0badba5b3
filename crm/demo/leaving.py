"""A few firms that leave the statistical register: reported from one notice, and waiting for a second person."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from crm.core.db import session
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.queries import counts_on
from crm.ladder.revocations import RevocationRow

_COUNT = 2
_BEFORE = timedelta(9)


def ends(until: date) -> Sequence[RevocationRow]:
    """Of those that were entered first."""
    q, on = Qualification, until - _BEFORE
    query = select(q.id, q.reported_by_id).where(
        q.kind == QualificationKind.ABOVE_SCALE, counts_on(q, on), q.counts_to.is_(None)
    )
    rows = session.execute(query.order_by(q.counts_from, q.id).limit(_COUNT))
    source = f"{until.year}年规上企业退库名单（演示）"
    return [RevocationRow(row.id, on, "停产转型", source, row.reported_by_id) for row in rows]
