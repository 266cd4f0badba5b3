"""Values of a list as people read them, and as a sheet keeps them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
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


def value_of(field: Field, row: Row[Any], looked: Looked) -> Any:
    if field.look_up is not None:
        return looked.get(field.key, {}).get(row.id)
    return row._mapping[field.key]


def as_text(field: Field) -> Callable[[Any], str]:
    """How this field's values are written, with everything looked up that all rows share."""
    if field.reading is not None:
        read = field.reading()
        return lambda value: NONE if value is None else read(value)
    match field.kind:
        case Kind.CHOICE | Kind.UNIT:
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
