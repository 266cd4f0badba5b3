"""核验 by source document: a second person confirms all that one document says at once, exceptions are returned.

What waits may be of any kind of record that is Verifiable and names its `source`; a Queue describes it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Row, Select, func, select, update

from crm.audit.services import Actor, record
from crm.audit.verification import VerificationState
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_

MOST_SHOWN = 2000  # of one source document; its digest is of all of them
CHUNK = 5000

Rows: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Batch:
    """The records of one source document that wait. `own` of them the reader entered; `seen` is what was looked at."""

    source: str
    titles: tuple[Any, ...]
    newest: datetime
    number: int
    own: int
    seen: str


@dataclass(frozen=True)
class Queue:
    """What waits in one table. `action` begins the words of the log; `rows` gives a query the columns that are looked at.

    Among these are id, version, source, recorded_at, reported_by_id, and those of `what`: a row's title is the first of
    them that is filled.
    """

    model: Any
    action: str
    rows: Callable[[Select[Any]], Rows]
    what: tuple[str, ...]

    def waiting_for(self, waiting: Select[Any], reader: Actor) -> tuple[int, datetime | None]:
        """How many of these wait for this person, and since when the oldest of them does."""
        model = self.model
        others = waiting.where(model.reported_by_id.is_distinct_from(reader.id))
        query = others.with_only_columns(func.count(model.id), func.min(model.recorded_at))
        number, since = session.execute(query).one()
        return number, since

    def batches(self, waiting: Select[Any], reader: Actor) -> list[Batch]:
        """What waits, by source document, the newest first; one query."""
        by_source: dict[str, list[Row[Any]]] = {}
        for row in session.execute(self._sums(waiting, reader)):
            by_source.setdefault(row.source, []).append(row)
        found = [self._batch(source, rows) for source, rows in by_source.items()]
        return sorted(found, key=lambda batch: batch.newest, reverse=True)

    def batch(
        self, waiting: Select[Any], source: str, reader: Actor
    ) -> tuple[Batch | None, Sequence[Row[Any]]]:
        """One source document with the first of its records."""
        of_it = waiting.where(self.model.source == source)
        sums = session.execute(self._sums(of_it, reader)).all()
        if not sums:
            return None, ()
        return self._batch(source, sums), session.execute(self.rows(of_it).limit(MOST_SHOWN)).all()

    def verify(
        self,
        waiting: Select[Any],
        source: str,
        *,
        seen: str,
        by: Actor,
        exceptions: Collection[int] = (),
        reason: str = "",
    ) -> tuple[int, int]:
        """Confirm all that a source document says; `exceptions` go back, with the reason. How many of each.

        What the verifier entered goes on waiting for somebody else. Raises Conflict where something was added or changed
        since it was looked at.
        """
        model, of_it = self.model, waiting.where(self.model.source == source)
        columns = of_it.with_only_columns(model.id, model.reported_by_id).order_by(model.id)
        held = session.execute(columns.with_for_update(of=model)).all()
        if not held:
            raise Conflict(N_("这一批已没有待核的证明。"))
        if self._batch(source, session.execute(self._sums(of_it, by)).all()).seen != seen:
            raise Conflict(N_("这一批在您打开之后有增减或更正，请重新核对。"))
        others = [row.id for row in held if row.reported_by_id != by.id]
        returned = [id_ for id_ in others if id_ in exceptions]
        verified = [id_ for id_ in others if id_ not in exceptions]
        if returned and not reason:
            raise DomainError(N_("请填写退回的原因。"), field="reason")
        self._settle(verified, VerificationState.VERIFIED, by)
        self._settle(returned, VerificationState.RETURNED, by, reason)
        about: dict[str, Any] = {"by": by, "source": source, "seen": seen}
        if verified:
            record(f"{self.action}.verified_many", None, count=len(verified), **about)
        if returned:
            about["reason"] = reason
            record(f"{self.action}.returned_many", None, count=len(returned), **about)
        return len(verified), len(returned)

    def _sums(self, waiting: Select[Any], reader: Actor) -> Rows:
        """By source and title: how many, the newest, how many are the reader's own, and what tells a change of any."""
        row = self.rows(waiting).order_by(None).subquery().c
        named = [row[name] for name in self.what]
        return select(
            row.source,
            *named,
            func.count().label("number"),
            func.max(row.recorded_at).label("newest"),
            func.count().filter(row.reported_by_id == reader.id).label("own"),
            func.sum(row.id).label("ids"),
            func.sum(row.id * row.version).label("versions"),
        ).group_by(row.source, *named)

    def _batch(self, source: str, rows: Sequence[Row[Any]]) -> Batch:
        number = sum(row.number for row in rows)
        told = (number, sum(int(row.ids) for row in rows), sum(int(row.versions) for row in rows))
        return Batch(
            source,
            tuple(dict.fromkeys(self._title(row) for row in rows)),
            max(row.newest for row in rows),
            number,
            sum(row.own for row in rows),
            "-".join(map(str, told)),
        )

    def _title(self, row: Row[Any]) -> Any:
        return next((word for name in self.what if (word := getattr(row, name))), "")

    def _settle(
        self, ids: Sequence[int], state: VerificationState, by: Actor, note: str = ""
    ) -> None:
        model = self.model
        for start in range(0, len(ids), CHUNK):
            session.execute(
                update(model)
                .where(model.id.in_(ids[start : start + CHUNK]))
                .values(
                    state=state, verified_by_id=by.id, review_note=note, version=model.version + 1
                )
            )
