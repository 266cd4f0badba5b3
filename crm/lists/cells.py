"""Values of a list as people read them, and as a sheet keeps them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any

from sqlalchemy import Row

from crm.core import clock
from crm.core.clock import park_date
from crm.documents import workbook
from crm.lists.fields import YES_OR_NO, Field, Kind
from crm.web.filters import NONE, money, number
from crm.web.locale import label

Looked = Mapping[str, Mapping[int, Any]]

SHEET_KINDS: dict[Kind, workbook.Kind] = {
    Kind.DATE: "date",
    Kind.MOMENT: "date",
    Kind.MONEY: "money_wan",
    Kind.NUMBER: "int",
}
ALIGNED = {Kind.MONEY: "num", Kind.NUMBER: "num", Kind.DATE: "date", Kind.MOMENT: "date"}


def look_up(fields: Sequence[Field], ids: Sequence[int], on: date | None = None) -> Looked:
    """What rooms above know of these records, for the fields that are asked of them: a few queries each, however many."""
    day = on or clock.today()
    return {f.key: f.look_up(ids, day) for f in fields if f.look_up is not None and ids}


def values_of(fields: Sequence[Field], looked: Looked) -> Callable[[Row[Any]], list[Any]]:
    """What reads these fields from a row: a column by its place, since a page has hundreds of cells."""
    read = [field for field in fields if field.column is not None]
    getters = [
        itemgetter(1 + read.index(field)) if field.column is not None else _looked_up(field, looked)
        for field in fields
    ]
    return lambda row: [get(row) for get in getters]


def _looked_up(field: Field, looked: Looked) -> Callable[[Row[Any]], Any]:
    found = looked.get(field.key, {})
    return lambda row: found.get(row[0])


def as_text(field: Field) -> Callable[[Any], str]:
    """How this field's values are written, with everything looked up that all rows share."""
    if field.reading is not None:
        read = field.reading()
        return lambda value: NONE if value is None else read(value)
    match field.kind:
        case Kind.UNIT:
            names = (field.choices or dict)()
            return lambda value: names.get(str(value), NONE)
        case Kind.CHOICE:
            words = {key: label(word) for key, word in (field.choices or dict)().items()}
            return lambda value: words.get(str(value)) or value or NONE
        case Kind.DATE:
            return lambda value: NONE if value is None else value.isoformat()
        case Kind.MOMENT:
            return lambda value: NONE if value is None else park_date(value).isoformat()
        case Kind.MONEY:
            return money
        case Kind.NUMBER:
            return number
        case Kind.BOOL:
            return lambda value: NONE if value is None else label(YES_OR_NO[str(int(value))])
    return lambda value: value or NONE


def as_sheet_value(field: Field) -> Callable[[Any], Any]:
    """As `as_text`, but figures and days stay figures and days; nothing is an empty cell."""
    if field.kind == Kind.MOMENT:
        return lambda value: None if value is None else park_date(value)
    if field.kind in SHEET_KINDS:
        return lambda value: value
    text = as_text(field)
    return lambda value: None if value is None or value == "" else text(value)


def as_typed_value(field: Field) -> Callable[[Any], Any]:
    """As `as_sheet_value`, for programs: yes and no are true and false."""
    if field.kind == Kind.BOOL:
        return lambda value: None if value is None else bool(value)
    return as_sheet_value(field)
