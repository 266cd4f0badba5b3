"""Figures that need a walk over many rows are kept by each process until something is written on which they could rest.

The version of the data is the number of the last entry in the log that could matter, read in the same snapshot as the
data. Entries are numbered in the order of their commits, so what one process writes the others see at once.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.db import is_writing, session

P = ParamSpec("P")
R = TypeVar("R")

MOST_KEPT = 256
WITHOUT_FIGURES = (
    "activities", "contacts", "duplicate_pairs", "instructions", "saved_views", "snapshots",
    "tasks", "users",
)  # fmt: skip
"""Subjects of the log on which no remembered figure rests; any other kind of entry makes all of them be counted anew."""

is_on = True  # the tests' own records come without entries in the log
_kept: OrderedDict[Any, tuple[Any, Any]] = OrderedDict()
_lock = Lock()


def remembered(count: Callable[P, R]) -> Callable[P, R]:
    """Keep what `count` finds for equal arguments. It must depend on nothing but these and the database: days are given."""

    @wraps(count)
    def ask(*args: P.args, **kwargs: P.kwargs) -> R:
        if not is_on or is_writing():
            return count(*args, **kwargs)
        key, version = (count, args, tuple(sorted(kwargs.items()))), _version()
        with _lock:
            found = _kept.get(key)
        if found is not None and found[0] == version:
            return found[1]  # type: ignore[no-any-return]
        value = count(*args, **kwargs)
        with _lock:
            _kept[key] = version, value
            _kept.move_to_end(key)
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
        return value

    return ask


def forget() -> None:
    """Count everything anew."""
    with _lock:
        _kept.clear()


def _version() -> tuple[Any, int | None]:
    return session.get_bind(), session.scalar(_LAST)


_LAST = (
    select(AuditEntry.id)
    .where(AuditEntry.subject_type.not_in(WITHOUT_FIGURES))
    .order_by(AuditEntry.id.desc())
    .limit(1)
)
