"""What hangs on a firm: every row of any room that names it, found by the foreign keys and by (subject_type, subject_id).

So a table that is added later moves with a merge without anybody thinking of it, or is named in NOT_MOVED.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Index, Table, UniqueConstraint, and_, select, true

from crm.companies.models import Company
from crm.core import registry
from crm.core.db import Base, session
from crm.core.registry import ChildKind
from crm.people.scope import Scope

Row = Mapping[Any, Any]

SUBJECT = "company"  # as followup and files name a firm
NOT_MOVED = {
    "companies.merged_into_id": "a chain of merges is undone link by link",
    "duplicate_pairs.lower_id": "says of two records that they resemble each other",
    "duplicate_pairs.higher_id": "the same",
    "likeness_keys.company_id": "repeats the firm",
    "merges.winner_id": "the history of merges",
    "merges.loser_id": "the same",
    "audit_entries.subject_id": "the log is never changed",
}
SETTLED_APART = ("residences", "residence_moves", "company_links", "last_contacts")
"""Tables with rules of their own (merging.py)."""
_OF_THE_ROW = ("id", "version")
_WHO_AND_WHEN = ("_by_id", "_at")


@dataclass(frozen=True)
class Reference:
    """A column of a table that names firms."""

    table: Table
    column: str

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column}"

    @property
    def kind(self) -> ChildKind:
        known = registry.children
        return known.get(self.name) or known.get(self.table.name) or ChildKind(self.table.name)

    def shown(self, rows: Sequence[Row], scope: Scope) -> int:
        """How many of these rows a person of this scope may know of."""
        subject = registry.subjects.get(self.kind.subject)
        if not rows or subject is None or subject.sealed_from is None:
            return len(rows)
        sealed = set(session.scalars(subject.sealed_from(scope)))
        return sum(row["id"] not in sealed for row in rows)

    def to(self, company_id: int) -> ColumnElement[bool]:
        """The condition that a row names this firm."""
        is_firm = self.table.c.subject_type == SUBJECT if self.column == "subject_id" else true()
        return and_(is_firm, self.table.c[self.column] == company_id)

    def rows(self, company_id: int, condition: ColumnElement[bool] | None = None) -> Sequence[Row]:
        query = select(self.table).where(self.to(company_id)).order_by(*self.table.primary_key)
        query = query if condition is None else query.where(condition)
        return session.execute(query).mappings().all()


@dataclass(frozen=True)
class Settled:
    """What becomes of the rows of one firm when they come to another: `refused` has pairs that a person must settle."""

    moving: Sequence[Row]
    staying: Sequence[Row] = ()
    refused: Sequence[tuple[Row, Row]] = ()


def references() -> Iterator[Reference]:
    """All of them that a merge moves, SETTLED_APART included."""
    return (each for each in all_references() if each.name not in NOT_MOVED)


def all_references() -> Iterator[Reference]:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column is Company.__table__.c.id for key in column.foreign_keys):
                yield Reference(table, column.name)
        if {"subject_type", "subject_id"} <= set(table.columns.keys()):
            yield Reference(table, "subject_id")


def settle(reference: Reference, winner_id: int, loser_id: int) -> Settled:
    """Which rows of the second firm the first one takes over, by the table's unique keys and what its room says of it."""
    coming = reference.rows(loser_id)
    clashes = dict(_clashes(reference, winner_id, loser_id)) if coming else {}
    staying, refused, moving = [], [], []
    for row in coming:
        there = clashes.get(_key(reference, row))
        if there is None:
            moving.append(row)
        elif reference.kind.is_kept or _says_the_same(reference, row, there):
            staying.append(row)
        else:
            refused.append((row, there))
    return Settled(moving, staying, refused)


def _clashes(
    reference: Reference, winner_id: int, loser_id: int
) -> Iterator[tuple[tuple[Any, ...], Row]]:
    """The key of each row that cannot stand beside one of the other firm, and that one."""
    for columns, condition, is_null_distinct in _unique_keys(reference):
        there = {
            tuple(row[name] for name in columns): row
            for row in reference.rows(winner_id, condition)
        }
        for row in reference.rows(loser_id, condition):
            values = tuple(row[name] for name in columns)
            if values in there and not (is_null_distinct and None in values):
                yield _key(reference, row), there[values]
    if reference.kind.rewritten is not None:
        present = reference.rows(winner_id)
        for row in reference.rows(loser_id):
            then = reference.kind.rewritten(row, winner_id)
            for there_row in present:
                if all(there_row[name] == value for name, value in then.items()):
                    yield _key(reference, row), there_row


def _unique_keys(
    reference: Reference,
) -> Iterator[tuple[list[str], ColumnElement[bool] | None, bool]]:
    """Columns that tell the rows of one firm apart, where that holds, and whether empty ones are all different."""
    table = reference.table
    keys: list[Any] = [table.primary_key]
    keys += [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    keys += [each for each in table.indexes if each.unique]
    for key in keys:
        names = [column.name for column in key.columns]
        if reference.column in names:
            partial = key.dialect_options["sqlite"]["where"] if isinstance(key, Index) else None
            yield [name for name in names if name != reference.column], partial, True
    if reference.kind.same:
        yield list(reference.kind.same), None, False


def _says_the_same(reference: Reference, row: Row, there: Row) -> bool:
    told = (
        name
        for name in reference.table.c.keys()  # noqa: SIM118 - iterating gives columns
        if name not in (*_OF_THE_ROW, reference.column) and not name.endswith(_WHO_AND_WHEN)
    )
    return all(row[name] == there[name] for name in told)


def _key(reference: Reference, row: Row) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in reference.table.primary_key)
