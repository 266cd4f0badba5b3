"""Which records others speak of: by a foreign key, or as the subject of something."""

from collections.abc import Collection, Sequence

from sqlalchemy import not_, or_, select

from crm.core.among import among
from crm.core.db import Base, session

_LOG = "audit_entries"  # speaks of everything, also of what is gone


def referred_to(
    model: type[Base], ids: Sequence[int], *, subject: str, besides: Collection[str] = ()
) -> set[int]:
    """Those of these records that rows of other tables refer to; `besides` are the tables that do not matter.

    `subject` is what tables with a subject_type call such a record ("project", and "project.photo" for one of its papers).
    One statement for each table.
    """
    found: set[int] = set()
    if not ids:
        return found
    key = model.__table__.c.id
    for table in Base.metadata.sorted_tables:
        if table.name in besides or table.name == _LOG:
            continue
        for column in table.columns:
            if any(foreign.column is key for foreign in column.foreign_keys):
                query = select(column).where(among(column, ids)).distinct()
                if table is model.__table__:
                    query = query.where(not_(among(key, ids)))  # among themselves they may
                found.update(session.scalars(query))
        if "subject_type" in table.c and "subject_id" in table.c:
            kind = table.c.subject_type
            is_such = or_(kind == subject, kind.startswith(f"{subject}.", autoescape=True))
            spoken_of = select(table.c.subject_id).where(is_such, among(table.c.subject_id, ids))
            found.update(session.scalars(spoken_of.distinct()))
    return found
