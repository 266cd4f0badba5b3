"""What is kept of all records of a kind: after a write only those that the log names since are read again (decision 0010)."""

from collections.abc import Callable, Collection
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import select

from crm.audit import remembered
from crm.audit.models import AuditEntry
from crm.core.db import is_writing, session

T = TypeVar("T")

MOST_MENDED = 500


class Mended(Generic[T]):
    """Kept by each process. Who writes to such a record names it in the log; an entry without a subject speaks of many.

    `read` reads these records, or all; `mend` puts them, newly read, in the place of what was kept of them.
    """

    def __init__(
        self,
        kind: str,
        read: Callable[[Collection[int] | None], T],
        mend: Callable[[T, Collection[int], T], T],
    ) -> None:
        self._kind, self._read, self._mend = kind, read, mend
        self._kept: tuple[Any, int, T] | None = None
        self._lock = Lock()
        remembered.forgetting.append(self.forget)

    def __call__(self) -> T:
        if not remembered.is_on or is_writing():
            return self._read(None)
        with self._lock:
            kept = self._kept
        bind, last = remembered.version()
        if kept is None or kept[0] is not bind or kept[1] > (last or 0):
            value = self._read(None)  # also for a reader whose snapshot is older than what is kept
        elif kept[1] == last:
            return kept[2]
        else:
            touched = self._touched_since(kept[1])
            value = kept[2]
            if touched is None:
                value = self._read(None)
            elif touched:
                value = self._mend(value, touched, self._read(touched))
        with self._lock:
            self._kept = bind, last or 0, value
        return value

    def forget(self) -> None:
        with self._lock:
            self._kept = None

    def _touched_since(self, number: int) -> set[int] | None:
        """None where there are too many, or nobody says which."""
        entries = select(AuditEntry.subject_type, AuditEntry.subject_id)
        query = entries.where(AuditEntry.id > number).limit(MOST_MENDED + 1)
        found = session.execute(query).all()
        if len(found) > MOST_MENDED or any(entry.subject_id is None for entry in found):
            return None
        return {entry.subject_id for entry in found if entry.subject_type == self._kind}
