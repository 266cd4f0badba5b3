"""Filters: conditions in groups, all or any of each, read from and written to an address.

    where=kind:is:enterprise,team;established_on:from:2019-01-01     both must hold
    where=any;kind:is:team;industry:is:I65                           one of them suffices

Each `where` is a group; several are joined by and, with match=any by or.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select
from sqlalchemy.orm import aliased

from crm.core.clock import PARK_ZONE
from crm.core.errors import DomainError
from crm.core.money import from_wan
from crm.core.words import N_
from crm.lists.fields import YES_OR_NO, Field, Kind, Listing, Operator
from crm.people.models import Unit

MOST_CONDITIONS = 20
MOST_VALUES = 60
LONGEST_VALUE = 100
LARGEST_NUMBER = 2**31 - 1
_ANY = "any"
_WITHOUT_VALUE = (Operator.EMPTY, Operator.FILLED)
_ESCAPES = (("%", "%25"), (",", "%2C"), (";", "%3B"))


@dataclass(frozen=True)
class Condition:
    """A field, how it compares, and with what: `typed` as it stands in the address, `values` as the database takes them."""

    field: Field
    operator: Operator
    typed: tuple[str, ...]
    values: tuple[Any, ...]

    @property
    def text(self) -> str:
        asked = f"{self.field.key}:{self.operator.value}"
        return f"{asked}:{','.join(map(_escaped, self.typed))}" if self.typed else asked

    @property
    def word(self) -> str:
        return self.field.words[self.operator]

    def expression(self) -> ColumnElement[bool]:
        if self.field.condition is not None:
            return self.field.condition(self.operator, self.values)
        column, values = self.field.column, self.values
        if self.field.kind == Kind.UNIT:
            below = column.in_(_units_below(values))
            return not_(below) if self.operator == Operator.NOT else below  # type: ignore[no-any-return]
        match self.operator:
            case Operator.HAS:
                found = column.icontains(values[0], autoescape=True)
            case Operator.IS:
                found = column == values[0] if len(values) == 1 else column.in_(values)
            case Operator.NOT:
                others = column.not_in(values)
                found = or_(column.is_(None), others) if self.field.is_nullable else others
            case Operator.FROM:
                found = column >= self._first(values[0])
            case Operator.TO:
                found = self._until(values[0])
            case Operator.BETWEEN:
                found = and_(column >= self._first(values[0]), self._until(values[1]))
            case Operator.EMPTY:
                found = self.field.is_empty()
            case Operator.FILLED:
                found = not_(self.field.is_empty())
        return found  # type: ignore[no-any-return]

    def _first(self, value: Any) -> Any:
        return _midnight(value) if self.field.kind == Kind.MOMENT else value

    def _until(self, value: Any) -> ColumnElement[bool]:
        """Through a value, a day until its end."""
        column = self.field.column
        if self.field.kind == Kind.MOMENT:
            return column < _midnight(value + timedelta(days=1))  # type: ignore[no-any-return]
        return column <= value  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Group:
    """Conditions of which all must hold, or any."""

    conditions: tuple[Condition, ...]
    is_any: bool = False

    @property
    def text(self) -> str:
        first = [_ANY] if self.is_any else []
        return ";".join([*first, *(condition.text for condition in self.conditions)])

    def expression(self) -> ColumnElement[bool]:
        return _joined([c.expression() for c in self.conditions], is_any=self.is_any)


@dataclass(frozen=True)
class Filter:
    """Groups of which all must hold, or any. Changing one gives another."""

    groups: tuple[Group, ...] = ()
    is_any: bool = False

    def __bool__(self) -> bool:
        return bool(self.groups)

    @property
    def conditions(self) -> Iterator[Condition]:
        return (condition for group in self.groups for condition in group.conditions)

    def expression(self) -> ColumnElement[bool]:
        return _joined([group.expression() for group in self.groups], is_any=self.is_any)

    def pairs(self) -> list[tuple[str, str]]:
        """As parts of an address."""
        joined = [("match", _ANY)] if self.is_any and len(self.groups) > 1 else []
        return [*(("where", group.text) for group in self.groups), *joined]

    def with_condition(self, condition: Condition, at: int | None = None) -> "Filter":
        """One condition more, in the group at that place or in one of its own."""
        if at is None or not 0 <= at < len(self.groups):
            return replace(self, groups=(*self.groups, Group((condition,))))
        group = self.groups[at]
        return self._with_group(at, replace(group, conditions=(*group.conditions, condition)))

    def without(self, at: int, place: int) -> "Filter":
        """Without one condition; a group that it leaves empty goes too."""
        group = self.groups[at]
        kept = group.conditions[:place] + group.conditions[place + 1 :]
        return self._with_group(at, replace(group, conditions=kept))

    def turned(self, at: int | None = None) -> "Filter":
        """All instead of any, or the other way round: of one group, or between them."""
        if at is None:
            return replace(self, is_any=not self.is_any)
        group = self.groups[at]
        return self._with_group(at, replace(group, is_any=not group.is_any))

    def _with_group(self, at: int, group: Group) -> "Filter":
        changed = (*self.groups[:at], group, *self.groups[at + 1 :])
        return replace(self, groups=tuple(g for g in changed if g.conditions))


def read(listing: Listing, texts: Sequence[str], match: str = "") -> Filter:
    """The filter that an address asks for. Raises DomainError with a sentence that says what is wrong with it."""
    groups = []
    for text in texts:
        parts = [part for part in text.split(";") if part]
        is_any = parts[:1] == [_ANY]
        conditions = tuple(_condition(listing, part) for part in parts[is_any:])
        if conditions:
            groups.append(Group(conditions, is_any))
    found = Filter(tuple(groups), match == _ANY)
    if sum(1 for _ in found.conditions) > MOST_CONDITIONS:
        raise DomainError(N_("筛选条件不能超过 %(most)s 个。"), most=MOST_CONDITIONS)
    return found


def _condition(listing: Listing, text: str) -> Condition:
    key, _, rest = text.partition(":")
    operator, _, values = rest.partition(":")
    typed = [_unescaped(value) for value in values.split(",")] if values else []
    return condition(listing, key, operator, typed)


def condition(listing: Listing, key: str, operator: str, typed: Sequence[str]) -> Condition:
    """One condition from what was typed. Raises DomainError."""
    field = listing.field(key)
    if field is None or not field.is_filterable:
        raise DomainError(N_("没有“%(key)s”这个筛选字段。"), key=key[:LONGEST_VALUE])
    if operator not in [known.value for known in field.words]:
        message = N_("“%(name)s”不能这样比较，请重新选择。")
        raise DomainError(message, field="operator", name=field.label)
    chosen = Operator(operator)
    given = tuple(value.strip() for value in typed if value.strip())[: MOST_VALUES + 1]
    _expect_number(field, chosen, len(given))
    values = () if chosen in _WITHOUT_VALUE else tuple(_value(field, text) for text in given)
    if chosen == Operator.BETWEEN and values[0] > values[1]:
        raise DomainError(N_("起始值不能大于结束值。"), field="value")
    return Condition(field, chosen, () if chosen in _WITHOUT_VALUE else given, values)


def _expect_number(field: Field, operator: Operator, number: int) -> None:
    if operator in _WITHOUT_VALUE:
        return
    if number == 0:
        raise DomainError(N_("请填写要比较的内容。"), field="value")
    if operator == Operator.BETWEEN and number != 2:
        raise DomainError(N_("请填写起始值和结束值。"), field="value")
    several = operator in (Operator.IS, Operator.NOT) and field.kind != Kind.BOOL
    if operator != Operator.BETWEEN and number > (MOST_VALUES if several else 1):
        raise DomainError(N_("要比较的内容过多。"), field="value")


def _value(field: Field, text: str) -> Any:
    if len(text) > LONGEST_VALUE:
        raise DomainError(N_("要比较的内容过长。"), field="value")
    return _READERS.get(field.kind, _as_text)(field, text)


def _as_text(_field: Field, text: str) -> str:
    if not text.isprintable():
        raise DomainError(N_("含有不能保存的字符，请重新输入。"), field="value")
    return text


def _as_choice(field: Field, text: str) -> str:
    if text not in (field.choices or dict)():
        message = N_("“%(text)s”不在可选的内容中，请重新选择。")
        raise DomainError(message, field="value", text=text)
    return text


def _as_unit(field: Field, text: str) -> int:
    return int(_as_choice(field, text))


def _as_day(_field: Field, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        message = N_("“%(text)s”不是日期，请按 2020-09-30 的样子填写。")
        raise DomainError(message, field="value", text=text) from None
    if not 1900 <= day.year <= 2199:
        raise DomainError(N_("年份不合理，请核对。"), field="value")
    return day


def _as_money(_field: Field, text: str) -> Decimal:
    return from_wan(text)


def _as_number(_field: Field, text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        message = N_("“%(text)s”不是整数。")
        raise DomainError(message, field="value", text=text)
    if int(digits) > LARGEST_NUMBER:
        raise DomainError(N_("数字超出范围，请核对。"), field="value")
    return int(text)


def _as_bool(_field: Field, text: str) -> bool:
    if text not in YES_OR_NO:
        raise DomainError(N_("请选择。"), field="value")
    return text == "1"


_READERS: dict[Kind, Callable[[Field, str], Any]] = {
    Kind.CHOICE: _as_choice,
    Kind.UNIT: _as_unit,
    Kind.DATE: _as_day,
    Kind.MOMENT: _as_day,
    Kind.MONEY: _as_money,
    Kind.NUMBER: _as_number,
    Kind.BOOL: _as_bool,
}


def _units_below(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """Units and all that stand under them."""
    top, unit = aliased(Unit), aliased(Unit)
    return select(unit.id).join(top, unit.path.startswith(top.path)).where(top.id.in_(ids))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, PARK_ZONE)


def _joined(expressions: Sequence[ColumnElement[bool]], *, is_any: bool) -> ColumnElement[bool]:
    return or_(*expressions) if is_any else and_(*expressions)


def _escaped(value: str) -> str:
    for sign, code in _ESCAPES:
        value = value.replace(sign, code)
    return value


def _unescaped(text: str) -> str:
    for sign, code in reversed(_ESCAPES):
        text = text.replace(code, sign)
    return text
