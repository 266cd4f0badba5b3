"""What a list shows, sorts and filters by, declared once. A room above adds fields through registry.list_fields."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select

from crm.core import registry
from crm.core.money import Currency
from crm.core.words import N_, LabelledEnum
from crm.people.roles import Action
from crm.people.scope import Scope


class Kind(StrEnum):
    """What sort of value a field holds: it decides the operators, the input, the cell and the column of a file."""

    TEXT = "text"
    CHOICE = "choice"
    UNIT = "unit"
    DATE = "date"
    MOMENT = "moment"  # an instant, asked for and shown by its day in the park
    MONEY = "money"  # in yuan, or the field's own currency; people read and type 万元
    NUMBER = "number"
    BOOL = "bool"


class Operator(StrEnum):
    """How a condition compares; the words depend on the kind (OPERATORS)."""

    HAS = "has"
    IS = "is"
    NOT = "not"
    FROM = "from"
    TO = "to"
    BETWEEN = "between"
    EMPTY = "empty"
    FILLED = "filled"


_FILLED = {Operator.EMPTY: N_("为空"), Operator.FILLED: N_("不为空")}
_DAYS = {
    Operator.FROM: N_("不早于"),
    Operator.TO: N_("不晚于"),
    Operator.BETWEEN: N_("介于"),
    **_FILLED,
}
_FIGURES = {
    Operator.FROM: N_("不少于"),
    Operator.TO: N_("不超过"),
    Operator.BETWEEN: N_("介于"),
    **_FILLED,
}
_ONE_OF = {Operator.IS: N_("是"), Operator.NOT: N_("不是")}

OPERATORS: dict[Kind, Mapping[Operator, str]] = {
    Kind.TEXT: {Operator.HAS: N_("包含"), Operator.IS: N_("是"), **_FILLED},
    Kind.CHOICE: {**_ONE_OF, **_FILLED},
    Kind.UNIT: _ONE_OF,
    Kind.DATE: _DAYS,
    Kind.MOMENT: {key: word for key, word in _DAYS.items() if key not in _FILLED},
    Kind.MONEY: _FIGURES,
    Kind.NUMBER: _FIGURES,
    Kind.BOOL: {Operator.IS: N_("是")},
}
YES_OR_NO = {"1": N_("是"), "0": N_("否")}


@dataclass(frozen=True, eq=False)
class Field:
    """One fact of a list's records.

    `column` is what is read and sorted by; a field without one is shown from `look_up` (the page's ids and a day → a value
    for each) or only filtered by. `condition` replaces the usual comparison of the column. `operators` narrows those of
    the kind: leave out what no index answers. `choices` gives value → label; `reading` is
    asked once for a page and reads its values.
    """

    key: str
    label: str
    kind: Kind
    column: Any = None
    choices: Callable[[], Mapping[str, str]] | None = None
    condition: Callable[[Operator, Sequence[Any]], ColumnElement[bool]] | None = None
    look_up: Callable[[Sequence[int], date], Mapping[int, Any]] | None = None
    reading: Callable[[], Callable[[Any], str]] | None = None
    operators: tuple[Operator, ...] | None = None
    is_sortable: bool = True
    is_filterable: bool = True
    is_default: bool = False
    position: int = 0  # fields of equal position stand as they were given
    face: str = ""  # a cell that is drawn, not written: "rung"
    currency: Currency = Currency.CNY  # of an amount
    width: float = 14  # of its column in a workbook

    @property
    def is_shown(self) -> bool:
        return self.column is not None or self.look_up is not None

    @property
    def can_sort(self) -> bool:
        return self.is_sortable and self.column is not None

    @cached_property
    def is_nullable(self) -> bool:
        return bool(
            getattr(self.column.expression, "nullable", True)
        )  # what is computed may be nothing

    @cached_property
    def is_text(self) -> bool:
        return self.column.type.python_type is str

    @cached_property
    def words(self) -> Mapping[Operator, str]:
        """The operators offered, with their words."""
        usual = OPERATORS[self.kind]
        if self.operators is None and self.column is not None and self.condition is None:
            has_gaps = self.is_nullable or self.is_text
            return usual if has_gaps else {k: w for k, w in usual.items() if k not in _FILLED}
        return {key: usual[key] for key in self.operators or _without_gaps(usual)}

    def is_filled(self) -> ColumnElement[bool] | None:
        """The condition that there is a value; None where there always is. Text without one is kept as ''."""
        if self.is_nullable:
            return self.column.is_not(None)  # type: ignore[no-any-return]
        return self.column > "" if self.is_text else None

    def is_empty(self) -> ColumnElement[bool]:
        return self.column.is_(None) if self.is_nullable else self.column == ""  # type: ignore[no-any-return]


def _without_gaps(words: Mapping[Operator, str]) -> Iterable[Operator]:
    return (key for key in words if key not in _FILLED)


@dataclass(frozen=True, eq=False)
class Listing:
    """One kind of record as a list: where it is, what may be asked of it, who may see it.

    `title` is the first column and the link to `address`/id. `visible` is where every query begins; `unit_id` the column
    that scopes go by (`unit`, where it is not the model's own). `joins` are the tables beside the model's that fields
    read, each with its condition: one row of them at most for each record. `badge` reads one of the record's columns and
    says what stands beside the title, or nothing. `keeps` are parameters of the page itself that its addresses carry along.
    """

    key: str
    label: str
    address: str
    model: Any
    title: Field
    fields: tuple[Field, ...]
    visible: Callable[[Scope], Select[Any]]
    search: Callable[[Select[Any], str], Select[Any]]
    action: Action
    badge: tuple[Any, Callable[[Any], str]] | None = None
    joins: tuple[tuple[Any, ColumnElement[bool]], ...] = ()
    unit: Any = None
    keeps: tuple[str, ...] = ()

    @property
    def unit_id(self) -> Any:
        return self.model.unit_id if self.unit is None else self.unit

    def all_fields(self) -> tuple[Field, ...]:
        """Its own fields, then those that rooms above gave it."""
        others = (*self.fields, *registry.list_fields.get(self.key, ()))
        return (self.title, *sorted(others, key=lambda field: field.position))

    def field(self, key: str) -> Field | None:
        return next((field for field in self.all_fields() if field.key == key), None)

    def columns(self) -> tuple[Field, ...]:
        """What can be shown beside the title."""
        return tuple(f for f in self.all_fields()[1:] if f.is_shown)

    def usual_columns(self) -> tuple[Field, ...]:
        return tuple(f for f in self.columns() if f.is_default)


def members(kind: type[LabelledEnum]) -> Callable[[], Mapping[str, str]]:
    """An enumeration as choices: stored value → label."""
    return lambda: {member.value: member.label for member in kind}
