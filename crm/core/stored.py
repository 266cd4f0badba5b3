"""A dataclass as JSON that gives the very same dataclass back: what is frozen, figures and words as they were, exact."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")

_AS_TEXT: dict[type, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    date: (date.isoformat, date.fromisoformat),
    datetime: (datetime.isoformat, datetime.fromisoformat),
    Decimal: (str, Decimal),
    Fraction: (str, Fraction),
}


def dumps(record: Any) -> str:
    """Any dataclass of plain values, days, decimals, fractions, enumerations, tuples and other such dataclasses."""
    return json.dumps(_plain(record), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def loads(kind: type[T], text: str) -> T:
    """What was dumped, as it was."""
    return _made(kind, json.loads(text))  # type: ignore[no-any-return]


def digest(content: str) -> str:
    """What a text that was issued is checked against later."""
    return hashlib.sha256(content.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if type(value) in _AS_TEXT:
        return _AS_TEXT[type(value)][0](value)
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"{value!r} cannot be kept")


def _made(kind: Any, value: Any) -> Any:
    if get_origin(kind) is UnionType:
        if value is None:
            return None
        (kind,) = (one for one in get_args(kind) if one is not NoneType)
    if get_origin(kind) is tuple:
        return tuple(_made(get_args(kind)[0], item) for item in value)
    if isinstance(kind, type) and is_dataclass(kind):
        known = _hints(kind)
        return kind(**{name: _made(known[name], item) for name, item in value.items()})
    if kind in _AS_TEXT:
        return _AS_TEXT[kind][1](value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)
