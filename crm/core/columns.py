"""Column types that every feature shares, beside Instant (db) and Money (money)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, String, Text, func, type_coerce
from sqlalchemy.types import TypeDecorator


class Choice(TypeDecorator[StrEnum]):
    """An enumeration kept as its value in a plain text column, so that a new member needs no migration."""

    impl = String(40)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind
        self._members = {member.value: member for member in kind}

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self._members.get(value) or self.kind(value)


class ChoiceSet(TypeDecorator[frozenset[Any]]):
    """A small set of an enumeration's members, kept as sorted words in one text column."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else " ".join(sorted(self.kind(item).value for item in value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[Any]:
        return frozenset(self.kind(word) for word in (value or "").split())


class Hundredths(TypeDecorator[Decimal]):
    """A decimal with two places (a percentage, square metres), kept as whole hundredths: SQLite has no decimal type."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value.scaleb(2).to_integral_value())

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-2)


class IsoDay(TypeDecorator[date]):
    """A day kept as YYYY-MM-DD, which orders as the days do on both engines."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)


class DayRow(TypeDecorator[tuple[date, ...]]):
    """Some days side by side in one text, YYYY-MM-DD each and a comma between; `date.max` stands where there is none.

    All have ten letters, so that a query finds one by its place (`day_at`) and many rows are read at once as an array.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[date] | None, dialect: Dialect) -> str | None:
        return None if value is None else ",".join(day.isoformat() for day in value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[date, ...] | None:
        return None if value is None else tuple(map(date.fromisoformat, value.split(",")))


def day_at(row: Any, place: int) -> ColumnElement[date]:
    """The day at a place (from 0) of a DayRow."""
    return type_coerce(func.substr(row, 11 * place + 1, 10), IsoDay)
