"""What can be imported, described by the room that keeps it (registry.import_kinds); the way through is the same for all.

A room gives the facts that a row may hold and four functions: `check` says of rows what would become of them, `land` writes
what was checked, `revert` takes back what was landed, `example` is a row of its template. `check` is called once for
checking and once more inside the landing transaction, so that nothing is landed on what was true before.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crm.core.attributes import Attribute
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.people.models import User
from crm.people.roles import Action


class Outcome(StrEnum):
    """What becomes of a row."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    ERROR = "error"


@dataclass(frozen=True)
class Draft:
    """A row as it was read. `values` has only the columns that are mapped; an empty cell is None and changes nothing.

    `chosen` is the firm (or other record) that a person picked among look-alikes, 0 for "a new one".
    """

    number: int  # its row in the sheet as people count, the head included
    values: Mapping[str, Any]
    chosen: int | None = None


@dataclass(frozen=True)
class Fault:
    """What is wrong, in which column (an attribute's name; None: of the row as a whole)."""

    attribute: str | None
    error: DomainError


@dataclass(frozen=True)
class LookAlike:
    """A record that a row may mean: a person decides."""

    id: int
    name: str
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """What would become of a draft.

    `record_id` and `version` are of the record that is updated or already says so; `changes` are attribute → (before,
    after); `ready` is whatever `land` needs to write it (a frozen dataclass of the room's own service). `key` is what a new
    record is known by: of two rows of one file with the same key, or of the same record, the engine refuses the second.
    """

    draft: Draft
    outcome: Outcome
    record_id: int | None = None
    version: int | None = None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    look_alikes: tuple[LookAlike, ...] = ()
    ready: Any = None
    key: Hashable = None


@dataclass(frozen=True)
class Landed:
    """One record that was written, in JSON values: what it was before (None: it is new), the version that it has now, what was
    written along with it (`made`), so that `revert` knows what is later work.
    """

    number: int  # the row
    record_id: int
    version: int
    before: Mapping[str, Any] | None
    made: Mapping[str, Any] = field(default_factory=dict)


class RevertRefused(Conflict):
    """Later work would be lost: which rows' records were changed since, and what of them (row, sentence)."""

    def __init__(self, rows: Sequence[tuple[int, DomainError]]) -> None:
        super().__init__(
            N_("有%(count)s行的记录在导入之后又有变化，撤销会丢失这些变化，因此没有撤销。"),
            count=len(rows),
        )
        self.rows = tuple(rows)


@dataclass(frozen=True)
class ImportKind:
    """One kind of record that comes in spreadsheets.

    `check(drafts, by)` is given all drafts of the file in order; it asks a number of statements that does not grow with them,
    keeps to `by`'s scope, and gives a verdict for each in order. `land(verdicts, by, source)` writes creates and updates by
    the room's own `xs_many`, notes the log once, and gives what it wrote. `revert(landed, by)` puts back: creations are
    archived (or taken out where nothing else knows them), updates get what was before; it raises RevertRefused with the rows
    whose records were changed since. `natural_key` is a msgid that says by what a record is known again.
    """

    key: str
    label: str
    attributes: tuple[Attribute, ...]
    natural_key: str
    action: Action
    check: Callable[[Sequence[Draft], User], Sequence[Verdict]]
    land: Callable[[Sequence[Verdict], User, str], Sequence[Landed]]
    revert: Callable[[Sequence[Landed], User], None]
    page: str  # where a record opens, before its id
    list_key: str = ""  # its list, in registry.lists
    note: str = ""  # a msgid: what to know before filling in the template
    verifications: str = ""  # where a second person verifies what came in, by its source document
    is_private: bool = False  # its rows are shown to nobody but who imports them

    def attribute(self, name: str) -> Attribute | None:
        return next((one for one in self.attributes if one.name == name), None)
