"""All firms compared anew: by command, and as the worker's upkeep where one was written since.

Pairs are kept up as firms are written; what that cannot see is a key that so many shared that it said nothing, until one of
them left it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from crm.companies import duplicates
from crm.companies.models import Company, Contact, FormerName
from crm.core.db import session, writing
from crm.reference import settings

SLICES_A_DAY = 25  # the worker's other housekeeping waits meanwhile
_KEPT = "companies.compared"


def compare_all() -> None:
    """All keys first, then all pairs, some firms in a transaction."""
    for look in (duplicates.write_keys, duplicates.pair_up):
        for ids in duplicates.slices():
            with writing():
                look(ids)


def compare_daily() -> None:
    """Go on with the round where it was left; a new one begins only where a firm was written since the last one began."""
    kept = settings.get(_KEPT) or {"seen": None, "after": 0}
    seen = kept["seen"] if kept["after"] else _seen()
    if not kept["after"] and seen == kept["seen"]:
        return
    after = kept["after"]
    slices = duplicates.slices(after)
    for _number in range(SLICES_A_DAY):
        ids: Sequence[int] = next(slices, ())
        after = ids[-1] if ids else 0
        with writing():
            duplicates.look_again_many(ids)
            settings.keep(_KEPT, {"seen": seen, "after": after})
        if not ids:
            break


def _seen() -> list[Any]:
    """Other figures than before say that a firm, a contact or a former name was written."""
    figures = [
        select(of).scalar_subquery()
        for of in (
            func.count(Company.id),
            func.sum(Company.version),
            func.count(Contact.id),
            func.sum(Contact.version),
            func.count(FormerName.id),
            func.max(FormerName.id),
        )
    ]
    return [int(figure or 0) for figure in session.execute(select(*figures)).one()]
