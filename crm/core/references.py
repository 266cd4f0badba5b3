"""Which records others speak of: by a foreign key, or as the subject of something."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from crm.core.among import among
from crm.core.db import Base, session

_LOG = "audit_entries"  # speaks of everything, also of what is gone


def referred_to(
    model: type[Base], ids: Sequence[int], *, subject: str, besides: Collection[str] = ()
) -> set[int]:
    """Those of these records that rows of other tables refer to; `besides` are the tables that do not matter.

    `subject` is what tables with a subject_type call such a record. One statement for each table.
    """
    key = model.__table__.c.id
    found: set[int] = set()
    for table in Base.metadata.sorted_tables:
        if table.name in besides or table.name == _LOG:
            continue
        for column in table.columns:
            if any(foreign.column is key for foreign in column.foreign_keys):
                found.update(session.scalars(select(column).where(among(column, ids)).distinct()))
        if "subject_type" in table.c and "subject_id" in table.c:
            spoken_of = select(table.c.subject_id).where(
                table.c.subject_type == subject, among(table.c.subject_id, ids)
            )
            found.update(session.scalars(spoken_of.distinct()))
    return found
