"""What would become of each row: read cell by cell, then judged by its kind. Landing asks the same functions again."""

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, update

from crm.core import clock
from crm.core.attributes import Attribute, MoneyUnit
from crm.core.collecting import collector_paused
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.imports import mapping, queries
from crm.imports.kinds import Draft, Fault, ImportKind, Outcome, Verdict
from crm.imports.models import Import, ImportRow, ImportState
from crm.imports.staging import Tell, in_chunks, quiet
from crm.imports.stored import (
    as_json,
    as_text,
    faults_as_text,
    look_alikes_as_text,
    sentence_as_json,
)
from crm.people.models import User


@dataclass(frozen=True)
class Read:
    """The rows as their columns are read, and what could not be read of each."""

    drafts: Sequence[Draft]
    faults: Mapping[int, Sequence[Fault]]
    columns: Mapping[str, int]  # which column holds which attribute


@collector_paused()
def check(import_id: int, by_id: int, tell: Tell = quiet) -> None:
    """Check every row and keep what was found, in short transactions; begun again it begins from the first row.

    Nothing but the import itself is written. What goes wrong leaves the import to be mapped again. Raises DomainError.
    """
    import_, by = session.get_one(Import, import_id), session.get_one(User, by_id)
    if import_.state is not ImportState.CHECKING:
        return
    try:
        tell(0, import_.rows, N_("核对"))
        read = read_rows(import_)
        verdicts = judge(queries.kind_of(import_.kind), read, by)
    except DomainError as error:
        _fail(import_id, error)
        raise
    done = 0
    for chunk in in_chunks(verdicts):
        with writing():
            _keep_stretch(import_id, chunk, read.columns)
        done += len(chunk)
        tell(done, len(verdicts), N_("保存核对结果"))
    with writing():
        import_ = session.get_one(Import, import_id, with_for_update={"of": Import})
        if import_.state is ImportState.CHECKING:
            import_.state = ImportState.CHECKED
            count(import_)


def read_rows(import_: Import) -> Read:
    """The cells of all rows as values. Asks one statement and writes nothing."""
    kind = queries.kind_of(import_.kind)
    columns = [
        _Column(column, attribute, use.unit or mapping.USUAL_UNIT)
        for column, use in sorted(mapping.from_json(import_.mapping).items())
        if (attribute := kind.attribute(use.attribute)) is not None
    ]
    drafts, faults = [], {}
    for number, cells, mended, chosen in session.execute(queries.text_rows(import_)):
        values, found = _values(json.loads(mended or cells), columns)
        drafts.append(Draft(number, values, chosen))
        if found:
            faults[number] = found
    return Read(drafts, faults, {one.name: one.at for one in columns})


def judge(kind: ImportKind, read: Read, by: User) -> list[Verdict]:
    """What would become of each row, all faults together. A number of statements that does not grow with the rows."""
    verdicts = kind.check(read.drafts, by)
    seen: dict[Hashable, int] = {}
    return [
        _judged(verdict, read.faults.get(verdict.draft.number, ()), seen) for verdict in verdicts
    ]


def keep_verdicts(import_id: int, verdicts: Sequence[Verdict], columns: Mapping[str, int]) -> None:
    """Write to the rows what was found of them."""
    table = ImportRow.__table__
    one_row = and_(table.c.import_id == import_id, table.c.number == bindparam("at"))
    rows = [
        {
            "at": verdict.draft.number,
            "outcome": verdict.outcome,
            "faults": faults_as_text(verdict.faults, columns),
            "look_alikes": look_alikes_as_text(verdict.look_alikes),
            "changes": changes_as_text(verdict),
            "record_id": verdict.record_id,
        }
        for verdict in verdicts
    ]
    if rows:
        session.connection().execute(update(table).where(one_row), rows)  # type: ignore[arg-type]


def count(import_: Import) -> None:
    """How many rows of each outcome the import has."""
    counts = queries.counts_of(import_)
    import_.creates = counts.get(Outcome.CREATE, 0)
    import_.updates = counts.get(Outcome.UPDATE, 0)
    import_.unchanged = counts.get(Outcome.UNCHANGED, 0)
    import_.errors = counts.get(Outcome.ERROR, 0)


def _keep_stretch(import_id: int, verdicts: Sequence[Verdict], columns: Mapping[str, int]) -> None:
    """The same for rows that follow each other: new records, of which nothing is to be said, by one statement."""
    bounds = verdicts[0].draft.number, verdicts[-1].draft.number
    session.execute(
        update(ImportRow)
        .where(ImportRow.import_id == import_id, ImportRow.number.between(*bounds))
        .values(outcome=Outcome.CREATE, faults="", look_alikes="", changes="", record_id=None)
    )
    told = [v for v in verdicts if v.outcome is not Outcome.CREATE or v.look_alikes or v.changes]
    keep_verdicts(import_id, told, columns)


class _Column(dict[str, Any]):
    """A column on its way to values: the text of a cell → its value, or what is wrong with it.

    What most cells of it say over and over is read once.
    """

    MOST_KNOWN = 5000

    def __init__(self, at: int, attribute: Attribute, unit: MoneyUnit) -> None:
        super().__init__()
        self.at = at
        self.name = attribute.name
        self._attribute = attribute
        self._unit = unit
        self._latest = date.max if attribute.may_be_future else clock.today()

    def __missing__(self, text: str) -> Any | DomainError:
        value = self._read(text)
        if len(self) < self.MOST_KNOWN:
            self[text] = value
        return value

    def _read(self, text: str) -> Any | DomainError:
        try:
            value = self._attribute.read(text, self._unit) if text else None
        except DomainError as error:
            return error
        if value is None and self._attribute.is_required:
            return DomainError(N_("必须填写。"))
        if isinstance(value, date) and value > self._latest:
            return DomainError(N_("日期不能晚于今天。"))
        return value


def _values(cells: Sequence[str], columns: Sequence[_Column]) -> tuple[dict[str, Any], list[Fault]]:
    """The facts of a row; what could not be read is left out of them."""
    values = {column.name: column[cells[column.at]] for column in columns}
    unread = [name for name, value in values.items() if isinstance(value, DomainError)]
    return values, [Fault(name, values.pop(name)) for name in unread]


def _judged(verdict: Verdict, unread: Sequence[Fault], seen: dict[Hashable, int]) -> Verdict:
    """The verdict with what could not be read; of two rows that mean one record only the first stands."""
    spoilt = {fault.attribute for fault in unread}
    faults = [*unread, *(fault for fault in verdict.faults if fault.attribute not in spoilt)]
    for known in ("record", verdict.record_id), ("key", verdict.key):
        if known[1] is not None:
            first = seen.setdefault(known, verdict.draft.number)
            if first != verdict.draft.number:
                same = N_("与第%(row)s行是同一条记录，请只留一行。")
                faults.append(Fault(None, DomainError(same, row=first)))
    if not faults:
        return verdict
    return replace(verdict, outcome=Outcome.ERROR, faults=tuple(faults), changes={}, ready=None)


def changes_as_text(verdict: Verdict) -> str:
    """attribute → [before, after], as kept and as compared at landing."""
    told = {name: [as_json(old), as_json(new)] for name, (old, new) in verdict.changes.items()}
    return as_text(told) if told else ""


def _fail(import_id: int, error: DomainError) -> None:
    with writing():
        import_ = session.get_one(Import, import_id, with_for_update={"of": Import})
        import_.state = ImportState.UPLOADED
        import_.failure = as_text(sentence_as_json(error))
